/**
 * Which servers a list shows: search, filters, order and page, as they stand in the address.
 * Why apart from the page: nothing here draws; every reader of the same list shares one filtering.
 * Must not: keep anything longer than the look it was made from.
 */
import { byName, compareNames, statusOrder, worstFirst, type Look } from "../look.ts";
import type { ServerView, Status } from "../source-servers.ts";

/** Rows on a page: about 12 kB compressed, and as long as anybody scrolls. */
export const ROWS_PER_PAGE = 100;

const sorts = ["status", "name", "site", "heartbeat", "cpu", "memory", "disk"] as const;
export type Sort = (typeof sorts)[number];

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

/** The address of a list; `change` goes back to the first page unless it names one. */
export function queryPath(query: ServersQuery, change: Partial<ServersQuery>): string {
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

export function pageOf(look: Look, query: ServersQuery): Page {
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
