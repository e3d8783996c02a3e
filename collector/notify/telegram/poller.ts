/**
 * Listens to the bot: a supervised `longPoll`.
 * Why supervised: the library's own polling ends for good on 409, 401 or one page of HTML; this one waits and goes on.
 * Must not: handle an update itself (updates.ts does), or give up.
 */
import { Api, longPoll, NetworkError, TelegramApiError, TimeoutError } from "node-telegram-bot-api";
import type { GetUpdatesParams, GetUpdatesResult } from "node-telegram-bot-api";
import { fullJitterMs } from "../../../shared/backoff.ts";
import type { After } from "../after.ts";
import type { Log } from "../log.ts";
import type { HealthRecord } from "./health.ts";
import { describeError, type Redact } from "../http/error-text.ts";
import { UPDATES_WANTED } from "./incoming.ts";
import { NotTaken } from "./taken.ts";
import type { UpdateHandler } from "./updates.ts";

/** Telegram holds the poll so long; many middle boxes cut what is idle for a minute. */
export const POLL_SECONDS = 30;
/** No poll succeeded for so long: the one under way is given up. The client's own limit is timeout + 10 s. */
export const WATCHDOG_MS = 2 * (POLL_SECONDS + 10) * 1_000;
/** Another process polls this token: both would go on stealing each other's poll, so wait, and not in step. */
export const OTHER_POLLER_WAIT_MS = { min: 5_000, max: 60_000 } as const;
/** A wrong token heals only by a person's hand. */
export const UNAUTHORIZED_WAIT_MS = { min: 20_000, max: 40_000 } as const;
/** Refused so often in a row it is refused for good. */
const REFUSALS_SURE = 2;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 30_000;
/** Full jitter may draw 0; never spin. */
const BACKOFF_MIN_MS = 500;
/** How long `close` waits for an update being handled. */
const CLOSE_MS = 2_000;

export interface PollerOptions {
  readonly token: string;
  readonly apiRoot: string;
  readonly updates: UpdateHandler;
  readonly health: HealthRecord;
  readonly redact: Redact;
  readonly log: Log;
  readonly random: () => number;
  readonly after: After;
  /** Telegram said who the bot is: after each failure of the way anew. */
  readonly onIdentified?: () => void;
  /** It refused the token, with these words, and again after a while: no passing fault of its own. */
  readonly onRefused?: (detail: string) => void;
}

export interface Poller {
  /** Without @; null until Telegram said it. */
  botUsername(): string | null;
  close(): Promise<void>;
}

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
  const { updates: handler, health, redact, log, random, after } = options;
  const api = new PollingApi(options.token, { apiRoot: options.apiRoot, maxRetries: 0, timeoutMs: 30_000 });
  const closing = new AbortController();
  let username: string | null = null;
  let failures = 0;
  let refusals = 0;

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

  async function identify(): Promise<string> {
    const me = await watched(api.getMe(closing.signal));
    const name: unknown = me.username;
    if (typeof name !== "string") throw new TypeError("getMe did not answer a bot");
    refusals = 0;
    health.saw("ok", null);
    if (name !== username) log.info({ bot: name }, "telegram bot");
    options.onIdentified?.();
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
        allowedUpdates: [...UPDATES_WANTED],
        ...(handler.nextUpdateId === null ? {} : { offset: handler.nextUpdateId }),
      },
      signal,
    );
    try {
      for (;;) {
        const next = await watched(updates.next());
        if (next.done === true) return;
        await handler.handle(next.value, botUsername);
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
          refusals += 1;
          if (refusals >= REFUSALS_SURE) options.onRefused?.(detail);
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
