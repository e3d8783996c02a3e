/**
 * A server's status, and when it is looked at next: the small steps that every part of the detector takes.
 * Why apart: sessions, looks, answers and verdicts all end in one of them.
 * Must not: decide which step is taken.
 */
import { awaitJournal } from "./causes.ts";
import type { Draft } from "./draft.ts";
import { hearingIn } from "./hearing.ts";
import { aloneFrom } from "./incident-endings.ts";
import { note } from "./outbox.ts";
import type { Server } from "./types/registry.ts";
import type { Detector } from "./types/server.ts";

type Base = Pick<Detector, "serverId" | "sinceCoreMs" | "sinceWallMs">;

export function base(draft: Draft, serverId: string): Base {
  return { serverId, sinceCoreMs: draft.nowMs, sinceWallMs: draft.at.wallMs };
}

export function newDetector(draft: Draft, serverId: string): Detector {
  return { ...base(draft, serverId), status: "new", told: false };
}

export function become(draft: Draft, detector: Detector): void {
  if (detector.status === "suspect") draft.suspicions += 1;
  draft.put("detector", detector.serverId, detector);
  draft.publish("server", detector.serverId);
}

/** When `remainingMs` more of hearing will have passed, on the core's time; while not hearing: when that may change. */
export function whenHeardFor(draft: Draft, remainingMs: number): number {
  const hearing = hearingIn(draft);
  const { times } = draft.state;
  const afterMs = Math.max(times.tickMs, remainingMs);
  // While isolated nobody knows when; the return of hearing looks at everybody.
  if (hearing.state === "isolated") return draft.nowMs + times.intervalMs;
  return hearing.state === "hearing"
    ? draft.nowMs + afterMs
    : Math.max(draft.nowMs + draft.state.times.tickMs, hearing.untilCoreMs);
}

export function mark(draft: Draft, serverId: string): void {
  const hearing = hearingIn(draft);
  if (hearing.state !== "hearing") return;
  draft.put("mark", serverId, { serverId, atCoreMs: draft.nowMs });
  draft.effect({ type: "drain_sockets" });
}

export function backToDown(draft: Draft, server: Server, incidentId: string): void {
  note(draft, incidentId, { type: "silent_again" });
  const aloneFromCoreMs = aloneFrom(draft, incidentId);
  become(draft, { ...base(draft, server.id), status: "down", incidentId, aloneFromCoreMs });
  awaitJournal(draft, server.id);
  draft.put("look", server.id, { coreMs: draft.nowMs });
}
