/**
 * One incident: the timeline with every piece of evidence, every notification and why, notes, cause and final cause.
 * Must not: judge; it tells what the collector recorded, in the site's own time.
 */
import { roleIncludes } from "../auth/users.ts";
import { page } from "../page.tsx";
import { Csrf, type Problems } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { CheckedPart, IncidentActions, IncidentHandling, incidentPath } from "../parts/incident-actions.tsx";
import { Since } from "../parts/incident-card.tsx";
import {
  IncidentCause,
  IncidentEvidence,
  IncidentFacts,
  IncidentNotifications,
  IncidentTimeline,
  type IncidentDetail,
} from "../parts/incident-detail.tsx";
import { Members } from "../parts/incident-group.tsx";
import { incidentZone, placedTitle } from "../parts/sentences.ts";
import { problemsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { noteRules } from "../rules.ts";
import type { Html, Scene, View } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";

function Head({ scene, incident }: { readonly scene: Scene; readonly incident: IncidentView }): Html {
  const { texts } = scene;
  const open = incident.endedAtMs === null;
  return (
    <div class={`server-status ${open ? "status-down" : "status-up"}`}>
      <div class="status-words">
        <p>
          <span class={`tag ${open ? "tag-open" : ""}`}>
            {open ? texts.incident.open : texts.incident.closed}
          </span>{" "}
          <Since scene={scene} incident={incident} />
          {open && incident.muted ? <span class="line quiet">{texts.incident.muted}</span> : null}
        </p>
        <IncidentHandling scene={scene} incident={incident} />
      </div>
      <IncidentActions scene={scene} incident={incident} />
    </div>
  );
}

interface PartProps {
  readonly scene: Scene;
  readonly detail: IncidentDetail;
}

function HeadPart({ scene, detail }: PartProps): Html {
  return (
    <Fragment name="incident-head">
      <Head scene={scene} incident={detail.incident} />
      <CheckedPart scene={scene} incident={detail.incident} />
      <IncidentCause scene={scene} incident={detail.incident} />
    </Fragment>
  );
}

function TimelinePart({ scene, detail }: PartProps): Html {
  return (
    <Fragment name="incident-timeline">
      <IncidentTimeline scene={scene} detail={detail} />
    </Fragment>
  );
}

function SidePart({ scene, detail }: PartProps): Html {
  return (
    <Fragment name="incident-side">
      <IncidentFacts scene={scene} incident={detail.incident} group={detail.group} />
      <Members
        scene={scene}
        incident={detail.incident}
        members={detail.members}
        timeZone={incidentZone(scene, detail.incident)}
      />
      <IncidentEvidence scene={scene} incident={detail.incident} />
      <IncidentNotifications scene={scene} detail={detail} />
    </Fragment>
  );
}

const parts: Readonly<Record<string, (props: PartProps) => Html>> = {
  "incident-head": HeadPart,
  "incident-timeline": TimelinePart,
  "incident-side": SidePart,
};

export function incidentView(id: string): View {
  return {
    key: `incident ${id}`,
    names: Object.keys(parts),
    periodic: [],
    touched: (change, look) => {
      if (change.topic === "notification") return Object.keys(parts);
      if (change.topic !== "incident") return [];
      // A member's own incident changes what the group says of it; one that has just closed is in no look any more.
      const other = look.openIncidents.find((incident) => incident.id === change.id);
      const mine = change.id === id || other === undefined || other.groupedUnder === id;
      return mine ? Object.keys(parts) : [];
    },
    draw: async (name, scene) => {
      const part = parts[name];
      const detail = await scene.source.incident(id);
      return part && detail ? part({ scene, detail }) : null;
    },
  };
}

function NoteForm({
  visit,
  incident,
  problems,
}: {
  readonly visit: Visit;
  readonly incident: IncidentView;
  readonly problems: Problems | undefined;
}): Html | null {
  const { texts } = visit;
  if (!roleIncludes(visit.scene.role, "operator")) return null;
  const problem = problems?.get("text");
  return (
    <section class="panel" aria-labelledby="note-title">
      <h2 id="note-title">{texts.incident.notes}</h2>
      <form class="form" method="post" action={`${incidentPath(incident)}/note`}>
        <Csrf token={visit.csrf} />
        <div class="field">
          <label for="text">{texts.incident.addNote}</label>
          <textarea
            id="text"
            name="text"
            rows={3}
            maxlength={ruleLimits.noteLength}
            required
            aria-invalid={problem ? "true" : undefined}
            aria-describedby="text-hint"
          >
            {visit.form.text("text")}
          </textarea>
          <p class="hint" id="text-hint">
            {problem ? <span class="problem">{problem}</span> : texts.incident.noteHint}
          </p>
        </div>
        <div class="actions">
          <button type="submit" class="button button-plain">
            {texts.incident.saveNote}
          </button>
        </div>
      </form>
    </section>
  );
}

function incidentPage(visit: Visit, detail: IncidentDetail, problems?: Problems): Promise<Response> {
  const { scene } = visit;
  const title = placedTitle(scene, detail.incident);
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    view: incidentView(detail.incident.id),
    viewPath: incidentPath(detail.incident),
    content: (
      <>
        <div class="page-head">
          <h1>{title}</h1>
        </div>
        <HeadPart scene={scene} detail={detail} />
        <div class="columns">
          <div>
            <TimelinePart scene={scene} detail={detail} />
            <NoteForm visit={visit} incident={detail.incident} problems={problems} />
          </div>
          <SidePart scene={scene} detail={detail} />
        </div>
      </>
    ),
  });
}

function detailOf(visit: Visit): Promise<IncidentDetail | null> {
  return visit.panel.source.incident(visit.c.req.param("id") ?? "");
}

export async function showIncident(visit: Visit): Promise<Response> {
  const detail = await detailOf(visit);
  return detail ? incidentPage(visit, detail) : notFoundPage(visit);
}

export async function noteIncident(visit: Visit): Promise<Response> {
  const detail = await detailOf(visit);
  if (!detail) return notFoundPage(visit);
  const parsed = noteRules.safeParse({ text: visit.form.text("text").replaceAll("\r\n", "\n") });
  if (!parsed.success) return incidentPage(visit, detail, problemsOf(visit.texts, parsed.error));
  const { source } = visit.panel;
  const result = await source.noteIncident(detail.incident.id, visit.session.user.username, parsed.data.text);
  return result.ok
    ? done(visit, "noted", incidentPath(detail.incident), true)
    : refusedPage(visit, result.code);
}
