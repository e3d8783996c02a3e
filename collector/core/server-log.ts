/**
 * What happened to a server and is no incident: a reboot, a goodbye, an unstable link, two machines with one identity.
 * Why: "what did it do last week" is asked when the next outage comes; no message is sent for a line here by itself.
 * Must not: decide anything.
 */
import type { Draft } from "./draft.ts";
import type { ServerLogEntry } from "./types/server.ts";

/** Lines kept of one server: some weeks of a restless one. */
export const LOG_MAX = 50;

export function log(draft: Draft, serverId: string, what: ServerLogEntry["what"]): void {
  const before = draft.get("serverLog", serverId);
  const entry: ServerLogEntry = { wallMs: draft.at.wallMs, what };
  draft.put("serverLog", serverId, {
    serverId,
    entries: [...(before?.entries ?? []), entry].slice(-LOG_MAX),
    duplicate: what.type === "duplicate" || (before?.duplicate === true && what.type !== "duplicate_over"),
  });
  draft.publish("server", serverId);
}
