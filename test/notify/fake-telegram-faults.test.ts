/**
 * Scripted faults: every method can be made to fail in every way, before or after it was carried out.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fault } from "../fakes/telegram/faults.ts";
import { METHOD_NAMES } from "../fakes/telegram/methods.ts";
import { rehearse, SARI, type Rehearsal } from "../fakes/telegram/rehearsal.ts";

const NOT_MODIFIED: Fault = {
  kind: "refusal",
  status: 400,
  description:
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
};

describe("the fake's faults", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse();
  });
  afterEach(() => stage.fake.close());

  it.each(METHOD_NAMES)("work for %s, by its own queue and by the queue of all", async (method) => {
    stage.fake.faults.add(method, { kind: "too_many_requests", retryAfterSeconds: 7 });
    stage.fake.faults.add("*", { kind: "drop", when: "before" });
    expect(await stage.call(method)).toMatchObject({ error_code: 429, parameters: { retry_after: 7 } });
    await expect(stage.call(method)).rejects.toThrow("fetch failed");
    stage.fake.faults.add(method.toLowerCase(), NOT_MODIFIED);
    expect(await stage.call(method)).toMatchObject({
      error_code: 400,
      description: NOT_MODIFIED.description,
    });
    expect(stage.fake.faults.waiting).toBe(0);
    expect(stage.fake.requestsOf(method).map(({ accepted }) => accepted)).toEqual([false, false, false]);
  });

  it("after: the edit is there, though the client was told nothing", async () => {
    const message_id = await stage.send("before", {
      reply_markup: { inline_keyboard: [[{ text: "b", callback_data: "d" }]] },
    });
    const press = stage.fake.people.press({ chatId: SARI, button: "d" });
    stage.fake.faults.add("editMessageText", { kind: "drop", when: "after" });
    stage.fake.faults.add("answerCallbackQuery", { kind: "server_error", when: "after" });
    await expect(
      stage.call("editMessageText", { chat_id: SARI, message_id, text: "after" }),
    ).rejects.toThrow();
    expect(await stage.call("answerCallbackQuery", { callback_query_id: press, text: "ya" })).toMatchObject({
      error_code: 502,
    });
    expect(stage.fake.ledger).toMatchObject([{ text: "after", edits: [{ text: "before" }] }]);
    expect(stage.fake.people.toast(press)).toMatchObject({ text: "ya" });
  });

  it("of one chat: another chat does not meet it, and it goes before one of any chat", async () => {
    stage.fake.world.addChat({ id: 4712, type: "private", title: "Budi" });
    stage.fake.faults.add("sendMessage", { kind: "server_error", when: "before" });
    stage.fake.faults.add("sendMessage", { kind: "too_many_requests" }, 1, SARI);
    const send = (chat_id: number) => stage.call("sendMessage", { chat_id, text: "x" });
    expect(await send(SARI)).toMatchObject({ error_code: 429 });
    expect(await send(4712)).toMatchObject({ error_code: 502 });
    expect([await send(SARI), await send(4712)]).toMatchObject([{ ok: true }, { ok: true }]);
    stage.fake.faults.add("*", { kind: "parse_error" }, 1, 4712);
    expect([await send(SARI), await send(4712)]).toMatchObject([{ ok: true }, { error_code: 400 }]);
  });

  it("held at the door: read, neither accepted nor refused, until it is let in; its fault then strikes", async () => {
    const hold = stage.fake.faults.hold("sendMessage", [SARI]);
    stage.fake.faults.add("sendMessage", { kind: "drop", when: "after" }, 1, SARI);
    const sending = stage.call("sendMessage", { chat_id: SARI, text: "x" }).catch(() => "dropped");
    await vi.waitUntil(() => hold.arrived.has(SARI));
    expect(stage.fake.ledger).toEqual([]);
    expect(stage.fake.requestsOf("sendMessage")).toMatchObject([{ outcome: "pending", accepted: false }]);
    hold.release();
    expect(await sending).toBe("dropped");
    expect(stage.fake.ledger).toHaveLength(1);
    expect(await stage.call("sendMessage", { chat_id: SARI, text: "y" })).toMatchObject({ ok: true });
  });

  it('"not modified" is an ordinary refusal', async () => {
    const message_id = await stage.send("before");
    stage.fake.faults.add("editMessageText", NOT_MODIFIED);
    expect(await stage.refusal("editMessageText", { chat_id: SARI, message_id, text: "after" })).toBe(
      NOT_MODIFIED.description,
    );
    expect(stage.fake.ledger[0]?.text).toBe("before");
  });
});
