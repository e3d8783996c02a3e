/**
 * Telegram as a whole: the channel that sends and the poller that listens, over one token and one health record.
 * Must not: fail to start because Telegram is away or no token is set; alerts wait in the outbox, the panel says why.
 */
import { realAfter, type After } from "../after.ts";
import type { Channel, SendRequest } from "../channel.ts";
import { commandsOf } from "../rendering/answers.ts";
import { createCaller } from "./caller.ts";
import type { Desk } from "./desk.ts";
import type { Log } from "../log.ts";
import { createHealthRecord } from "./health.ts";
import type { Pace } from "./pace.ts";
import { startPoller } from "./poller.ts";
import { type Redact } from "../http/error-text.ts";
import { createRedactor } from "./redaction.ts";
import { createSpeaker, type Speaker } from "./speaker.ts";
import { createTelegramChannel, SEND_LIMIT_MS } from "./telegram-channel.ts";
import { createUpdateHandler } from "./updates.ts";

export interface TelegramOptions {
  /** null: no token is set; the channel is `off` and every send comes back as `retry`. */
  readonly token: string | null;
  readonly apiRoot: string;
  readonly desk: Desk;
  /** A picture that goes with a message (PNG); null: none. */
  readonly pictureFor: (request: SendRequest) => Promise<Uint8Array | null>;
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
  /** A draw from [0, 1). */
  readonly random: () => number;
  readonly after?: After;
  /** Of all that the bot says. */
  readonly pace: Pace;
  readonly sendLimitMs?: number;
  /** Telegram refuses the token altogether, with these words; null: it takes it. Said again as often as it is seen. */
  readonly onAnswered?: (refused: string | null) => void;
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

/**
 * The menu of commands, in the setting's language and in both for people whose Telegram speaks one of them. Asked for until
 * Telegram took it once: each failure of the poll identifies the bot anew.
 */
function commandMenu(speaker: Speaker, desk: Desk): () => Promise<void> {
  let isTaken = false;
  const take = (language: Desk["language"], only: { readonly language_code?: string }): Promise<boolean> =>
    speaker.ask("commands", (api, signal) =>
      api.setMyCommands({ commands: [...commandsOf(language)], ...only }, signal),
    );
  return async () => {
    if (isTaken) return;
    const taken = [
      await take(desk.language, {}),
      await take("id", { language_code: "id" }),
      await take("en", { language_code: "en" }),
    ];
    isTaken = taken.every(Boolean);
  };
}

/** Starts listening at once. */
export function createTelegram(options: TelegramOptions): Telegram {
  const { token, apiRoot, now, pace } = options;
  if (token === null || token === "") return telegramOff(now);
  const redact = createRedactor(token);
  const log = redactedLog(options.log, redact);
  const health = createHealthRecord(now, "starting");
  const sendLimitMs = options.sendLimitMs ?? SEND_LIMIT_MS;
  const caller = createCaller({ token, apiRoot, redact, timeoutMs: sendLimitMs, pace });
  const { pictureFor } = options;
  const channel = createTelegramChannel({ caller, health, redact, log, pictureFor, sendLimitMs });
  const speaker = createSpeaker(caller, log);
  const updates = createUpdateHandler({ desk: options.desk, speaker, redact, log });
  const describe = commandMenu(speaker, options.desk);
  const poller = startPoller({
    token,
    apiRoot,
    updates,
    health,
    redact,
    log,
    random: options.random,
    after: options.after ?? realAfter,
    onIdentified() {
      void describe();
      options.onAnswered?.(null);
    },
    onRefused(refused) {
      options.onAnswered?.(refused);
    },
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
