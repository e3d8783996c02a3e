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
  if (
    system.telegram.state !== "ok" &&
    system.telegram.state !== "starting" &&
    system.telegram.state !== "off"
  )
    notices.push({
      level: "bad",
      text: texts.notice.telegram(word(texts.telegram, system.telegram.state)),
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
  if (look.recipientsEnabled === 0 && look.servers.length > 0)
    notices.push({
      level: "wait",
      text: texts.notice.noRecipients,
      href: "/notifications",
      link: texts.notice.seeNotifications,
    });
  else if (look.routesEnabled === 0 && look.servers.length > 0)
    notices.push({
      level: "bad",
      text: texts.notice.noRoutes,
      href: "/notifications",
      link: texts.notice.seeRoutes,
    });
  return notices;
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
