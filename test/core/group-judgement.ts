/**
 * What is wrong with a world with sites, as sentences: untold, told twice, told too early or too late, grown past a limit.
 * Must not: know how the core groups; only what people can see, and what was written down for it.
 */
import { TIMELINE_MAX } from "../../collector/core/outbox.ts";
import type { Incident } from "../../collector/core/types/incident.ts";
import { cast, type World } from "./group-life.ts";

import { second } from "./records.ts";
import type { Stage } from "./stage.ts";

/** The incident that tells of `incident`, or null: it stands under one that is over. */
function tellerOf(stage: Stage, incident: Incident): Incident | null {
  let teller: Incident = incident;
  for (let depth = 0; teller.groupedUnder !== null; depth += 1) {
    if (depth > 8) throw new Error(`${incident.id} is grouped in a circle`);
    const above = stage.state.tables.incident.get(teller.groupedUnder);
    if (!above || above.endedWallMs !== null) return null;
    teller = above;
  }
  return teller;
}

/** What is wrong with what people know, as sentences. */
function untold(stage: Stage): string[] {
  const found: string[] = [];
  const { tables } = stage.state;
  const rows = [...tables.notification.values()];
  const outageRows = (id: string): number =>
    rows.filter((row) => row.incidentId === id && (row.step === "down" || row.step === "worse")).length;
  for (const detector of tables.detector.values()) {
    if (detector.status !== "down") continue;
    const incident = tables.incident.get(detector.incidentId);
    if (!incident) {
      found.push(`${detector.serverId} is down without an incident`);
      continue;
    }
    const teller = tellerOf(stage, incident);
    if (teller === null) {
      if (chainWaits(stage, incident)) continue;
      found.push(`${detector.serverId} stands under an incident that is over, and waits for nothing`);
      continue;
    }
    const reasons = teller.timeline.flatMap(({ what }) => (what.type === "notify" ? [what.reason] : []));
    if (outageRows(teller.id) === 0 && reasons.length === 0)
      found.push(`${detector.serverId} is down and ${teller.id} says to nobody why it is not told`);
    if (incident.groupedUnder !== null && outageRows(incident.id) > 0)
      found.push(`${detector.serverId} is told by itself and by ${incident.groupedUnder}`);
  }
  return found;
}

/** Somebody on the way up will be told by itself at a known moment. */
function chainWaits(stage: Stage, incident: Incident): boolean {
  let next: Incident | undefined = incident;
  for (let depth = 0; next && depth < 8; depth += 1) {
    const detector = next.serverId === null ? undefined : stage.state.tables.detector.get(next.serverId);
    if (detector?.status === "down" && detector.incidentId === next.id && detector.aloneFromCoreMs !== null)
      return true;
    if (detector?.status === "recovering") return true;
    next = next.groupedUnder === null ? undefined : stage.state.tables.incident.get(next.groupedUnder);
  }
  return false;
}

/** Open groups without anybody that belongs to them. */
function emptyGroups(stage: Stage): string[] {
  const { tables } = stage.state;
  return [...tables.incident.values()].flatMap((incident) => {
    if (incident.group === null || incident.endedWallMs !== null) return [];
    const members = [...tables.incident.values()].filter(
      (one) => one.groupedUnder === incident.id && one.endedWallMs === null,
    );
    const isSuspected = incident.group.serverIds.some((id) => tables.detector.get(id)?.status === "suspect");
    return members.length === 0 && !isSuspected ? [`${incident.id} is open without members`] : [];
  });
}

/** Ends that were told to somebody who had not been told of the beginning, and beginnings told twice. */
export function badPairs(stage: Stage): string[] {
  const found: string[] = [];
  const known = new Set<string>();
  const over = new Set<string>();
  for (const { notification, outcome } of stage.attempts) {
    const { incidentId, recipientId, step, repeat } = notification;
    const key = `${incidentId} ${recipientId}`;
    if (step === "down" || step === "worse") {
      if (step === "down" && known.has(key) && !repeat && outcome?.type === "sent" && over.has(key))
        found.push(`${key}: the beginning was told after the end`);
      // A send without an answer may have arrived.
      if (outcome === null || outcome.type === "sent" || outcome.type === "unknown") known.add(key);
    }
    if (step === "recovered" && outcome?.type === "sent") {
      if (!known.has(key)) found.push(`${key}: an end without a beginning`);
      over.add(key);
    }
  }
  return found;
}

/** Everything that must hold after each step of a life; as sentences. */
export function wrong({ stage, isDiskFull }: World): string[] {
  // What is not told yet because the disk is full is told when there is room.
  if (isDiskFull()) return [];
  const found = untold(stage);
  const empty = emptyGroups(stage);
  if (empty.length === 0) return found;
  // The tick after its last member came back closes it.
  stage.pass(2 * second);
  return [...found, ...emptyGroups(stage).filter((sentence) => empty.includes(sentence))];
}

/** Agents that beat and are down, or have been silent for too long and are not; as sentences. */
export function misjudged({ stage, beating }: World): string[] {
  const found: string[] = [];
  for (const server of stage.state.tables.server.values()) {
    const status = stage.status(server.id);
    const heard = stage.state.tables.heard.get(server.id);
    if (server.mode !== "agent" || !heard || status === undefined) continue;
    if (["new", "paused", "planned"].includes(status)) continue;
    const silentMs = stage.coreMs - heard.coreMs;
    const ownMs = Math.max(stage.times.downAfterMs, server.downAfterMs ?? 0);
    if (beating.has(server.id) && status === "down") found.push(`${server.id} beats and is down`);
    if (!beating.has(server.id) && silentMs > ownMs + stage.times.holdMs + 4 * second && status !== "down")
      found.push(`${server.id} is ${status} after ${silentMs} ms of silence`);
  }
  return found;
}

/** An agent's silence that was judged too early, or too late; as sentences. A broken promise has its own time. */
export function untimely(stage: Stage, incident: Incident): string[] {
  const id = incident.serverId;
  const server = id === null ? undefined : cast[id];
  if (id === null || !server || server.mode === "ping" || incident.kind === "not_back") return [];
  // Stopped by staff, and its host died later: three rounds of probes decide that.
  const left = stage.pushed.some(({ body }) => body.type === "goodbye_received" && body.serverId === id);
  if (left) return [];
  const silentMs = incident.detectedCoreMs - incident.startedCoreMs;
  const ownMs = Math.max(stage.times.downAfterMs, server.downAfterMs ?? 0);
  const mostMs = ownMs + 2 * second + (server.parentId == null ? 0 : stage.times.holdMs);
  return silentMs >= ownMs - 1 && silentMs <= mostMs ? [] : [`${id} was told after ${silentMs} ms`];
}

/** What grew past its limit, or outlived its server; as sentences. */
export function unbounded({ stage, isDiskFull }: World): string[] {
  const { tables } = stage.state;
  const found: string[] = [];
  const limit = (what: string, size: number, most: number): void => {
    if (size > most) found.push(`${what} holds ${size}`);
  };
  for (const one of tables.identity.values()) limit(`identity ${one.serverId}`, one.seen.length, 4);
  for (const one of tables.flapping.values()) limit(`flapping ${one.subject}`, one.openedCoreMs.length, 20);
  for (const one of tables.unstable.values()) limit(`unstable ${one.serverId}`, one.endedCoreMs.length, 20);
  for (const one of tables.gateway.values()) limit(`gateway ${one.siteId}`, one.rounds.length, 3);
  for (const one of tables.serverLog.values()) limit(`log of ${one.serverId}`, one.entries.length, 50);
  for (const one of tables.incident.values())
    limit(`timeline of ${one.id}`, one.timeline.length, TIMELINE_MAX);
  limit("sentinels", tables.sentinel.size, 3);
  if (isDiskFull()) return found;
  const ofServers = [
    "identity",
    "journal",
    "unstable",
    "serverLog",
    "detector",
    "heard",
    "look",
    "mark",
  ] as const;
  for (const table of ofServers)
    for (const id of tables[table].keys())
      if (!tables.server.has(id)) found.push(`${table} of ${id}, which is gone`);
  return found;
}
