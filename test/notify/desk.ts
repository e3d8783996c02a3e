/**
 * Telegram as a whole in front of the strict fake: channel, poll and updates, over a desk that tests fill.
 * Why whole: what restarts, conflicts and failing stores come to is seen only with the poll.
 * Must not: run a timer that no test fires.
 */
import type { Language } from "../../collector/core/types/registry.ts";
import type { Pace } from "../../collector/notify/telegram/pace.ts";
import { createTelegram, type Telegram } from "../../collector/notify/telegram/telegram.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { deskOver, type Store } from "./desk-double.ts";
import { keptLog, manualTimers, unpaced, type KeptLog, type Timers } from "./fixtures.ts";

export interface OpenTelegram {
  readonly telegram: Telegram;
  readonly timers: Timers;
  readonly log: KeptLog;
  /** What was said of the token so far: refused with these words, or (null) taken. */
  readonly answered: readonly (string | null)[];
}

export function openTelegram(
  fake: FakeTelegram,
  store: Store,
  language: Language = "id",
  pace: Pace = unpaced,
): OpenTelegram {
  const timers = manualTimers();
  const log = keptLog();
  const answered: (string | null)[] = [];
  const telegram = createTelegram({
    token: fake.token,
    apiRoot: fake.apiRoot,
    desk: deskOver(store, language),
    pictureFor: () => Promise.resolve(null),
    log,
    now: () => store.clockMs,
    random: () => 0.5,
    after: timers.after,
    pace,
    sendLimitMs: 20_000,
    onAnswered: (refused) => answered.push(refused),
  });
  return { telegram, timers, log, answered };
}
