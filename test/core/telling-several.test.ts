/**
 * Several at once, and messages shown anew as things change; the board.
 * Must not: know a channel's texts; what counts here is which rows were sent to whom.
 */
import { describe, expect, test } from "vitest";
import { FOLD_FROM } from "../../collector/core/claiming.ts";
import { hour, minute, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { fall, houseWith, refused, rise, sent, told, unknown } from "./telling-house.ts";

describe("several at once", () => {
  test(`[R8] ${FOLD_FROM} that wait for one recipient are one message, in order, and each row keeps its own fate`, () => {
    const stage = houseWith({ a: {} }, 6);
    fall(stage, "x0", "x1", "x2", "x3", "x4", "x5");
    expect(stage.sends.filter((ids) => ids.length > 1)).toHaveLength(1);
    expect(stage.sent()).toHaveLength(6);
    expect(stage.rows().every((row) => row.status === "sent")).toBe(true);
    const numbers = stage.attempts.map((attempt) => attempt.notification.message.incidentNumber);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("[R8] after an outage of the channel: nothing is dropped, opened and closed is one line told late", () => {
    const stage = houseWith({ a: {} }, 8);
    stage.sendRule = () => refused;
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    rise(stage, "x0", "x1", "x2");
    stage.pass(10 * minute);
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(told(stage).sort()).toEqual([
      ...Array<string>(2).fill("down a"),
      ...Array<string>(3).fill("told_late a"),
    ]);
    expect(stage.sends.at(-1)).toHaveLength(5);
  });

  test("[R8] of unknown fate: each line comes once more, marked, whatever it is told with", () => {
    const stage = houseWith({ a: {} }, 6);
    let asked = 0;
    stage.sendRule = () => ((asked += 1) === 1 ? unknown : sent);
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.pass(2 * minute);
    const repeats = stage.sent().filter((entry) => entry.repeat);
    expect(repeats).toHaveLength(5);
    expect(stage.sent()).toHaveLength(5);
  });

  test("[R8] one that cannot be told with others is told alone, and the others too", () => {
    const stage = houseWith({ a: {} }, 5);
    stage.sendRule = (row) => {
      const together = [...stage.state.tables.notification.values()].filter(
        ({ status }) => status === "sending",
      );
      if (together.length > 1) return { type: "rejected", error: "message is too long", scope: "message" };
      return row.serverId === "x2" ? { type: "rejected", error: "no", scope: "message" } : sent;
    };
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.pass(30 * second);
    expect(stage.sent()).toHaveLength(4);
    expect(
      stage
        .rows()
        .map((row) => row.status)
        .sort(),
    ).toEqual(["rejected", "sent", "sent", "sent", "sent"]);
  });

  test("[R8] [V1] 500 servers of 50 sites lost at once: at most a message a site and two more, the first within 5 s", () => {
    const stage = createHearingStage({ checkedWhole: false });
    stage.link("group", { address: "-1001" });
    const ids = Array.from({ length: 500 }, (_, index) => `x${index}`);
    for (let site = 0; site < 50; site += 1) stage.addSite(`s${site}`, { name: `Cabang ${site}` });
    for (const [index, id] of ids.entries()) stage.add(id, { siteId: `s${index % 50}` });
    for (const id of ids) stage.playAgent(id);
    stage.pass(2 * minute);
    for (const id of ids) stage.stopAgent(id);
    stage.pass(10 * minute);
    expect(ids.every((id) => stage.status(id) === "down")).toBe(true);
    const firstMs = Math.min(...stage.openings.map((opening) => opening.worldMs));
    expect((stage.attempts[0]?.worldMs ?? Number.POSITIVE_INFINITY) - firstMs).toBeLessThanOrEqual(
      5 * second,
    );
    expect(new Set(stage.attempts.map(({ worldMs }) => worldMs)).size).toBeLessThanOrEqual(52);
  });

  test("[R8] a webhook gets each by itself", () => {
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } }, 6);
    fall(stage, "x0", "x1", "x2", "x3", "x4", "x5");
    expect(stage.sends.every((ids) => ids.length === 1)).toBe(true);
    expect(stage.sent()).toHaveLength(6);
  });

  test("[O4] where the other side knows a message by its id, an unknown fate is tried again unmarked, for a day", () => {
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } });
    stage.sendRule = () => unknown;
    fall(stage, "x0");
    stage.pass(3 * hour);
    expect(stage.attempts.length).toBeGreaterThan(5);
    expect(stage.attempts.every(({ notification }) => !notification.repeat)).toBe(true);
    stage.pass(23 * hour);
    expect(stage.rows().find((row) => row.step === "down")?.status).toBe("rejected");
  });

  test("[O4] [O7] where a message is known by its id, one that was tried is never told by another", () => {
    // A property found it: the down had come, its answer had not; the end made it a second message, told late.
    const stage = houseWith({ a: { channel: "webhook", address: "https://x.example/" } });
    stage.sendRule = () => unknown;
    fall(stage, "x0");
    rise(stage, "x0");
    stage.sendRule = () => sent;
    stage.pass(40 * minute);
    expect(told(stage)).toEqual(["down a", "recovered a"]);
    expect(new Set(stage.attempts.map(({ notification }) => notification.id)).size).toBe(2);
  });
});

describe("shown as things are", () => {
  const edits = (stage: Stage) => stage.beside.filter(({ notification }) => notification.step === "edit");

  test("[R9] who took it, what a check found and that it is over are edits of the first message", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    expect(edits(stage)).toEqual([]);
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(5 * second);
    expect(edits(stage).at(-1)?.notification).toMatchObject({
      editOf: "i1/down/a/telegram",
      message: { step: "down", handling: { acknowledgedBy: "Rani" }, endedWallMs: null },
    });
    stage.push({ type: "incident_checked", incidentId: "i1", by: "Rani", evidence: [] });
    stage.pass(5 * second);
    expect(edits(stage).at(-1)?.notification.message.handling.checked?.by).toBe("Rani");
    rise(stage, "x0");
    expect(edits(stage).at(-1)?.notification.message.endedWallMs).not.toBeNull();
    expect(edits(stage)).toHaveLength(3);
    expect(
      stage.archived
        .get("i1")
        ?.notifications.map((row) => row.step)
        .sort(),
    ).toEqual(["down", "edit", "recovered"]);
  });

  test("[R9] an edit of unknown fate is made again, as often as it takes; news goes before it", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    stage.besideRule = () => unknown;
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(5 * minute);
    expect(edits(stage).length).toBeGreaterThan(2);
    rise(stage, "x0");
    expect(told(stage)).toEqual(["down a", "recovered a"]);
    stage.besideRule = () => sent;
    stage.pass(3 * minute);
    expect(stage.archived.has("i1")).toBe(true);
  });

  test("[R9] changed while an edit is under way: one more, with the newest; changed before it was sent: one", () => {
    const stage = houseWith({ a: {} });
    fall(stage, "x0");
    stage.sendDelayMs = 8 * second;
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(4 * second);
    for (const by of ["Sari", "Budi"]) stage.push({ type: "incident_acknowledged", incidentId: "i1", by });
    stage.pass(minute);
    expect(edits(stage).map(({ notification }) => notification.message.handling.acknowledgedBy)).toEqual([
      "Rani",
      "Budi",
    ]);
  });

  test("[R9] what waits to be told says what is so when it is sent", () => {
    const stage = houseWith({ a: {} });
    stage.sendRule = () => refused;
    fall(stage, "x0");
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.sendRule = () => sent;
    stage.pass(minute);
    expect(stage.attempts.at(-1)?.notification.message.handling.acknowledgedBy).toBe("Rani");
    expect(edits(stage)).toEqual([]);
  });

  test("[R9] a line of several, a webhook, and who was switched off are not edited", () => {
    const stage = houseWith({ a: {}, w: { channel: "webhook", address: "https://x.example/" } }, 5);
    fall(stage, "x0", "x1", "x2", "x3", "x4");
    stage.push({ type: "incident_acknowledged", incidentId: "i1", by: "Rani" });
    stage.pass(minute);
    expect(edits(stage)).toEqual([]);
  });

  test("[R10] the pin follows the outage of one place, to whoever wants it, once; of unknown fate it is let be", () => {
    const stage = createHearingStage();
    stage.link("a", { pin: true });
    stage.link("b");
    stage.addSite("s1", {});
    stage.add("x0", { siteId: "s1" });
    stage.playAgent("x0");
    stage.pass(5 * minute);
    stage.besideRule = () => unknown;
    fall(stage, "x0");
    stage.pass(10 * minute);
    const pins = stage.beside.filter(({ notification }) => notification.step === "pin");
    expect(pins.map(({ recipient }) => recipient.id)).toEqual(["a"]);
  });
});

describe("a board", () => {
  const boards = (stage: Stage) => stage.beside.filter(({ notification }) => notification.step === "board");

  test("[R13] it shows what is open now, in one message that is edited; changes in a short time are one", () => {
    const stage = houseWith({ a: { board: true }, b: {} }, 3);
    stage.besideRule = () => ({ type: "sent", externalId: "b1" });
    stage.pass(minute);
    const before = boards(stage).length;
    expect(before).toBeGreaterThan(0);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBe("shown");
    fall(stage, "x0", "x1");
    stage.pass(30 * second);
    const shown = boards(stage).slice(before);
    expect(shown.at(-1)?.notification.message.summary).toMatchObject({ servers: 3, up: 1, openCount: 2 });
    expect(shown.length).toBeLessThanOrEqual(2);
    const count = boards(stage).length;
    stage.pass(hour);
    expect(boards(stage)).toHaveLength(count);
    rise(stage, "x0", "x1");
    stage.pass(30 * second);
    expect(boards(stage).at(-1)?.notification.message.summary).toMatchObject({ up: 3, openCount: 0 });
    expect(boards(stage).every(({ recipient }) => recipient.id === "a")).toBe(true);
  });

  test("[R13] a board that somebody deleted is made anew; one that is not wanted any more is let be", () => {
    const stage = houseWith({ a: { board: true } });
    let asked = 0;
    stage.besideRule = (_row, recipient) => {
      asked += 1;
      if (recipient.boardExternalId !== null)
        return { type: "rejected", error: "message to edit not found", scope: "message" };
      return { type: "sent", externalId: "b2" };
    };
    fall(stage, "x0");
    stage.pass(minute);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBe("b2");
    expect(asked).toBe(2);
    stage.link("a", { board: false });
    stage.pass(minute);
    expect(stage.allRows().filter((row) => row.step === "board")).toEqual([]);
    expect(stage.state.tables.recipient.get("a")?.boardExternalId).toBeNull();
  });
});
