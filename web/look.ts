/**
 * One look at what the source says now: asked once, used by everything that one page or one live update draws.
 * Why: asking again for each fragment would copy thousands of servers each time.
 * Must not: be kept longer than the drawing it was made for (the live hub keeps the last one, to see what moved).
 */
import type { PanelSource, SystemView } from "./source.ts";
import type { IncidentView } from "./source-incidents.ts";
import type { ServerView, SiteView, Status } from "./source-servers.ts";

export interface Look {
  readonly servers: readonly ServerView[];
  readonly sites: readonly SiteView[];
  readonly openIncidents: readonly IncidentView[];
  readonly system: SystemView;
  /** For staff: those whom an outage may be told to. */
  readonly recipients: RecipientCounts;
  readonly routesEnabled: number;
  /** Until when a maintenance window mutes every server; null: none does now. */
  readonly everythingMutedUntilMs: number | null;
  server(id: string): ServerView | null;
  site(id: string): SiteView | null;
  /** Servers of a site, worst first; `null`: those without a site. */
  serversOf(siteId: string | null): readonly ServerView[];
}

export interface RecipientCounts {
  readonly all: number;
  readonly enabled: number;
  /** Names of those whose channel says that nobody is there any more. */
  readonly lost: readonly string[];
}

function countedRecipients(source: PanelSource): RecipientCounts {
  const staff = source.recipients().filter(({ audience }) => audience === "staff");
  return {
    all: staff.length,
    enabled: staff.filter(({ enabled }) => enabled).length,
    lost: staff
      .filter(({ enabled, disabledReason }) => !enabled && disabledReason !== null)
      .map(({ name }) => name),
  };
}

/** Worst first: what a person must see is never below what is fine. */
export const statusOrder: readonly Status[] = [
  "down",
  "suspect",
  "recovering",
  "new",
  "planned",
  "paused",
  "up",
];

export function worstFirst(a: ServerView, b: ServerView): number {
  return statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) || byName(a, b);
}

const collator = new Intl.Collator("id", { numeric: true, sensitivity: "base" });
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}
export function byName(a: { name: string; id: string }, b: { name: string; id: string }): number {
  return collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

/** Whether somebody should look: what the sentence of the page Now counts. */
export function inTrouble(server: ServerView): boolean {
  return server.status === "down" || server.status === "recovering";
}

/** `nowMs`: which maintenance is in force. */
export function lookAt(source: PanelSource, nowMs: number): Look {
  const servers = source.servers();
  const sites = source.sites();
  const serversById = new Map(servers.map((server) => [server.id, server]));
  const sitesById = new Map(sites.map((site) => [site.id, site]));
  let bySite: Map<string | null, ServerView[]> | null = null;
  return {
    servers,
    sites,
    openIncidents: source.openIncidents(),
    system: source.system(),
    everythingMutedUntilMs: source
      .maintenance()
      .filter(
        ({ siteId, serverId, startsAtMs, endsAtMs }) =>
          siteId === null && serverId === null && startsAtMs <= nowMs && nowMs < endsAtMs,
      )
      .reduce<number | null>((latest, { endsAtMs }) => Math.max(latest ?? 0, endsAtMs), null),
    recipients: countedRecipients(source),
    routesEnabled: source.routes().filter(({ enabled }) => enabled).length,
    server: (id) => serversById.get(id) ?? null,
    site: (id) => sitesById.get(id) ?? null,
    serversOf: (siteId) => {
      if (!bySite) {
        bySite = new Map();
        for (const server of servers) {
          // A server whose site is gone is shown without one rather than nowhere.
          const key = server.siteId !== null && sitesById.has(server.siteId) ? server.siteId : null;
          const list = bySite.get(key);
          if (list) list.push(server);
          else bySite.set(key, [server]);
        }
        for (const list of bySite.values()) list.sort(worstFirst);
      }
      return bySite.get(siteId) ?? [];
    },
  };
}
