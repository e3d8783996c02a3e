/**
 * A PanelSource in memory, for the panel's tests: it honours the interface's words and nothing of the collector's insides.
 * Why: the panel is tested against the contract it is handed, with states that are hard to bring about for real.
 * Must not: import the collector; `set…` and `change…` are what a test may do to the world.
 */
import type {
  Change,
  CommandResult,
  JsonValue,
  MaintenanceView,
  PanelSource,
  SystemView,
} from "../../web/source.ts";
import type {
  EvidenceView,
  IncidentView,
  MemberView,
  NotificationView,
  TimelineView,
} from "../../web/source-incidents.ts";
import type {
  ProbeView,
  ServerInput,
  ServerLogView,
  ServerView,
  SiteView,
} from "../../web/source-servers.ts";
import { createTellingSource, type TellingWorld } from "./telling-source.ts";
import { makeSystem, makeServer, aliveProbe } from "./view-samples.ts";

export interface IncidentRecord {
  readonly incident: IncidentView;
  readonly timeline: readonly TimelineView[];
  readonly notifications: readonly NotificationView[];
  readonly members?: readonly MemberView[];
}

export interface TestSource extends PanelSource, TellingWorld {
  readonly calls: string[];
  setServer(server: ServerView): void;
  setSite(site: SiteView): void;
  setIncident(record: IncidentRecord): void;
  setMaintenance(window: MaintenanceView): void;
  setServerLog(serverId: string, entries: readonly ServerLogView[]): void;
  /** What the last `tryProbe` was asked. */
  readonly tried: { readonly input: Parameters<PanelSource["tryProbe"]>[0] | null };
  setSystem(change: Partial<SystemView>): void;
  /** The next probes answer this. */
  setProbes(probes: readonly ProbeView[]): void;
  /** From now on every command and shelf write fails as a store does. */
  failStore(failing: boolean): void;
  beat(serverId: string, atMs: number): void;
  publish(change: Change): void;
  listeners(): number;
}

const refuse = (code: string): { readonly ok: false; readonly code: string } => ({ ok: false, code });
const accept = <T>(value: T): CommandResult<T> => ({ ok: true, value });

export function createTestSource(now: () => number): TestSource {
  const sites = new Map<string, SiteView>();
  const servers = new Map<string, ServerView>();
  const incidents = new Map<string, IncidentRecord>();
  const windows = new Map<string, MaintenanceView>();
  const logs = new Map<string, readonly ServerLogView[]>();
  const tried: { input: Parameters<PanelSource["tryProbe"]>[0] | null } = { input: null };
  const shelf = new Map<string, JsonValue>();
  const listeners = new Set<(change: Change) => void>();
  const calls: string[] = [];
  let system = makeSystem();
  let probes: readonly ProbeView[] = [aliveProbe];
  let failing = false;
  let count = 0;
  const nextId = (kind: string) => `${kind}${String((count += 1)).padStart(4, "0")}`;

  const publish = (change: Change) => {
    for (const listener of [...listeners]) listener(change);
  };
  /** A command: refused while the store fails, noted otherwise. */
  const command = async <T>(name: string, work: () => CommandResult<T>): Promise<CommandResult<T>> => {
    if (failing) return refuse("store_failing");
    calls.push(name);
    return work();
  };
  const telling = createTellingSource({ now, publish, nextId, command, hasSite: (id) => sites.has(id) });
  const siteNameOf = (siteId: string | null) => (siteId === null ? null : (sites.get(siteId)?.name ?? null));

  const saveServer = (id: string | null, input: ServerInput): CommandResult<string> => {
    if (input.siteId !== null && !sites.has(input.siteId)) return refuse("site_not_found");
    if (input.downAfterSeconds !== null && input.downAfterSeconds < system.downAfterSeconds)
      return refuse("down_after_too_short");
    const known = id === null ? null : servers.get(id);
    if (known === undefined) return refuse("server_not_found");
    for (let next = input.parentId; next !== null; next = servers.get(next)?.parentId ?? null) {
      if (next === id) return refuse("parent_circle");
      if (!servers.has(next)) return refuse("parent_not_found");
    }
    const key = id ?? nextId("s");
    servers.set(key, {
      ...(known ?? makeServer({ id: key, status: "new", statusSinceMs: now(), lastHeartbeatMs: null })),
      ...input,
      siteName: siteNameOf(input.siteId),
      ownDownAfterSeconds: input.downAfterSeconds,
      downAfterSeconds: input.downAfterSeconds ?? system.downAfterSeconds,
    });
    publish({ topic: "server", id: key });
    return accept(key);
  };

  const withServer = <T>(id: string, work: (server: ServerView) => CommandResult<T>): CommandResult<T> => {
    const server = servers.get(id);
    return server ? work(server) : refuse("server_not_found");
  };
  const setStatus = (server: ServerView, status: ServerView["status"]): CommandResult => {
    if (server.status === status) return refuse("already_so");
    servers.set(server.id, { ...server, status, statusSinceMs: now() });
    publish({ topic: "server", id: server.id });
    return accept(undefined);
  };
  const withIncident = (
    id: string,
    work: (record: IncidentRecord) => IncidentRecord | string,
  ): CommandResult => {
    const record = incidents.get(id);
    if (!record) return refuse("incident_not_found");
    const changed = work(record);
    if (typeof changed === "string") return refuse(changed);
    incidents.set(id, changed);
    publish({ topic: "incident", id });
    return accept(undefined);
  };

  return {
    ...telling,
    calls,
    sites: () => [...sites.values()],
    site: (id) => sites.get(id) ?? null,
    servers: () => [...servers.values()],
    server: (id) => servers.get(id) ?? null,
    serverLog: (id) => logs.get(id) ?? [],
    openIncidents: () =>
      [...incidents.values()].map(({ incident }) => incident).filter(({ endedAtMs }) => endedAtMs === null),
    incidents: async (filter) =>
      [...incidents.values()]
        .map(({ incident }) => incident)
        .filter(
          (incident) =>
            (filter.fromMs === undefined || (incident.endedAtMs ?? Infinity) >= filter.fromMs) &&
            (filter.toMs === undefined || incident.startedAtMs < filter.toMs) &&
            (filter.siteId === undefined || incident.siteId === filter.siteId) &&
            (filter.serverId === undefined || incident.serverId === filter.serverId) &&
            (filter.kind === undefined || incident.kind === filter.kind) &&
            (filter.open === undefined || (incident.endedAtMs === null) === filter.open) &&
            (filter.beforeNumber === undefined || incident.number < filter.beforeNumber),
        )
        .sort((a, b) => b.number - a.number)
        .slice(0, filter.limit),
    incident: async (id) => {
      const record = incidents.get(id);
      if (!record) return null;
      const { groupedUnder } = record.incident;
      const group = groupedUnder === null ? null : (incidents.get(groupedUnder)?.incident ?? null);
      return { members: [], ...record, group };
    },
    maintenance: () => [...windows.values()],
    system: () => system,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    saveSite: (id, input) =>
      command("saveSite", () => {
        if (id !== null && !sites.has(id)) return refuse("site_not_found");
        const key = id ?? nextId("c");
        sites.set(key, { gateway: null, ...input, id: key });
        publish({ topic: "site", id: key });
        return accept(key);
      }),
    removeSite: (id) =>
      command("removeSite", () => {
        if (!sites.has(id)) return refuse("site_not_found");
        if ([...servers.values()].some(({ siteId }) => siteId === id)) return refuse("site_not_empty");
        sites.delete(id);
        publish({ topic: "site", id });
        return accept(undefined);
      }),
    saveServer: (id, input) => command("saveServer", () => saveServer(id, input)),
    pauseServer: (id, by) =>
      command(`pauseServer ${by}`, () => withServer(id, (server) => setStatus(server, "paused"))),
    resumeServer: (id, by) =>
      command(`resumeServer ${by}`, () =>
        withServer(id, (server) =>
          server.status === "paused" ? setStatus(server, "new") : refuse("already_so"),
        ),
      ),
    removeServer: (id, by) =>
      command(`removeServer ${by}`, () =>
        withServer(id, () => {
          servers.delete(id);
          publish({ topic: "server", id });
          return accept(undefined);
        }),
      ),
    saveMaintenance: (id, input, by) =>
      command(`saveMaintenance ${by}`, () => {
        const known = id === null ? null : windows.get(id);
        if (known === undefined) return refuse("maintenance_not_found");
        if (input.siteId !== null && !sites.has(input.siteId)) return refuse("site_not_found");
        if (input.serverId !== null && !servers.has(input.serverId)) return refuse("server_not_found");
        if (input.endsAtMs <= input.startsAtMs) return refuse("maintenance_ends_before_it_starts");
        const key = id ?? nextId("m");
        windows.set(key, { createdBy: by, createdAtMs: now(), ...known, ...input, id: key });
        publish({ topic: "maintenance", id: key });
        return accept(key);
      }),
    removeMaintenance: (id) =>
      command("removeMaintenance", () => {
        if (!windows.delete(id)) return refuse("maintenance_not_found");
        publish({ topic: "maintenance", id });
        return accept(undefined);
      }),
    acknowledgeIncident: (id, by) =>
      command(`acknowledgeIncident ${by}`, () =>
        withIncident(id, ({ incident, ...rest }) => {
          if (incident.endedAtMs !== null) return "incident_closed";
          if (incident.acknowledgedBy === by) return "already_so";
          return { incident: { ...incident, acknowledgedBy: by }, ...rest };
        }),
      ),
    noteIncident: (id, by, text) =>
      command(`noteIncident ${by}`, () =>
        withIncident(id, (record) => ({
          ...record,
          timeline: [...record.timeline, { type: "note", by, text, atMs: now() }],
        })),
      ),
    quietIncident: (id, until, by) =>
      command(`quietIncident ${by}`, () =>
        withIncident(id, ({ incident, timeline, ...rest }) => {
          if (incident.endedAtMs !== null) return "incident_closed";
          const untilMs = until?.untilMs ?? null;
          const quiet = untilMs !== null && untilMs <= now() ? null : { by, untilMs };
          const line: TimelineView = { type: "quieted", by, untilMs, atMs: now() };
          return { incident: { ...incident, quiet }, timeline: [...timeline, line], ...rest };
        }),
      ),
    announceIncident: (id, over, by) =>
      command(`announceIncident ${by}`, () =>
        withIncident(id, ({ incident, timeline, ...rest }) => {
          const { announcement, endedAtMs } = incident;
          if (endedAtMs !== null) return "incident_closed";
          if (over && announcement === null) return "not_announced";
          if (over ? announcement?.overAtMs !== null : announcement !== null) return "already_so";
          if (!over && telling.announcement(id, over)?.to.length === 0) return "nobody_to_announce_to";
          const told = announcement ?? { by, atMs: now(), overAtMs: null };
          const line: TimelineView = { type: "announced", by, over, atMs: now() };
          return {
            incident: { ...incident, announcement: { ...told, overAtMs: over ? now() : null } },
            timeline: [...timeline, line],
            ...rest,
          };
        }),
      ),
    checkIncident: (id, by) =>
      command(`checkIncident ${by}`, () => {
        const evidence = probes.map((result): EvidenceView => {
          return { type: "probe", from: "collector", by: null, result, atMs: now() };
        });
        const verdict = probes[0]?.verdict ?? "none";
        const result = withIncident(id, ({ incident, timeline, ...rest }) => {
          if (incident.endedAtMs !== null) return "incident_closed";
          if (incident.kind === "collector_trouble") return "nothing_to_check";
          const line: TimelineView = { type: "checked", by, verdict, atMs: now() };
          const checked = { by, atMs: now(), evidence };
          return { incident: { ...incident, checked }, timeline: [...timeline, line], ...rest };
        });
        return result.ok ? accept(evidence) : result;
      }),
    createEnrollment: (input) =>
      command("createEnrollment", () => {
        if (input.siteId !== null && !sites.has(input.siteId)) return refuse("site_not_found");
        if (input.serverId !== null && !servers.has(input.serverId)) return refuse("server_not_found");
        return accept({
          token: `${nextId("e")}.rahasia-yang-panjang-sekali`,
          expiresAtMs: now() + input.expiresInSeconds * 1_000,
        });
      }),
    checkServer: (id) => command("checkServer", () => withServer(id, () => accept(probes))),
    tryProbe: (input) =>
      command("tryProbe", () => {
        tried.input = input;
        return accept(probes);
      }),

    shelf: {
      get: (key) => shelf.get(key) ?? null,
      list: (prefix) =>
        [...shelf]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, value]) => ({ key, value })),
      write: async (changes) => {
        if (failing) throw new Error("ENOSPC: the disk is full");
        for (const { key, value } of changes)
          if (value === null) shelf.delete(key);
          else shelf.set(key, structuredClone(value));
      },
    },

    setServer: (server) => {
      servers.set(server.id, { ...server, siteName: siteNameOf(server.siteId) ?? server.siteName });
      publish({ topic: "server", id: server.id });
    },
    setSite: (site) => {
      sites.set(site.id, site);
      publish({ topic: "site", id: site.id });
    },
    setIncident: (record) => {
      incidents.set(record.incident.id, record);
      publish({ topic: "incident", id: record.incident.id });
    },
    setMaintenance: (window) => {
      windows.set(window.id, window);
      publish({ topic: "maintenance", id: window.id });
    },
    setServerLog: (serverId, entries) => {
      logs.set(serverId, entries);
      publish({ topic: "server", id: serverId });
    },
    tried,
    setSystem: (change) => {
      system = { ...system, ...change };
      publish({ topic: "hearing", id: "" });
    },
    setProbes: (next) => {
      probes = next;
    },
    failStore: (next) => {
      failing = next;
    },
    beat: (serverId, atMs) => {
      const server = servers.get(serverId);
      if (!server) return;
      servers.set(serverId, { ...server, lastHeartbeatMs: atMs });
      publish({ topic: "heartbeat", id: serverId });
    },
    publish,
    listeners: () => listeners.size,
  };
}
