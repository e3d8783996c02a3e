/**
 * Judges whether each outage is covered by exactly one alert: its own, its group's, a flapping server's, or none while staff
 * agreed on that (S3).
 * Why apart: one outage may pass through several covers; here is asked who knew, at rest, and who should know by now.
 * Must not: know how rows are delivered (oracle-messages.ts).
 */
import type { Notification } from "../../collector/core/types/telling.ts";
import { seconds, type Violate } from "./figures.ts";
import type { HearingTruth } from "./hearing-truth.ts";
import type { GroupOracle, Known } from "./oracle-groups.ts";
import type { MessageOracle } from "./oracle-messages.ts";
import { DIGEST_MS, subjectOf, type NoticeOracle } from "./oracle-notices.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Covers of covers: a mass outage, a site in it, a host in that. */
const DEPTH_MAX = 6;

export class CoverageOracle {
  readonly #world: World;
  readonly #hearing: HearingTruth;
  readonly #groups: GroupOracle;
  readonly #messages: MessageOracle;
  readonly #notices: NoticeOracle;
  readonly #violate: Violate;
  readonly #watchOf: (serverId: string) => Watch | null;
  readonly #reported = new Set<string>();
  /** The newest moment at which a window kept it untold. */
  readonly #mutedMs = new Map<string, number>();

  constructor(
    world: World,
    hearing: HearingTruth,
    groups: GroupOracle,
    messages: MessageOracle,
    notices: NoticeOracle,
    violate: Violate,
    watchOf: (serverId: string) => Watch | null,
  ) {
    this.#world = world;
    this.#hearing = hearing;
    this.#groups = groups;
    this.#messages = messages;
    this.#notices = notices;
    this.#violate = violate;
    this.#watchOf = watchOf;
  }

  /** A row was made: nobody is told twice of one outage. */
  rowMade(row: Notification): void {
    if (row.step !== "down" && row.step !== "worse") return;
    const known = this.#groups.incidents.get(row.incidentId);
    if (!known) return;
    const { muted } = known.incident;
    for (const id of known.covers)
      if (this.#groups.incidents.get(id)?.closedMs === null)
        this.#violate("S3", row.serverId, `${row.incidentId} is told by itself, and by ${id}`);
    if (row.step === "down" && (row.reason === "first" || row.reason === "group_over"))
      this.#notices.outageTold(known, this.#world.nowMs);
    const isOwn = known.incident.kind === "collector_trouble";
    if (row.reason === "maintenance_over" && !isOwn && this.#hearing.isDeaf(this.#world.nowMs))
      this.#violate("Q5", row.serverId, `${row.incidentId} is told at a window's end, without hearing`);
    const wallMs = this.#world.nowMs + this.#world.collector.wallOffsetMs;
    const isFirst = row.step === "down" && known.openedMs === this.#world.nowMs;
    if (!muted && isFirst && this.#notices.surelyMuted(known, wallMs))
      this.#violate("Q5", row.serverId, `${row.incidentId} is told in the middle of a window`);
    if (muted) this.#violate("Q5", row.serverId, `${row.incidentId} is told though it is muted`);
  }

  /** An incident was committed: what it says of windows must be so. */
  written(known: Known, wallMs: number): void {
    // A window that ended while nobody could be heard is looked at when that is over.
    const removedMs = this.#notices.windowRemovedMs + 5 * this.#world.tickMs;
    if (this.#world.nowMs <= Math.max(this.#hearing.latestMs, removedMs)) return;
    if (known.incident.muted && known.closedMs === null && !this.#notices.muted(known, wallMs)) {
      if (this.#once(known.incident.id, "muted"))
        this.#violate("Q5", known.incident.serverId, `${known.incident.id} is muted without a window`);
    }
  }

  #once(id: string, about: string): boolean {
    const key = `${id} ${about}`;
    if (this.#reported.has(key)) return false;
    this.#reported.add(key);
    return true;
  }

  /** Who is down and told by nobody although somebody should have been told by now. */
  look(nowMs: number, toleranceMs: number, diskTroubledMs: number): void {
    const wallMs = nowMs + this.#world.collector.wallOffsetMs;
    for (const known of this.#groups.open.values()) {
      const { incident } = known;
      if (known.aloneSinceMs === null || this.#messages.hasRows(incident.id)) continue;
      if (this.#messages.recipientsOf(incident.id).length === 0) continue;
      if (incident.muted && this.#notices.muted(known, wallMs)) {
        this.#mutedMs.set(incident.id, nowMs);
        continue;
      }
      // Its window ended since the look before: by time, by staff, or by a step of the wall clock.
      if (incident.muted && this.#mutedMs.has(incident.id) && this.#once(incident.id, "window over"))
        this.#mutedMs.set(incident.id, nowMs);
      const dueMs = this.#dueMs(known, diskTroubledMs) + toleranceMs + 5 * this.#world.tickMs;
      if (nowMs <= dueMs || !this.#once(incident.id, "untold")) continue;
      const sinceMs = nowMs - known.aloneSinceMs;
      this.#violate(
        "S3",
        incident.serverId,
        `${incident.id} stands by itself for ${seconds(sinceMs)} and is not told`,
      );
    }
  }

  #dueMs(known: Known, diskTroubledMs: number): number {
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    const aloneMs = known.aloneSinceMs ?? 0;
    const mutedMs = this.#mutedMs.get(known.incident.id);
    const subject = subjectOf(known);
    const watch = subject === null ? null : this.#watchOf(subject);
    // Who is coming back just when its window ends is not told any more, if it comes back.
    const backMs =
      watch !== null && watch.lastSignMs > known.openedMs ? watch.lastSignMs + 3.5 * heartbeatIntervalMs : 0;
    const unmutedMs = mutedMs === undefined ? 0 : Math.max(mutedMs, this.#hearing.latestMs, backMs);
    const sinceMs = Math.max(aloneMs, unmutedMs, diskTroubledMs);
    const flapping = subject !== null && this.#notices.flaps(subject, this.#world.nowMs);
    // Let go by its group: it gets T/2 to come back, as long as somebody can be heard at all.
    const lastMs = Math.max(watch?.lastSignMs ?? 0, this.#hearing.disturbedMs);
    const freed = known.covers.size > 0 || known.incident.groupedUnder !== null;
    const heldMs =
      Math.max(sinceMs, lastMs + 3.5 * heartbeatIntervalMs) + downAfterMs / 2 + 4 * heartbeatIntervalMs;
    const dueMs = freed ? Math.max(heldMs, this.#hearing.latestMs) : sinceMs;
    if (!flapping) return dueMs;
    // The digest's half hour is the collector's, and nothing is told in a grace.
    const digestMs = Math.max(sinceMs + DIGEST_MS + this.#notices.lostMs(sinceMs), this.#hearing.latestMs);
    return Math.max(dueMs, digestMs + downAfterMs);
  }

  /** Everybody who was to know knows. */
  atRest(): void {
    for (const known of this.#groups.incidents.values())
      for (const recipientId of this.#messages.recipientsOf(known.incident.id))
        if (!this.#knows(known, recipientId, 0))
          this.#violate(
            "S3",
            known.incident.serverId,
            `${known.incident.id} was never received by ${recipientId}`,
          );
  }

  #knows(known: Known, recipientId: string, depth: number): boolean {
    const { incident } = known;
    if (this.#messages.knows(incident.id, recipientId)) return true;
    if (incident.closeReason !== null && incident.closeReason !== "recovered") return true;
    if (incident.muted) return true;
    for (const id of known.covers) {
      const cover = this.#groups.incidents.get(id);
      if (cover && depth < DEPTH_MAX && this.#knows(cover, recipientId, depth + 1)) return true;
    }
    const subject = subjectOf(known);
    // A digest told that it flaps; a longer outage is told by the next one.
    return subject !== null && this.#notices.flaps(subject, known.aloneSinceMs ?? known.openedMs);
  }
}
