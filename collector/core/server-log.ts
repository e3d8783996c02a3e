/**
 * What happened to a server and is no incident: a reboot, a goodbye, an unstable link, two machines with one identity.
 * Why: "what did it do last week" is asked when the next outage comes; no message is sent for a line here by itself.
 * Must not: decide anything.
 */
import type { Draft } from "./draft.ts";
import type { ServerLogEntry } from "./types.ts";

/** Lines kept of one server: some weeks of a restless one. */
export const LOG_MAX = 50;

export function log(draft: Draft, serverId: string, what: ServerLogEntry["what"]): void {
  const entries = draft.get("serverLog", serverId)?.entries ?? [];
  const entry: ServerLogEntry = { wallMs: draft.at.wallMs, what };
  draft.put("serverLog", serverId, { serverId, entries: [...entries, entry].slice(-LOG_MAX) });
  draft.publish("server", serverId);
}
