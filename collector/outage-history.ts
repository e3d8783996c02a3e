/**
 * Outages of a period, from the living state and the archive together, as figures.
 * Why one place: a digest, a report, a picture and the panel must never count differently.
 * Must not: change anything, or ask the archive for more than the period.
 */
import type { State } from "./core/state.ts";
import type { Incident } from "./core/types/incident.ts";
import { periodFigures, recentFigures, type PeriodFigures, type ReportInput } from "./report/outages.ts";
import type { Span } from "./report/spans.ts";
import { archiveLimitMax } from "./storage/archive-query.ts";
import type { Storage } from "./storage/storage.ts";

/** A server's newest month is read for its own picture. */
const RECENT_MS = 31 * 86_400_000;

export interface OutageHistory {
  of(span: Span): Promise<PeriodFigures>;
  /** null: there is no such server, or it was never heard. */
  recent(serverId: string): Promise<ReturnType<typeof recentFigures>>;
}

export function createOutageHistory(
  state: State,
  storage: Pick<Storage, "archivedIncidents">,
  now: () => number,
): OutageHistory {
  const { tables } = state;

  async function incidentsIn(span: Span, serverId?: string): Promise<Incident[]> {
    const found = new Map<string, Incident>();
    // The living first: one that is archived while we read is in both.
    for (const incident of tables.incident.values())
      if (serverId === undefined || incident.serverId === serverId) found.set(incident.id, incident);
    let beforeNumber: number | undefined;
    for (;;) {
      const page = await storage.archivedIncidents({
        fromWallMs: span.fromMs,
        toWallMs: span.toMs,
        ...(serverId === undefined ? {} : { serverId }),
        ...(beforeNumber === undefined ? {} : { beforeNumber }),
        limit: archiveLimitMax,
      });
      for (const { incident } of page) if (!found.has(incident.id)) found.set(incident.id, incident);
      if (page.length < archiveLimitMax) return [...found.values()];
      beforeNumber = page.at(-1)?.incident.number;
    }
  }

  const input = (incidents: readonly Incident[]): ReportInput => ({
    incidents,
    servers: [...tables.server.values()].filter(
      ({ id }) => tables.detector.get(id)?.status !== "new" && tables.detector.get(id)?.status !== "paused",
    ),
    sites: [...tables.site.values()],
    pausedSpans: new Map(),
    nowMs: now(),
  });

  return {
    of: async (span) => periodFigures(input(await incidentsIn(span)), span),
    async recent(serverId) {
      const span = { fromMs: now() - RECENT_MS, toMs: now() };
      return recentFigures(input(await incidentsIn(span, serverId)), serverId);
    },
  };
}
