/**
 * An open incident as a card: place, cause, since, evidence, who is on it, and what to do at once.
 * Must not: hold a form of its own (see controls.tsx).
 */
import { word } from "../i18n/language.ts";
import type { Html, Scene } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import { mapUrl } from "./coordinates.tsx";
import { IncidentActions, IncidentHandling, incidentPath } from "./incident-actions.tsx";
import { MemberNames, PartOf } from "./incident-group.tsx";
import { evidenceSentence, incidentTitle, incidentZone, memberCount, placedTitle } from "./sentences.ts";
import { Ago, At, Lasting } from "./time.tsx";

/** Evidence lines on a card; the incident's page has them all. */
const EVIDENCE_LINES_MAX = 4;

export function IncidentCard({
  scene,
  incident,
  heading: Heading = "h3",
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  /** By where the card stands on the page. */
  readonly heading?: "h2" | "h3";
}): Html {
  const { texts, look } = scene;
  const zone = incidentZone(scene, incident);
  const site = incident.siteId === null ? null : look.site(incident.siteId);
  const server = incident.serverId === null ? null : look.server(incident.serverId);
  const latitude = server?.latitude ?? site?.latitude ?? null;
  const longitude = server?.longitude ?? site?.longitude ?? null;
  const count = memberCount(scene, incident);
  const title = placedTitle(scene, incident);
  const href = incidentPath(incident);
  return (
    <article class="card incident-card" aria-labelledby={`incident-${incident.number}`}>
      <header class="incident-head">
        <Heading id={`incident-${incident.number}`}>
          <a href={href}>{title}</a>
        </Heading>
        <p class="incident-number">{texts.common.incidentNumber(incident.number)}</p>
      </header>
      <p class="incident-since">
        <Since scene={scene} incident={incident} />
        {count === null ? null : <span class="tag">{count}</span>}
        {incident.muted ? <span class="line quiet">{texts.incident.muted}</span> : null}
        <PartOf scene={scene} incident={incident} />
      </p>
      <dl class="facts">
        {incident.siteName ? (
          <div>
            <dt>{texts.incident.place}</dt>
            <dd>
              {incident.siteId && site ? (
                <a href={`/sites/${encodeURIComponent(incident.siteId)}`}>{incident.siteName}</a>
              ) : (
                incident.siteName
              )}
              {site?.address ? <span class="quiet"> · {site.address}</span> : null}
              {latitude !== null && longitude !== null ? (
                <>
                  {" "}
                  <a class="nowrap" href={mapUrl(latitude, longitude)} rel="noreferrer" target="_blank">
                    {texts.incident.map}
                  </a>
                </>
              ) : null}
              {site?.contact ? <span class="line">{site.contact}</span> : null}
            </dd>
          </div>
        ) : null}
        <div>
          <dt>{texts.incident.likelyCause}</dt>
          <dd>
            {word(texts.cause, incident.cause)}{" "}
            <span class="quiet">({word(texts.confidence, incident.confidence)})</span>
          </dd>
        </div>
        <MemberNames scene={scene} incident={incident} />
        {incident.evidence.length > 0 ? (
          <div>
            <dt>{texts.incident.evidence}</dt>
            <dd>
              <ul class="evidence">
                {incident.evidence.slice(0, EVIDENCE_LINES_MAX).map((evidence) => (
                  <li>{evidenceSentence(scene, evidence, zone)}</li>
                ))}
              </ul>
            </dd>
          </div>
        ) : null}
      </dl>
      <footer class="incident-foot">
        <IncidentHandling scene={scene} incident={incident} />
        <IncidentActions scene={scene} incident={incident} named />
      </footer>
    </article>
  );
}

/** How long it lasts or lasted, and since when. */
export function Since({ scene, incident }: { readonly scene: Scene; readonly incident: IncidentView }): Html {
  const { startedAtMs, endedAtMs } = incident;
  return (
    <>
      <strong>
        <Lasting scene={scene} fromMs={startedAtMs} toMs={endedAtMs} />
      </strong>{" "}
      <span class="quiet">
        {scene.texts.common.since}{" "}
        <At scene={scene} atMs={startedAtMs} timeZone={incidentZone(scene, incident)} />
      </span>
    </>
  );
}

/** A row in a list of incidents. */
export function IncidentRow({
  scene,
  incident,
  withServer = true,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  readonly withServer?: boolean;
}): Html {
  const { texts } = scene;
  const zone = incidentZone(scene, incident);
  const open = incident.endedAtMs === null;
  const count = memberCount(scene, incident);
  const subject = incident.serverName || incident.siteName;
  return (
    <li class={`incident-row ${open ? "is-open" : "is-over"}`}>
      <a class="incident-row-link" href={`/incidents/${encodeURIComponent(incident.id)}`}>
        <span class="incident-row-title">
          {withServer && subject ? <strong>{subject}</strong> : null}
          <span>{incidentTitle(scene, incident)}</span>
          {open ? <span class="tag tag-open">{texts.incident.open}</span> : null}
          {count === null ? null : <span class="tag">{count}</span>}
          {open && incident.muted ? <span class="tag mark-maintenance">{texts.mark.maintenance}</span> : null}
        </span>
        <span class="incident-row-detail">
          {withServer && incident.siteName && incident.siteName !== subject ? (
            <span>{incident.siteName}</span>
          ) : null}
          <span>{word(texts.cause, incident.finalCause ?? incident.cause)}</span>
          {incident.groupedUnder !== null ? <span>{texts.incident.grouped}</span> : null}
          {incident.acknowledgedBy !== null ? (
            <span>{texts.incident.handledBy(incident.acknowledgedBy)}</span>
          ) : null}
        </span>
      </a>
      <span class="incident-row-when">
        <span class="incident-row-length">
          <Lasting scene={scene} fromMs={incident.startedAtMs} toMs={incident.endedAtMs} />
        </span>
        <span class="quiet">
          {open ? (
            <Ago scene={scene} atMs={incident.startedAtMs} timeZone={zone} />
          ) : (
            <At scene={scene} atMs={incident.startedAtMs} timeZone={zone} />
          )}
        </span>
      </span>
    </li>
  );
}
