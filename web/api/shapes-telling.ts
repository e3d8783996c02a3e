/**
 * The shapes of the JSON API of who is told: recipients, routes, drills.
 * Must not: drop or rename a field; adding one is fine. Times are RFC 3339 in UTC. A secret is in no shape.
 */
import type { Role } from "../auth/users.ts";
import { shownAddress } from "../recipient-address.ts";
import type { AnnouncementView, DrillRowView, RecipientView, RouteView } from "../source-recipients.ts";
import { timeOrNull, timeShape } from "./shapes.ts";

/** The address of a webhook or a topic is whole for admins alone. */
export function recipientShape(recipient: RecipientView, role: Role) {
  return {
    id: recipient.id,
    channel: recipient.channel,
    address: shownAddress(recipient, role),
    name: recipient.name,
    language: recipient.language,
    enabled: recipient.enabled,
    disabledReason: recipient.disabledReason,
    hasSecret: recipient.hasSecret,
    audience: recipient.audience,
    siteIds: recipient.siteIds,
    detail: recipient.detail,
    pin: recipient.pin,
    timeZone: recipient.timeZone,
    quietHours: recipient.quietHours,
    digestMinute: recipient.digestMinute,
    monthlyReport: recipient.monthlyReport,
    board: recipient.board,
    allowedPeople: recipient.allowedPeople,
  };
}

export function routeShape(route: RouteView) {
  return {
    id: route.id,
    name: route.name,
    enabled: route.enabled,
    isDefault: route.isDefault,
    siteIds: route.siteIds,
    tags: route.tags,
    kinds: route.kinds,
    steps: route.steps,
    repeatSeconds: route.repeatSeconds,
    fallbackRecipientIds: route.fallbackRecipientIds,
  };
}

export function drillShape(rows: readonly DrillRowView[]) {
  const [first] = rows;
  return {
    startedAt: first ? timeShape(first.queuedAtMs) : null,
    by: first?.by ?? null,
    results: rows.map((row) => ({
      recipientId: row.recipientId,
      recipientName: row.recipientName,
      status: row.status,
      attempts: row.attempts,
      queuedAt: timeShape(row.queuedAtMs),
      settledAt: timeOrNull(row.settledAtMs),
      tookSeconds: row.settledAtMs === null ? null : (row.settledAtMs - row.queuedAtMs) / 1_000,
      lastError: row.lastError,
    })),
  };
}

export function announcementShape({ to, texts }: AnnouncementView) {
  return { to, texts };
}
