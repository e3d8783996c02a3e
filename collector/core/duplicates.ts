/**
 * Two machines with one identity: a copied disk or a cloned VM. Their sessions replace each other without end.
 * Why: each of them keeps the other from being missed; people must know before one of them dies.
 * Must not: close more sessions than D15 does, or take a restarted agent for a second machine.
 */
import type { Draft } from "./draft.ts";
import { messageAbout } from "./messages.ts";
import { enqueueForAll } from "./outbox.ts";
import { log } from "./server-log.ts";
import type { Event, Identity } from "./types.ts";

/** Sessions remembered: two machines, and what each of them was before a restart. */
const SEEN_MAX = 4;

/**
 * A session began. Facts A, then B, then A again: a program that restarted never becomes its former self, so there are
 * two of them.
 */
export function sessionSeen(draft: Draft, event: Extract<Event, { type: "agent_connected" }>): void {
  const before = draft.get("identity", event.serverId);
  const same = (seen: Identity["seen"][number]): boolean =>
    seen.bootId === event.bootId && seen.agentStartedBootMs === event.agentStartedBootMs;
  const newest = before?.seen.at(-1);
  const changed = newest !== undefined && !same(newest);
  const cameBack = changed && before?.seen.some(same) === true;
  const others = (before?.seen ?? []).filter((seen) => !same(seen));
  draft.put("identity", event.serverId, {
    serverId: event.serverId,
    seen: [
      ...others,
      {
        bootId: event.bootId,
        agentStartedBootMs: event.agentStartedBootMs,
        peerAddress: event.peerAddress,
        coreMs: draft.nowMs,
      },
    ].slice(-SEEN_MAX),
    duplicateSinceCoreMs: before?.duplicateSinceCoreMs ?? (cameBack ? draft.nowMs : null),
    lastFlipCoreMs: cameBack ? draft.nowMs : (before?.lastFlipCoreMs ?? draft.nowMs),
  });
  if (cameBack) draft.put("look", event.serverId, { coreMs: draft.nowMs });
}

/** Tells that there are two, and later that only one is left. Called when the server is looked at. */
export function lookAtIdentity(draft: Draft, serverId: string): void {
  const identity = draft.get("identity", serverId);
  if (!identity || identity.duplicateSinceCoreMs === null) return;
  const server = draft.server(serverId);
  if (!server) return;
  const addresses = [...new Set(identity.seen.map((seen) => seen.peerAddress))];
  // The log is durable: it says what was told, also when this record was lost in a crash.
  const told = draft
    .get("serverLog", serverId)
    ?.entries.findLast((entry) => entry.what.type === "duplicate" || entry.what.type === "duplicate_over");
  if (told?.what.type !== "duplicate") {
    log(draft, serverId, { type: "duplicate", addresses });
    const message = messageAbout(draft, server, "duplicate", { addresses });
    const id = `duplicate-${serverId}-${String(Math.round(identity.duplicateSinceCoreMs))}`;
    enqueueForAll(draft, id, serverId, "duplicate", "duplicate", message);
    return;
  }
  if (draft.nowMs - identity.lastFlipCoreMs < draft.state.times.downAfterMs) return;
  const left = identity.seen.at(-1);
  draft.put("identity", serverId, {
    ...identity,
    seen: left ? [left] : [],
    duplicateSinceCoreMs: null,
  });
  log(draft, serverId, { type: "duplicate_over", address: left?.peerAddress ?? "" });
  const message = messageAbout(draft, server, "duplicate_over", {
    addresses: left ? [left.peerAddress] : [],
  });
  const id = `duplicate_over-${serverId}-${String(Math.round(identity.lastFlipCoreMs))}`;
  enqueueForAll(draft, id, serverId, "duplicate_over", "duplicate_over", message);
}
