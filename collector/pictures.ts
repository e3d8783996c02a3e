/**
 * Pictures for chats: a server's last week, a month's report. Painted when somebody looks.
 * Why null is an answer: where there is no renderer, or painting fails, the text says it all the same.
 * Must not: hold up an alert; only answers and reports have pictures.
 */
import type { State } from "./core/state.ts";
import type { Language } from "./core/types/registry.ts";
import type { SendRequest } from "./notify/channel.ts";
import type { OutageHistory } from "./outage-history.ts";
import { monthEdges } from "./report/calendar.ts";
import { monthLabels, monthTitles, serverLabels } from "./report/labels.ts";
import { monthPictureSvg, monthRowsOf } from "./report/month-picture.ts";
import type { Painter } from "./report/painter.ts";
import { serverPictureSvg } from "./report/server-picture.ts";

const DAY_MS = 86_400_000;

export interface Pictures {
  ofServer(serverId: string, language: Language): Promise<Uint8Array | null>;
  ofMonth(month: string, timeZone: string, language: Language): Promise<Uint8Array | null>;
  /** What goes with a message; null: nothing does. */
  for(request: SendRequest): Promise<Uint8Array | null>;
}

export function createPictures(
  state: State,
  history: OutageHistory,
  painter: Painter,
  now: () => number,
): Pictures {
  const { tables, settings } = state;

  async function ofServer(serverId: string, language: Language): Promise<Uint8Array | null> {
    const server = tables.server.get(serverId);
    const recent = await history.recent(serverId);
    if (!server || !recent) return null;
    const site = server.siteId === null ? undefined : tables.site.get(server.siteId);
    const week = await history.of({ fromMs: now() - 8 * DAY_MS, toMs: now() });
    return painter.toPng(
      serverPictureSvg({
        serverName: server.name,
        siteName: site?.name ?? "",
        timeZone: site?.timeZone ?? settings.timeZone,
        nowMs: now(),
        watchedFromMs: server.createdWallMs,
        pausedSpans: [],
        outages: recent.month.outages,
        collectorTrouble: week.collectorTrouble,
        availability: { day: recent.day.availability, week: recent.week.availability },
        labels: serverLabels(language),
      }),
    );
  }

  async function ofMonth(month: string, timeZone: string, language: Language): Promise<Uint8Array | null> {
    const figures = await history.of(monthEdges(timeZone, month));
    const { title, subtitle, withoutSite } = monthTitles(language, month, {
      sites: tables.site.size,
      servers: figures.servers.length,
    });
    return painter.toPng(
      monthPictureSvg({
        title,
        subtitle,
        rows: monthRowsOf(figures, withoutSite),
        incidents: figures.incidents,
        minutes: figures.minutes,
        availability: figures.availability,
        labels: monthLabels(language),
      }),
    );
  }

  return {
    ofServer,
    ofMonth,
    async for({ tellings: [{ message }], recipient }) {
      const month = message.step === "report" ? message.summary?.period : null;
      if (month == null) return null;
      return ofMonth(month, recipient.timeZone ?? settings.timeZone, recipient.language).catch(() => null);
    },
  };
}
