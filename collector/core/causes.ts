/**
 * Why an outage was, as known afterwards: from the sessions before and after it, and from the agent's journal.
 * Why apart from evidence: that names a kind while nobody can be asked; this listens to the one who was there.
 * Must not: guess. Facts that contradict each other, or none, give "unknown", or leave the cause of the alert.
 */
import type { Draft } from "./draft.ts";
import type { Times } from "./times.ts";
import type { Cause, GroupFacts, Incident, IncidentMinutes, JournalFinding } from "./types/incident.ts";
import type { CollectorReach, JournalDigest, JournalEntry } from "./types/journal.ts";
import type { Heard } from "./types/server.ts";

/** A stretch without an entry longer than so many intervals is one in which the program did not run. */
const GAP_INTERVALS = 3;
/** What explains at least half of the outage explains it. */
const MOST = 0.5;
/** Machines of one site that came back within this lost their power together (detection.md). */
const POWER_BACK_MS = 300_000;
/** Entries without an acknowledgement, fewer than which say nothing of the network. */
const LOOKS_MIN = 1;

export function noDigest(serverId: string, fromCoreMs: number): JournalDigest {
  return {
    serverId,
    fromCoreMs,
    complete: false,
    lastSequence: 0,
    lastEntryCoreMs: null,
    lastBootId: null,
    ticks: 0,
    gapMs: 0,
    gapsMs: 0,
    sleptMs: 0,
    reboots: 0,
    cleanReboot: null,
    rebootedCoreMs: null,
    restarts: 0,
    stopped: false,
    linkDown: 0,
    gatewayOk: 0,
    gatewayFailed: 0,
    internetOk: 0,
    internetFailed: 0,
    dnsFailed: 0,
    collectorErrors: {},
  };
}

/** It is silent again in the same outage: its journal will go on. */
export function awaitJournal(draft: Draft, serverId: string): void {
  const digest = draft.get("journal", serverId);
  if (digest) draft.put("journal", serverId, { ...digest, complete: false });
}

/** Adds one entry. Entries from before the outage only say where it begins; a repeated one changes nothing. */
export function digested(
  digest: JournalDigest,
  entry: JournalEntry,
  nowMs: number,
  times: Times,
): JournalDigest {
  if (entry.sequence <= digest.lastSequence) return digest;
  const atMs = nowMs - entry.ageMs;
  const place = {
    lastSequence: entry.sequence,
    lastEntryCoreMs: digest.lastEntryCoreMs === null ? atMs : Math.max(digest.lastEntryCoreMs, atMs),
    lastBootId: entry.bootId,
    // A stop belongs to the outage also when it came just before the silence.
    stopped:
      entry.event === "stop" ||
      (digest.stopped && entry.event !== "start" && digest.lastBootId === entry.bootId),
  };
  if (atMs < digest.fromCoreMs) return { ...digest, ...place };
  const awakeMs =
    digest.lastEntryCoreMs === null ? 0 : Math.max(0, atMs - digest.lastEntryCoreMs - entry.sleptMs);
  const gapMs = awakeMs > GAP_INTERVALS * times.intervalMs ? awakeMs : 0;
  const rebooted = digest.lastBootId !== null && digest.lastBootId !== entry.bootId;
  const unheard = entry.event === "tick" && entry.collector !== "ok";
  const count = (is: boolean): number => (is && unheard ? 1 : 0);
  return {
    ...digest,
    ...place,
    ticks: digest.ticks + (entry.event === "tick" ? 1 : 0),
    gapMs: Math.max(digest.gapMs, gapMs),
    gapsMs: digest.gapsMs + gapMs,
    sleptMs: digest.sleptMs + entry.sleptMs,
    reboots: digest.reboots + (rebooted ? 1 : 0),
    cleanReboot: rebooted ? digest.stopped : digest.cleanReboot,
    rebootedCoreMs: rebooted ? atMs : digest.rebootedCoreMs,
    restarts: digest.restarts + (entry.event === "start" && !rebooted ? 1 : 0),
    linkDown: digest.linkDown + count(entry.link === "down"),
    gatewayOk: digest.gatewayOk + count(entry.gateway === "ok"),
    gatewayFailed: digest.gatewayFailed + count(entry.gateway === "failed"),
    internetOk: digest.internetOk + count(entry.internet === "ok"),
    internetFailed: digest.internetFailed + count(entry.internet === "failed"),
    dnsFailed: digest.dnsFailed + count(entry.dns === "failed"),
    collectorErrors: unheard
      ? { ...digest.collectorErrors, [entry.collector]: (digest.collectorErrors[entry.collector] ?? 0) + 1 }
      : digest.collectorErrors,
  };
}

/**
 * The final cause of one server's incident. `now`: its session after the outage (null: ping-only, nothing to learn).
 * `digest`: what its journal said so far (null: nothing).
 */
export function finalCause(
  times: Times,
  incident: Pick<
    Incident,
    "kind" | "cause" | "confidence" | "bootIdBefore" | "agentStartedBootMsBefore" | "goodbye"
  >,
  now: Pick<Heard, "bootId" | "agentStartedBootMs"> | null,
  digest: JournalDigest | null,
  durationMs: number,
): Cause {
  const { kind, cause } = incident;
  if (kind === "not_back") return "planned";
  if (!now || incident.bootIdBefore === null || now.bootId === null) return cause;
  const told =
    digest !== null &&
    durationMs > 0 &&
    digest.ticks + digest.gapsMs + digest.reboots + digest.restarts + digest.sleptMs > 0;
  if (now.bootId !== incident.bootIdBefore) {
    if (!told || digest.reboots === 0) return kind === "host_hung" ? "host_hung" : "host_rebooted";
    // It was reset: of a hung machine that is the end, not the cause.
    if (kind === "host_hung") return "host_hung";
    // It ran on for most of the outage: the silence had another reason, and the reboot came on top.
    if (digest.gapsMs < MOST * durationMs && digest.ticks > 0) return "unknown";
    // Its program was stopped by hand before: what became of the machine afterwards nobody saw.
    if (digest.cleanReboot === true) return incident.goodbye === "agent_stopped" ? "unknown" : "planned";
    // The host answered while its agent was silent: it did not go down then, and nobody saw why it did later.
    return kind === "agent_down" ? "unknown" : "host_crash_or_power";
  }
  const restarted = now.agentStartedBootMs !== incident.agentStartedBootMsBefore;
  if (!told) {
    if (restarted) return "agent_stopped";
    // The same program on the same boot. Cut off, asleep and frozen look alike without a journal; only a host that
    // others reached all the while was cut off for certain.
    return kind === "path_down" ? "connection" : "unknown";
  }
  if (digest.sleptMs >= MOST * durationMs) return "host_suspended";
  if (restarted && digest.gapsMs >= MOST * durationMs) return "agent_stopped";
  if (digest.gapsMs >= MOST * durationMs) return stoodStill(kind, incident.confidence);
  if (restarted && digest.gapsMs > 0 && digest.ticks === 0) return "agent_stopped";
  return network(digest);
}

/** The same program, the same boot, and no tick: either it alone was frozen, or the whole machine. */
function stoodStill(kind: Incident["kind"], confidence: Incident["confidence"]): Cause {
  if (kind !== "agent_down") return "host_hung";
  // With a program of the host heard it was the agent alone; an echo or an accept is the kernel's, and does not tell.
  return confidence === "high" ? "agent_stopped" : "unknown";
}

/** It ran all along and could not be heard: what it could reach meanwhile. */
function network(digest: JournalDigest): Cause {
  const errors = Object.entries(digest.collectorErrors) as [CollectorReach, number][];
  const looks = errors.reduce((sum, [, count]) => sum + count, 0);
  if (looks < LOOKS_MIN) return "connection";
  const most = (count: number): boolean => count >= MOST * looks;
  if (most(digest.linkDown)) return "host_network";
  const gateway = opinion(digest.gatewayOk, digest.gatewayFailed);
  const internet = opinion(digest.internetOk, digest.internetFailed);
  if (gateway === "failed" && internet === "ok") return "unknown";
  if (gateway === "failed") return "host_network";
  if (gateway === "ok" && internet === "failed") return "site_link";
  const refused = (["name", "certificate", "proxy", "rejected"] as const).reduce(
    (sum, word) => sum + (digest.collectorErrors[word] ?? 0),
    0,
  );
  if (internet !== "failed" && most(refused)) return "name_certificate_or_proxy";
  if (internet === "ok") return "path_or_provider";
  return "connection";
}

/** Most of the looks that said anything; null: none did, or they are at odds. */
function opinion(ok: number, failed: number): "ok" | "failed" | null {
  if (ok + failed === 0) return null;
  if (ok >= 0.7 * (ok + failed)) return "ok";
  return failed >= 0.7 * (ok + failed) ? "failed" : null;
}

/** The final cause of an incident that stood for several servers, from how it ended for each. */
export function groupCause(incident: Pick<Incident, "kind" | "variant" | "cause">, group: GroupFacts): Cause {
  const { endings } = group;
  if (endings.length === 0) return incident.cause;
  const reboots = endings
    .filter((ending) => ending.rebootedUnclean)
    .map((ending) => ending.backCoreMs)
    .sort((a, b) => a - b);
  const together = reboots.some((atMs, index) => {
    const next = reboots[index + 1];
    return next !== undefined && next - atMs <= POWER_BACK_MS;
  });
  if (group.type === "site" && together) return "site_power";
  const votes = new Map<Cause, number>();
  for (const ending of endings) {
    const cause = asGroup(ending.cause, group);
    if (cause !== null) votes.set(cause, (votes.get(cause) ?? 0) + 1);
  }
  const total = [...votes.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return incident.cause;
  for (const [cause, count] of votes) if (count > MOST * total) return cause;
  return "unknown";
}

/** What one member's cause says of the whole; null: nothing (no journal, one machine's own matter). */
function asGroup(cause: Cause, group: GroupFacts): Cause | null {
  switch (cause) {
    case "host_network":
      return group.type === "site" ? "site_lan" : null;
    case "path_or_provider":
      // Everywhere at once, only the collector could not be reached: it was the collector's side.
      return group.type === "mass" ? "collector" : "path_or_provider";
    case "connection":
    case "unknown":
    case "host_rebooted":
    case "host_crash_or_power":
      return null;
    default:
      return cause;
  }
}

/** What the journal says, as sentences for people. */
export function findings(times: Times, digest: JournalDigest | null): JournalFinding[] {
  if (!digest || digest.lastEntryCoreMs === null) return [];
  const found: JournalFinding[] = [];
  const { gapMs, sleptMs } = digest;
  if (digest.reboots > 0) {
    if (digest.cleanReboot === true) found.push({ type: "stopped_in_order" });
  } else if (digest.restarts > 0) {
    // The program was away, not the machine; "agent stopped" says so.
  } else if (digest.gapsMs > 0) found.push({ type: "stood_still", forMs: Math.round(gapMs) });
  else if (digest.ticks > 0) found.push({ type: "ran_all_along" });
  if (sleptMs >= times.intervalMs) found.push({ type: "slept", forMs: Math.round(sleptMs) });
  if (digest.linkDown > 0) found.push({ type: "link_down" });
  const gateway = opinion(digest.gatewayOk, digest.gatewayFailed);
  if (gateway !== null) found.push({ type: "gateway", reached: gateway === "ok" });
  const internet = opinion(digest.internetOk, digest.internetFailed);
  if (internet !== null) found.push({ type: "internet", reached: internet === "ok" });
  const errors = (Object.entries(digest.collectorErrors) as [CollectorReach, number][]).sort(
    ([, a], [, b]) => b - a,
  );
  const problem = errors[0]?.[0];
  if (problem !== undefined && problem !== "unknown") found.push({ type: "collector", problem });
  return found;
}

/** Whose minutes they are, by the final cause; where a journal tells, time in which the machine stood still is the server's. Rounded to a tenth. */
export function minutesOf(cause: Cause, durationMs: number, digest: JournalDigest | null): IncidentMinutes {
  const none = { server: 0, link: 0, planned: 0, collector: 0 };
  const whole = rounded(durationMs);
  if (cause === "planned") return { ...none, planned: whole };
  if (cause === "collector") return { ...none, collector: whole };
  if (digest?.complete === true && digest.ticks > 0) {
    const server = rounded(Math.min(durationMs, digest.gapsMs + digest.sleptMs));
    return { ...none, server, link: Math.max(0, Math.round((whole - server) * 10) / 10) };
  }
  switch (cause) {
    case "connection":
    case "host_network":
    case "path_or_provider":
    case "site_link":
    case "site_lan":
    case "site_link_or_power":
    case "name_certificate_or_proxy":
      return { ...none, link: whole };
    default:
      return { ...none, server: whole };
  }
}

function rounded(durationMs: number): number {
  return Math.round(durationMs / 6_000) / 10;
}
