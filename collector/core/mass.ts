/**
 * Many servers of several sites silent at once: one outage, and perhaps our own.
 * Why: fifty alerts in one minute say less than one that names fifty servers; and the first suspect is the collector.
 * Must not: count servers whose silence began while nobody could be heard: they need not have fallen together.
 */
import type { Draft } from "./draft.ts";
import { hearingIn } from "./hearing.ts";
import { failedTwice } from "./ping-only.ts";
import type { State } from "./state.ts";
import type { Heard, MassFlag } from "./types/server.ts";

/** So many of `of` servers, at so many sites, are many. */
export function isMany({ thresholds }: State, count: number, of: number, sites: number): boolean {
  const { massShare, massServers, massSites } = thresholds;
  return count >= Math.max(massServers, Math.ceil(massShare * of)) && sites >= massSites;
}

/** Somebody turned suspect: raises the flag when they are many. Costs O(servers), only then. */
export function lookForMass(draft: Draft): void {
  const hearing = hearingIn(draft);
  if (hearing.state !== "hearing" || draft.get("mass", "") !== undefined) return;
  const { times, derived } = draft.state;
  // Nobody at all was heard since we can hear again: all who are silent are silent "at once", as far as we can know.
  const deaf = Math.max(derived.newestBeatMs, derived.newestProbedMs) <= hearing.awayUntilCoreMs;
  let up = 0;
  let fromCoreMs = Number.POSITIVE_INFINITY;
  let count = 0;
  const sites = new Set<string>();
  for (const detector of draft.all("detector")) {
    if (detector.status === "up") up += 1;
    if (detector.status !== "suspect") continue;
    const heard = draft.get("heard", detector.serverId);
    if (!heard) continue;
    const together =
      deaf ||
      (heard.coreMs > hearing.awayUntilCoreMs && draft.nowMs - detector.sinceCoreMs <= times.massWindowMs);
    if (!together) {
      up += 1;
      continue;
    }
    count += 1;
    fromCoreMs = Math.min(fromCoreMs, heard.coreMs);
    sites.add(draft.server(detector.serverId)?.siteId ?? "");
  }
  if (!isMany(draft.state, count, up + count, sites.size)) return;
  draft.put("mass", "", {
    flaggedCoreMs: draft.nowMs,
    fromCoreMs,
    untilCoreMs: draft.nowMs + 2 * times.downAfterMs,
  });
}

/** A flag that led to nothing is taken down; while nobody can be heard it stays. */
export function expireMass(draft: Draft): void {
  const mass = draft.get("mass", "");
  const hearing = hearingIn(draft);
  if (mass && hearing.state === "hearing" && mass.untilCoreMs <= draft.nowMs) draft.put("mass", "", null);
}

/** Hearing returned: whoever fell with the many is judged in the coming T; and who turned suspect meanwhile is counted. */
export function resumeMass(draft: Draft): void {
  const mass = draft.get("mass", "");
  const { downAfterMs, holdMs } = draft.state.times;
  if (mass) draft.put("mass", "", { ...mass, untilCoreMs: draft.nowMs + downAfterMs + holdMs });
  else lookForMass(draft);
}

/** Whether a silence belongs to the many: it began with theirs. Ping-only servers are heard only each T/3. */
export function belongsToMass(draft: Draft, fromCoreMs: number, heard: Pick<Heard, "coreMs">): boolean {
  const { times } = draft.state;
  return (
    heard.coreMs >= fromCoreMs - times.probeEveryMs &&
    heard.coreMs <= fromCoreMs + times.massWindowMs + times.probeEveryMs
  );
}

/** The servers of the flag that are silent still, as they fell; null: they are not many any more (the flag is taken down). */
export function massNow(draft: Draft, mass: MassFlag): readonly string[] | null {
  let up = 0;
  const silent: { readonly id: string; readonly atMs: number }[] = [];
  const sites = new Set<string>();
  for (const detector of draft.all("detector")) {
    if (detector.status === "up") up += 1;
    // Who is down already was told by itself, or by another group.
    if (detector.status !== "suspect") continue;
    const heard = draft.get("heard", detector.serverId);
    if (!heard || !belongsToMass(draft, mass.fromCoreMs, heard)) continue;
    const server = draft.server(detector.serverId);
    // One lost packet makes a device suspect, and no more. Is it down after all, it joins when that is known.
    if (server?.mode === "ping" && !failedTwice(draft, server)) continue;
    silent.push({ id: detector.serverId, atMs: heard.coreMs });
    sites.add(server?.siteId ?? "");
  }
  if (!isMany(draft.state, silent.length, up + silent.length, sites.size)) {
    draft.put("mass", "", null);
    return null;
  }
  return silent.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1)).map((one) => one.id);
}
