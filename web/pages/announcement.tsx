/**
 * Before users of a branch are told: to whom it goes and what it says, word for word; and the button that sends it.
 * Why a page in between: it reaches people outside the staff, and cannot be taken back.
 * Must not: word anything itself; the text is the one the channel sends.
 */
import { roleIncludes } from "../auth/users.ts";
import { shortMoment } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { page } from "../page.tsx";
import { Csrf, Empty } from "../parts/controls.tsx";
import { incidentPath } from "../parts/incident-actions.tsx";
import { languageName } from "../parts/recipient-card.tsx";
import { incidentZone, placedTitle } from "../parts/sentences.ts";
import type { Html } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import type { AnnouncementView } from "../source-recipients.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";
import { openIncident } from "./incident-acts.tsx";

function Preview({
  visit,
  announcement,
}: {
  readonly visit: Visit;
  readonly announcement: AnnouncementView;
}): Html {
  const { texts } = visit;
  return (
    <section class="panel" aria-labelledby="announce-text">
      <h2>{texts.announce.to}</h2>
      <ul class="plain-list">
        {announcement.to.map(({ name, channel, language }) => (
          <li>
            <strong>{name}</strong>{" "}
            <span class="quiet">
              {word(texts.channel, channel)} · {languageName(language)}
            </span>
          </li>
        ))}
      </ul>
      <h2 id="announce-text">{texts.announce.text}</h2>
      {announcement.texts.map(({ language, text }) => (
        <blockquote class="note" lang={language}>
          {text}
        </blockquote>
      ))}
    </section>
  );
}

/** What stands in the way of announcing it; null: nothing does. */
function obstacle(visit: Visit, incident: IncidentView, over: boolean): string | null {
  const { announce, refusal } = visit.texts;
  const { announcement: told } = incident;
  const at = (ms: number) => shortMoment(visit.language, incidentZone(visit.scene, incident), ms);
  if (!over) return told ? announce.already(told.by, at(told.atMs)) : null;
  if (!told) return refusal.not_announced;
  return told.overAtMs === null ? null : announce.alreadyOver(at(told.overAtMs));
}

function Nobody({ visit, over }: { readonly visit: Visit; readonly over: boolean }): Html {
  const { announce, notifications } = visit.texts;
  return (
    <Empty title={over ? announce.nobodyOver : announce.nobody} hint={announce.nobodyHint}>
      {roleIncludes(visit.scene.role, "admin") ? (
        <a class="button button-plain" href="/notifications/add">
          {notifications.add}
        </a>
      ) : null}
    </Empty>
  );
}

export async function showAnnouncement(visit: Visit): Promise<Response> {
  const incident = await openIncident(visit);
  if (incident instanceof Response) return incident;
  const { texts, panel } = visit;
  const over = visit.c.req.query("over") !== undefined;
  const announcement = panel.source.announcement(incident.id, over);
  if (!announcement) return notFoundPage(visit);
  const stopped = obstacle(visit, incident, over);
  const title = over ? texts.announce.titleOver : texts.announce.title;
  const path = incidentPath(incident);
  return page(visit, {
    title,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <p>
          <a href={path}>{placedTitle(visit.scene, incident)}</a>
        </p>
        {stopped !== null ? (
          <p class="message">{stopped}</p>
        ) : announcement.to.length === 0 ? (
          <Nobody visit={visit} over={over} />
        ) : (
          <>
            <Preview visit={visit} announcement={announcement} />
            {over ? null : <p class="quiet">{texts.announce.note}</p>}
            <form class="form" method="post" action={`${path}/announce`}>
              <Csrf token={visit.csrf} />
              {over ? <input type="hidden" name="over" value="1" /> : null}
              <div class="actions">
                <button type="submit" class="button button-primary">
                  {texts.announce.send}
                </button>
                <a class="button button-plain" href={path}>
                  {texts.common.cancel}
                </a>
              </div>
            </form>
          </>
        )}
      </div>
    ),
  });
}

export async function announceIncident(visit: Visit): Promise<Response> {
  const incident = await openIncident(visit);
  if (incident instanceof Response) return incident;
  const over = visit.form.has("over");
  const result = await visit.panel.source.announceIncident(incident.id, over, visit.session.user.username);
  return result.ok ? done(visit, "announced", incidentPath(incident), true) : refusedPage(visit, result.code);
}
