/**
 * Who can be told: recipients, the codes that link a chat, those who cannot be reached any more, and drills.
 * Why apart from the registry: that is what is watched; this is who hears of it.
 * Must not: check who may change them (web, notify), or make ids (the shell hands them in).
 */
import { forgetBoard } from "./boards.ts";
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { emptyMessage } from "./messages.ts";
import { enqueue, rowId } from "./outbox.ts";
import { forgetInRoutes } from "./routes.ts";
import { shelve } from "./shelf.ts";
import { tellReturned } from "./telling.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { ChannelName, Recipient, RecipientWishes } from "./types/registry.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** What a recipient is before anybody chose otherwise. */
export function wishesUsual(
  chosen: Pick<RecipientWishes, "channel" | "address" | "name" | "language"> & Partial<RecipientWishes>,
): RecipientWishes {
  return {
    secret: null,
    audience: "staff",
    siteIds: [],
    detail: "full",
    pin: false,
    timeZone: null,
    quietHours: null,
    digestMinute: null,
    monthlyReport: false,
    board: false,
    allowedPeople: [],
    ...chosen,
  };
}

/** A recipient as it begins. */
export function recipientFrom(
  id: string,
  wishes: RecipientWishes,
  createdWallMs: number,
  enabled = true,
): Recipient {
  return {
    ...wishes,
    id,
    enabled,
    disabledReason: null,
    createdWallMs,
    nextSendCoreMs: 0,
    failures: 0,
    boardExternalId: null,
    digestedDay: null,
    reportedMonth: null,
  };
}

/** Two recipients of one channel and address would be told twice. */
export function recipientAt(draft: Draft, channel: ChannelName, address: string): Recipient | undefined {
  return [...draft.all("recipient")].find(
    (recipient) => recipient.channel === channel && recipient.address === address,
  );
}

/** What staff saved; what the channel learned of it (its pace, its board) is kept. */
export function recipientSaved(draft: Draft, event: Of<"recipient_saved">): Decision {
  const { recipient } = event;
  const same = recipientAt(draft, recipient.channel, recipient.address);
  if (same && same.id !== recipient.id) return refusal("recipient_exists");
  if (recipient.siteIds.some((id) => !draft.get("site", id))) return refusal("site_not_found");
  const before = draft.get("recipient", recipient.id);
  const isMoved = before !== undefined && before.address !== recipient.address;
  const saved: Recipient = {
    ...recipient,
    disabledReason: recipient.enabled ? null : recipient.disabledReason,
    nextSendCoreMs: before?.nextSendCoreMs ?? 0,
    failures: isMoved ? 0 : (before?.failures ?? 0),
    boardExternalId: isMoved || !recipient.board ? null : (before?.boardExternalId ?? null),
    digestedDay: before?.digestedDay ?? null,
    reportedMonth: before?.reportedMonth ?? null,
  };
  if (event.shelf) shelve(draft, event.shelf);
  draft.put("recipient", saved.id, saved);
  if (!saved.board || isMoved) forgetBoard(draft, saved);
  if (saved.enabled && before?.enabled === false) tellReturned(draft, saved);
  draft.publish("recipient", saved.id);
  return draft.done({ ok: true, id: saved.id });
}

export function recipientRemoved(draft: Draft, event: Of<"recipient_removed">): Decision {
  const recipient = draft.get("recipient", event.recipientId);
  if (!recipient) return refusal("recipient_not_found");
  forgetBoard(draft, recipient);
  draft.put("recipient", event.recipientId, null);
  forgetInRoutes(draft, { recipientId: event.recipientId });
  draft.publish("recipient", event.recipientId);
  return draft.done();
}

/** A site is gone: a chat of its users alone is switched off, or it would be told of every other site. */
export function forgetSite(draft: Draft, siteId: string): void {
  for (const recipient of [...draft.all("recipient")]) {
    if (!recipient.siteIds.includes(siteId)) continue;
    const siteIds = recipient.siteIds.filter((id) => id !== siteId);
    const enabled = recipient.enabled && siteIds.length > 0;
    draft.put("recipient", recipient.id, { ...recipient, siteIds, enabled });
    draft.publish("recipient", recipient.id);
  }
}

/** The channel lets us in again. One that staff switched off stays off. */
export function recipientReturned(draft: Draft, event: Of<"recipient_returned">): Decision {
  const recipient = draft.get("recipient", event.recipientId);
  if (!recipient) return refusal("recipient_not_found");
  shelve(draft, event.shelf);
  if (recipient.enabled || recipient.disabledReason === null)
    return draft.done({ ok: false, code: "already_so" });
  const back: Recipient = { ...recipient, enabled: true, disabledReason: null, failures: 0 };
  draft.put("recipient", recipient.id, back);
  tellReturned(draft, back);
  draft.publish("recipient", recipient.id);
  return draft.done();
}

/** A channel said that nobody is there any more: everybody else for staff learns of it. */
export function recipientLost(draft: Draft, recipientId: string, reason: string): void {
  const recipient = draft.get("recipient", recipientId);
  if (!recipient?.enabled) return;
  draft.put("recipient", recipientId, { ...recipient, enabled: false, disabledReason: reason });
  draft.publish("recipient", recipientId);
  const { nextNotificationSequence } = draft.meta();
  for (const other of [...draft.all("recipient")]) {
    if (other.id === recipientId || !other.enabled || other.audience !== "staff") continue;
    enqueue(draft, {
      incidentId: `lost-${recipientId}-${nextNotificationSequence}`,
      serverId: null,
      step: "recipient_lost",
      recipient: other,
      reason: "fallback",
      message: {
        ...emptyMessage(draft, "recipient_lost"),
        lost: { recipientName: recipient.name, reason },
      },
    });
  }
}

/**
 * Whether a channel takes us at all. That it does not is told to staff by the other channels, once; that it does again, too.
 * Its own rows wait: they were not sent, and heal with it.
 */
export function channelAnswered(draft: Draft, { channel, refused }: Of<"channel_answered">): Decision {
  const meta = draft.meta();
  const isKnown = meta.refusedChannels.includes(channel);
  if (isKnown === (refused !== null)) return draft.done({ ok: false, code: "already_so" });
  const others = meta.refusedChannels.filter((one) => one !== channel);
  draft.put("meta", "", { ...meta, refusedChannels: refused === null ? others : [...others, channel] });
  const step = refused === null ? "channel_back" : "channel_lost";
  for (const recipient of [...draft.all("recipient")]) {
    if (recipient.channel === channel || !recipient.enabled || recipient.audience !== "staff") continue;
    enqueue(draft, {
      incidentId: `channel-${channel}-${meta.nextNotificationSequence}`,
      serverId: null,
      step,
      recipient,
      reason: "fallback",
      message: { ...emptyMessage(draft, step), channel: { name: channel, reason: refused } },
    });
  }
  return draft.done();
}

export function linkCodeCreated(draft: Draft, event: Of<"link_code_created">): Decision {
  for (const old of draft.all("linkCode"))
    if (old.expiresWallMs < draft.at.wallMs) draft.put("linkCode", old.codeHash, null);
  draft.put("linkCode", event.linkCode.codeHash, event.linkCode);
  return draft.done();
}

/** The code is used up and the poll offset moves in the same commit: an update is never handled twice. */
export function chatLinked(draft: Draft, event: Of<"chat_linked">): Decision {
  shelve(draft, event.shelf);
  const code = draft.get("linkCode", event.codeHash);
  if (!code) return draft.done({ ok: false, code: "link_code_not_found" });
  if (code.expiresWallMs < draft.at.wallMs) return draft.done({ ok: false, code: "link_code_expired" });
  const known = recipientAt(draft, "telegram", event.address);
  const { language, audience, siteIds } = code;
  const name = code.name || known?.name || event.chatName;
  const recipient: Recipient = known
    ? { ...known, name, language, audience, siteIds, enabled: true, disabledReason: null }
    : recipientFrom(
        event.recipientId,
        wishesUsual({ channel: "telegram", address: event.address, name, language, audience, siteIds }),
        draft.at.wallMs,
      );
  draft.put("linkCode", event.codeHash, null);
  draft.put("recipient", recipient.id, recipient);
  if (known?.enabled === false) tellReturned(draft, recipient);
  draft.publish("recipient", recipient.id);
  return draft.done({ ok: true, id: recipient.id });
}

/** A test message through the whole way, to each of them. Of the drill before nothing is kept. */
export function drillStarted(draft: Draft, event: Of<"drill_started">): Decision {
  const recipients = event.recipientIds.map((id) => draft.get("recipient", id));
  if (recipients.length === 0 || recipients.some((recipient) => !recipient))
    return refusal("recipient_not_found");
  for (const row of [...draft.all("notification")])
    if (row.step === "drill" && row.status !== "sending") draft.put("notification", row.id, null);
  for (const recipient of recipients) {
    if (!recipient) continue;
    enqueue(draft, {
      incidentId: `drill-${event.drillId}`,
      serverId: null,
      step: "drill",
      recipient,
      reason: "asked_for",
      message: {
        ...emptyMessage(draft, "drill"),
        handling: { acknowledgedBy: event.by, quiet: null, checked: null, announced: false },
      },
    });
    draft.publish("notification", rowId(`drill-${event.drillId}`, "drill", recipient));
  }
  return draft.done({ ok: true, id: event.drillId });
}
