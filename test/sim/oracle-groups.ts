/**
 * Judges what stands for several servers: sites, mass outages, parents. Whether they are true, cover whom they may, and end.
 * Why apart: grouping is the one thing that may keep an outage from being told by itself; it must never hide one.
 * Must not: read the core's state. It knows records and incidents as they were committed, and each server's silence.
 */
import type { Incident } from "../../collector/core/types/incident.ts";
import type { Server } from "../../collector/core/types/registry.ts";
import { seconds, type Violate } from "./figures.ts";
import type { HearingTruth } from "./hearing-truth.ts";
import { collectorPlace } from "./network.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** One incident as it was last committed, with when it was. */
export interface Known {
  incident: Incident;
  readonly openedMs: number;
  closedMs: number | null;
  /** Everything it was ever grouped under. */
  readonly covers: Set<string>;
  /** Since when it stands by itself: opened so, or its cover ended. */
  aloneSinceMs: number | null;
}

const SLOP_MS = 200;
/** detection.md: from how many servers and sites on they are many. */
const MASS_SHARE = 0.3;
const MASS_SERVERS = 3;
const MASS_SITES = 2;
const ANCESTORS_MAX = 8;
/** detection.md: silent within 4 η of the first is "at once"; one more for a verdict that waited. */
const JOINS_INTERVALS = 5;

export class GroupOracle {
  readonly incidents = new Map<string, Known>();
  readonly #world: World;
  readonly #hearing: HearingTruth;
  readonly #violate: Violate;
  readonly #watchOf: (serverId: string) => Watch | null;
  readonly #records = new Map<string, Server>();
  /** When staff put it where it is. */
  readonly #movedMs = new Map<string, number>();
  readonly #open = new Map<string, Known>();
  /** Mass outages that are not many any more, since. */
  readonly #fewSinceMs = new Map<string, number>();
  readonly #reported = new Set<string>();
  #diskTroubledMs = Number.NEGATIVE_INFINITY;

  constructor(
    world: World,
    hearing: HearingTruth,
    violate: Violate,
    watchOf: (serverId: string) => Watch | null,
  ) {
    this.#world = world;
    this.#hearing = hearing;
    this.#violate = violate;
    this.#watchOf = watchOf;
  }

  serverWritten(id: string, server: Server | null): void {
    if (server?.siteId !== this.#records.get(id)?.siteId) this.#movedMs.set(id, this.#world.nowMs);
    if (server) this.#records.set(id, server);
    else this.#records.delete(id);
  }

  record(serverId: string): Server | null {
    return this.#records.get(serverId) ?? null;
  }

  get open(): ReadonlyMap<string, Known> {
    return this.#open;
  }

  get newestOpen(): string | null {
    // Staff press below a message: one that is told by itself.
    const own = [...this.#open.values()].filter(({ incident }) => incident.groupedUnder === null);
    return own.at(-1)?.incident.id ?? null;
  }

  /** An incident was committed: opened, changed, or closed. */
  written(incident: Incident, decidedMs: number, nowMs: number): Known {
    let known = this.incidents.get(incident.id);
    const before = known?.incident ?? null;
    if (!known) {
      known = { incident, openedMs: nowMs, closedMs: null, covers: new Set(), aloneSinceMs: null };
      this.incidents.set(incident.id, known);
      this.#open.set(incident.id, known);
      if (incident.group) this.#checkGroup(incident, decidedMs);
      else if (incident.groupedUnder === null) this.#checkAlone(incident);
    }
    known.incident = incident;
    const cover = incident.groupedUnder;
    if (cover !== null && before?.groupedUnder !== cover) {
      known.covers.add(cover);
      known.aloneSinceMs = null;
      this.#checkCover(incident, cover, before === null);
    }
    if (cover === null) known.aloneSinceMs ??= nowMs;
    if (incident.endedWallMs !== null && known.closedMs === null) {
      known.closedMs = nowMs;
      this.#open.delete(incident.id);
      if (incident.kind === "site_down") this.#checkEnd(incident, decidedMs);
      const left = [...this.#open.values()].some((other) => other.incident.groupedUnder === incident.id);
      if (incident.group && left && this.#hearing.isDeaf(decidedMs))
        this.#violate("V5", null, `${incident.id} is over though the collector cannot hear`);
      for (const other of this.#open.values())
        if (other.incident.groupedUnder === incident.id) other.aloneSinceMs ??= nowMs;
    }
    return known;
  }

  /** A site that is over while some of it are down: somebody was back for T/2. */
  #checkEnd(incident: Incident, decidedMs: number): void {
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    const isLeft = ({ incident: other, aloneSinceMs, covers }: Known): boolean =>
      other.groupedUnder === incident.id || (covers.has(incident.id) && aloneSinceMs === this.#world.nowMs);
    if (incident.closeReason !== "recovered" || ![...this.#open.values()].some(isLeft)) return;
    const backMs = decidedMs - downAfterMs / 2 + 2 * heartbeatIntervalMs;
    if (this.#hearing.disturbedMs > decidedMs - 2 * downAfterMs) return;
    const isBack = ({ id, siteId }: Server): boolean => {
      const watch = this.#watchOf(id);
      // A ping-only server is asked too seldom for that.
      const isSince = watch?.server.plan.mode === "ping" || (watch?.runSinceMs ?? 0) <= backMs;
      // Who fell silent long ago was running since before that: it is not back.
      const silentMs = watch === null ? 0 : decidedMs - watch.lastSignMs;
      const isHeard = watch?.server.plan.mode === "ping" || silentMs <= 4 * heartbeatIntervalMs;
      return siteId === incident.siteId && watch !== null && isSince && isHeard;
    };
    if (![...this.#records.values()].some(isBack))
      this.#violate("V5", null, `${incident.id} is over though nobody of it has been back for T/2`);
  }

  // ── Is it true ─────────────────────────────────────────────────────────────────────────────────────

  #checkGroup(incident: Incident, decidedMs: number): void {
    const { group } = incident;
    if (!group) return;
    const { heartbeatIntervalMs: interval } = this.#world.plan;
    const name = `${incident.kind} ${incident.id}`;
    const { collector, plan } = this.#world;
    const commitMs = Math.max(plan.collector.commitMs[1], collector.commitMsNow ?? 0);
    for (const id of group.serverIds) {
      const watch = this.#watchOf(id);
      // A host whose agent was stopped by hand is judged by its probes, and may fall with the others.
      const isStopped = watch?.state === "planned" && watch.planned?.reason === "agent_stopped";
      if (watch?.state === "paused" || (watch?.state === "planned" && !isStopped))
        this.#violate("V2", id, `${name} lists it, and it is ${watch.state}`);
      // A heartbeat that was read while the commit before was under way waited behind this decision.
      if (watch && decidedMs - watch.lastSignMs <= commitMs) continue;
      if (watch?.server.plan.mode === "agent" && decidedMs - watch.lastSignMs < 2 * interval - SLOP_MS)
        this.#violate(
          "S1",
          id,
          `${name} lists it ${seconds(decidedMs - watch.lastSignMs)} after a heartbeat`,
        );
      if (watch && watch.goodSinceMs !== null && decidedMs - watch.goodSinceMs > watch.redialMs)
        this.#violate("S1", id, `${name} lists it, fine for ${seconds(decidedMs - watch.goodSinceMs)}`);
    }
    if (group.type === "mass") return this.#checkMass(incident, group.serverIds, decidedMs, commitMs);
    const siteId = group.siteIds[0] ?? "";
    for (const record of this.#records.values()) {
      const watch = this.#watchOf(record.id);
      if (record.siteId !== siteId || record.mode !== "agent" || watch?.state !== "watched") continue;
      // Read while the decision was committed: it waited behind it.
      if (decidedMs - watch.lastSignMs <= commitMs) continue;
      // Whoever said goodbye while it recovered is down again.
      if (watch.open !== null && watch.goodbyeSaid !== null) continue;
      if (decidedMs - watch.lastSignMs < 2 * interval - SLOP_MS)
        this.#violate("V2", record.id, `${name} was opened while it is heard`);
    }
    if (group.serverIds.length === 1) this.#checkSingle(incident, siteId);
  }

  #checkMass(incident: Incident, serverIds: readonly string[], decidedMs: number, commitMs: number): void {
    const sites = new Set(serverIds.map((id) => this.#records.get(id)?.siteId ?? ""));
    if (serverIds.length < MASS_SERVERS || sites.size < MASS_SITES)
      this.#violate(
        "V1",
        null,
        `${incident.id}: ${serverIds.length} servers of ${sites.size} sites are no mass`,
      );
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    // After a time in which nobody could be heard all who are silent may have fallen together.
    if (this.#hearing.disturbedMs > decidedMs - 3 * downAfterMs) return;
    // A heartbeat that was read while this was committed says nothing of when its server fell.
    const signs = serverIds
      .flatMap((id) => this.#watchOf(id)?.lastSignMs ?? [])
      .filter((signMs) => decidedMs - signMs > commitMs);
    const apartMs = Math.max(...signs) - Math.min(...signs);
    if (apartMs > JOINS_INTERVALS * heartbeatIntervalMs + (2 * downAfterMs) / 3)
      this.#violate("V1", null, `${incident.id} lists servers that fell ${seconds(apartMs)} apart`);
  }

  /** Whose host or router is down is not told by itself, unless it broke a promise of its own. */
  #checkAlone(incident: Incident): void {
    const { serverId } = incident;
    if (serverId === null || incident.kind === "not_back") return;
    for (const id of this.#ancestors(serverId)) {
      const open = this.#watchOf(id)?.open;
      if (open != null && open.signsMs.length === 0)
        this.#violate(
          "V3",
          serverId,
          `${incident.id} stands by itself, though ${open.id} of its parent ${id} is open`,
        );
    }
  }

  /** One server is a site's outage only when its router is gone too. */
  #checkSingle(incident: Incident, siteId: string): void {
    const site = this.#world.network.sites.find((one) => `site-${one.index}` === siteId);
    if (!site) return;
    if (site.plan.gateway !== "answers")
      return this.#violate("V2", null, `${incident.id} is a site of one server, whose router never answered`);
    if (site.holds.icmpFiltered > 0) return;
    const answers = this.#world.network.answered(collectorPlace, { type: "gateway", site });
    if (answers && this.#world.nowMs - site.changedMs > this.#world.plan.downAfterMs)
      this.#violate("V2", null, `${incident.id} is a site of one server, and its router answers`);
  }

  // ── Whom it covers ─────────────────────────────────────────────────────────────────────────────────

  #checkCover(incident: Incident, coverId: string, isNew: boolean): void {
    const cover = this.incidents.get(coverId)?.incident;
    const { serverId } = incident;
    if (!cover || serverId === null || cover.endedWallMs !== null)
      return this.#violate("S3", serverId, `${incident.id} is grouped under ${coverId}, which is not open`);
    const family = [serverId, ...this.#ancestors(serverId)];
    const fits =
      cover.serverId !== null
        ? family.includes(cover.serverId) && cover.serverId !== serverId
        : family.some((id) => this.#belongs(id, cover));
    if (!fits)
      this.#violate("V3", serverId, `${incident.id} is grouped under ${cover.kind} ${coverId} of others`);
    if (incident.kind === "not_back")
      this.#violate("V3", serverId, `${incident.id} is grouped, though it broke a promise of its own`);
    // Whoever is covered by what covers its parent (V3) may fall long after it.
    const byParent = family.slice(1).some((id) => this.#belongs(id, cover));
    if (cover.kind === "mass_outage" && isNew && !byParent) this.#checkJoined(serverId, coverId);
  }

  /** Whoever falls long after the many is another matter. */
  #checkJoined(serverId: string, coverId: string): void {
    const watch = this.#watchOf(serverId);
    const openedMs = this.incidents.get(coverId)?.openedMs;
    if (!watch || openedMs === undefined) return;
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    const { lastSignMs } = watch.judged ?? watch.silence;
    // The first fell T before, and was perhaps a ping-only server, asked T/3 before that; 4 η later is still with them.
    const untilMs = openedMs - downAfterMs + JOINS_INTERVALS * heartbeatIntervalMs + (2 * downAfterMs) / 3;
    if (Math.max(this.#hearing.disturbedMs, watch.resumedMs) >= openedMs - 2 * downAfterMs) return;
    if (lastSignMs > untilMs)
      this.#violate(
        "V1",
        serverId,
        `joined ${coverId}, though last heard ${seconds(lastSignMs - untilMs)} too late for that`,
      );
  }

  #belongs(serverId: string, cover: Incident): boolean {
    if (cover.group?.serverIds.includes(serverId)) return true;
    return cover.kind === "site_down" && this.#records.get(serverId)?.siteId === cover.siteId;
  }

  #ancestors(serverId: string): string[] {
    const found: string[] = [];
    let next = this.#records.get(serverId)?.parentId ?? null;
    while (next !== null && found.length < ANCESTORS_MAX && !found.includes(next)) {
      found.push(next);
      next = this.#records.get(next)?.parentId ?? null;
    }
    return found;
  }

  /** How much longer than T a verdict may be held (L3): for a parent about to fall, or for sentinels when many are silent. */
  holdMs(watch: Watch, nowMs: number): number {
    const { plan } = this.#world;
    const silent = (id: string): boolean => {
      const other = this.#watchOf(id);
      if (other === null) return false;
      const lately = nowMs - other.backMs <= plan.downAfterMs / 3 + 5 * this.#world.tickMs;
      return lately || nowMs - other.lastSignMs >= 2.5 * plan.heartbeatIntervalMs;
    };
    if (this.#ancestors(watch.server.id).some(silent)) return plan.downAfterMs / 3;
    // Those of one commit are opened one after the other.
    const waits = (id: string): boolean => {
      const other = this.#watchOf(id);
      return other !== null && (other.open === null || other.open.openedMs === nowMs);
    };
    const many = [...this.#records.values()].filter(({ id }) => waits(id) && silent(id));
    const sites = new Set(many.map((record) => record.siteId ?? ""));
    return many.length >= MASS_SERVERS && sites.size >= MASS_SITES ? plan.downAfterMs / 3 : 0;
  }

  // ── Does it end ────────────────────────────────────────────────────────────────────────────────────

  /** `diskTroubledMs`: what ended while the disk refused could not be written down before. */
  look(nowMs: number, toleranceMs: number, diskTroubledMs: number): void {
    this.#diskTroubledMs = diskTroubledMs;
    for (const known of this.#open.values()) {
      const { incident } = known;
      if (!incident.group || this.#reported.has(incident.id)) continue;
      const members = [...this.#open.values()].filter((one) => one.incident.groupedUnder === incident.id);
      if (incident.group.type === "mass") this.#lookAtMass(known, members, nowMs, toleranceMs);
      else if (members.length > 0 || this.#someSilent(incident.group.serverIds, nowMs))
        this.#lookAtSite(known, nowMs, toleranceMs);
      // A ping-only one may still be suspect by a single question.
      else
        this.#expectEnd(
          known,
          this.#emptySince(incident.id, known, incident.group.serverIds),
          toleranceMs + 2 * this.#world.plan.heartbeatIntervalMs,
          nowMs,
        );
    }
  }

  /** Somebody of it fell silent with the others and has not come to its own T yet. */
  #someSilent(serverIds: readonly string[], nowMs: number): boolean {
    const silentMs = 2.5 * this.#world.plan.heartbeatIntervalMs;
    return serverIds.some((id) => {
      const watch = this.#watchOf(id);
      return watch?.state === "watched" && watch.open === null && nowMs - watch.lastSignMs >= silentMs;
    });
  }

  /** When its last member was closed, and the last who fell silent with them was heard. */
  #emptySince(id: string, known: Known, serverIds: readonly string[]): number {
    let sinceMs = known.openedMs;
    for (const serverId of serverIds) sinceMs = Math.max(sinceMs, this.#watchOf(serverId)?.backMs ?? 0);
    for (const other of this.incidents.values())
      if (other.covers.has(id)) sinceMs = Math.max(sinceMs, other.closedMs ?? 0);
    return sinceMs;
  }

  #expectEnd(known: Known, sinceMs: number, withinMs: number, nowMs: number): void {
    const { disturbedMs, windowEndMs } = this.#hearing;
    // Nothing ends while nobody is heard, or in a grace.
    if (
      nowMs <=
      Math.max(sinceMs, disturbedMs, windowEndMs, this.#diskTroubledMs) + withinMs + 5 * this.#world.tickMs
    )
      return;
    if (this.#hearing.isolatedSinceMs !== null) return;
    this.#reported.add(known.incident.id);
    this.#violate(
      "L3",
      null,
      `${known.incident.kind} ${known.incident.id} stays open ${seconds(nowMs - sinceMs)} after its end`,
    );
  }

  /** Somebody of it has been heard without a pause for T/2. */
  #lookAtSite(known: Known, nowMs: number, toleranceMs: number): void {
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    const withinMs = downAfterMs / 2 + 4 * heartbeatIntervalMs + toleranceMs;
    for (const record of this.#records.values()) {
      const watch = this.#watchOf(record.id);
      if (record.siteId !== known.incident.siteId || record.mode !== "agent" || watch === null) continue;
      if (watch.state !== "watched" || watch.open !== null) continue;
      if (nowMs - watch.lastSignMs > 2 * heartbeatIntervalMs) continue;
      const hereMs = Math.max(watch.runSinceMs, this.#movedMs.get(record.id) ?? 0);
      this.#expectEnd(known, Math.max(hereMs, known.openedMs), withinMs, nowMs);
    }
  }

  /** Not many any more for T/2. */
  #lookAtMass(known: Known, members: readonly Known[], nowMs: number, toleranceMs: number): void {
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    const { id, group } = known.incident;
    const down = new Set(members.map((one) => one.incident.serverId));
    const silent = (group?.serverIds ?? []).filter((serverId) => {
      const watch = this.#watchOf(serverId);
      return down.has(serverId) || (watch !== null && nowMs - watch.lastSignMs >= 2.5 * heartbeatIntervalMs);
    });
    const sites = new Set(silent.map((serverId) => this.#records.get(serverId)?.siteId ?? ""));
    const count = Math.max(MASS_SERVERS, Math.ceil(MASS_SHARE * (group?.serverIds.length ?? 0)));
    if (silent.length >= count && sites.size >= MASS_SITES) {
      this.#fewSinceMs.delete(id);
      return;
    }
    const sinceMs = this.#fewSinceMs.get(id) ?? nowMs;
    this.#fewSinceMs.set(id, sinceMs);
    this.#expectEnd(known, sinceMs, downAfterMs / 2 + 4 * heartbeatIntervalMs + toleranceMs, nowMs);
  }
}
