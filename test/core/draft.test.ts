/**
 * A decision in the making: what it reads, what it writes where, and that it leaves the state alone.
 * Must not: apply anything.
 */
import { describe, expect, test } from "vitest";
import { apply } from "../../collector/core/apply.ts";
import { Draft, refusal } from "../../collector/core/draft.ts";
import { createState } from "../../collector/core/state.ts";
import type { State } from "../../collector/core/state.ts";
import type { Detector } from "../../collector/core/types/server.ts";
import { imageOf, recipientOf, serverOf, settingsUsual } from "./records.ts";

const at = { monotonicMs: 1, bootMs: 1, wallMs: 1 };
const up: Detector = { serverId: "x", status: "up", sinceCoreMs: 0, sinceWallMs: 0 };

function stateWith(): State {
  const state = createState(settingsUsual);
  apply(state, [
    { table: "server", key: "x", value: serverOf("x") },
    { table: "server", key: "y", value: serverOf("y") },
    { table: "detector", key: "x", value: up },
    { table: "recipient", key: "a", value: recipientOf("a") },
  ]);
  return state;
}

describe("a draft", () => {
  test("reads what it has written, sees what it removed as gone, and leaves the state alone", () => {
    const state = stateWith();
    const before = imageOf(state);
    const draft = new Draft(state, at, 5);
    draft.put("server", "x", serverOf("x", { name: "new name" }));
    draft.put("server", "y", null);
    draft.put("server", "z", serverOf("z"));
    expect(draft.get("server", "x")?.name).toBe("new name");
    expect(draft.get("server", "y")).toBeUndefined();
    expect([...draft.all("server")].map((server) => server.name)).toEqual(["new name", "Server z"]);
    expect(imageOf(state)).toEqual(before);
  });

  test("the last write of a record wins, and each record is written once", () => {
    const draft = new Draft(stateWith(), at, 5);
    draft.put("server", "x", serverOf("x", { name: "one" }));
    draft.put("server", "x", null);
    draft.put("server", "x", serverOf("x", { name: "two" }));
    expect(draft.done().commit).toEqual([
      { table: "server", key: "x", value: serverOf("x", { name: "two" }) },
    ]);
  });

  test("[D7] volatile tables go to `later`, durable ones to `commit`, table by table, in the order in which a snapshot is put back", () => {
    const draft = new Draft(stateWith(), at, 5);
    draft.put("look", "x", { coreMs: 9 });
    draft.put("recipient", "a", null);
    draft.put("detector", "x", { ...up, status: "suspect" });
    draft.put("mark", "x", { serverId: "x", atCoreMs: 5 });
    draft.put("look", "x", { coreMs: 10 });
    const { commit, later } = draft.done();
    expect(commit.map((write) => write.table)).toEqual(["recipient", "detector"]);
    expect(later.map((write) => write.table)).toEqual(["look", "mark"]);
  });

  test("the same thing is published once", () => {
    const draft = new Draft(stateWith(), at, 5);
    draft.publish("server", "x");
    draft.publish("server", "y");
    draft.publish("server", "x");
    expect(draft.done().effects).toEqual([
      { type: "publish", topic: "server", id: "x" },
      { type: "publish", topic: "server", id: "y" },
    ]);
  });

  test("[S13] draws come from the state's own generator: the same state gives the same draws", () => {
    const draw = (): number[] => {
      const draft = new Draft(stateWith(), at, 5);
      return [draft.random(), draft.random(), draft.random()];
    };
    const draws = draw();
    expect(draw()).toEqual(draws);
    expect(new Set(draws).size).toBe(3);
    for (const value of draws) expect(value >= 0 && value < 1).toBe(true);
  });

  test("a refusal is an answer and nothing else", () => {
    expect(refusal("server_not_found")).toEqual({
      commit: [],
      later: [],
      effects: [],
      reply: { ok: false, code: "server_not_found" },
    });
  });
});
