/**
 * A recipient in words: what it gets, why it cannot be reached and what to do, how its test went.
 * Why strings: they are escaped where they are rendered, like every other text of staff and of channels.
 * Must not: judge who is reachable; that is the collector's word.
 */
import { secondsTaken, timeOfDay, zoneName } from "../i18n/format.ts";
import type { Texts } from "../i18n/id.ts";
import type { Scene } from "../scene.ts";
import type { DrillRowView, RecipientView } from "../source-recipients.ts";
import type { Status } from "../source-servers.ts";

/** What it gets, as the parts of one line. */
export function wishWords(scene: Scene, recipient: RecipientView): readonly string[] {
  const { texts, language, look } = scene;
  const { wishes, notifications } = texts;
  const { quietHours: quiet, digestMinute, allowedPeople } = recipient;
  const zone = zoneName(recipient.timeZone ?? scene.timeZone, scene.nowMs);
  const sites = recipient.siteIds.map((id) => look.site(id)?.name ?? texts.routes.removedSite);
  const time = (minute: number) => timeOfDay(language, minute);
  return [
    recipient.audience === "users"
      ? wishes.announcements(sites.length === 0 ? notifications.everySite : sites.join(", "))
      : recipient.channel === "webhook"
        ? wishes.json
        : wishes[recipient.detail],
    recipient.pin ? wishes.pin : "",
    recipient.board ? wishes.board : "",
    digestMinute === null ? "" : wishes.digest(`${time(digestMinute)} ${zone}`),
    recipient.monthlyReport ? wishes.report : "",
    quiet && recipient.channel !== "webhook"
      ? wishes.quiet(time(quiet.fromMinute), time(quiet.toMinute), zone)
      : "",
    allowedPeople.length === 0 ? "" : wishes.people(allowedPeople.length),
    recipient.channel === "webhook" ? (recipient.hasSecret ? wishes.signed : wishes.unsigned) : "",
    recipient.channel === "ntfy" && recipient.hasSecret ? wishes.token : "",
  ].filter(Boolean);
}

/** The channels' own words, and what they come to. The first that matches. */
const reasons: readonly (readonly [RegExp, Exclude<keyof Texts["lost"], "title" | "said">])[] = [
  [/blocked by the user/i, "blocked"],
  [/kicked|not a member|bot was removed/i, "kicked"],
  [/became another one/i, "twin"],
  [/chat not found|deactivated|deleted|group chat was/i, "gone"],
  [/not enough rights|no rights|administrator|have no write|CHAT_WRITE_FORBIDDEN/i, "rights"],
  [/asked not to be sent/i, "refusedByReceiver"],
  [/not (?:an?|the) (?:http|address)/i, "address"],
];

/** Why it cannot be reached, and what to do. */
export function lostWords(texts: Texts, reason: string): string {
  return texts.lost[reasons.find(([pattern]) => pattern.test(reason))?.[1] ?? "other"];
}

/** How a test went, and the shape that says so at a glance. */
export function drillWords(
  scene: Scene,
  row: DrillRowView,
): { readonly text: string; readonly shape: Status } {
  const { drill } = scene.texts;
  switch (row.status) {
    case "queued":
    case "sending":
      return { text: drill.waiting, shape: "new" };
    case "retry":
      return { text: drill.retry(row.attempts), shape: "suspect" };
    case "sent": {
      const tookMs = (row.settledAtMs ?? row.queuedAtMs) - row.queuedAtMs;
      return { text: drill.sent(secondsTaken(scene.language, tookMs)), shape: "up" };
    }
    case "unknown":
      return { text: drill.unknown, shape: "suspect" };
    case "rejected":
      return { text: drill.rejected, shape: "down" };
    case "superseded":
      return { text: drill.superseded, shape: "paused" };
  }
}
