/**
 * The fake's sendPhoto: what the real client uploads arrives whole, and what Telegram could not show is refused.
 */
import { crc32 } from "node:zlib";
import { Api, InputFile } from "node-telegram-bot-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BUDI,
  FORUM,
  GROUP,
  rehearse,
  samplePng,
  SARI,
  TOPIC,
  type Rehearsal,
} from "../fakes/telegram/rehearsal.ts";

describe("the fake's sendPhoto", () => {
  let stage: Rehearsal;
  beforeEach(async () => {
    stage = await rehearse();
  });
  afterEach(() => stage.fake.close());

  const photoOf = (index: number) => stage.fake.ledger[index]?.photo;
  const upload = (bytes: Uint8Array<ArrayBuffer>, more: Readonly<Record<string, unknown>> = {}) =>
    stage.upload("sendPhoto", { chat_id: SARI, ...more }, { photo: bytes });
  const refused = async (answer: ReturnType<typeof upload>) => (await answer).description;

  it("keeps the bytes that the real client streams as multipart", async () => {
    const bytes = samplePng(400, 150);
    const api = new Api(stage.fake.token, { apiRoot: stage.fake.apiRoot, maxRetries: 0 });
    const message = await api.sendPhoto({
      chat_id: SARI,
      photo: new InputFile(bytes, { filename: "chart.png", contentType: "image/png" }),
      caption: "<b>CPU</b> 24 jam &amp; disk",
      parse_mode: "HTML",
      reply_markup: { inline_keyboard: [[{ text: "Lagi", callback_data: "again" }]] },
      disable_notification: true,
    });
    expect(message.photo?.at(-1)).toMatchObject({ width: 400, height: 150, file_size: bytes.length });
    expect(message).toMatchObject({ caption: "CPU 24 jam & disk", caption_entities: [{ type: "bold" }] });
    expect(stage.fake.ledger).toMatchObject([
      {
        method: "sendPhoto",
        text: "CPU 24 jam & disk",
        silent: true,
        photo: { width: 400, height: 150, fileSize: bytes.length },
        buttons: [[{ callbackData: "again" }]],
      },
    ]);
    const kept = stage.fake.world.pictures.get(photoOf(0)?.fileId ?? "");
    expect(kept?.bytes.equals(bytes)).toBe(true);
    expect(stage.fake.requests[0]?.parameters["photo"]).toBe(`(file chart.png, ${bytes.length} bytes)`);
  });

  it("takes the file id of any of the sizes again, in another chat too", async () => {
    const first = (await upload(samplePng(640, 360))).result as { photo: { file_id: string }[] };
    expect(first.photo).toHaveLength(2);
    for (const { file_id } of first.photo) {
      expect(await stage.call("sendPhoto", { chat_id: GROUP, photo: file_id })).toMatchObject({ ok: true });
    }
    expect(new Set(stage.fake.ledger.map(({ photo }) => photo?.fileId)).size).toBe(1);
    expect(await stage.refusal("sendPhoto", { chat_id: SARI, photo: "AgACAgUAAx-nobodys" })).toBe(
      "Bad Request: wrong file identifier/HTTP URL specified",
    );
    expect(await stage.refusal("sendPhoto", { chat_id: SARI, photo: "https://example.com/a.png" })).toBe(
      "Bad Request: failed to get HTTP URL content",
    );
    expect(await stage.refusal("sendPhoto", { chat_id: SARI })).toBe(
      "Bad Request: there is no photo in the request",
    );
  });

  it("finds a file that is attached under another name", async () => {
    const answer = await stage.upload(
      "sendPhoto",
      { chat_id: SARI, photo: "attach://media_0" },
      { media_0: samplePng() },
    );
    expect(answer).toMatchObject({ ok: true });
    expect(
      await stage.upload("sendPhoto", { chat_id: SARI, photo: "attach://other" }, { media_0: samplePng() }),
    ).toMatchObject({ description: "Bad Request: there is no photo in the request" });
  });

  it("refuses what is no whole picture", async () => {
    const whole = samplePng();
    const changedAt = (index: number) => {
      const bytes = new Uint8Array(whole);
      bytes[index] = (bytes[index] ?? 0) ^ 0xff;
      return bytes;
    };
    // One more line than there are pixels for, with a checksum that is right.
    const taller = Buffer.from(whole);
    taller.writeUInt32BE(taller.readUInt32BE(20) + 1, 20);
    taller.writeUInt32BE(crc32(taller.subarray(12, 29)), 29);
    const text = new Uint8Array(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"));
    const noJpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2]);
    const broken = [text, whole.slice(0, -8), changedAt(20), changedAt(60), changedAt(30), noJpeg];
    broken.push(new Uint8Array(taller));
    for (const bytes of broken) {
      expect(await refused(upload(bytes))).toBe("Bad Request: IMAGE_PROCESS_FAILED");
    }
    expect(await refused(upload(new Uint8Array(0)))).toBe("Bad Request: file must be non-empty");
    expect(await refused(upload(samplePng(2_100, 100)))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
    expect(await refused(upload(samplePng(9_000, 1_001)))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
    expect(await refused(upload(new Uint8Array(10_485_761)))).toBe(
      "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
    );
    expect(stage.fake.ledger).toEqual([]);
  });

  it("takes a JPEG", async () => {
    const frame = [0xff, 0xc0, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0];
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...frame, 0xff, 0xd9]);
    expect(await upload(jpeg)).toMatchObject({ ok: true });
    expect(photoOf(0)).toMatchObject({ width: 160, height: 90 });
  });

  it("limits the caption to 1024 after parsing, and reads it as a text", async () => {
    const html = { parse_mode: "HTML" };
    expect(await upload(samplePng(), { caption: `<b>${"x".repeat(1_024)}</b>`, ...html })).toMatchObject({
      ok: true,
    });
    expect(await refused(upload(samplePng(), { caption: "x".repeat(1_025) }))).toBe(
      "Bad Request: message caption is too long",
    );
    expect(await refused(upload(samplePng(), { caption: "<b>x", ...html }))).toMatch(
      /^Bad Request: can't parse entities/,
    );
  });

  it("goes into topics and answers messages; a muted bot may not send photos", async () => {
    const first = await stage.send("teks", { chat_id: FORUM, message_thread_id: TOPIC });
    const place = { chat_id: FORUM, message_thread_id: TOPIC };
    const answer = await upload(samplePng(), { ...place, reply_parameters: { message_id: first } });
    expect(answer.result).toMatchObject({ message_thread_id: TOPIC, reply_to_message: { text: "teks" } });
    expect(await refused(upload(samplePng(), { ...place, message_thread_id: 99 }))).toBe(
      "Bad Request: message thread not found",
    );
    expect(await refused(upload(samplePng(), { reply_parameters: { message_id: 99 } }))).toBe(
      "Bad Request: message to be replied not found",
    );
    stage.fake.world.chat(GROUP)!.membership = "muted";
    expect(await refused(upload(samplePng(), { chat_id: GROUP }))).toBe(
      "Bad Request: not enough rights to send photos to the chat",
    );
    expect(await refused(upload(samplePng(), { chat_id: BUDI }))).toBe("Bad Request: chat not found");
  });

  it("counts against the chat's quota", async () => {
    await stage.fake.close();
    stage = await rehearse({ enforceQuota: true });
    expect(await upload(samplePng())).toMatchObject({ ok: true });
    expect(await upload(samplePng())).toMatchObject({ error_code: 429, parameters: { retry_after: 1 } });
  });
});
