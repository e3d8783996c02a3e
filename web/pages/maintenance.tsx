/**
 * Maintenance: windows in which incidents are recorded and nobody is told. What is in force, what is planned, what was.
 * Must not: read a time in any zone but the one of the place it is about.
 */
import { roleIncludes } from "../auth/users.ts";
import { localMinute, momentOfLocal } from "../i18n/format.ts";
import { byName } from "../look.ts";
import { page } from "../page.tsx";
import { ActButton, Csrf, Empty, Field, ProblemList, Select, type Problems } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { serverZone } from "../parts/server-facts.tsx";
import { At, Lasting } from "../parts/time.tsx";
import { problemsOf } from "../problems.ts";
import { maintenanceRules, ruleLimits } from "../rules.ts";
import type { Html, Scene, View } from "../scene.ts";
import type { MaintenanceView } from "../source.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";

/** Windows that are over, on the page: the API has them all. */
const OVER_SHOWN_MAX = 20;
/** What the form offers first: an hour of work. */
const DURATION_DEFAULT_MS = 3_600_000;

const pathOf = (window: MaintenanceView) => `/maintenance/${encodeURIComponent(window.id)}`;

type Scope = Pick<MaintenanceView, "siteId" | "serverId">;

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

/** The place's own zone: that is the time in which the people there agreed on it. */
function zoneOf(scene: Scene, { siteId, serverId }: Scope): string {
  const server = serverId === null ? null : scene.look.server(serverId);
  if (server) return serverZone(scene, server);
  return (siteId === null ? null : scene.look.site(siteId)?.timeZone) ?? scene.timeZone;
}

// ── The list ─────────────────────────────────────────────────────────────────────────────────────────

function ScopeName({ scene, window }: { readonly scene: Scene; readonly window: MaintenanceView }): Html {
  const { maintenance: words, common } = scene.texts;
  const { siteId, serverId } = window;
  const server = serverId === null ? null : scene.look.server(serverId);
  if (server) return <a href={`/servers/${encodeURIComponent(server.id)}`}>{words.server(server.name)}</a>;
  if (serverId !== null) return <>{common.removedServer}</>;
  const site = siteId === null ? null : scene.look.site(siteId);
  if (site) return <a href={`/sites/${encodeURIComponent(site.id)}`}>{site.name}</a>;
  return <>{siteId === null ? words.everything : words.removedSite}</>;
}

type State = "now" | "planned" | "over";

function stateOf({ startsAtMs, endsAtMs }: MaintenanceView, nowMs: number): State {
  if (nowMs < startsAtMs) return "planned";
  return nowMs < endsAtMs ? "now" : "over";
}

function Row({
  scene,
  window,
  state,
}: {
  readonly scene: Scene;
  readonly window: MaintenanceView;
  readonly state: State;
}): Html {
  const { maintenance: words, common } = scene.texts;
  const zone = zoneOf(scene, window);
  return (
    <li>
      <div>
        <strong>
          <ScopeName scene={scene} window={window} />
        </strong>
        <span class="line">
          <At scene={scene} atMs={window.startsAtMs} timeZone={zone} zoned /> –{" "}
          <At scene={scene} atMs={window.endsAtMs} timeZone={zone} zoned />{" "}
          <span class="quiet">
            (<Lasting scene={scene} fromMs={window.startsAtMs} toMs={window.endsAtMs} />)
          </span>
        </span>
        {window.note === "" ? null : <span class="line">{window.note}</span>}
        <span class="line quiet">{words.by(window.createdBy)}</span>
      </div>
      {roleIncludes(scene.role, "operator") ? (
        <div class="actions">
          {state === "now" ? (
            <ActButton action={`${pathOf(window)}/end`}>{words.endNow}</ActButton>
          ) : (
            <a class="button button-danger" href={`${pathOf(window)}/remove`}>
              {common.remove}…
            </a>
          )}
        </div>
      ) : null}
    </li>
  );
}

function List({ scene }: { readonly scene: Scene }): Html {
  const { maintenance: words } = scene.texts;
  const windows = [...scene.source.maintenance()].sort(
    (a, b) => a.startsAtMs - b.startsAtMs || (a.id < b.id ? -1 : 1),
  );
  const of = (state: State) => windows.filter((window) => stateOf(window, scene.nowMs) === state);
  const sections: (readonly [State, string, readonly MaintenanceView[]])[] = [
    ["now", words.now, of("now")],
    ["planned", words.planned, of("planned")],
    ["over", words.over, of("over").toReversed().slice(0, OVER_SHOWN_MAX)],
  ];
  return (
    <Fragment name="maintenance-list">
      {windows.length === 0 ? (
        <Empty title={words.empty} hint={words.emptyHint} />
      ) : (
        sections.map(([state, title, rows]) =>
          rows.length === 0 ? null : (
            <section class={`panel maintenance-${state}`} aria-labelledby={`maintenance-${state}`}>
              <h2 id={`maintenance-${state}`}>{title}</h2>
              <ul class="rows">
                {rows.map((window) => (
                  <Row scene={scene} window={window} state={state} />
                ))}
              </ul>
            </section>
          ),
        )
      )}
    </Fragment>
  );
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
  draw: (_name, scene) => <List scene={scene} />,
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
        <Select
          name="scope"
          label={words.scope}
          value={values.scope}
          choices={[
            { value: "", label: words.everything },
            // One server is chosen on its own page: a list of thousands is no choice.
            ...(server ? [{ value: values.scope, label: words.server(server.name) }] : []),
            ...[...scene.look.sites]
              .sort(byName)
              .map(({ id, name }) => ({ value: `site:${id}`, label: name })),
          ]}
          hint={words.scopeHint}
          problems={problems}
        />
        <div class="field-pair">
          <Field
            name="startsAt"
            type="datetime-local"
            label={words.starts}
            value={values.startsAt}
            problems={problems}
            required
          />
          <Field
            name="endsAt"
            type="datetime-local"
            label={words.ends}
            value={values.endsAt}
            problems={problems}
            required
          />
        </div>
        <p class="hint">{words.zoneHint(scene.timeZone)}</p>
        <Field
          name="note"
          label={`${words.note} (${texts.common.optional})`}
          value={values.note}
          hint={words.noteHint}
          problems={problems}
          maxlength={ruleLimits.textLength}
        />
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
          <List scene={scene} />
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
  const values = Object.fromEntries(fields.map((field) => [field, form.text(field)])) as Values;
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
  const zone = zoneOf(scene, window);
  return page(visit, {
    title: texts.maintenance.removeTitle,
    content: (
      <div class="narrow">
        <h1>{texts.maintenance.removeTitle}</h1>
        <p>
          <ScopeName scene={scene} window={window} />,{" "}
          <At scene={scene} atMs={window.startsAtMs} timeZone={zone} zoned /> –{" "}
          <At scene={scene} atMs={window.endsAtMs} timeZone={zone} zoned />
        </p>
        <p>{texts.maintenance.removeWhat}</p>
        <form class="form" method="post" action={`${pathOf(window)}/remove`}>
          <Csrf token={visit.csrf} />
          <div class="actions">
            <button type="submit" class="button button-danger">
              {texts.common.remove}
            </button>
            <a class="button button-plain" href="/maintenance">
              {texts.common.cancel}
            </a>
          </div>
        </form>
      </div>
    ),
  });
}

export async function removeMaintenance(visit: Visit): Promise<Response> {
  const window = windowOf(visit);
  if (!window) return notFoundPage(visit);
  const result = await visit.panel.source.removeMaintenance(window.id);
  return result.ok ? done(visit, "removed", "/maintenance", true) : refusedPage(visit, result.code);
}
