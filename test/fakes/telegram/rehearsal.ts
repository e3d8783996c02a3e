/**
 * A fake with a few chats, a clock of its own and a plain caller: for tests of the fake itself, and for trying things out.
 * Must not: know the product, or any client library.
 */
import { crc32, deflateSync } from "node:zlib";
import { startFakeTelegram, type FakeTelegram, type FakeTelegramOptions } from "./server.ts";

export const SARI = 4001;
export const BUDI = 4005;
export const GROUP = -4002;
export const FORUM = -1004003;
export const TOPIC = 17;

export interface Envelope {
  readonly ok: boolean;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
  readonly result?: unknown;
}

type Values = Readonly<Record<string, unknown>>;

export interface Rehearsal {
  readonly fake: FakeTelegram;
  /** Milliseconds; nothing moves it but the test. */
  readonly clock: { nowMs: number };
  call(method: string, values?: Values): Promise<Envelope>;
  /** The same as multipart, with files by field name. */
  upload(
    method: string,
    values: Values,
    files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  ): Promise<Envelope>;
  /** The words a call is refused with; an error when it is not. */
  refusal(method: string, values?: Values): Promise<string>;
  /** Sends a text five seconds later and gives its message id. */
  send(text: string, more?: Values): Promise<number>;
  /** Updates that wait, each as it would be given out. */
  updates(values?: Values): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function rehearse(options: FakeTelegramOptions = {}): Promise<Rehearsal> {
  const clock = { nowMs: Date.UTC(2026, 2, 5, 3, 0, 0) };
  const fake = await startFakeTelegram({ now: () => clock.nowMs, ...options });
  fake.world.addChat({ id: SARI, type: "private", title: "Sari" });
  fake.world.addChat({ id: GROUP, type: "group", title: "Divisi IT" });
  fake.world.addChat({ id: FORUM, type: "supergroup", title: "IT Forum", topics: { [TOPIC]: "Server" } });

  async function post(method: string, init: RequestInit): Promise<Envelope> {
    const response = await fetch(`${fake.apiRoot}/bot${fake.token}/${method}`, { method: "POST", ...init });
    return (await response.json()) as Envelope;
  }
  const call = (method: string, values: Values = {}) =>
    post(method, { headers: { "content-type": "application/json" }, body: JSON.stringify(values) });

  return {
    fake,
    clock,
    call,
    upload(method, values, files) {
      const form = new FormData();
      for (const [key, value] of Object.entries(values)) {
        form.set(key, typeof value === "string" ? value : JSON.stringify(value));
      }
      for (const [key, bytes] of Object.entries(files)) form.set(key, new Blob([bytes]), `${key}.png`);
      return post(method, { body: form });
    },
    async refusal(method, values) {
      const answer = await call(method, values);
      if (answer.ok) throw new Error(`${method} was accepted`);
      return answer.description ?? "";
    },
    async send(text, more = {}) {
      clock.nowMs += 5_000;
      const answer = await call("sendMessage", { chat_id: SARI, text, ...more });
      if (!answer.ok) throw new Error(answer.description);
      return (answer.result as { message_id: number }).message_id;
    },
    async updates(values = {}) {
      const answer = await call("getUpdates", values);
      return answer.result as readonly Readonly<Record<string, unknown>>[];
    },
  };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A whole PNG: a green line going up over white, so that it is seen on a page. */
export function samplePng(width = 320, height = 120): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = 1 + width * 3;
  const pixels = Buffer.alloc(line * height, 0xf4);
  for (let y = 0; y < height; y += 1) {
    pixels[y * line] = 0;
    for (let x = 0; x < width; x += 1) {
      const isCurve = Math.abs(height - 8 - ((x * x) / (width * width)) * (height - 16) - y) < 2;
      if (isCurve) pixels.set([0x1b, 0x7a, 0x4b], y * line + 1 + x * 3);
    }
  }
  const parts = [
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}
