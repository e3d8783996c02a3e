/**
 * Listens to the bot: a supervised `longPoll`, and linking a chat by its code.
 * Why supervised: the library's own polling ends for good on 409, 401 or one page of HTML; this one waits and goes on.
 * Why our own offset: it is written in the same commit as the effect of the update, so a restart neither repeats nor
 * loses one. An update without an effect needs no commit: Telegram forgets it at the next poll.
 * Must not: tell a chat that is not linked anything about the company, or decide who may be linked (the core does).
 */
import { createHash } from "node:crypto";
import { Api, longPoll, NetworkError, TelegramApiError, TimeoutError } from "node-telegram-bot-api";
import type { GetUpdatesParams, GetUpdatesResult, Update } from "node-telegram-bot-api";
import { fullJitterMs } from "../../../shared/backoff.ts";
import type { EventBody, Language, Recipient, Reply, ShelfValue } from "../../core/types.ts";
import type { After } from "../after.ts";
import type { Log } from "../log.ts";
import { parseChatAddress, type ChatAddress } from "./addresses.ts";
import { commandIn, type Command } from "./command.ts";
import type { HealthRecord } from "./health.ts";
import { describeError, type Redact } from "./redaction.ts";
import { textsOf } from "./render.ts";

/** Next update wanted, on the shelf. */
export const OFFSET_KEY = "telegram/offset";
/** Telegram holds the poll so long; many middle boxes cut what is idle for a minute. */
export const POLL_SECONDS = 30;
/** No poll succeeded for so long: the one under way is given up. The client's own limit is timeout + 10 s. */
export const WATCHDOG_MS = 2 * (POLL_SECONDS + 10) * 1_000;
/** Another process polls this token: both would go on stealing each other's poll, so wait, and not in step. */
export const OTHER_POLLER_WAIT_MS = { min: 5_000, max: 60_000 } as const;
/** A wrong token heals only by a person's hand. */
export const UNAUTHORIZED_WAIT_MS = { min: 60_000, max: 120_000 } as const;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 30_000;
/** Full jitter may draw 0; never spin. */
const BACKOFF_MIN_MS = 500;
/**
 * An update id just below the offset was handled already. Far below it, Telegram has begun a new numbering (it does
 * after a quiet week). One answer holds at most 100 updates.
 */
const DUPLICATE_WINDOW = 1_000;
/** Wrong codes of one chat that are looked at in ten minutes; then it is left alone. */
export const WRONG_CODES_MAX = 5;
const WRONG_CODES_MS = 600_000;
/** Chats remembered for that; the oldest is forgotten. */
const WRONG_CHATS_MAX = 1_000;
/** How long `close` waits for an update being handled. */
const CLOSE_MS = 2_000;

export interface PollerOptions {
  readonly token: string;
  readonly apiRoot: string;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly shelfGet: (key: string) => ShelfValue | undefined;
  readonly findRecipients: () => readonly Recipient[];
  /** For those whose language is not known. */
  readonly language: Language;
  readonly say: (address: ChatAddress, text: string) => Promise<void>;
  readonly health: HealthRecord;
  readonly redact: Redact;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  readonly newId: () => string;
  readonly after: After;
}

export interface Poller {
  /** Without @; null until Telegram said it. */
  botUsername(): string | null;
  close(): Promise<void>;
}

/** Ours, not Telegram's: the store did not take the effect; the update is asked for again. */
class NotTaken extends Error {}
class WatchdogFired extends Error {}

/** The library's client, with word of each poll that succeeded, also of empty ones. */
class PollingApi extends Api {
  onUpdates = () => {};
  override async getUpdates(params?: GetUpdatesParams, signal?: AbortSignal): Promise<GetUpdatesResult> {
    const updates = await super.getUpdates(params, signal);
    if (!Array.isArray(updates)) throw new TypeError("getUpdates did not answer a list");
    this.onUpdates();
    return updates;
  }
}

function between(range: { readonly min: number; readonly max: number }, random: number): number {
  return Math.round(range.min + (range.max - range.min) * random);
}

export function startPoller(options: PollerOptions): Poller {
  const { push, health, redact, log, now, random, after } = options;
  const api = new PollingApi(options.token, { apiRoot: options.apiRoot, maxRetries: 0, timeoutMs: 30_000 });
  const closing = new AbortController();
  const wrongCodes = new Map<string, number[]>();
  let username: string | null = null;
  let failures = 0;
  const kept = options.shelfGet(OFFSET_KEY);
  let offset = typeof kept === "number" ? kept : null;

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (closing.signal.aborted) return resolve();
      const finish = () => {
        stop();
        closing.signal.removeEventListener("abort", finish);
        resolve();
      };
      const stop = after(delayMs, finish);
      closing.signal.addEventListener("abort", finish);
    });
  }

  /** `work`, given up when no poll has succeeded for too long. */
  function watched<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let stop = () => {};
      const arm = () => {
        stop();
        stop = after(WATCHDOG_MS, () =>
          reject(new WatchdogFired(`no poll succeeded in ${WATCHDOG_MS / 1000} s`)),
        );
      };
      api.onUpdates = () => {
        failures = 0;
        health.saw("ok", null);
        health.sawOtherPoller(false, null);
        arm();
      };
      arm();
      work.then(resolve, reject).finally(() => {
        stop();
        api.onUpdates = () => {};
      });
    });
  }

  function linkedChats(): readonly Recipient[] {
    // Read as text: there is one channel today, and an address of another one must never be taken for a chat.
    return options
      .findRecipients()
      .filter(({ channel }: { readonly channel: string }) => channel === "telegram");
  }

  /** Pushes what must be durable before the update counts as handled. */
  async function commit(event: EventBody): Promise<Reply> {
    const reply = await push(event);
    if (!reply.ok && reply.code === "store_failing") throw new NotTaken("the store did not take an update");
    return reply;
  }

  /** False: this chat has tried too many wrong codes lately. */
  function mayTry(chatId: string): boolean {
    const recent = (wrongCodes.get(chatId) ?? []).filter((at) => now() - at < WRONG_CODES_MS);
    return recent.length < WRONG_CODES_MAX;
  }

  function triedWrong(chatId: string): void {
    const recent = (wrongCodes.get(chatId) ?? []).filter((at) => now() - at < WRONG_CODES_MS);
    wrongCodes.delete(chatId);
    wrongCodes.set(chatId, [...recent, now()]);
    const oldest = wrongCodes.keys().next();
    if (wrongCodes.size > WRONG_CHATS_MAX && oldest.done !== true) wrongCodes.delete(oldest.value);
  }

  async function link(command: Extract<Command, { type: "link" }>, next: number): Promise<void> {
    const { answerTo } = command;
    if (!mayTry(answerTo.chatId)) return;
    const reply = await commit({
      type: "chat_linked",
      codeHash: createHash("sha256").update(command.code).digest("base64url"),
      recipientId: options.newId(),
      address: command.address,
      chatName: command.chatName,
      shelf: [{ key: OFFSET_KEY, value: next }],
    });
    const recipient = linkedChats().find(({ address }) => address === command.address);
    const texts = textsOf(recipient?.language ?? options.language);
    if (!reply.ok) triedWrong(answerTo.chatId);
    const answer = reply.ok ? texts.linked : recipient?.enabled ? texts.alreadyLinked : texts.codeRefused;
    log.info({ chat: command.address, linked: reply.ok }, "a chat sent a link code");
    // Not awaited: a slow answer must not hold up the next update; the effect is durable already.
    void options.say(answerTo, answer);
  }

  async function move(command: Extract<Command, { type: "moved" }>, next: number): Promise<void> {
    for (const recipient of linkedChats()) {
      if (parseChatAddress(recipient.address)?.chatId !== command.fromChatId) continue;
      const reply = await commit({
        type: "recipient_saved",
        recipient: { ...recipient, address: command.toChatId },
      });
      // The new chat is linked already: keeping both would tell it everything twice.
      if (!reply.ok && reply.code === "recipient_exists") {
        await commit({ type: "recipient_removed", recipientId: recipient.id });
      }
      log.info({ from: command.fromChatId, to: command.toChatId }, "a linked chat moved");
    }
    await commit({ type: "shelf_written", writes: [{ key: OFFSET_KEY, value: next }] });
  }

  /** An update of a shape nobody knows is passed over: it must not stop all that come after it. */
  function readable(update: Update, botUsername: string): Command | null {
    try {
      return commandIn(update, botUsername);
    } catch (error) {
      log.warn(
        { update: update.update_id, error: describeError(error, redact) },
        "telegram update not understood",
      );
      return null;
    }
  }

  async function handle(update: Update, botUsername: string): Promise<void> {
    const updateId: unknown = update.update_id;
    if (typeof updateId !== "number") throw new TypeError("an update without an id");
    if (offset !== null && updateId < offset && updateId >= offset - DUPLICATE_WINDOW) return;
    const command = readable(update, botUsername);
    if (command?.type === "link") await link(command, updateId + 1);
    if (command?.type === "moved") await move(command, updateId + 1);
    offset = updateId + 1;
  }

  async function identify(): Promise<string> {
    const me = await watched(api.getMe(closing.signal));
    const name: unknown = me.username;
    if (typeof name !== "string") throw new TypeError("getMe did not answer a bot");
    health.saw("ok", null);
    if (name !== username) log.info({ bot: name }, "telegram bot");
    return name;
  }

  /** Polls until something fails or the poller closes. */
  async function poll(botUsername: string): Promise<void> {
    const generation = new AbortController();
    const signal = AbortSignal.any([generation.signal, closing.signal]);
    const updates = longPoll(
      api,
      {
        timeout: POLL_SECONDS,
        retry: false,
        allowedUpdates: ["message", "channel_post"],
        ...(offset === null ? {} : { offset }),
      },
      signal,
    );
    try {
      for (;;) {
        const next = await watched(updates.next());
        if (next.done === true) return;
        await handle(next.value, botUsername);
      }
    } finally {
      // Not awaited: after the watchdog the generator may never end.
      generation.abort();
    }
  }

  /** What a failure says for health; resolves to how long to wait. */
  async function failed(error: unknown): Promise<number> {
    failures += 1;
    const detail = describeError(error, redact);
    const backoffMs = Math.max(
      BACKOFF_MIN_MS,
      fullJitterMs(failures, BACKOFF_BASE_MS, BACKOFF_CAP_MS, random()),
    );
    if (error instanceof NotTaken) {
      log.warn({ error: detail }, "telegram update not taken");
      return backoffMs;
    }
    if (error instanceof TelegramApiError) {
      switch (error.errorCode) {
        case 401:
        case 404:
          health.saw("unauthorized", detail);
          log.warn({ error: detail }, "telegram refuses the token");
          return between(UNAUTHORIZED_WAIT_MS, random());
        case 409:
          if (/webhook/i.test(error.description)) {
            log.warn({ error: detail }, "telegram has a webhook for this token; removing it to poll");
            await removeWebhook();
            return backoffMs;
          }
          health.saw("ok", null);
          health.sawOtherPoller(true, detail);
          log.warn({ error: detail }, "another process polls this telegram token");
          return between(OTHER_POLLER_WAIT_MS, random());
        case 429:
          return Math.max(backoffMs, (error.retryAfter ?? 0) * 1_000);
      }
    }
    // The library gives a network error its cause; without one it is a status of 5xx.
    const unreachable =
      error instanceof TimeoutError ||
      error instanceof WatchdogFired ||
      (error instanceof NetworkError && error.cause !== undefined);
    health.saw(unreachable ? "unreachable" : "failing", detail);
    log.warn({ error: detail }, "telegram poll failed");
    return backoffMs;
  }

  async function removeWebhook(): Promise<void> {
    try {
      await api.deleteWebhook({ drop_pending_updates: false }, closing.signal);
    } catch (error) {
      log.warn({ error: describeError(error, redact) }, "telegram webhook not removed");
    }
  }

  async function run(): Promise<void> {
    const isClosing = () => closing.signal.aborted;
    while (!isClosing()) {
      try {
        // Asked again after each failure: its answer says at once that the way is open, a long poll only in 30 s.
        username = await identify();
        await poll(username);
      } catch (error) {
        if (isClosing()) return;
        await pause(await failed(error));
      }
    }
  }

  const running = run();

  return {
    botUsername: () => username,
    async close() {
      closing.abort();
      let stop = () => {};
      const limit = new Promise<void>((resolve) => {
        stop = after(CLOSE_MS, resolve);
      });
      await Promise.race([running, limit]);
      stop();
    },
  };
}
