/**
 * The parts of one incident's page: facts, timeline, evidence, notifications.
 * Must not: judge; it tells what the collector recorded, in the site's own time.
 */
import { number } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import type { Html, Scene } from "../scene.ts";
import type { IncidentView, MemberView, NotificationView, TimelineView } from "../source-incidents.ts";
import { Facts, type Fact } from "./facts.tsx";
import { PartOf } from "./incident-group.tsx";
import { evidenceSentence, incidentZone, provesCause, timelineSentence } from "./sentences.ts";
import { At } from "./time.tsx";

export interface IncidentDetail {
  readonly incident: IncidentView;
  readonly timeline: readonly TimelineView[];
  readonly notifications: readonly NotificationView[];
  readonly members: readonly MemberView[];
  /** The incident that this one is part of; null: none. */
  readonly group: IncidentView | null;
}

/** The final cause in a plain sentence, and what it rests on; null while it is not known. */
export function IncidentCause({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html | null {
  const { texts } = scene;
  if (incident.finalCause === null) return null;
  const proofs = incident.evidence.filter(provesCause);
  const zone = incidentZone(scene, incident);
  return (
    <section class="panel incident-why" aria-labelledby="incident-why-title">
      <h2 id="incident-why-title">{texts.incident.why}</h2>
      <p class="incident-why-cause">{word(texts.causeSentence, incident.finalCause)}</p>
      {proofs.length > 0 ? (
        <ul class="evidence">
          {proofs.map((evidence) => (
            <li>{evidenceSentence(scene, evidence, zone)}</li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

export function IncidentFacts({
  scene,
  incident,
  group,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
  readonly group: IncidentView | null;
}): Html {
  const { texts, look, language } = scene;
  const zone = incidentZone(scene, incident);
  const when = (atMs: number) => <At scene={scene} atMs={atMs} timeZone={zone} />;
  const known = incident.serverId !== null && look.server(incident.serverId) !== null;
  const minutes = [
    [incident.minutes.server, texts.incident.minutesServer],
    [incident.minutes.link, texts.incident.minutesLink],
    [incident.minutes.planned, texts.incident.minutesPlanned],
    [incident.minutes.collector, texts.incident.minutesCollector],
  ] as const;
  const rows: readonly Fact[] = [
    [
      texts.incident.server,
      incident.serverId !== null && known ? (
        <a href={`/servers/${encodeURIComponent(incident.serverId)}`}>{incident.serverName}</a>
      ) : (
        incident.serverName || null
      ),
    ],
    [
      texts.incident.site,
      incident.siteId !== null && look.site(incident.siteId) !== null ? (
        <a href={`/sites/${encodeURIComponent(incident.siteId)}`}>{incident.siteName}</a>
      ) : (
        incident.siteName || null
      ),
    ],
    [
      texts.incident.partOf,
      group === null ? (
        incident.groupedUnder === null ? null : (
          <PartOf scene={scene} incident={incident} />
        )
      ) : (
        <a href={`/incidents/${encodeURIComponent(group.id)}`}>{texts.common.incidentNumber(group.number)}</a>
      ),
    ],
    [
      texts.incident.likelyCause,
      `${word(texts.cause, incident.cause)} (${word(texts.confidence, incident.confidence)})`,
    ],
    [texts.incident.started, when(incident.startedAtMs)],
    [texts.incident.detected, when(incident.detectedAtMs)],
    [texts.incident.ended, incident.endedAtMs === null ? null : when(incident.endedAtMs)],
    [
      texts.incident.minutes,
      minutes
        .filter(([value]) => value > 0)
        .map(([value, label]) => `${label} ${number(language, value)}`)
        .join(" · ") || null,
    ],
  ];
  return (
    <section class="panel" aria-labelledby="incident-facts-title">
      <h2 id="incident-facts-title">{texts.common.incidentNumber(incident.number)}</h2>
      <Facts rows={rows} />
    </section>
  );
}

export function IncidentTimeline({
  scene,
  detail,
}: {
  readonly scene: Scene;
  readonly detail: IncidentDetail;
}): Html {
  const zone = incidentZone(scene, detail.incident);
  const entries = [...detail.timeline].sort((a, b) => a.atMs - b.atMs);
  return (
    <section class="panel" aria-labelledby="incident-timeline-title">
      <h2 id="incident-timeline-title">{scene.texts.incident.timeline}</h2>
      <ol class="timeline">
        {entries.map((entry) => (
          <li class={`timeline-${entry.type}`}>
            <At scene={scene} atMs={entry.atMs} timeZone={zone} clock />
            <span>
              {timelineSentence(scene, entry, detail.incident, zone)}
              {entry.type === "note" ? <span class="note">{entry.text}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function IncidentNotifications({
  scene,
  detail,
}: {
  readonly scene: Scene;
  readonly detail: IncidentDetail;
}): Html {
  const { texts } = scene;
  const zone = incidentZone(scene, detail.incident);
  return (
    <section class="panel" aria-labelledby="incident-notifications-title">
      <h2 id="incident-notifications-title">{texts.incident.notifications}</h2>
      {detail.notifications.length === 0 ? (
        <p class="quiet">{texts.incident.noNotifications}</p>
      ) : (
        <ul class="deliveries">
          {detail.notifications.map((row) => (
            <li class={`delivery delivery-${row.status}`}>
              <p>
                <strong>{row.recipientName}</strong>{" "}
                <span class="quiet">
                  {word(texts.channel, row.channel)} · {word(texts.step, row.step)}
                </span>
                <span class="tag">{texts.delivery[row.status]}</span>
              </p>
              <p class="quiet">
                <At scene={scene} atMs={row.settledAtMs ?? row.queuedAtMs} timeZone={zone} clock /> ·{" "}
                {word(texts.notifyReason, row.reason)} · {texts.incident.attempts}: {row.attempts}
              </p>
              {row.lastError !== null ? <p class="delivery-error">{row.lastError}</p> : null}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the verdict rests on now: the last thing each probe and the socket said. */
export function IncidentEvidence({
  scene,
  incident,
}: {
  readonly scene: Scene;
  readonly incident: IncidentView;
}): Html | null {
  // What proves the final cause stands with it, and not twice.
  const shown = incident.evidence.filter(
    (evidence) => incident.finalCause === null || !provesCause(evidence),
  );
  if (shown.length === 0) return null;
  const zone = incidentZone(scene, incident);
  return (
    <section class="panel" aria-labelledby="incident-evidence-title">
      <h2 id="incident-evidence-title">{scene.texts.incident.evidence}</h2>
      <ul class="evidence">
        {shown.map((evidence) => (
          <li>{evidenceSentence(scene, evidence, zone)}</li>
        ))}
      </ul>
    </section>
  );
}
