/**
 * What people did about an incident and what can be done now: the same as the buttons under its Telegram message.
 * Why one for card and page: at three in the morning the same thing stands in the same place.
 * Must not: hold a form of its own (see controls.tsx), or anything of one person.
 */
import { roleIncludes } from "../auth/users.ts";
import { hourMinute, nextMinuteOfDay, shortMoment } from "../i18n/format.ts";
import type { Html, Scene } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import { ActButton } from "./controls.tsx";
import { checkedSentences, incidentZone, placedTitle } from "./sentences.ts";
import { At } from "./time.tsx";

export const incidentPath = ({ id }: Pick<IncidentView, "id">) => `/incidents/${encodeURIComponent(id)}`;

/** Until morning: 07.00 where the incident is. */
export const MORNING_MINUTE = 7 * 60;

/** Not the collector's own trouble: nothing of that can be asked, and no users hear of it. */
function isOfServers({ serverId, siteIds, memberIds }: IncidentView): boolean {
  return serverId !== null || siteIds.length > 0 || memberIds.length > 0;
}

/** Who is on it, whether it is quiet, what users know. */
export function IncidentHandling({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html {
  const { language } = scene;
  const { incident: words } = scene.texts;
  const { acknowledgedBy, quiet, announcement, endedAtMs } = incident;
  const zone = incidentZone(scene, incident);
  const at = (ms: number) => shortMoment(language, zone, ms);
  const isOpen = endedAtMs === null;
  return (
    <div class="handling">
      {acknowledgedBy !== null ? (
        <p class="handled">{words.handledBy(acknowledgedBy)}</p>
      ) : isOpen ? (
        <p class="quiet">{words.nobody}</p>
      ) : null}
      {isOpen && quiet ? (
        <p class="quiet">
          {quiet.untilMs === null
            ? words.quietNowWhole(quiet.by)
            : words.quietNow(quiet.by, at(quiet.untilMs))}
        </p>
      ) : null}
      {announcement ? (
        <p class="quiet">
          {announcement.overAtMs === null
            ? words.announcedNow(announcement.by, at(announcement.atMs))
            : words.announcedOver(at(announcement.overAtMs))}
        </p>
      ) : null}
    </div>
  );
}

/** No menu: at night one press is better than two, and a wrong one is ended by another. */
function QuietRow({
  scene,
  incident,
  title,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  readonly title: string;
}): Html {
  const { incident: words } = scene.texts;
  const path = `${incidentPath(incident)}/quiet`;
  const zone = incidentZone(scene, incident);
  const morningMs = nextMinuteOfDay(zone, MORNING_MINUTE, scene.nowMs);
  const until = (word: string, text: string) => (
    <ActButton action={`${path}/${word}`} kind="small" label={`${words.quiet} ${text}: ${title}`}>
      {text}
    </ActButton>
  );
  return (
    <div class="quiet-row" title={words.quietHint}>
      <span class="quiet">{words.quiet}</span>
      {until("hour", words.quietHour)}
      {until("morning", words.quietUntil(hourMinute(scene.language, zone, morningMs)))}
      {until("recovered", words.quietRecovered)}
    </div>
  );
}

/** null: it is over, or the reader may only read. `named`: each button says of which incident, where several stand. */
export function IncidentActions({
  scene,
  incident,
  named = false,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  readonly named?: boolean;
}): Html | null {
  if (incident.endedAtMs !== null || !roleIncludes(scene.role, "operator")) return null;
  const { incident: words, announce } = scene.texts;
  const path = incidentPath(incident);
  const title = placedTitle(scene, incident);
  const { announcement } = incident;
  const label = (text: string) => (named ? { label: `${text}: ${title}` } : {});
  return (
    <div class="actions">
      {incident.acknowledgedBy === null ? (
        <ActButton action={`${path}/acknowledge`} kind="primary" {...label(words.acknowledge)}>
          {words.acknowledge}
        </ActButton>
      ) : null}
      {isOfServers(incident) ? (
        <ActButton action={`${path}/check`} {...label(words.check)}>
          {words.check}
        </ActButton>
      ) : null}
      {incident.quiet ? (
        <ActButton action={`${path}/quiet/end`} {...label(words.quietEnd)}>
          {words.quietEnd}
        </ActButton>
      ) : null}
      {isOfServers(incident) && announcement?.overAtMs == null ? (
        <a
          class="button button-plain"
          href={`${path}/announce${announcement ? "?over=1" : ""}`}
          aria-label={named ? `${announcement ? announce.buttonOver : announce.button} ${title}` : undefined}
        >
          {announcement ? announce.buttonOver : announce.button}
        </a>
      ) : null}
      {incident.quiet ? null : <QuietRow scene={scene} incident={incident} title={title} />}
    </div>
  );
}

/** What the newest check by hand found. */
export function CheckedPart({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html | null {
  const { checked } = incident;
  if (checked === null) return null;
  const { incident: words } = scene.texts;
  const zone = incidentZone(scene, incident);
  const sentences = checkedSentences(scene, incident, zone);
  return (
    <section class="panel check-result" aria-labelledby="checked-title">
      <div class="panel-head">
        <h2 id="checked-title">{words.checkedBy(checked.by)}</h2>
        <p class="quiet">
          <At scene={scene} atMs={checked.atMs} timeZone={zone} />
        </p>
      </div>
      {sentences.length === 0 ? (
        <p>{words.checkedNothing}</p>
      ) : (
        <ul class="evidence">
          {sentences.map((sentence) => (
            <li>{sentence}</li>
          ))}
        </ul>
      )}
      <p class="quiet small">{words.checkNote}</p>
    </section>
  );
}
