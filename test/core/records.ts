/**
 * Usual records of the core, to be changed where a story needs it, units of time, and a state as plain data to compare.
 * Why: a test names what matters to it; the rest is something plain.
 * Must not: know a stage.
 */
import { recipientFrom, wishesUsual } from "../../collector/core/recipients.ts";
import { tableNames } from "../../collector/core/state.ts";
import type { State } from "../../collector/core/state.ts";
import type { ProbeRequest, ProbeResult, ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { JournalEntry } from "../../collector/core/types/journal.ts";
import type { Recipient, Route, Server, Site } from "../../collector/core/types/registry.ts";
import type { Settings } from "../../collector/core/types/tables.ts";
import type { SummaryPast } from "../../collector/core/types/telling.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Two places far away, for stages that have no gateway to ask. */
export const farSentinels = [
  { target: "192.0.2.1:443", near: false },
  { target: "192.0.2.2:443", near: false },
] as const;

export const settingsUsual: Settings = {
  heartbeatIntervalMs: 15_000,
  downAfterMs: 180_000,
  language: "id",
  timeZone: "Asia/Jakarta",
  publicUrl: "https://detak.example",
};

export const siteUsual: Site = {
  id: "site1",
  name: "Cabang Makassar",
  code: "MKS",
  address: "Jl. Sudirman 1",
  latitude: -5.1,
  longitude: 119.4,
  timeZone: "Asia/Makassar",
  gatewayAddress: null,
  contact: "",
  provider: "",
  circuitId: "",
  createdWallMs: 0,
};

export function serverOf(id: string, changes: Partial<Server> = {}): Server {
  return {
    id,
    name: `Server ${id}`,
    siteId: null,
    mode: "agent",
    address: "10.0.0.1",
    probePorts: [22],
    check: null,
    downAfterMs: null,
    latitude: null,
    longitude: null,
    parentId: null,
    tags: [],
    createdWallMs: 0,
    ...changes,
  };
}

/** A private chat; its address is made of its id, so that two of them differ. */
export function recipientOf(id: string, changes: Partial<Recipient> = {}): Recipient {
  const address = `1${Buffer.from(id).toString("hex").replace(/\D/g, "0")}`;
  const wishes = wishesUsual({ channel: "telegram", address, name: `Chat ${id}`, language: "id" });
  return { ...recipientFrom(id, wishes, 0), ...changes };
}

/** Of all incidents, to everybody, without repeats. */
export function routeOf(id: string, changes: Partial<Route> = {}): Route {
  return {
    id,
    name: `Route ${id}`,
    enabled: true,
    siteIds: [],
    tags: [],
    kinds: [],
    steps: [{ afterMs: 0, to: "everyone" }],
    repeatMs: [],
    fallbackRecipientIds: [],
    createdWallMs: 0,
    ...changes,
  };
}

/** Nothing happened. */
export function pastOf(changes: Partial<SummaryPast> = {}): SummaryPast {
  return {
    incidents: 0,
    minutes: { server: 0, link: 0, planned: 0, collector: 0 },
    availability: 1,
    worst: [],
    ...changes,
  };
}

/** What a probe says: of a verdict alone, the kernel's word (an echo, a refusal), never a program's. */
export function resultOf(request: ProbeRequest, answer: ProbeVerdict | Partial<ProbeResult>): ProbeResult {
  const said: Partial<ProbeResult> = typeof answer === "string" ? { verdict: answer } : answer;
  const verdict = said.verdict ?? "alive";
  const lives = { icmp: "reply", banner: "refused", tcp: "connected", http: "expected" };
  const details = {
    alive: lives[request.kind],
    dead: "timeout",
    none: request.kind === "icmp" ? "no_program" : "cancelled",
  };
  return {
    kind: request.kind,
    target: request.port === null ? request.host : `${request.host}:${request.port}`,
    verdict,
    detail: details[verdict],
    roundTripMs: verdict === "alive" ? 1 : null,
    ...(request.kind === "http" ? { asExpected: verdict === "alive" } : {}),
    ...said,
  };
}

/** One line of an agent's journal: an interval in which all was well but for what is said. */
export function entryOf(changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    sequence: 1,
    ageMs: 0,
    bootId: "boot-of-x",
    event: "tick",
    lateMs: 0,
    sleptMs: 0,
    link: "up",
    gateway: "unknown",
    dns: "unknown",
    internet: "unknown",
    collector: "ok",
    ...changes,
  };
}

/** A state as plain data, to compare two of them: every record, every index, and who is looked at when. */
export function imageOf(state: State): unknown {
  const sorted = <T>(entries: Iterable<readonly [string, T]>): [string, T][] =>
    [...entries].map(([key, value]): [string, T] => [key, value]).sort(([a], [b]) => (a < b ? -1 : 1));
  const sets = (index: ReadonlyMap<string, ReadonlySet<string>>): [string, string[]][] =>
    sorted([...index].filter(([, members]) => members.size > 0)).map(([key, members]) => [
      key,
      [...members].sort(),
    ]);
  const { derived, tables } = state;
  return {
    tables: Object.fromEntries(tableNames.map((name) => [name, sorted<unknown>(tables[name])])),
    serverByAgentKey: sorted(derived.serverByAgentKey),
    openNotifications: [...derived.openNotifications].sort(),
    notificationsOf: sets(derived.notificationsOf),
    serversOf: sets(derived.serversOf),
    sharedIncidents: [...derived.sharedIncidents].sort(),
    membersOf: sets(derived.membersOf),
    mutedIncidents: [...derived.mutedIncidents].sort(),
    uncertainIncidents: [...derived.uncertainIncidents].sort(),
    flapping: [...derived.flapping].sort(),
    newestBeatMs: derived.newestBeatMs,
    newestProbedMs: derived.newestProbedMs,
    schedule: derived.schedule.due(Number.MAX_SAFE_INTEGER),
  };
}
