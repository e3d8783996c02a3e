/**
 * The page Incidents: what happened in a period, filtered, with totals.
 * Must not: read more than a bounded number of incidents for one page.
 */
import { dateOf, number, startOfDate } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import { page } from "../page.tsx";
import { Empty, Field, Select } from "../parts/controls.tsx";
import { namedChoices } from "../parts/form-fields.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { IncidentRow } from "../parts/incident-card.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { IncidentFilter } from "../source.ts";
import type { IncidentView } from "../source-incidents.ts";
import type { Visit } from "../visit.ts";

/** Rows on a page. */
const ROWS_MAX = 50;
/** Incidents that totals are counted from: a busy year of 500 servers. Beyond that the page says so. */
const TOTALS_MAX = 5_000;
/** What is shown first: the month behind us. */
const DAYS_DEFAULT = 30;
const DAY_MS = 86_400_000;

export interface IncidentsQuery {
  /** "2026-11-22" */
  readonly from: string;
  readonly to: string;
  readonly site: string | null;
  readonly server: string | null;
  readonly kind: string | null;
  readonly open: boolean;
  readonly before: number | null;
}

export function incidentsQuery(parameters: URLSearchParams, timeZone: string, nowMs: number): IncidentsQuery {
  const date = (name: string, otherwise: string) => {
    const given = parameters.get(name) ?? "";
    return startOfDate(timeZone, given) === null ? otherwise : given;
  };
  const before = Number(parameters.get("before") ?? "");
  return {
    from: date("from", dateOf(timeZone, nowMs - DAYS_DEFAULT * DAY_MS)),
    to: date("to", dateOf(timeZone, nowMs)),
    site: parameters.get("site") || null,
    server: parameters.get("server") || null,
    kind: parameters.get("kind") || null,
    open: parameters.get("open") === "1",
    before: Number.isSafeInteger(before) && before > 0 ? before : null,
  };
}

function queryPath(query: IncidentsQuery, change: Partial<IncidentsQuery>): string {
  const all = { ...query, ...change };
  const parameters = new URLSearchParams({ from: all.from, to: all.to });
  if (all.site !== null) parameters.set("site", all.site);
  if (all.server !== null) parameters.set("server", all.server);
  if (all.kind !== null) parameters.set("kind", all.kind);
  if (all.open) parameters.set("open", "1");
  if (all.before !== null) parameters.set("before", String(all.before));
  return `/incidents?${parameters.toString()}`;
}

function filterOf(query: IncidentsQuery, timeZone: string): Omit<IncidentFilter, "limit"> {
  const fromMs = startOfDate(timeZone, query.from);
  const lastDay = startOfDate(timeZone, query.to);
  return {
    ...(fromMs === null ? {} : { fromMs }),
    // The whole of the last day; a day of 25 hours loses nothing that matters here.
    ...(lastDay === null ? {} : { toMs: lastDay + DAY_MS }),
    ...(query.site === null ? {} : { siteId: query.site }),
    ...(query.server === null ? {} : { serverId: query.server }),
    ...(query.kind === null ? {} : { kind: query.kind }),
    ...(query.open ? { open: true } : {}),
  };
}

function Totals({
  scene,
  incidents,
}: {
  readonly scene: Scene;
  readonly incidents: readonly IncidentView[];
}): Html {
  const { texts, language } = scene;
  // One cause counts once; and minutes are the servers' own: a group's are theirs again.
  const causes = incidents.filter(({ groupedUnder }) => groupedUnder === null);
  const sum = (part: keyof IncidentView["minutes"]) =>
    incidents
      .filter(({ serverId, memberIds }) => serverId !== null || memberIds.length === 0)
      .reduce((total, { minutes }) => total + minutes[part], 0);
  const lengths = causes.map(
    (incident) => incident.durationMs ?? (incident.endedAtMs ?? scene.nowMs) - incident.startedAtMs,
  );
  const over = causes.flatMap(({ endedAtMs, startedAtMs }) =>
    endedAtMs === null ? [] : [endedAtMs - startedAtMs],
  );
  const parts = [
    [sum("server"), texts.incident.minutesServer],
    [sum("link"), texts.incident.minutesLink],
    [sum("planned"), texts.incident.minutesPlanned],
    [sum("collector"), texts.incident.minutesCollector],
  ] as const;
  const minutes = parts.reduce((total, [value]) => total + value, 0);
  const total = (label: string, value: string, detail?: string) => (
    <div>
      <dt>{label}</dt>
      <dd>
        {value}
        {detail ? <span class="line quiet">{detail}</span> : null}
      </dd>
    </div>
  );
  return (
    <>
      <dl class="totals">
        {total(texts.incidents.total, number(language, causes.length))}
        {total(
          texts.incidents.minutesDown,
          number(language, minutes),
          parts
            .filter(([value]) => value > 0)
            .map(([value, label]) => `${label} ${number(language, value)}`)
            .join(" · "),
        )}
        {total(
          texts.incidents.meanRecovery,
          over.length > 0 ? spokenDuration(language, over.reduce((a, b) => a + b, 0) / over.length) : "–",
        )}
        {total(
          texts.incidents.longest,
          lengths.length > 0 ? spokenDuration(language, Math.max(...lengths)) : "–",
        )}
      </dl>
      {incidents.length >= TOTALS_MAX ? <p class="quiet">{texts.incidents.truncated(TOTALS_MAX)}</p> : null}
    </>
  );
}

async function List({
  scene,
  query,
}: {
  readonly scene: Scene;
  readonly query: IncidentsQuery;
}): Promise<Awaited<Html>> {
  const { texts } = scene;
  const all = await scene.source.incidents({ ...filterOf(query, scene.timeZone), limit: TOTALS_MAX });
  const below = query.before === null ? all : all.filter((incident) => incident.number < (query.before ?? 0));
  const rows = below.slice(0, ROWS_MAX);
  const last = rows.at(-1);
  return (
    <Fragment name="incidents-list">
      {all.length === 0 ? (
        <Empty title={texts.incidents.empty} hint={texts.incidents.emptyHint} />
      ) : (
        <>
          <Totals scene={scene} incidents={all} />
          <ul class="incident-rows panel">
            {rows.map((incident) => (
              <IncidentRow scene={scene} incident={incident} />
            ))}
          </ul>
          <nav class="pages" aria-label={texts.servers.pages}>
            {query.before !== null ? (
              <a class="button button-plain" href={queryPath(query, { before: null })}>
                {texts.incidents.newest}
              </a>
            ) : null}
            {below.length > rows.length && last ? (
              <a class="button button-plain" rel="next" href={queryPath(query, { before: last.number })}>
                {texts.incidents.older}
              </a>
            ) : null}
          </nav>
        </>
      )}
    </Fragment>
  );
}

export function incidentsView(query: IncidentsQuery): View {
  return {
    key: queryPath(query, {}),
    names: ["incidents-list"],
    periodic: [],
    touched: (change) => (change.topic === "incident" ? ["incidents-list"] : []),
    draw: (_name, scene) => <List scene={scene} query={query} />,
  };
}

function Filters({ scene, query }: { readonly scene: Scene; readonly query: IncidentsQuery }): Html {
  const { texts, look } = scene;
  const server = query.server === null ? null : look.server(query.server);
  return (
    <form class="filters" method="get" action="/incidents">
      <Field name="from" type="date" label={texts.incidents.from} value={query.from} />
      <Field name="to" type="date" label={texts.incidents.to} value={query.to} />
      {look.sites.length > 0 ? (
        <Select
          name="site"
          label={texts.incidents.site}
          value={query.site ?? ""}
          choices={[{ value: "", label: texts.common.all }, ...namedChoices(look.sites)]}
        />
      ) : null}
      <Select
        name="kind"
        label={texts.incidents.kind}
        value={query.kind ?? ""}
        choices={[
          { value: "", label: texts.common.all },
          ...Object.keys(texts.kind).map((kind) => ({ value: kind, label: word(texts.kind, kind) })),
        ]}
      />
      <label class="check">
        <input type="checkbox" name="open" value="1" checked={query.open} />
        <span>{texts.incidents.onlyOpen}</span>
      </label>
      {query.server !== null ? (
        <label class="check">
          <input type="checkbox" name="server" value={query.server} checked />
          <span>{texts.incidents.oneServer(server?.name ?? texts.common.unknown)}</span>
        </label>
      ) : null}
      <button type="submit" class="button button-plain">
        {texts.common.apply}
      </button>
    </form>
  );
}

export function showIncidents(visit: Visit): Promise<Response> {
  const { scene, texts } = visit;
  const query = incidentsQuery(new URL(visit.c.req.url).searchParams, scene.timeZone, scene.nowMs);
  return page(visit, {
    title: texts.incidents.title,
    view: incidentsView(query),
    content: (
      <>
        <div class="page-head">
          <h1>{texts.incidents.title}</h1>
        </div>
        <Filters scene={scene} query={query} />
        <List scene={scene} query={query} />
      </>
    ),
  });
}
