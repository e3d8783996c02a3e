/**
 * What the bot asks and orders, answered from the living state, the archive and the loop.
 * Why: `notify/` knows texts and Telegram, and never the state; this is where both meet, besides main.
 * Must not: change the state (orders are events), or hold a copy of it.
 */
import { nanoid } from "nanoid";
import { usersOf } from "./core/announcing.ts";
import { Draft } from "./core/draft.ts";
import { gatewaySays } from "./core/gateways.ts";
import { clockOf, coreNow, hearingOf } from "./core/hearing.ts";
import { messageOf } from "./core/messages.ts";
import type { State } from "./core/state.ts";
import { summaryOf } from "./core/summaries.ts";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { Incident } from "./core/types/incident.ts";
import type { Language, Server, Site } from "./core/types/registry.ts";
import type { Status } from "./core/types/server.ts";
import type { Instant } from "./core/types/time.ts";
import type { ServerFacts, SiteFacts } from "./notify/rendering/answer-facts.ts";
import type { Desk, Found, IncidentBrief } from "./notify/telegram/desk.ts";
import type { OutageHistory } from "./outage-history.ts";
import type { Pictures } from "./pictures.ts";
import { localMoment, monthAfter, monthEdges, nextMinuteOfDay } from "./report/calendar.ts";
import { countedMinutes } from "./report/shares.ts";
import { summaryPastOf } from "./report/outages.ts";
import type { Storage } from "./storage/storage.ts";

/** When a night is over. */
const MORNING_MINUTE = 7 * 60;

export interface DeskParts {
  readonly state: State;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly storage: Pick<Storage, "archivedIncident">;
  readonly history: OutageHistory;
  readonly pictures: Pictures;
  readonly check: (incidentId: string, by: string) => Promise<unknown>;
  readonly clock: () => Instant;
  readonly now: () => number;
}

export function createDesk(parts: DeskParts): Desk {
  const { state, now, history, pictures } = parts;
  const { tables, settings } = state;
  /** To read as a decision would; nothing of it is ever applied. */
  const reading = (): Draft => new Draft(state, parts.clock(), coreNow(clockOf(state), parts.clock()));
  const zoneOf = (siteId: string | null): string =>
    (siteId === null ? undefined : tables.site.get(siteId)?.timeZone) ?? settings.timeZone;
  const siteOf = (server: Server): Site | undefined =>
    server.siteId === null ? undefined : tables.site.get(server.siteId);

  const briefOf = (incident: Incident): IncidentBrief => ({
    id: incident.id,
    number: incident.number,
    endedMs: incident.endedWallMs,
    acknowledgedBy: incident.acknowledgedBy,
    quiet: incident.quiet,
    announced: incident.announcement !== null,
    announcedOver: incident.announcement?.overWallMs != null,
    timeZone: zoneOf(incident.siteId ?? incident.group?.siteIds[0] ?? null),
  });

  async function serverFacts(server: Server): Promise<ServerFacts> {
    const detector = tables.detector.get(server.id);
    const heard = tables.heard.get(server.id);
    const sample = tables.health.get(server.id)?.sample;
    const site = siteOf(server);
    const fullest = sample?.disks?.toSorted((a, b) => shareOf(b) - shareOf(a))[0];
    const isDown = detector?.status === "down" || detector?.status === "recovering";
    const incident = isDown ? tables.incident.get(detector.incidentId) : undefined;
    const recent = await history.recent(server.id).catch(() => null);
    return {
      name: server.name,
      siteName: site?.name ?? null,
      status: detector?.status ?? "new",
      sinceMs: detector?.sinceWallMs ?? server.createdWallMs,
      lastHeardMs: heard && heard.wallMs > 0 ? heard.wallMs : null,
      address: server.address,
      cpu: sample?.cpu ?? null,
      memory:
        sample?.memoryUsedBytes === undefined || sample.memoryTotalBytes === undefined
          ? null
          : sample.memoryUsedBytes / sample.memoryTotalBytes,
      fullestDisk: fullest ? { mount: fullest.mount, share: shareOf(fullest) } : null,
      incident: incident ?? null,
      lastDay: recent && {
        outages: recent.day.incidents,
        minutes: Math.round(countedMinutes(recent.day.minutes)),
      },
      place: placeOf(server, site),
      panelUrl: settings.publicUrl && `${settings.publicUrl}/servers/${server.id}`,
    };
  }

  function siteFacts(site: Site): SiteFacts {
    const draft = reading();
    const here = [...tables.server.values()].filter((server) => server.siteId === site.id);
    const { open } = summaryOf(draft, null, null);
    const numbers = new Set(
      [...tables.incident.values()]
        .filter((one) => one.siteId === site.id || one.group?.siteIds.includes(site.id) === true)
        .map((one) => one.number),
    );
    const said = gatewaySays(draft, site.id, 0);
    return {
      name: site.name,
      code: site.code,
      servers: here.map(({ id, name }) => ({ name, status: tables.detector.get(id)?.status ?? "new" })),
      open: open.filter(({ number }) => numbers.has(number)),
      gateway:
        site.gatewayAddress === null
          ? null
          : { address: site.gatewayAddress, verdict: said?.verdict ?? "none" },
      provider: site.provider,
      circuitId: site.circuitId,
      contact: site.contact,
      place: { latitude: site.latitude, longitude: site.longitude, siteAddress: site.address || null },
      panelUrl: settings.publicUrl && `${settings.publicUrl}/sites/${site.id}`,
    };
  }

  return {
    language: settings.language,
    timeZone: settings.timeZone,
    now,
    push: parts.push,
    shelfGet: (key) => tables.shelf.get(key),
    recipients: () => [...tables.recipient.values()],
    newId: () => nanoid(12),

    status() {
      const counts: Record<Status, number> = {
        new: 0,
        up: 0,
        suspect: 0,
        down: 0,
        planned: 0,
        recovering: 0,
        paused: 0,
      };
      for (const { status } of tables.detector.values()) counts[status] += 1;
      const { open, openCount } = summaryOf(reading(), null, null);
      return { type: "status", counts, open, openCount, hearing: hearingOf(state).state };
    },
    findServers: (query) =>
      matching(query, tables.server.values(), (server) => [
        server.name,
        server.address ?? "",
        ...server.tags,
      ]),
    findSites: (query) => matching(query, tables.site.values(), (site) => [site.name, site.code]),
    async server(id) {
      const server = tables.server.get(id);
      return server ? { facts: await serverFacts(server), timeZone: zoneOf(server.siteId) } : null;
    },
    site(id) {
      const site = tables.site.get(id);
      return site ? { facts: siteFacts(site), timeZone: site.timeZone } : null;
    },
    async report(wanted, timeZone) {
      const month = wanted ?? monthAfter(localMoment(timeZone, now()).month, -1);
      const span = monthEdges(timeZone, month);
      if (span.fromMs > now()) return { type: "report", month, past: null };
      const figures = await history.of(span);
      const isKnown = figures.incidents > 0 || figures.availability !== null;
      return { type: "report", month, past: isKnown ? summaryPastOf(figures) : null };
    },
    openIncidents: () =>
      [...tables.incident.values()]
        .filter((incident) => incident.endedWallMs === null && incident.groupedUnder === null)
        .sort((a, b) => a.number - b.number)
        .map(briefOf),
    async incident(id) {
      const incident = tables.incident.get(id) ?? (await parts.storage.archivedIncident(id))?.incident;
      return incident ? briefOf(incident) : null;
    },
    messageOf(id, step) {
      const incident = tables.incident.get(id);
      return incident && incident.endedWallMs === null ? messageOf(reading(), incident, step) : null;
    },
    usersOf(id) {
      const incident = tables.incident.get(id);
      return incident ? usersOf(reading(), incident).length : 0;
    },
    async check(id, by) {
      await parts.check(id, by);
    },
    nextMorning: (timeZone) => nextMinuteOfDay(timeZone, MORNING_MINUTE, now()),
    serverPicture: (id, language: Language) => pictures.ofServer(id, language),
    monthPicture: (month, language: Language) => pictures.ofMonth(month, settings.timeZone, language),
  };
}

const shareOf = (disk: { readonly usedBytes: number; readonly sizeBytes: number }): number =>
  disk.sizeBytes > 0 ? disk.usedBytes / disk.sizeBytes : 0;

function placeOf(server: Server, site: Site | undefined): ServerFacts["place"] {
  const own = server.latitude !== null && server.longitude !== null ? server : site;
  return {
    latitude: own?.latitude ?? null,
    longitude: own?.longitude ?? null,
    siteAddress: site?.address || null,
  };
}

/** Those of which a word holds the query: named exactly so first, then those that begin with it. */
function matching<T extends { readonly id: string; readonly name: string }>(
  query: string,
  all: Iterable<T>,
  wordsOf: (one: T) => readonly string[],
): Found[] {
  const wanted = query.trim().toLowerCase();
  const found: { readonly one: T; readonly rank: number }[] = [];
  for (const one of all) {
    const words = wordsOf(one).map((word) => word.toLowerCase());
    const rank = words.includes(wanted) ? 0 : words.some((word) => word.startsWith(wanted)) ? 1 : 2;
    if (rank < 2 || words.some((word) => word.includes(wanted))) found.push({ one, rank });
  }
  return found
    .sort((a, b) => a.rank - b.rank || a.one.name.localeCompare(b.one.name))
    .map(({ one: { id, name } }) => ({ id, name }));
}
