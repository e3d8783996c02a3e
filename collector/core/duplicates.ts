/**
 * Two machines with one identity: a copied disk or a cloned VM. Their sessions replace each other without end.
 * Why: each of them keeps the other from being missed; people must know before one of them dies.
 * Must not: close more sessions than D15 does, or take a restarted agent for a second machine.
 */
import type { Draft } from "./draft.ts";
import { hearingIn } from "./hearing.ts";
import { messageAbout } from "./messages.ts";
import { tellNotice } from "./telling.ts";
import { log } from "./server-log.ts";
import type { State } from "./state.ts";
import type { Event } from "./types/events.ts";
import type { Server } from "./types/registry.ts";
import type { Identity } from "./types/server.ts";

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

/** Whether a look at this server has anything to do with its identity. */
export function takesTurnsOrDid(state: State, serverId: string): boolean {
  return (
    state.tables.identity.get(serverId)?.duplicateSinceCoreMs != null ||
    state.tables.serverLog.get(serverId)?.duplicate === true
  );
}

/**
 * Tells that there are two, and later that only one is left. What was told is durable (the server's log), so neither a
 * full disk nor a crash tells it twice or loses it. Called when the server is looked at.
 */
export function lookAtIdentity(draft: Draft, serverId: string): void {
  const identity = draft.get("identity", serverId);
  const isTold = draft.get("serverLog", serverId)?.duplicate === true;
  const takesTurns = isDuplicate(draft, serverId);
  if (!isTold && !takesTurns) return;
  const server = draft.server(serverId);
  if (!server) return;
  const seen = identity?.seen ?? [];
  const { downAfterMs } = draft.state.times;
  const hearing = hearingIn(draft);
  const isCalm =
    hearing.state === "hearing" &&
    draft.nowMs - hearing.awayUntilCoreMs >= downAfterMs &&
    draft.nowMs - (identity?.lastFlipCoreMs ?? 0) >= downAfterMs;
  if (takesTurns && !isTold && !isCalm) {
    const addresses = [...new Set(seen.map((one) => one.peerAddress))];
    log(draft, serverId, { type: "duplicate", addresses });
    tell(draft, server, "duplicate", addresses);
  } else if (isTold && isCalm) {
    const left = seen.at(-1)?.peerAddress;
    log(draft, serverId, { type: "duplicate_over", address: left ?? "" });
    tell(draft, server, "duplicate_over", left === undefined ? [] : [left]);
  } else if (takesTurns && !isTold && identity)
    // It is over, and that was told: the next change of hands begins anew.
    draft.put("identity", serverId, { ...identity, seen: seen.slice(-1), duplicateSinceCoreMs: null });
}

function tell(
  draft: Draft,
  server: Server,
  step: "duplicate" | "duplicate_over",
  addresses: readonly string[],
): void {
  const message = messageAbout(draft, server, step, { addresses });
  const id = `${step}-${server.id}-${String(Math.round(draft.nowMs))}`;
  tellNotice(draft, id, step, message, { serverId: server.id });
}

/** While two machines take turns, each turn looks like a reboot; it is none. */
export function isDuplicate(draft: Draft, serverId: string): boolean {
  return draft.get("identity", serverId)?.duplicateSinceCoreMs != null;
}
