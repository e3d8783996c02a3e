/**
 * A server that was added and never came: told once after a day, not alarmed.
 * Why apart: nothing is wrong with a server that was never there.
 * Must not: change a status.
 */
import type { Draft } from "./draft.ts";
import { messageAbout } from "./messages.ts";
import { tellNotice } from "./telling.ts";
import type { Server } from "./types/registry.ts";
import type { Detector } from "./types/server.ts";

/** A day: long enough to install an agent tomorrow, short enough to notice a forgotten one. */
export const NEVER_CAME_MS = 86_400_000;

/** True when it was told just now. */
export function tellNeverCame(
  draft: Draft,
  server: Server,
  detector: Extract<Detector, { status: "new" }>,
): boolean {
  if (detector.told || draft.nowMs - detector.sinceCoreMs < NEVER_CAME_MS) return false;
  const message = messageAbout(draft, server, "never_came", { startedWallMs: server.createdWallMs });
  tellNotice(draft, `never_came-${server.id}`, "never_came", message, { serverId: server.id });
  return true;
}
