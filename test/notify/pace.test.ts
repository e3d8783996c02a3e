/**
 * A bot's pace: as many requests a second as Telegram takes, the others in their order; none dropped, none let in twice.
 * Must not: wait; seconds pass at a word.
 */
import { describe, expect, it } from "vitest";
import { createPace, REQUESTS_PER_SECOND } from "../../collector/notify/telegram/pace.ts";
import { createCaller } from "../../collector/notify/telegram/caller.ts";
import { createRedactor } from "../../collector/notify/telegram/redaction.ts";
import { startFakeTelegram } from "../fakes/telegram/server.ts";
import { createStore } from "./desk-double.ts";
import { openTelegram } from "./desk.ts";
import { manualTimers, recipient, telling } from "./fixtures.ts";
import { fakeWithChats, PRIVATE } from "./harness.ts";

const patience = () => new AbortController().signal;
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

function standing(perSecond: number) {
  const timers = manualTimers();
  const pace = createPace(timers.after, perSecond);
  const begun: string[] = [];
  const ask = (name: string, signal = patience()): void => {
    pace.turn(signal).then(
      () => begun.push(name),
      (error: unknown) => begun.push(`${name}: ${String(error)}`),
    );
  };
  /** The places of the turns that were taken a second ago, so many of them. */
  const pass = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) timers.fire((delayMs) => delayMs === 1_000);
    await turnOfTheLoop();
  };
  return { ask, pass, begun, timers };
}

describe("a bot's pace", () => {
  it("lets so many begin at once, and one for each that began a second ago, in their order", async () => {
    const { ask, pass, begun } = standing(3);
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) ask(name);
    await turnOfTheLoop();
    expect(begun).toEqual(["a", "b", "c"]);
    await pass(2);
    expect(begun).toEqual(["a", "b", "c", "d", "e"]);
    await pass(3);
    expect(begun).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  });

  it("who comes in the moment in which a place is free does not take it from who waits for it", async () => {
    const { ask, begun, timers } = standing(1);
    ask("a");
    ask("b");
    timers.fire((delayMs) => delayMs === 1_000);
    ask("c");
    await turnOfTheLoop();
    expect(begun).toEqual(["a", "b"]);
  });

  it("after a quiet second the pace is whole again, and nothing is left behind", async () => {
    const { ask, pass, begun, timers } = standing(2);
    ask("a");
    ask("b");
    await pass(2);
    expect(timers.waiting).toEqual([]);
    ask("c");
    ask("d");
    await turnOfTheLoop();
    expect(begun).toEqual(["a", "b", "c", "d"]);
  });

  it("who gives up while waiting leaves its place to the next", async () => {
    const { ask, pass, begun } = standing(1);
    const impatient = new AbortController();
    const over = new AbortController();
    ask("a");
    ask("b", impatient.signal);
    ask("c");
    impatient.abort("its time is over");
    over.abort("before it came");
    ask("d", over.signal);
    await pass(1);
    expect(begun).toEqual(["a", "b: its time is over", "d: before it came", "c"]);
  });

  it("over all requests of a bot; one that gave up waiting was certainly not sent", async () => {
    const fake = await startFakeTelegram();
    const timers = manualTimers();
    const { apiRoot, token } = fake;
    const caller = createCaller({
      token,
      apiRoot,
      redact: createRedactor(token),
      timeoutMs: 5_000,
      pace: createPace(timers.after),
    });
    try {
      const ask = (signal: AbortSignal) => caller.ask((api, limit) => api.getMe(limit), signal);
      await Promise.all(Array.from({ length: REQUESTS_PER_SECOND }, () => ask(patience())));
      const impatient = new AbortController();
      const [late, patient] = [ask(impatient.signal), ask(patience())];
      impatient.abort();
      expect(await late).toMatchObject({ ok: false, failure: { outcome: { type: "retry" } } });
      expect(fake.requestsOf("getMe")).toHaveLength(REQUESTS_PER_SECOND);
      timers.fire((delayMs) => delayMs === 1_000);
      expect(await patient).toMatchObject({ ok: true });
      expect(fake.requestsOf("getMe")).toHaveLength(REQUESTS_PER_SECOND + 1);
    } finally {
      caller.close();
      await fake.close();
    }
  });

  it("over sends and all else that the bot says; what listens is not held back", async () => {
    const fake = await fakeWithChats();
    const timers = manualTimers();
    // The menu of commands takes three.
    const { telegram } = openTelegram(fake, createStore(), "id", createPace(timers.after, 4));
    const send = () =>
      telegram.channel.send({
        tellings: [telling()],
        recipient: recipient({ address: String(PRIVATE) }),
        silent: false,
      });
    try {
      await fake.waitUntil(() => fake.requestsOf("setMyCommands").length === 3);
      expect(await send()).toMatchObject({ type: "sent" });
      const late = send();
      await fake.waitUntil(() => fake.updates.polled);
      expect(fake.requestsOf("sendMessage")).toHaveLength(1);
      timers.fire((delayMs) => delayMs === 1_000);
      expect(await late).toMatchObject({ type: "sent" });
      expect(fake.requestsOf("sendMessage")).toHaveLength(2);
    } finally {
      await telegram.close();
      await fake.close();
    }
  });
});
