/**
 * Maintenance: windows in which incidents are recorded and nobody is told; planned, ended and removed here.
 * Must not: read a time in any zone but the one of the place it is about.
 */
import { roleIncludes } from "../auth/users.ts";
import { localMinute, momentOfLocal } from "../i18n/format.ts";
import { page } from "../page.tsx";
import { Csrf, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, typedValues } from "../parts/form-fields.tsx";
import {
  MaintenanceList,
  ScopeName,
  windowPath,
  WindowTimes,
  zoneOf,
  type Scope,
} from "../parts/maintenance-list.tsx";
import { problemsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { maintenanceRules } from "../rules.ts";
import { byName } from "../look.ts";
import type { Html, View } from "../scene.ts";
import type { MaintenanceView } from "../source.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
import { removalPage } from "./removal.tsx";

/** What the form offers first: an hour of work. */
const DURATION_DEFAULT_MS = 3_600_000;

/** "site:…", "server:…", or "" for everything. */
const scopeValue = ({ siteId, serverId }: Scope) =>
  serverId !== null ? `server:${serverId}` : siteId !== null ? `site:${siteId}` : "";
function scopeOf(value: string): Scope {
  const id = value.slice(value.indexOf(":") + 1);
  return {
    siteId: value.startsWith("site:") ? id : null,
    serverId: value.startsWith("server:") ? id : null,
  };
}

export const maintenanceView: View = {
  key: "maintenance",
  names: ["maintenance-list"],
  // Windows begin and end by the clock; no change announces that.
  periodic: ["maintenance-list"],
  touched: (change) =>
    change.topic === "maintenance" || change.topic === "site" || change.topic === "server"
      ? ["maintenance-list"]
      : [],
  draw: (_name, scene) => <MaintenanceList scene={scene} />,
};

// ── Adding ───────────────────────────────────────────────────────────────────────────────────────────

const fields = ["scope", "startsAt", "endsAt", "note"] as const;
type Values = Readonly<Record<(typeof fields)[number], string>>;

function AddForm({
  visit,
  values,
  problems,
}: {
  readonly visit: Visit;
  readonly values: Values;
  readonly problems: Problems | undefined;
}): Html {
  const { texts, scene } = visit;
  const { maintenance: words } = texts;
  const { serverId } = scopeOf(values.scope);
  const server = serverId === null ? null : scene.look.server(serverId);
  const { field, select } = formFields(values, problems);
  return (
    <section class="panel" aria-labelledby="maintenance-add">
      <h2 id="maintenance-add">{words.add}</h2>
      <form class="form" method="post" action="/maintenance/add" novalidate>
        <Csrf token={visit.csrf} />
        <ProblemList
          texts={texts}
          problems={problems}
          labels={{ scope: words.scope, startsAt: words.starts, endsAt: words.ends, note: words.note }}
        />
        {select(
          "scope",
          words.scope,
          [
            { value: "", label: words.everything },
            // One server is chosen on its own page: a list of thousands is no choice.
            ...(server ? [{ value: values.scope, label: words.server(server.name) }] : []),
            ...[...scene.look.sites]
              .sort(byName)
              .map(({ id, name }) => ({ value: `site:${id}`, label: name })),
          ],
          words.scopeHint,
        )}
        <div class="field-pair">
          {field("startsAt", words.starts, { type: "datetime-local", required: true })}
          {field("endsAt", words.ends, { type: "datetime-local", required: true })}
        </div>
        <p class="hint">{words.zoneHint(scene.timeZone)}</p>
        {field("note", `${words.note} (${texts.common.optional})`, {
          hint: words.noteHint,
          maxlength: ruleLimits.textLength,
        })}
        <div class="actions">
          <button type="submit" class="button button-primary">
            {words.save}
          </button>
        </div>
      </form>
    </section>
  );
}

function maintenancePage(visit: Visit, values: Values, problems?: Problems): Promise<Response> {
  const { texts, scene } = visit;
  return page(visit, {
    title: texts.maintenance.title,
    status: problems ? 422 : 200,
    view: maintenanceView,
    viewPath: "/maintenance",
    content: (
      <>
        <div class="page-head">
          <h1>{texts.maintenance.title}</h1>
        </div>
        <p class="lead">{texts.maintenance.lead}</p>
        <div class="columns">
          <MaintenanceList scene={scene} />
          {roleIncludes(scene.role, "operator") ? (
            <AddForm visit={visit} values={values} problems={problems} />
          ) : null}
        </div>
      </>
    ),
  });
}

/** `?server=` and `?site=` choose what the form is about: the pages of both lead here. */
export function showMaintenance(visit: Visit): Promise<Response> {
  const { scene } = visit;
  const scope: Scope = {
    siteId: scene.look.site(visit.c.req.query("site") ?? "")?.id ?? null,
    serverId: scene.look.server(visit.c.req.query("server") ?? "")?.id ?? null,
  };
  const zone = zoneOf(scene, scope);
  return maintenancePage(visit, {
    scope: scopeValue(scope),
    startsAt: localMinute(zone, scene.nowMs),
    endsAt: localMinute(zone, scene.nowMs + DURATION_DEFAULT_MS),
    note: "",
  });
}

/** Which field a refusal of the collector is about. */
const refusedFields: Readonly<Record<string, string>> = {
  maintenance_ends_before_it_starts: "endsAt",
  site_not_found: "scope",
  server_not_found: "scope",
};

export async function addMaintenance(visit: Visit): Promise<Response> {
  const { form, scene } = visit;
  const values = typedValues(form, fields);
  const scope = scopeOf(values.scope);
  const zone = zoneOf(scene, scope);
  const parsed = maintenanceRules(scene.nowMs).safeParse({
    ...scope,
    startsAt: momentOfLocal(zone, values.startsAt),
    endsAt: momentOfLocal(zone, values.endsAt),
    note: values.note,
  });
  if (!parsed.success) return maintenancePage(visit, values, problemsOf(visit.texts, parsed.error, fields));
  const { startsAt: startsAtMs, endsAt: endsAtMs, ...rest } = parsed.data;
  const input = { ...rest, startsAtMs, endsAtMs };
  const result = await visit.panel.source.saveMaintenance(null, input, visit.session.user.username);
  if (result.ok) return done(visit, "added", "/maintenance", true);
  const problems = new Map([[refusedFields[result.code] ?? "", refusalText(visit, result.code)]]);
  return maintenancePage(visit, values, problems);
}

// ── Ending, removing ─────────────────────────────────────────────────────────────────────────────────

function windowOf(visit: Visit): MaintenanceView | null {
  const id = visit.c.req.param("id") ?? "";
  return visit.panel.source.maintenance().find((window) => window.id === id) ?? null;
}

/** What is still down in it is told now: the window ends, it is not undone. */
export async function endMaintenance(visit: Visit): Promise<Response> {
  const window = windowOf(visit);
  if (!window) return notFoundPage(visit);
  if (window.endsAtMs <= visit.scene.nowMs) return refusedPage(visit, "already_so");
  const { siteId, serverId, startsAtMs, note } = window;
  const result = await visit.panel.source.saveMaintenance(
    window.id,
    { siteId, serverId, startsAtMs, endsAtMs: visit.scene.nowMs, note },
    visit.session.user.username,
  );
  return result.ok ? done(visit, "ended", "/maintenance") : refusedPage(visit, result.code);
}

export function showRemoveMaintenance(visit: Visit): Promise<Response> {
  const window = windowOf(visit);
  if (!window) return notFoundPage(visit);
  const { texts, scene } = visit;
  return removalPage(visit, {
    title: texts.maintenance.removeTitle,
    which: (
      <p>
        <ScopeName scene={scene} window={window} />, <WindowTimes scene={scene} window={window} />
      </p>
    ),
    what: texts.maintenance.removeWhat,
    path: windowPath(window),
    back: "/maintenance",
  });
}

export async function removeMaintenance(visit: Visit): Promise<Response> {
  const window = windowOf(visit);
  if (!window) return notFoundPage(visit);
  const result = await visit.panel.source.removeMaintenance(window.id);
  return result.ok ? done(visit, "removed", "/maintenance", true) : refusedPage(visit, result.code);
}
