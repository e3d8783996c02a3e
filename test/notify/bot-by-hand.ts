/**
 * The bot in front of the strict fake, without its poll: updates are handled when a test says so, and all that is said in the
 * background is waited for.
 * Why: that nothing was said can be asserted only when nothing is under way any more.
 * Must not: answer for the bot, or stand between it and the wire.
 */
import type { Update } from "node-telegram-bot-api";
import type { Language } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import type { Answer, AnswerSetting, Toast } from "../../collector/notify/rendering/answer-facts.ts";
import { renderAnswer } from "../../collector/notify/rendering/answers.ts";
import { toastText } from "../../collector/notify/rendering/toasts.ts";
import { createCaller } from "../../collector/notify/telegram/caller.ts";
import { UPDATES_WANTED } from "../../collector/notify/telegram/incoming.ts";
import { createRedactor } from "../../collector/notify/telegram/redaction.ts";
import { createSpeaker, type Speaker } from "../../collector/notify/telegram/speaker.ts";
import { createUpdateHandler, type UpdateHandler } from "../../collector/notify/telegram/updates.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { deskOver, type Store, ZONE } from "./desk-double.ts";
import { keptLog, telling, unpaced, type KeptLog } from "./fixtures.ts";
import { channelTo } from "./harness.ts";

const USERNAME = "detak_uji_bot";
const LIMIT_MS = 20_000;

export interface Bot {
  readonly log: KeptLog;
  readonly updates: UpdateHandler;
  /** Handles all that Telegram has, one after the other. Rejects when the store refused one: it is asked for again. */
  handleAll(): Promise<void>;
  /** Handles one that Telegram did not give, and what is said of it. */
  handle(update: Update): Promise<void>;
  /** Sends the message of an incident as the channel does, with its buttons; the message's id. */
  tell(incidentNumber: number, address: string, changes?: Partial<Message>): Promise<number>;
}

/** Keeps what is under way, so that it can be waited for. */
function watched(speaker: Speaker): {
  readonly speaker: Speaker;
  readonly settled: () => Promise<void>;
} {
  const underWay = new Set<Promise<unknown>>();
  const kept =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const working = work(...args);
      underWay.add(working);
      const done = () => underWay.delete(working);
      working.then(done, done);
      return working;
    };
  return {
    speaker: {
      say: kept((...of) => speaker.say(...of)),
      show: kept((...of) => speaker.show(...of)),
      showKeyboard: kept((...of) => speaker.showKeyboard(...of)),
      remove: kept((...of) => speaker.remove(...of)),
      toast: kept((...of) => speaker.toast(...of)),
      mayPin: kept((...of) => speaker.mayPin(...of)),
      ask: kept((...of) => speaker.ask(...of)),
    },
    settled: async () => {
      do {
        await Promise.all(underWay);
        // What was waited for may say something more in its next turn.
        await new Promise((resolve) => setImmediate(resolve));
      } while (underWay.size > 0);
    },
  };
}

export function botBefore(fake: FakeTelegram, store: Store, language: Language = "id"): Bot {
  const { apiRoot, token } = fake;
  const redact = createRedactor(token);
  const log = keptLog();
  const caller = createCaller({ token, apiRoot, redact, timeoutMs: LIMIT_MS, pace: unpaced });
  const { speaker, settled } = watched(createSpeaker(caller, log, LIMIT_MS));
  const updates = createUpdateHandler({ desk: deskOver(store, language), speaker, redact, log });
  const { channel } = channelTo(apiRoot, token);

  async function waiting(): Promise<readonly Update[]> {
    const response = await fetch(`${apiRoot}/bot${token}/getUpdates`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ allowed_updates: UPDATES_WANTED, offset: updates.nextUpdateId ?? undefined }),
    });
    return ((await response.json()) as { result: readonly Update[] }).result;
  }
  async function handle(update: Update): Promise<void> {
    try {
      await updates.handle(update, USERNAME);
    } finally {
      await settled();
    }
  }

  return {
    log,
    updates,
    handle,
    async handleAll() {
      for (let all = await waiting(); all.length > 0; all = await waiting())
        for (const update of all) await handle(update);
    },
    async tell(incidentNumber, address, changes = {}) {
      const recipient = [...store.recipients.values()].find((one) => one.address === address);
      if (!recipient) throw new Error(`nobody is linked at ${address}`);
      const tellings = [telling({ incidentNumber, ...changes })] as const;
      const outcome = await channel.send({ tellings, recipient, silent: false });
      if (outcome.type !== "sent") throw new Error(JSON.stringify(outcome));
      return Number(outcome.externalId);
    },
  };
}

/** Whose words, and which times: as the double's desk has them. */
export function settingOf(store: Store, language: Language = "id"): AnswerSetting {
  return { language, timeZone: ZONE, nowMs: store.clockMs };
}
export function answerText(store: Store, answer: Answer, language: Language = "id"): string {
  return renderAnswer(answer, settingOf(store, language)).text;
}
export function toastOf(store: Store, toast: Toast, language: Language = "id"): string {
  return toastText(toast, settingOf(store, language));
}
