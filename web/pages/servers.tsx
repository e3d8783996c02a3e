/**
 * The page Servers: one table, filtered, sorted and paged on the server, so that 2,000 rows stay as quick as 20.
 * Must not: send rows nobody sees; a page holds 100.
 */
import { roleIncludes } from "../auth/users.ts";
import { byName, compareNames, statusOrder, worstFirst, type Look } from "../look.ts";
import { page } from "../page.tsx";
import { Bar } from "../parts/bar.tsx";
import { Empty, Select } from "../parts/controls.tsx";
import { StatusMark } from "../parts/status.tsx";
import { Ago } from "../parts/time.tsx";
import { fragmentId, type Html, type Scene, type View } from "../scene.ts";
import type { ServerView, Status } from "../source.ts";
import type { Visit } from "../visit.ts";

/** Rows on a page: about 12 kB compressed, and as long as anybody scrolls. */
export const ROWS_PER_PAGE = 100;

const sorts = ["status", "name", "site", "heartbeat", "cpu", "memory", "disk"] as const;
type Sort = (typeof sorts)[number];

export interface ServersQuery {
  readonly search: string;
  readonly status: Status | null;
  readonly site: string | null;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly page: number;
}

export function serversQuery(parameters: URLSearchParams): ServersQuery {
  const sort = parameters.get("sort") ?? "status";
  const status = parameters.get("status") ?? "";
  return {
    search: (parameters.get("q") ?? "").trim().slice(0, 200),
    status: statusOrder.find((known) => known === status) ?? null,
    site: parameters.get("site") || null,
    sort: sorts.find((known) => known === sort) ?? "status",
    descending: parameters.get("order") === "desc",
    page: Math.max(1, Math.floor(Number(parameters.get("page") ?? "1")) || 1),
  };
}

function queryPath(query: ServersQuery, change: Partial<ServersQuery>): string {
  const { search, status, site, sort, descending, page: number } = { ...query, page: 1, ...change };
  const parameters = new URLSearchParams();
  if (search) parameters.set("q", search);
  if (status) parameters.set("status", status);
  if (site) parameters.set("site", site);
  if (sort !== "status") parameters.set("sort", sort);
  if (descending) parameters.set("order", "desc");
  if (number > 1) parameters.set("page", String(number));
  const text = parameters.toString();
  return text ? `/servers?${text}` : "/servers";
}

export function memoryShare(server: ServerView): number | undefined {
  const sample = server.health?.sample;
  if (sample?.memoryTotalBytes === undefined || sample.memoryUsedBytes === undefined) return undefined;
  return sample.memoryTotalBytes > 0
    ? Math.min(1, sample.memoryUsedBytes / sample.memoryTotalBytes)
    : undefined;
}

export function fullestDiskShare(server: ServerView): number | undefined {
  const shares = (server.health?.sample.disks ?? [])
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .map(({ usedBytes, sizeBytes }) => Math.min(1, usedBytes / sizeBytes));
  return shares.length > 0 ? Math.max(...shares) : undefined;
}

const measure: Readonly<Record<"heartbeat" | "cpu" | "memory" | "disk", (server: ServerView) => number>> = {
  heartbeat: (server) => server.lastHeartbeatMs ?? 0,
  cpu: (server) => server.health?.sample.cpu ?? -1,
  memory: (server) => memoryShare(server) ?? -1,
  disk: (server) => fullestDiskShare(server) ?? -1,
};

function compareBy(sort: Sort): (a: ServerView, b: ServerView) => number {
  switch (sort) {
    case "status":
      return worstFirst;
    case "name":
      return byName;
    case "site":
      return (a, b) => compareNames(a.siteName ?? "\uffff", b.siteName ?? "\uffff") || byName(a, b);
    case "heartbeat":
    case "cpu":
    case "memory":
    case "disk": {
      // Most first: that is what somebody who sorts by it looks for.
      const of = measure[sort];
      return (a, b) => of(b) - of(a) || byName(a, b);
    }
  }
}

function matching(look: Look, query: ServersQuery): ServerView[] {
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = look.servers.filter((server) => {
    if (query.status !== null && server.status !== query.status) return false;
    if (query.site !== null && server.siteId !== query.site) return false;
    if (words.length === 0) return true;
    const text = [server.name, server.address ?? "", server.siteName ?? "", ...server.tags]
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  found.sort(compareBy(query.sort));
  return query.descending ? found.reverse() : found;
}

interface Page {
  readonly rows: readonly ServerView[];
  readonly number: number;
  readonly pages: number;
  readonly from: number;
  readonly found: number;
}

/** Pages by look and query: everybody who watches the same list shares one filtering. */
const pagesOfLook = new WeakMap<Look, Map<string, Page>>();

function pageOf(look: Look, query: ServersQuery): Page {
  const known = pagesOfLook.get(look) ?? new Map<string, Page>();
  pagesOfLook.set(look, known);
  const key = queryPath(query, { page: query.page });
  let page = known.get(key);
  if (!page) {
    const all = matching(look, query);
    const pages = Math.max(1, Math.ceil(all.length / ROWS_PER_PAGE));
    const number = Math.min(query.page, pages);
    const from = (number - 1) * ROWS_PER_PAGE;
    page = { rows: all.slice(from, from + ROWS_PER_PAGE), number, pages, from, found: all.length };
    known.set(key, page);
  }
  return page;
}

const ROW_PREFIX = "servers-row-";

function Row({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { texts } = scene;
  const zone = server.siteId === null ? undefined : scene.look.site(server.siteId)?.timeZone;
  const name = ROW_PREFIX + server.id;
  return (
    <tr id={fragmentId(name)} data-fragment={name} class={`row-${server.status}`}>
      <td>
        <StatusMark status={server.status} texts={texts} />
      </td>
      <th scope="row">
        <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>
        <span class="only-narrow line quiet">{server.siteName ?? texts.common.noSite}</span>
      </th>
      <td class="only-wide">{server.siteName ?? <span class="quiet">{texts.common.noSite}</span>}</td>
      <td class="number">
        {server.lastHeartbeatMs === null ? (
          <span class="quiet">{texts.servers.never}</span>
        ) : (
          <Ago scene={scene} atMs={server.lastHeartbeatMs} timeZone={zone} />
        )}
      </td>
      <td class="only-wide">
        <Bar scene={scene} share={server.health?.sample.cpu} label={texts.servers.cpu} />
      </td>
      <td class="only-wide">
        <Bar scene={scene} share={memoryShare(server)} label={texts.servers.memory} />
      </td>
      <td class="only-wide">
        <Bar scene={scene} share={fullestDiskShare(server)} label={texts.servers.disk} />
      </td>
    </tr>
  );
}

function SortHead({
  query,
  sort,
  label,
  wide = false,
}: {
  readonly query: ServersQuery;
  readonly sort: Sort;
  readonly label: string;
  readonly wide?: boolean;
}): Html {
  const here = query.sort === sort;
  const falls = sort !== "status" && sort !== "name" && sort !== "site";
  const direction = falls === query.descending ? "ascending" : "descending";
  return (
    <th scope="col" class={wide ? "only-wide" : undefined} aria-sort={here ? direction : undefined}>
      <a class="sort" href={queryPath(query, { sort, descending: here ? !query.descending : false })}>
        {label}
      </a>
    </th>
  );
}

function Table({ scene, query }: { readonly scene: Scene; readonly query: ServersQuery }): Html {
  const { texts, look } = scene;
  const { rows, number, pages, from, found } = pageOf(look, query);
  const name = "servers-table";
  return (
    <div id={fragmentId(name)} data-fragment={name}>
      {look.servers.length === 0 ? (
        <Empty title={texts.servers.empty} hint={texts.servers.emptyHint}>
          {roleIncludes(scene.role, "operator") ? (
            <a class="button button-primary" href="/servers/add">
              {texts.servers.add}
            </a>
          ) : null}
        </Empty>
      ) : rows.length === 0 ? (
        <div class="empty">
          <p class="empty-title">{texts.servers.nothingFound}</p>
          <p>
            <a href="/servers">{texts.servers.clear}</a>
          </p>
        </div>
      ) : (
        <>
          <table class="servers">
            <caption class="unseen">{texts.servers.title}</caption>
            <thead>
              <tr>
                <SortHead query={query} sort="status" label={texts.servers.status} />
                <SortHead query={query} sort="name" label={texts.servers.name} />
                <SortHead query={query} sort="site" label={texts.servers.site} wide />
                <SortHead query={query} sort="heartbeat" label={texts.servers.lastHeartbeat} />
                <SortHead query={query} sort="cpu" label={texts.servers.cpu} wide />
                <SortHead query={query} sort="memory" label={texts.servers.memory} wide />
                <SortHead query={query} sort="disk" label={texts.servers.disk} wide />
              </tr>
            </thead>
            <tbody>
              {rows.map((server) => (
                <Row scene={scene} server={server} />
              ))}
            </tbody>
          </table>
          <nav class="pages" aria-label={texts.servers.pages}>
            <p class="quiet">{texts.common.range(from + 1, from + rows.length, found)}</p>
            {number > 1 ? (
              <a class="button button-plain" rel="prev" href={queryPath(query, { page: number - 1 })}>
                {texts.common.previous}
              </a>
            ) : null}
            {number < pages ? (
              <a class="button button-plain" rel="next" href={queryPath(query, { page: number + 1 })}>
                {texts.common.next}
              </a>
            ) : null}
          </nav>
        </>
      )}
    </div>
  );
}

export function serversView(query: ServersQuery): View {
  /** Who is on this page; a heartbeat of anybody else is nothing to draw. Asked anew after the list changed. */
  let shown: ReadonlySet<string> | null = null;
  return {
    key: queryPath(query, { page: query.page }),
    names: ["servers-table"],
    periodic: [],
    touched: (change, look) => {
      if (change.topic === "heartbeat") {
        shown ??= new Set(pageOf(look, query).rows.map(({ id }) => id));
        return shown.has(change.id) ? [ROW_PREFIX + change.id] : [];
      }
      if (change.topic !== "server" && change.topic !== "site") return [];
      shown = null;
      return ["servers-table"];
    },
    draw: (name, scene) => {
      if (name === "servers-table") return <Table scene={scene} query={query} />;
      const server = scene.look.server(name.slice(ROW_PREFIX.length));
      return server ? <Row scene={scene} server={server} /> : null;
    },
  };
}

function Filters({ scene, query }: { readonly scene: Scene; readonly query: ServersQuery }): Html {
  const { texts, look } = scene;
  const sites = [...look.sites].sort(byName);
  return (
    <form class="filters" method="get" action="/servers" role="search" aria-label={texts.servers.search}>
      <div class="field field-search">
        <label for="q">{texts.servers.search}</label>
        <input
          id="q"
          name="q"
          type="search"
          value={query.search}
          maxlength={200}
          placeholder={texts.servers.searchHint}
          data-shortcut="/"
          aria-keyshortcuts="/"
        />
      </div>
      <Select
        name="status"
        label={texts.servers.status}
        value={query.status ?? ""}
        choices={[
          { value: "", label: texts.common.all },
          ...statusOrder.map((status) => ({ value: status, label: texts.status[status] })),
        ]}
      />
      {sites.length > 0 ? (
        <Select
          name="site"
          label={texts.servers.site}
          value={query.site ?? ""}
          choices={[
            { value: "", label: texts.common.all },
            ...sites.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      ) : null}
      {query.sort === "status" ? null : <input type="hidden" name="sort" value={query.sort} />}
      {query.descending ? <input type="hidden" name="order" value="desc" /> : null}
      <button type="submit" class="button button-plain">
        {texts.common.apply}
      </button>
    </form>
  );
}

export function showServers(visit: Visit): Promise<Response> {
  const { scene, texts } = visit;
  const query = serversQuery(new URL(visit.c.req.url).searchParams);
  return page(visit, {
    title: texts.servers.title,
    view: serversView(query),
    content: (
      <>
        <div class="page-head">
          <h1>{texts.servers.title}</h1>
          {roleIncludes(scene.role, "operator") ? (
            <a class="button button-primary" href="/servers/add">
              {texts.servers.add}
            </a>
          ) : null}
        </div>
        {scene.look.servers.length > 0 ? <Filters scene={scene} query={query} /> : null}
        <Table scene={scene} query={query} />
      </>
    ),
  });
}
