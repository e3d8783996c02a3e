/**
 * The page Servers: one table, filtered, sorted and paged on the server, so that 2,000 rows stay as quick as 20.
 * Must not: send rows nobody sees; a page holds 100.
 */
import { statusOrder } from "../look.ts";
import { page } from "../page.tsx";
import { Bar } from "../parts/bar.tsx";
import { AddServer } from "../parts/add-server.tsx";
import { Empty, Select } from "../parts/controls.tsx";
import { namedChoices } from "../parts/form-fields.tsx";
import { MarkTags } from "../parts/marks.tsx";
import { StatusMark } from "../parts/status.tsx";
import { Ago } from "../parts/time.tsx";
import { fragmentId, type Html, type Scene, type View } from "../scene.ts";
import type { ServerView } from "../source-servers.ts";
import type { Visit } from "../visit.ts";
import {
  fullestDiskShare,
  memoryShare,
  pageOf,
  queryPath,
  serversQuery,
  type ServersQuery,
  type Sort,
} from "./servers-query.ts";

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
        <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>{" "}
        <MarkTags scene={scene} server={server} />
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
          <AddServer scene={scene} />
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
      if (change.topic !== "server" && change.topic !== "site" && change.topic !== "maintenance") return [];
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
  const sites = namedChoices(look.sites);
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
          choices={[{ value: "", label: texts.common.all }, ...sites]}
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
          <AddServer scene={scene} />
        </div>
        {scene.look.servers.length > 0 ? <Filters scene={scene} query={query} /> : null}
        <Table scene={scene} query={query} />
      </>
    ),
  });
}
