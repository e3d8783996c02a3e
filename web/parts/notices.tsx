/**
 * What is wrong with the watching itself, above every page: a collector that can not hear, save or tell must say so.
 * Why a live fragment: it appears and goes by itself on open pages.
 * Must not: cry without need; no bot token is told on Notifications, not here on every page.
 */
import { hourMinute, shortMoment } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { fragmentId, type Html, type Scene } from "../scene.ts";

export const NOTICES = "notices";

interface Notice {
  readonly text: string;
  readonly level: "wait" | "bad";
  readonly href?: string;
  readonly link?: string;
}

/** Rounded up: the end is estimated anew each time, and a text that flickers by a second is not calm. */
const wholeMinute = (atMs: number) => Math.ceil(atMs / 60_000) * 60_000;

function noticesOf(scene: Scene): Notice[] {
  const { texts, look } = scene;
  const { system } = look;
  const notices: Notice[] = [];
  const seeSystem = { href: "/system", link: texts.notice.seeSystem };
  if (system.hearing === "grace")
    notices.push({
      level: "wait",
      text:
        system.hearingUntilMs === null
          ? texts.notice.hearing.starting
          : texts.notice.hearing.grace(
              hourMinute(scene.language, scene.timeZone, wholeMinute(system.hearingUntilMs)),
            ),
    });
  else if (system.hearing === "isolated")
    notices.push({
      level: "bad",
      text: texts.notice.hearing.isolated(
        system.hearingSinceMs === null
          ? null
          : shortMoment(scene.language, scene.timeZone, system.hearingSinceMs),
      ),
      ...seeSystem,
    });
  else if (system.hearing !== "hearing")
    notices.push({ level: "wait", text: texts.notice.hearing[system.hearing], ...seeSystem });
  if (system.store.state === "failing")
    notices.push({ level: "bad", text: texts.notice.store, ...seeSystem });
  const telegram = system.telegram.state;
  if (telegram === "other_poller")
    notices.push({ level: "wait", text: texts.notice.telegramDeaf, ...seeSystem });
  else if (telegram !== "ok" && telegram !== "starting" && telegram !== "off")
    notices.push({
      level: "bad",
      text: texts.notice.telegram(word(texts.telegram, telegram)),
      ...seeSystem,
    });
  if (look.everythingMutedUntilMs !== null)
    notices.push({
      level: "wait",
      text: texts.notice.maintenance(
        shortMoment(scene.language, scene.timeZone, look.everythingMutedUntilMs),
      ),
      href: "/maintenance",
      link: texts.notice.seeMaintenance,
    });
  notices.push(...recipientNotices(scene));
  if (look.recipients.enabled > 0 && look.routesEnabled === 0 && look.servers.length > 0)
    notices.push({
      level: "bad",
      text: texts.notice.noRoutes,
      href: "/notifications",
      link: texts.notice.seeRoutes,
    });
  return notices;
}

/** Who can not be told; and that nobody can. */
function recipientNotices({ texts, look }: Scene): Notice[] {
  const { all, enabled, lost } = look.recipients;
  const isNobody = enabled === 0 && look.servers.length > 0;
  const seeRecipients = { href: "/notifications", link: texts.notice.seeRecipients };
  const [name] = lost;
  if (name !== undefined)
    return [
      {
        level: isNobody ? "bad" : "wait",
        text: [
          texts.notice.lost(name, lost.length - 1),
          ...(isNobody ? [texts.notice.nobodyIsTold] : []),
        ].join(" "),
        ...seeRecipients,
      },
    ];
  if (!isNobody) return [];
  return all === 0
    ? [
        {
          level: "wait",
          text: texts.notice.noRecipients,
          href: "/notifications",
          link: texts.notice.seeNotifications,
        },
      ]
    : [{ level: "wait", text: texts.notice.recipientsOff, ...seeRecipients }];
}

export function Notices({ scene }: { readonly scene: Scene }): Html {
  const notices = noticesOf(scene);
  return (
    <section
      id={fragmentId(NOTICES)}
      class="notices"
      aria-label={scene.texts.notice.label}
      aria-live="polite"
    >
      {notices.map((notice) => (
        <p class={`notice notice-${notice.level}`}>
          <span>{notice.text}</span>{" "}
          {notice.href ? <a href={notice.href}>{notice.link ?? notice.href}</a> : null}
        </p>
      ))}
    </section>
  );
}
