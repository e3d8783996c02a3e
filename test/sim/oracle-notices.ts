/**
 * Judges what is told of a server without an incident: that it flaps, that there are two of it; and maintenance windows.
 * Why apart: these may keep an outage untold, so each of them must be true, and must end.
 * Must not: read the core's state.
 */
import type { Maintenance } from "../../collector/core/types/registry.ts";
import type { Notification, Step } from "../../collector/core/types/telling.ts";
import type { Violate } from "./figures.ts";
import type { GroupOracle, Known } from "./oracle-groups.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** detection.md: three within an hour; an hour without one; a digest each half hour. */
const FLAPPING_INCIDENTS = 3;
/** A, B, A is enough for the collector; one restart in between makes it begin anew. */
const TURNS_SURE = 5;
const TURNS_TOLD_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DIGEST_MS = 1_800_000;
/** Commits that waited, the digest's own tick. */
const SLOP_MS = 30_000;

const notices: ReadonlySet<Step> = new Set<Step>([
  "never_came",
  "flapping",
  "flapping_digest",
  "flapping_over",
  "duplicate",
  "duplicate_over",
  "recipient_lost",
]);

export function isNotice(step: Step): boolean {
  return notices.has(step);
}

/** `s3`, or `site:site-2` for a site's outages. */
export function subjectOf(known: Known): string | null {
  const { serverId, kind, siteId } = known.incident;
  if (serverId !== null) return serverId;
  return kind === "site_down" && siteId !== null ? `site:${siteId}` : null;
}

export class NoticeOracle {
  /** Figures: by step. */
  readonly told = new Map<Step, number>();
  readonly #world: World;
  readonly #groups: GroupOracle;
  readonly #violate: Violate;
  readonly #windows = new Map<string, Maintenance>();
  /** By subject: when it began and ceased to flap, in turn. */
  readonly #flaps = new Map<string, { readonly atMs: number; readonly on: boolean }[]>();
  readonly #seen = new Set<string>();
  /** Time that the collector does not know of (a reboot of its host, H8): its hour is that much longer in truth. */
  readonly #lost: { readonly atMs: number; readonly unknownMs: number }[] = [];
  readonly #overdue = new Set<string>();
  /** When staff last took a window away: what it muted is told by the next tick. */
  windowRemovedMs = Number.NEGATIVE_INFINITY;
  /** There was a second machine with somebody's identity. */
  #cloneSpoke = false;
  /** By identity with two machines: which one spoke last, and how often that changed since anything was told of it. */
  readonly #turns = new Map<string, { machine: number; count: number; newestMs: number; told: boolean }>();
  /** By subject: when outages were told as such, the newest hour of them. */
  readonly #outagesMs = new Map<string, readonly number[]>();
  readonly #counted = new Set<string>();

  constructor(world: World, groups: GroupOracle, violate: Violate) {
    this.#world = world;
    this.#groups = groups;
    this.#violate = violate;
  }

  timeLost(atMs: number, unknownMs: number): void {
    // Who took turns before a start may be forgotten with the volatile facts.
    for (const turns of this.#turns.values()) turns.count = 0;
    if (unknownMs > 0) this.#lost.push({ atMs, unknownMs });
  }

  /** Of the time since then the collector does not know so much. */
  lostMs(sinceMs: number): number {
    return this.#lost.reduce((sum, { atMs, unknownMs }) => sum + (atMs > sinceMs ? unknownMs : 0), 0);
  }

  windowWritten(id: string, window: Maintenance | null): void {
    if (window) this.#windows.set(id, window);
    else {
      this.#windows.delete(id);
      this.windowRemovedMs = this.#world.nowMs;
    }
  }

  /** Whether staff agreed that nobody is told of this one now; of a group: of its site, or of each of its servers. */
  muted(known: Known, wallMs: number): boolean {
    const { serverId, siteId, group } = known.incident;
    if (this.#covered(serverId, siteId, wallMs)) return true;
    if (!group) return false;
    return group.serverIds.every((id) => this.#covered(id, this.#groups.record(id)?.siteId ?? null, wallMs));
  }

  #covered(serverId: string | null, siteId: string | null, wallMs: number): boolean {
    for (const window of this.#windows.values()) {
      if (wallMs < window.startsWallMs - SLOP_MS || wallMs >= window.endsWallMs + SLOP_MS) continue;
      if (window.serverId !== null && window.serverId !== serverId) continue;
      if (window.siteId === null || window.siteId === siteId) return true;
    }
    return false;
  }

  /** A window has covered it beyond doubt: since well before, and for well longer. */
  surelyMuted(known: Known, wallMs: number): boolean {
    const { serverId, siteId, group } = known.incident;
    if (group !== null) return false;
    return [...this.#windows.values()].some(
      (window) =>
        wallMs > window.startsWallMs + SLOP_MS &&
        wallMs < window.endsWallMs - SLOP_MS &&
        (window.serverId === null || window.serverId === serverId) &&
        (window.siteId === null || window.siteId === siteId),
    );
  }

  /** Whoever flaps and had no incident for an hour is told to be calm. `quietMs`: before it nothing had to be decided. */
  expectCalm(subject: string, quietMs: number, nowMs: number): void {
    if (!this.flaps(subject, nowMs) || this.#overdue.has(subject)) return;
    // Who blocked the bot is told nothing, and may have been the only one.
    if (this.#world.injected.has("chat_blocked")) return;
    let sinceMs = 0;
    for (const known of this.#groups.incidents.values()) {
      if (known.incident.serverId !== subject) continue;
      if (known.closedMs === null) return;
      sinceMs = Math.max(
        sinceMs,
        known.closedMs,
        (known.aloneSinceMs ?? 0) + HOUR_MS + this.lostMs(known.aloneSinceMs ?? 0),
      );
    }
    if (nowMs <= Math.max(sinceMs, quietMs) + this.#world.plan.downAfterMs) return;
    this.#overdue.add(subject);
    this.#violate("Q3", subject, "flaps no more for an hour, and nobody is told that it is calm");
  }

  /** An outage is told as such: the third of one subject within an hour is told as flapping instead (Q1). */
  outageTold(known: Known, nowMs: number): void {
    const subject = subjectOf(known);
    if (subject === null || this.#counted.has(known.incident.id)) return;
    this.#counted.add(known.incident.id);
    const told = this.#outagesMs.get(subject) ?? [];
    // An hour of the core's; of what a reboot of the host hid it knows nothing.
    const within = told.filter((atMs) => nowMs - atMs < HOUR_MS - SLOP_MS);
    this.#outagesMs.set(subject, [...within, nowMs]);
    if (within.length + 1 >= FLAPPING_INCIDENTS)
      this.#violate(
        "Q1",
        known.incident.serverId,
        `${known.incident.id} is told as an outage, the ${within.length + 1}th within an hour`,
      );
  }

  rowWritten(row: Notification, nowMs: number): void {
    if (!isNotice(row.step) || this.#seen.has(row.incidentId)) return;
    this.#seen.add(row.incidentId);
    this.told.set(row.step, (this.told.get(row.step) ?? 0) + 1);
    if (row.step === "flapping") return this.#flapping(row, nowMs, true);
    if (row.step === "flapping_over") return this.#flapping(row, nowMs, false);
    if (row.step === "duplicate" && !this.#cloneSpoke)
      this.#violate("Q6", row.serverId, "is told to be two machines, and is one");
    const turns = this.#turns.get(row.serverId ?? "");
    if (!turns || (row.step !== "duplicate" && row.step !== "duplicate_over")) return;
    if (row.step === "duplicate" && turns.told)
      this.#violate(
        "Q6",
        row.serverId,
        "is told to be two machines again, and nobody said that this was over",
      );
    turns.told = row.step === "duplicate";
    turns.count = 0;
  }

  /** Two machines that took turns several times are told. `quietMs`: before it nothing had to be decided. */
  expectTurnsTold(quietMs: number, nowMs: number): void {
    // Who blocked the bot is told nothing, and may have been the only one.
    if (this.#world.injected.has("chat_blocked")) return;
    for (const [serverId, turns] of this.#turns) {
      if (turns.told || turns.count < TURNS_SURE || this.#groups.record(serverId) === null) continue;
      if (
        nowMs <= Math.max(turns.newestMs, quietMs) + TURNS_TOLD_MS ||
        this.#overdue.has(`turns ${serverId}`)
      )
        continue;
      this.#overdue.add(`turns ${serverId}`);
      this.#violate(
        "Q6",
        serverId,
        `took turns ${turns.count} times, and nobody is told that it is two machines`,
      );
    }
  }

  /** `flapping-<subject>-<number>`. */
  #flapping(row: Notification, nowMs: number, on: boolean): void {
    const subject = row.incidentId.slice("flapping-".length, row.incidentId.lastIndexOf("-"));
    const before = this.#flaps.get(subject) ?? [];
    this.#flaps.set(subject, [...before, { atMs: nowMs, on }]);
    let incidents = 0;
    for (const known of this.#groups.incidents.values()) {
      if (subjectOf(known) !== subject) continue;
      const sinceMs = known.aloneSinceMs ?? Number.NEGATIVE_INFINITY;
      if (nowMs - sinceMs - this.lostMs(sinceMs) <= HOUR_MS + SLOP_MS) incidents += 1;
      if (!on && known.closedMs === null && known.openedMs < nowMs && known.incident.groupedUnder === null)
        this.#violate("Q1", row.serverId, `is told to be calm while ${known.incident.id} is open`);
    }
    if (on && incidents < FLAPPING_INCIDENTS)
      this.#violate("Q1", row.serverId, `is told to flap after ${incidents} incidents in an hour`);
  }

  /** Whether people know that it flaps. */
  flaps(subject: string, atMs: number): boolean {
    return this.#flaps.get(subject)?.findLast((one) => one.atMs <= atMs)?.on ?? false;
  }

  /** A copy of a machine spoke, if only for a moment. */
  sessionProven(server: SimulatedServer): void {
    if (server.plan.cloneOf !== null) this.#cloneSpoke = true;
    else if (!this.#cloneSpoke) return;
    const { nowMs, plan } = this.#world;
    const turns = this.#turns.get(server.id) ?? {
      machine: server.index,
      count: 0,
      newestMs: nowMs,
      told: false,
    };
    this.#turns.set(server.id, turns);
    // After T without a change of hands it is over, and begins anew.
    if (nowMs - turns.newestMs > plan.downAfterMs) turns.count = 0;
    if (turns.machine === server.index) return;
    turns.machine = server.index;
    turns.count += 1;
    turns.newestMs = nowMs;
  }
}
