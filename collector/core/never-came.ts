/**
 * A server that was added and never came: told once after a day, not alarmed.
 * Why apart: it is the one message without an incident.
 * Must not: change a status.
 */
import type { Draft } from "./draft.ts";
import { enqueueForAll } from "./outbox.ts";
import type { Detector, Message, Server } from "./types.ts";

/** A day: long enough to install an agent tomorrow, short enough to notice a forgotten one. */
export const NEVER_CAME_MS = 86_400_000;

/** True when it was told just now. */
export function tellNeverCame(
  draft: Draft,
  server: Server,
  detector: Extract<Detector, { status: "new" }>,
): boolean {
  if (detector.told || draft.nowMs - detector.sinceCoreMs < NEVER_CAME_MS) return false;
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  const message: Message = {
    step: "never_came",
    incidentNumber: 0,
    kind: "agent_down",
    variant: null,
    serverName: server.name,
    siteName: site?.name ?? null,
    siteAddress: site?.address || null,
    latitude: server.latitude ?? site?.latitude ?? null,
    longitude: server.longitude ?? site?.longitude ?? null,
    timeZone: site?.timeZone ?? draft.state.settings.timeZone,
    startedWallMs: server.createdWallMs,
    detectedWallMs: draft.at.wallMs,
    endedWallMs: null,
    durationMs: null,
    confidence: "high",
    cause: "unknown",
    finalCause: null,
    evidence: [],
    panelUrl: draft.state.settings.publicUrl && `${draft.state.settings.publicUrl}/servers/${server.id}`,
  };
  enqueueForAll(draft, `never_came-${server.id}`, server.id, "never_came", "never_came", message);
  return true;
}
