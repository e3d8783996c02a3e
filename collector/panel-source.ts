/**
 * What the panel asks and commands, answered from the living state and the loop.
 * Why: `web/` never imports the collector; this is the one place where both meet, besides main.
 * Must not: change the state (commands are events), or hold a copy of it.
 */
import { createHash } from "node:crypto";
import { nanoid } from "nanoid";
import { hearingOf } from "./core/hearing.ts";
import type { Topic } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { Incident } from "./core/types/incident.ts";
import type { Server } from "./core/types/registry.ts";
import type { ArchivedIncident, ShelfValue } from "./core/types/tables.ts";
import { createChecks } from "./panel-checks.ts";
import { incidentView, memberViews, notificationView, timelineView } from "./panel-incident-views.ts";
import { createTelling, type TellingParts } from "./panel-telling.ts";
import { maintenanceView, mutingAt, serverLogView, serverView, siteView, wallOf } from "./panel-views.ts";
import type { Prober } from "./probe/prober.ts";
import { archiveLimitMax } from "./storage/archive-query.ts";
import type { ArchiveQuery, Storage } from "./storage/storage.ts";
import type {
  Change,
  CommandResult,
  IncidentFilter,
  JsonValue,
  PanelSource,
  SystemView,
} from "../web/source.ts";

export interface PanelSourceParts extends TellingParts {
  readonly storage: Storage;
  readonly prober: Pick<Prober, "run">;
  readonly system: () => Pick<
    SystemView,
    "version" | "startedAtMs" | "store" | "telegram" | "icmp" | "hearingUntilMs"
  >;
}

/** The source, and `announce`, through which effects `publish` reach the open pages. */
export function createPanelSource(parts: PanelSourceParts): {
  readonly source: PanelSource;
  readonly announce: (topic: Topic, id: string) => void;
} {
  const { state, push, now } = parts;
  const { tables } = state;
  const listeners = new Set<(change: Change) => void>();

  const command = async (event: EventBody): Promise<CommandResult> => {
    const reply = await push(event);
    return reply.ok ? { ok: true, value: undefined } : reply;
  };
  const commandWithId = async (event: EventBody, id: string): Promise<CommandResult<string>> => {
    const reply = await push(event);
    return reply.ok ? { ok: true, value: reply.id ?? id } : reply;
  };
  /** A group names its servers itself; what is grouped under a server's own incident (a parent's) is looked up. */
  const membersOf = (incident: Incident): readonly string[] =>
    incident.group?.serverIds ??
    [...(state.derived.membersOf.get(incident.id) ?? [])].flatMap(
      (id) => tables.incident.get(id)?.serverId ?? [],
    );
  const view = (incident: Incident) => incidentView(incident, now(), membersOf(incident));

  /** Living or archived. */
  const anyIncident = async (id: string | null): Promise<Incident | null> => {
    if (id === null) return null;
    return tables.incident.get(id) ?? (await parts.storage.archivedIncident(id))?.incident ?? null;
  };

  const source: PanelSource = {
    ...createTelling(parts),
    ...createChecks(parts),
    sites: () => [...tables.site.values()].map((site) => siteView(state, site)),
    site: (id) => mapped(tables.site.get(id), (site) => siteView(state, site)),
    servers() {
      const muting = mutingAt(state, now());
      return [...tables.server.values()].flatMap((server) => serverView(state, server, muting) ?? []);
    },
    server: (id) =>
      mapped(tables.server.get(id), (server) => serverView(state, server, mutingAt(state, now()))),
    serverLog: (id) => serverLogView(tables.serverLog.get(id)),
    openIncidents: () =>
      [...tables.incident.values()]
        .filter((incident) => incident.endedWallMs === null)
        .sort((a, b) => b.number - a.number)
        .map(view),

    async incidents(filter) {
      const living = [...tables.incident.values()].filter((incident) => matches(incident, filter, now()));
      const closed = filter.open === true ? [] : await archivedPages(parts.storage, filter);
      const known = new Set(living.map((incident) => incident.id));
      return [...living, ...closed.map((archived) => archived.incident).filter(({ id }) => !known.has(id))]
        .sort((a, b) => b.number - a.number)
        .slice(0, filter.limit)
        .map(view);
    },

    async incident(id) {
      const living = tables.incident.get(id);
      const archived = living ? null : await parts.storage.archivedIncident(id);
      const incident = living ?? archived?.incident;
      if (!incident) return null;
      const rows = archived
        ? archived.notifications
        : [...(state.derived.notificationsOf.get(id) ?? [])].flatMap(
            (row) => tables.notification.get(row) ?? [],
          );
      const group = await anyIncident(incident.groupedUnder);
      return {
        incident: view(incident),
        timeline: incident.timeline.map(timelineView),
        notifications: rows
          .toSorted((a, b) => a.sequence - b.sequence)
          .map((row) => notificationView(row, tables.recipient.get(row.recipientId))),
        members: memberViews(state, incident, membersOf(incident)),
        group: group ? view(group) : null,
      };
    },

    maintenance: () => [...tables.maintenance.values()].map(maintenanceView),
    system: () => ({
      ...parts.system(),
      hearing: hearingOf(state).state,
      hearingSinceMs: tables.hearing.has("") ? wallOf(state, hearingOf(state).sinceCoreMs) : null,
      heartbeatSeconds: state.settings.heartbeatIntervalMs / 1000,
      downAfterSeconds: state.settings.downAfterMs / 1000,
      language: state.settings.language,
      timeZone: state.settings.timeZone,
      publicUrl: state.settings.publicUrl,
      outboxWaiting: state.derived.openNotifications.size,
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    saveSite(id, input) {
      const before = id === null ? undefined : tables.site.get(id);
      if (id !== null && !before) return refused("site_not_found");
      const site = { ...input, id: id ?? nanoid(), createdWallMs: before?.createdWallMs ?? now() };
      return commandWithId({ type: "site_saved", site }, site.id);
    },
    removeSite: (siteId) => command({ type: "site_removed", siteId }),

    saveServer(id, input) {
      const before = id === null ? undefined : tables.server.get(id);
      if (id !== null && !before) return refused("server_not_found");
      const { downAfterSeconds, ...rest } = input;
      const server: Server = {
        ...rest,
        id: id ?? nanoid(),
        downAfterMs: downAfterSeconds === null ? null : Math.round(downAfterSeconds * 1000),
        createdWallMs: before?.createdWallMs ?? now(),
      };
      return commandWithId({ type: "server_saved", server }, server.id);
    },
    pauseServer: (serverId, by) => command({ type: "server_paused", serverId, by }),
    resumeServer: (serverId, by) => command({ type: "server_resumed", serverId, by }),
    removeServer: (serverId, by) => command({ type: "server_removed", serverId, by }),

    saveMaintenance(id, input, by) {
      const before = id === null ? undefined : tables.maintenance.get(id);
      if (id !== null && !before) return refused("maintenance_not_found");
      const maintenance = {
        id: id ?? nanoid(),
        siteId: input.siteId,
        serverId: input.serverId,
        startsWallMs: input.startsAtMs,
        endsWallMs: input.endsAtMs,
        note: input.note,
        createdBy: before?.createdBy ?? by,
        createdWallMs: before?.createdWallMs ?? now(),
      };
      return commandWithId({ type: "maintenance_saved", maintenance }, maintenance.id);
    },
    removeMaintenance: (maintenanceId) => command({ type: "maintenance_removed", maintenanceId }),

    acknowledgeIncident: (incidentId, by) => command({ type: "incident_acknowledged", incidentId, by }),
    noteIncident: (incidentId, by, text) => command({ type: "incident_noted", incidentId, by, text }),
    quietIncident(incidentId, until, by) {
      const untilWallMs = until === null ? null : until.untilMs;
      return command({ type: "incident_quieted", incidentId, by, untilWallMs });
    },
    announceIncident: (incidentId, over, by) => command({ type: "incident_announced", incidentId, by, over }),

    async createEnrollment(input) {
      const token = newJoinToken();
      const expiresWallMs = now() + input.expiresInSeconds * 1000;
      const reply = await push({
        type: "enrollment_created",
        enrollment: {
          id: token.id,
          secretHash: token.secretHash,
          serverId: input.serverId,
          siteId: input.siteId,
          usesLeft: input.uses,
          expiresWallMs,
          createdWallMs: now(),
          usedBy: [],
        },
      });
      return reply.ok ? { ok: true, value: { token: token.token, expiresAtMs: expiresWallMs } } : reply;
    },

    shelf: {
      get: (key) => tables.shelf.get(key) ?? null,
      list: (prefix) =>
        [...tables.shelf]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, value]) => ({ key, value })),
      async write(changes) {
        const reply = await push({
          type: "shelf_written",
          writes: changes.map(({ key, value }) => ({
            key,
            value: shelfValue(value),
            remove: value === null,
          })),
        });
        if (!reply.ok) throw new Error(`the store does not take changes now (${reply.code})`);
      },
    },
  };

  return {
    source,
    announce(topic, id) {
      for (const listener of listeners) listener({ topic, id });
    },
  };
}

/** A join token `<id>.<secret>`, and what the collector keeps of it. */
export function newJoinToken(): { readonly token: string; readonly id: string; readonly secretHash: string } {
  const id = nanoid(10);
  const secret = nanoid(32);
  return { token: `${id}.${secret}`, id, secretHash: sha256(secret) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function refused(code: string): Promise<{ readonly ok: false; readonly code: string }> {
  return Promise.resolve({ ok: false, code });
}

function mapped<T, R>(value: T | undefined, map: (value: T) => R): R | null {
  return value === undefined ? null : map(value);
}

function shelfValue(value: JsonValue): ShelfValue {
  return value;
}

function matches(incident: Incident, filter: IncidentFilter, nowMs: number): boolean {
  const ended = incident.endedWallMs;
  return (
    (filter.open === undefined || filter.open === (ended === null)) &&
    (filter.fromMs === undefined || (ended ?? nowMs) >= filter.fromMs) &&
    (filter.toMs === undefined || incident.startedWallMs < filter.toMs) &&
    (filter.siteId === undefined || incident.siteId === filter.siteId) &&
    (filter.serverId === undefined || incident.serverId === filter.serverId) &&
    (filter.kind === undefined || incident.kind === filter.kind) &&
    (filter.beforeNumber === undefined || incident.number < filter.beforeNumber)
  );
}

/** As many as the filter asks for, in as many answers of the store as that takes. */
async function archivedPages(storage: Storage, filter: IncidentFilter): Promise<ArchivedIncident[]> {
  const query = archiveQuery(filter);
  const found: ArchivedIncident[] = [];
  for (;;) {
    const limit = Math.min(archiveLimitMax, filter.limit - found.length);
    const before = found.at(-1)?.incident.number;
    const page = await storage.archivedIncidents({
      ...query,
      ...(before !== undefined && { beforeNumber: before }),
      limit,
    });
    found.push(...page);
    if (page.length < limit || found.length >= filter.limit) return found;
  }
}

function archiveQuery(filter: IncidentFilter): ArchiveQuery {
  return {
    fromWallMs: filter.fromMs ?? 0,
    toWallMs: filter.toMs ?? Number.MAX_SAFE_INTEGER,
    ...(filter.siteId === undefined ? {} : { siteId: filter.siteId }),
    ...(filter.serverId === undefined ? {} : { serverId: filter.serverId }),
    ...(filter.kind === undefined ? {} : { kind: filter.kind }),
    ...(filter.beforeNumber === undefined ? {} : { beforeNumber: filter.beforeNumber }),
    limit: filter.limit,
  };
}
