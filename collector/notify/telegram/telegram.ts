/**
 * Telegram as a whole: the channel that sends and the poller that listens, over one token and one health record.
 * Must not: fail to start because Telegram is away or no token is set; alerts wait in the outbox, the panel says why.
 */
import { nanoid } from "nanoid";
import type { EventBody, Language, Recipient, Reply, ShelfValue } from "../../core/types.ts";
import { realAfter, type After } from "../after.ts";
import type { Channel } from "../channel.ts";
import type { Log } from "../log.ts";
import { createHealthRecord } from "./health.ts";
import { startPoller } from "./poller.ts";
import { createRedactor, type Redact } from "./redaction.ts";
import { createTelegramChannel } from "./telegram-channel.ts";
import { createUpdateHandler } from "./updates.ts";

export interface TelegramOptions {
  /** null: no token is set; the channel is `off` and every send comes back as `retry`. */
  readonly token: string | null;
  readonly apiRoot: string;
  readonly push: (event: EventBody) => Promise<Reply>;
  /** A value of the shelf as it is committed now. */
  readonly shelfGet: (key: string) => ShelfValue | undefined;
  readonly findRecipients: () => readonly Recipient[];
  readonly language: Language;
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
  /** A draw from [0, 1). */
  readonly random: () => number;
  readonly newId?: () => string;
  readonly after?: After;
  readonly sendLimitMs?: number;
}

export interface Telegram {
  readonly channel: Channel;
  /** Without @; null until Telegram said it. */
  botUsername(): string | null;
  /** Stops listening, gives up sends under way (their outcome is then `unknown`). Idempotent. */
  close(): Promise<void>;
}

/** A sent message waits this long for a token to be set; the panel says that there is none. */
const OFF_RETRY_MS = 60_000;

function telegramOff(now: () => number): Telegram {
  const health = createHealthRecord(now, "off");
  const close = () => Promise.resolve();
  return {
    channel: {
      name: "telegram",
      send: () =>
        Promise.resolve({ type: "retry", error: "no Telegram token is set", retryAfterMs: OFF_RETRY_MS }),
      health: () => health.current(),
      close,
    },
    botUsername: () => null,
    close,
  };
}

/** Log fields and texts pass the redactor, whoever wrote them. */
function redactedLog(log: Log, redact: Redact): Log {
  const clean = (fields: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? redact(value) : value]),
    );
  return {
    info: (fields, message) => log.info(clean(fields), message),
    warn: (fields, message) => log.warn(clean(fields), message),
    error: (fields, message) => log.error(clean(fields), message),
  };
}

/** Starts listening at once. */
export function createTelegram(options: TelegramOptions): Telegram {
  const { token, apiRoot, now } = options;
  if (token === null || token === "") return telegramOff(now);
  const redact = createRedactor(token);
  const log = redactedLog(options.log, redact);
  const health = createHealthRecord(now, "starting");
  const channel = createTelegramChannel({
    token,
    apiRoot,
    health,
    redact,
    log,
    ...(options.sendLimitMs === undefined ? {} : { sendLimitMs: options.sendLimitMs }),
  });
  const updates = createUpdateHandler({
    push: options.push,
    shelfGet: options.shelfGet,
    findRecipients: options.findRecipients,
    language: options.language,
    say: (address, text) => channel.say(address, text),
    redact,
    log,
    now,
    newId: options.newId ?? (() => nanoid(12)),
  });
  const poller = startPoller({
    token,
    apiRoot,
    updates,
    health,
    redact,
    log,
    random: options.random,
    after: options.after ?? realAfter,
  });
  return {
    channel,
    botUsername: () => poller.botUsername(),
    async close() {
      await poller.close();
      await channel.close();
    },
  };
}
