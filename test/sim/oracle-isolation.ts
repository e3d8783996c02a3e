/**
 * Judges what the collector says of itself: that its own network is gone, and that it is back.
 * Why apart: isolation silences everything else; it must be true when it is said, said when it is true, and end.
 * Must not: read the core's state. It knows which sentinels answered, who was heard, and which lines are cut.
 */
import type { Incident } from "../../collector/core/types/incident.ts";
import { seconds, type Violate } from "./figures.ts";
import type { HearingTruth } from "./hearing-truth.ts";
import { collectorPlace, nearPlace } from "./network.ts";
import { farTarget, NEAR_TARGET } from "./prober.ts";
import type { World } from "./world.ts";

export interface SentinelAnswer {
  readonly target: string;
  readonly near: boolean;
  readonly verdict: string;
}

interface Known {
  readonly target: string;
  readonly near: boolean;
  aliveMs: number;
  failedInRow: number;
}

/** A sentinel that has not answered for a day says nothing. */
const VALID_MS = 86_400_000;
/** From silence to `isolated`: two rounds of sentinels, and some. */
const FOUND_INTERVALS = 4;
/** From an answer to its end. */
const ENDED_INTERVALS = 2;
const SLOP_MS = 200;
const MOMENTS_KEPT = 1_000;

/** Moments, the newest of them kept: more than are read while one slow commit is waited for. */
class Moments {
  #atMs: number[] = [];

  add(atMs: number): void {
    if (this.#atMs.length >= 2 * MOMENTS_KEPT) this.#atMs = this.#atMs.slice(-MOMENTS_KEPT);
    this.#atMs.push(atMs);
  }

  /** The newest that is not after `asOfMs`. */
  newestAt(asOfMs: number): number {
    return this.#atMs.findLast((atMs) => atMs <= asOfMs) ?? Number.NEGATIVE_INFINITY;
  }
}

export class IsolationOracle {
  /** Claims of isolation. */
  claims = 0;
  readonly #world: World;
  readonly #hearing: HearingTruth;
  readonly #violate: Violate;
  readonly #known = new Map<string, Known>();
  /** The open incident; null: none. */
  #incident: string | null = null;
  #claimedMs = 0;
  #startedMs = 0;
  /** The collector started since it was opened. */
  #restarted = false;
  /** Somebody but the collector's own machine was read last: a heartbeat, or a ping-only server's answer. */
  readonly #beats = new Moments();
  readonly #probed = new Moments();
  /** The last thing that proves its network. */
  #provenMs = Number.NEGATIVE_INFINITY;
  /** No sentinel would answer since; null: one would. */
  #unprovenSinceMs: number | null = null;
  /** Nobody at all can be reached since; null: somebody can. */
  #cutSinceMs: number | null = null;

  constructor(world: World, hearing: HearingTruth, violate: Violate) {
    this.#world = world;
    this.#hearing = hearing;
    this.#violate = violate;
  }

  /** A heartbeat was read. */
  beatRead(nowMs: number): void {
    this.#beats.add(nowMs);
    this.#provenMs = nowMs;
  }

  /** A ping-only server answered as it should. */
  probeRead(nowMs: number): void {
    this.#probed.add(nowMs);
    this.#provenMs = nowMs;
  }

  /**
   * As known at `asOfMs`: from when on nobody counts as heard lately; 2 η after a heartbeat, or a missed probe of who is
   * asked each T/3.
   */
  #silentFromMs(asOfMs: number): number {
    const { heartbeatIntervalMs, downAfterMs } = this.#world.plan;
    // The last signs before a start may not have reached the disk.
    const kept = (atMs: number): number =>
      atMs < this.#startedMs ? atMs - this.#hearing.lossMs - this.#world.tickMs : atMs;
    const probedMs = kept(this.#probed.newestAt(asOfMs)) + downAfterMs / 3 + (13 / 15) * heartbeatIntervalMs;
    return Math.max(kept(this.#beats.newestAt(asOfMs)) + 2 * heartbeatIntervalMs, probedMs);
  }

  sentinelsRead(answers: readonly SentinelAnswer[], nowMs: number): void {
    for (const { target, near, verdict } of answers) {
      const known = this.#known.get(target) ?? {
        target,
        near,
        aliveMs: Number.NEGATIVE_INFINITY,
        failedInRow: 0,
      };
      this.#known.set(target, known);
      if (verdict === "alive") {
        known.aliveMs = nowMs;
        known.failedInRow = 0;
        if (this.#deciding(nowMs).includes(known)) this.#provenMs = nowMs;
      } else known.failedInRow += 1;
    }
  }

  #deciding(nowMs: number): Known[] {
    const valid = [...this.#known.values()].filter((one) => nowMs - one.aliveMs <= VALID_MS);
    const far = valid.filter((one) => !one.near);
    // One place alone may be down by itself.
    return far.length >= 2 ? far : valid;
  }

  /** A start asks anew. */
  collectorStarted(): void {
    this.#restarted = true;
    this.#startedMs = this.#world.nowMs;
    for (const known of this.#known.values()) known.failedInRow = 0;
  }

  /** `stampedMs`: when the event was stamped that led to it; what was read since is not known to the decision. */
  written(incident: Incident, stampedMs: number, nowMs: number, diskTroubledMs: number): void {
    if (incident.endedWallMs !== null) {
      if (this.#incident !== incident.id) return;
      this.#incident = null;
      // The disk refused just before: since when it heard again is not known from outside.
      const isPrompt = diskTroubledMs < stampedMs - 2 * this.#world.plan.heartbeatIntervalMs;
      if (this.#hearing.isolatedSinceMs !== null)
        this.#hearing.rejoined(stampedMs, !this.#restarted && isPrompt);
      if (this.#provenMs < this.#claimedMs)
        this.#violate("H14", null, `${incident.id} ended though nobody answered since`);
      return;
    }
    if (this.#incident === incident.id) return;
    if (this.#incident !== null)
      this.#violate("S4", null, `${incident.id} opened while ${this.#incident} is open`);
    this.#incident = incident.id;
    this.#claimedMs = stampedMs;
    this.#restarted = false;
    this.claims += 1;
    this.#hearing.isolated(nowMs);
    const heardMs = Math.max(this.#beats.newestAt(stampedMs), this.#probed.newestAt(stampedMs));
    if (stampedMs < this.#silentFromMs(stampedMs) - SLOP_MS)
      this.#violate("H13", null, `isolated ${seconds(stampedMs - heardMs)} after somebody was heard`);
    const deciding = this.#deciding(stampedMs);
    if (deciding.length === 0) this.#violate("H13", null, "isolated without a sentinel that ever answered");
    if (deciding.some((one) => one.failedInRow < 2))
      this.#violate("H13", null, "isolated though a sentinel that counts did not fail twice");
  }

  /** A verdict was committed: it must not be one that the collector's own line explains. */
  judged(serverId: string, decidedMs: number): void {
    if (this.#incident !== null)
      this.#violate("S2", serverId, `was judged while ${this.#incident} says that nobody can be heard`);
    const cutMs = this.#cutSinceMs;
    const deciding = this.#deciding(decidedMs);
    if (cutMs === null || deciding.length === 0 || deciding.some((one) => this.#reaches(one.target))) return;
    const { heartbeatIntervalMs } = this.#world.plan;
    const unprovenMs = this.#unprovenSinceMs ?? cutMs;
    const sinceMs = Math.max(cutMs, unprovenMs, this.#hearing.disturbedMs, this.#silentFromMs(decidedMs));
    if (decidedMs - sinceMs > FOUND_INTERVALS * heartbeatIntervalMs)
      this.#violate(
        "S2",
        serverId,
        `was judged ${seconds(decidedMs - cutMs)} after the collector was cut off`,
      );
  }

  /** Nobody at all, nor any sentinel, can be reached since; null: somebody can. */
  get cutOffSinceMs(): number | null {
    if (this.#cutSinceMs === null || this.#unprovenSinceMs === null) return null;
    return Math.max(this.#cutSinceMs, this.#unprovenSinceMs);
  }

  /** Lines changed. */
  networkChanged(nowMs: number): void {
    if ([...this.#known.keys()].some((target) => this.#reaches(target))) this.#unprovenSinceMs = null;
    else this.#unprovenSinceMs ??= nowMs;
    const cut = !this.#reachesAnybody();
    if (cut) this.#cutSinceMs ??= nowMs;
    else {
      if (this.#cutSinceMs !== null && this.#incident === null) this.#hearing.perhapsRejoined(nowMs);
      this.#cutSinceMs = null;
    }
  }

  #reachesAnybody(): boolean {
    const { plan, servers } = this.#world;
    if (plan.collector.farSentinels.some((_, index) => this.#reaches(farTarget(index)))) return true;
    return servers.some((server) => !server.plan.ownHost && server.path.upOpen);
  }

  /** Whether this sentinel would answer now. */
  #reaches(target: string): boolean {
    const { network, plan } = this.#world;
    const { nearSentinel, farSentinels } = plan.collector;
    if (target === NEAR_TARGET)
      return nearSentinel === "answers" && network.answered(collectorPlace, nearPlace);
    return farSentinels.some(
      (one, index) =>
        one === "answers" &&
        farTarget(index) === target &&
        network.answered(collectorPlace, { type: "far", index }),
    );
  }

  look(nowMs: number): void {
    const endedMs = ENDED_INTERVALS * this.#world.plan.heartbeatIntervalMs;
    if (this.#incident === null || this.#provenMs < this.#claimedMs) return;
    const dueMs = Math.max(this.#provenMs, this.#hearing.disturbedMs) + endedMs;
    if (nowMs <= dueMs) return;
    this.#violate("L3", null, `${this.#incident} is open ${seconds(nowMs - this.#provenMs)} after an answer`);
    this.#incident = null;
    this.#hearing.rejoined(nowMs, false);
  }
}
