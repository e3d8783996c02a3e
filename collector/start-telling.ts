/**
 * What tells people: channels, the worker between them and the outbox, the bot's desk, digests. Wired here, taken down with main.
 * Why apart from main: telling has as many parts as watching, and nothing to do with sockets.
 * Must not: decide who is told or when; that is the core's.
 */
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { State } from "./core/state.ts";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { Language } from "./core/types/registry.ts";
import type { Message, Notification } from "./core/types/telling.ts";
import type { Instant } from "./core/types/time.ts";
import { createDesk } from "./desk.ts";
import { realAfter } from "./notify/after.ts";
import { createNtfyChannel } from "./notify/ntfy/ntfy-channel.ts";
import { isQuietHour } from "./notify/quiet-hours.ts";
import { renderPlain } from "./notify/rendering/plain.ts";
import { render } from "./notify/rendering/render.ts";
import { targetsOf } from "./notify/targets.ts";
import { createPace } from "./notify/telegram/pace.ts";
import { createTelegram, type Telegram } from "./notify/telegram/telegram.ts";
import { createWebhookChannel } from "./notify/webhook/webhook-channel.ts";
import { createWorker, type Worker } from "./notify/worker.ts";
import { recipientFrom, wishesUsual } from "./core/recipients.ts";
import { createOutageHistory } from "./outage-history.ts";
import { createPictures } from "./pictures.ts";
import { createPainter } from "./report/painter.ts";
import type { Storage } from "./storage/storage.ts";
import { startSummaries } from "./summaries.ts";
import type { PanelSource } from "../web/source.ts";

export interface TellingParts {
  readonly config: Config;
  readonly log: Logger;
  readonly state: State;
  readonly storage: Storage;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly clock: () => Instant;
  readonly source: Pick<PanelSource, "checkIncident">;
}

/** `undo`: what takes it down again is added. */
export function startTelling(
  { config, log, state, storage, push, clock, source }: TellingParts,
  undo: (() => unknown)[],
): { readonly telegram: Telegram; readonly worker: Worker } {
  const { tables } = state;
  const history = createOutageHistory(state, storage, Date.now);
  const painter = createPainter({ onProblem: (problem) => log.warn({ event: "no_picture" }, problem) });
  const pictures = createPictures(state, history, painter, Date.now);
  const desk = createDesk({
    state,
    push,
    storage,
    history,
    pictures,
    clock,
    now: Date.now,
    check: (incidentId, by) => source.checkIncident(incidentId, by),
  });
  const telegram = createTelegram({
    token: config.telegramToken,
    apiRoot: config.telegramApiRoot,
    desk,
    pictureFor: (request) => pictures.for(request),
    log,
    now: Date.now,
    random: Math.random,
    pace: createPace(realAfter),
    onAnswered: (refused) => void push({ type: "channel_answered", channel: "telegram", refused }),
  });
  undo.push(() => telegram.close());
  const webhook = createWebhookChannel({ log, now: Date.now });
  const ntfy = createNtfyChannel({
    log,
    now: Date.now,
    render: ({ tellings, recipient }) => renderPlain(tellings, recipient),
  });
  undo.push(() => Promise.all([webhook.close(), ntfy.close()]));
  const rowsOf = (incidentId: string): Notification[] =>
    [...(state.derived.notificationsOf.get(incidentId) ?? [])].flatMap(
      (id) => tables.notification.get(id) ?? [],
    );
  const worker = createWorker({
    channels: { telegram: telegram.channel, webhook, ntfy },
    push,
    log,
    findTargets: (row, recipient) => targetsOf(row, recipient, rowsOf),
    isQuietHour: (recipient) => isQuietHour(recipient, Date.now(), config.timeZone),
  });
  undo.push(() => worker.close());
  undo.push(
    startSummaries({
      recipients: () => tables.recipient.values(),
      timeZone: config.timeZone,
      history,
      push,
      now: Date.now,
      onProblem: (error) =>
        log.warn({ event: "summary_failed", err: error }, "a digest could not be made yet"),
    }),
  );
  return { telegram, worker };
}

/** Word for word what users of a branch read in a chat, without markup: the panel's preview. */
export function announcementText(message: Message, language: Language): string {
  const wishes = wishesUsual({ channel: "telegram", address: "", name: "", language, audience: "users" });
  const telling = {
    id: "",
    step: message.step,
    message,
    reason: "announced",
    repeat: false,
    queuedWallMs: message.detectedWallMs,
    replyToExternalId: null,
    editsExternalId: null,
  } as const;
  return render([telling], recipientFrom("", wishes, 0)).text;
}
