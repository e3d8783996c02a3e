/**
 * Runs one world with one value of a setting and says what people would have seen: how soon real outages were told, and
 * which alerts were about nothing that lasted.
 * Why by itself: with a shortened grace the oracle rightly reports violations; here they are counted as what they are.
 * Must not: print, or know which setting is swept.
 */
import { MINUTE_MS, SECOND_MS } from "./draws.ts";
import type { IncidentSeen } from "./figures.ts";
import type { Plan } from "./plan.ts";
import { YEAR_MS } from "./run.ts";
import {
  Absences,
  merged,
  overlapMs,
  ownCutsOf,
  sharedCutsOf,
  troublesOf,
  type Span,
} from "./sweep-absences.ts";
import type { SimulatedServer } from "./server.ts";
import { LONG_MS } from "./sweep-draws.ts";
import { World, type WorldOptions } from "./world.ts";
import { LENGTHS_S, newMeasured, type About, type Measured } from "./sweep-figures.ts";

/** An outage that must be told is a little longer than T (L1). */
const OUTAGE_OVER_MS = 10 * SECOND_MS;
/** A verdict may fall while an agent that is fine again still dials. */
const DIALING_MS = MINUTE_MS;
/** Absences so far apart are known each by itself. */
const APART_MS = 2 * MINUTE_MS;
/** An alert so soon after trouble of the collector is its doing. */
const AFTERMATH_MS = 6 * MINUTE_MS;
/** The product's word: an outage of three minutes. */
const THREE_MINUTES_MS = 3 * MINUTE_MS;
const AGAIN_WITHIN_MS = 2 * MINUTE_MS;
const AGAIN_FOR_MS = MINUTE_MS;
/** A cut is known by the moment at which its servers went. */
const SAME_MOMENT_MS = 2 * SECOND_MS;
/** Sentinels are asked for so long after a network is fine again. */
const STILL_CUT_MS = 2 * MINUTE_MS;

/** Runs a plan to rest, and measures. */
export function measure(plan: Plan, options: WorldOptions = {}): Measured {
  const world = new World(plan, options);
  const absences = new Absences(world);
  const measured = newMeasured();
  try {
    world.run();
  } catch (error) {
    measured.bugs.push(`seed ${plan.seed}: ${error instanceof Error ? error.message : String(error)}`);
    return measured;
  }
  for (const { rule, server, sentence, atMs } of world.oracle.violations) {
    const line = `seed ${plan.seed}, ${(atMs / SECOND_MS).toFixed(1)} s, ${rule} ${server ?? ""} ${sentence}`;
    if (rule === "bug") measured.bugs.push(line);
    else measured.broken.push(line);
  }
  new Measurement(world, absences, measured).take();
  return measured;
}

class Measurement {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #to: Measured;
  readonly #absences: Absences;
  readonly #troubles: readonly Span[];
  /** Of each server, in order. */
  readonly #incidents = new Map<string, IncidentSeen[]>();
  readonly #about = new Map<string, About>();

  constructor(world: World, absences: Absences, to: Measured) {
    this.#world = world;
    this.#plan = world.plan;
    this.#absences = absences;
    this.#to = to;
    this.#troubles = troublesOf(world.plan);
    for (const incident of world.oracle.history) {
      const key = incident.serverId ?? "";
      const list = this.#incidents.get(key);
      if (list) list.push(incident);
      else this.#incidents.set(key, [incident]);
    }
  }

  take(): void {
    const to = this.#to;
    const { oracle, telegram, servers, nowMs } = this.#world;
    to.worlds = 1;
    to.serverYears = (servers.length * nowMs) / YEAR_MS;
    to.messages = telegram.ledger.filter((accepted) => !accepted.repeat).length;
    to.kindRight = oracle.figures.kindRight;
    to.kindWrong = oracle.figures.kindWrong;
    for (const server of servers) this.#takeServer(server.index, server.id);
    this.#takeAlerts();
    this.#takeSharedCuts();
    this.#takeHostCuts();
    this.#takeOwnCuts();
  }

  #takeServer(index: number, id: string): void {
    const plain = this.#absences.of(index);
    const silences = merged(plain);
    const incidents = this.#incidents.get(id) ?? [];
    for (const { fromMs, toMs } of silences)
      if (toMs - fromMs >= this.#plan.downAfterMs + OUTAGE_OVER_MS) this.#to.outages += 1;
    for (const [number, span] of plain.entries()) {
      const before = plain[number - 1]?.toMs ?? Number.NEGATIVE_INFINITY;
      const after = plain[number + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      if (span.fromMs - before > APART_MS && after - span.toMs > APART_MS) this.#takeAbsence(span, incidents);
    }
    for (const incident of incidents) {
      this.#about.set(incident.id, this.#aboutOf(incident, silences));
      this.#takeRecovery(incident, plain);
    }
  }

  #inTrouble(fromMs: number, toMs: number): boolean {
    return this.#troubles.some((trouble) => overlapMs(trouble, { fromMs, toMs }) > 0);
  }

  #takeAbsence(span: Span, incidents: readonly IncidentSeen[]): void {
    const to = this.#to;
    // It was told as down already: nothing is to be detected.
    if (incidents.some((one) => one.openedMs <= span.fromMs && (one.closedMs ?? Infinity) > span.fromMs))
      return;
    const lengthMs = span.toMs - span.fromMs;
    const telling = incidents.find(
      (one) => one.openedMs > span.fromMs && one.openedMs < span.toMs + DIALING_MS,
    );
    const troubled = this.#inTrouble(span.fromMs - MINUTE_MS, telling?.openedMs ?? span.toMs + DIALING_MS);
    if (!troubled) {
      const length = LENGTHS_S.findLastIndex((seconds) => lengthMs >= seconds * SECOND_MS);
      to.absences[length] = (to.absences[length] ?? 0) + 1;
      if (telling) to.told[length] = (to.told[length] ?? 0) + 1;
    }
    if (lengthMs >= this.#plan.downAfterMs + OUTAGE_OVER_MS) {
      to.apart += 1;
      if (!telling && troubled) to.untoldInTrouble += 1;
      else if (!telling) to.untold += 1;
    }
    if (lengthMs < LONG_MS || !telling) return;
    if (!troubled) to.detectionMs.push(telling.openedMs - span.fromMs);
    else {
      const dueMs = this.#backMs(span.fromMs + this.#plan.downAfterMs, telling.openedMs);
      to.latenessMs.push(telling.openedMs - dueMs);
    }
  }

  /** When the newest trouble before `untilMs` was over, or `fromMs` where that is later. */
  #backMs(fromMs: number, untilMs: number): number {
    let backMs = fromMs;
    for (const trouble of this.#troubles)
      if (trouble.toMs <= untilMs) backMs = Math.max(backMs, trouble.toMs);
    return backMs;
  }

  #aboutOf(incident: IncidentSeen, silences: readonly Span[]): About {
    const silence = { fromMs: incident.openedMs - incident.silentMs, toMs: incident.openedMs };
    let longestMs = 0;
    for (const span of silences)
      if (overlapMs(span, silence) > 0) longestMs = Math.max(longestMs, span.toMs - span.fromMs);
    const troubled = this.#inTrouble(incident.openedMs - AFTERMATH_MS, incident.openedMs);
    const about = this.#named(longestMs, troubled);
    if (about !== "collector" && longestMs < THREE_MINUTES_MS && incident.groupedUnder === null)
      this.#to.alertsUnder3 += 1;
    return about;
  }

  #named(longestMs: number, troubled: boolean): About {
    if (longestMs >= this.#plan.downAfterMs) return "outage";
    if (troubled) return "collector";
    return longestMs > 0 ? "short" : "nothing";
  }

  #takeRecovery({ openedMs, silentMs, closedMs }: IncidentSeen, absences: readonly Span[]): void {
    if (closedMs === null || closedMs >= this.#plan.durationMs) return;
    const to = this.#to;
    to.recoveries += 1;
    const last = absences.findLast((span) => span.toMs <= closedMs && span.toMs > openedMs - silentMs);
    if (last && !this.#inTrouble(last.toMs - MINUTE_MS, closedMs)) to.recoveryMs.push(closedMs - last.toMs);
    const again = absences.find((span) => span.toMs > closedMs && span.toMs - span.fromMs >= AGAIN_FOR_MS);
    if (again && again.fromMs < closedMs + AGAIN_WITHIN_MS) to.falseRecoveries += 1;
  }

  // ── What people are told ───────────────────────────────────────────────────────────────────────────

  #takeAlerts(): void {
    const { alerts } = this.#to;
    const members = new Map<string, IncidentSeen[]>();
    for (const incident of this.#world.oracle.history) {
      if (incident.serverId === null) continue;
      if (this.#about.get(incident.id) === "collector") this.#to.serversOfCollector += 1;
      const { groupedUnder } = incident;
      if (groupedUnder === null) alerts[this.#about.get(incident.id) ?? "nothing"] += 1;
      else members.set(groupedUnder, [...(members.get(groupedUnder) ?? []), incident]);
    }
    for (const group of this.#incidents.get("") ?? []) {
      if (group.firstKind === "collector_trouble") continue;
      const own = members.get(group.id) ?? [];
      alerts[this.#aboutMost(own)] += 1;
      if (group.firstKind !== "mass_outage") continue;
      if (this.#isOneCause(group, own)) this.#to.massOfOneCause += 1;
      else this.#to.massByChance += 1;
    }
  }

  /** What a group's alert was about: what most of its servers were. Those who were told apart later were down. */
  #aboutMost(own: readonly IncidentSeen[]): About {
    const found = new Map<About, number>();
    for (const incident of own) {
      const about = this.#about.get(incident.id) ?? "nothing";
      found.set(about, (found.get(about) ?? 0) + 1);
    }
    return [...found].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "outage";
  }

  #isOneCause(group: IncidentSeen, own: readonly IncidentSeen[]): boolean {
    const cuts = sharedCutsOf(this.#plan);
    let together = 0;
    for (const { serverId, openedMs, silentMs } of own) {
      const silence = { fromMs: openedMs - silentMs, toMs: openedMs };
      const spans = this.#absences.of(Number((serverId ?? "").slice(1)));
      const span = spans.findLast((one) => overlapMs(one, silence) > 0);
      if (span && cuts.some((cut) => Math.abs(cut.fromMs - span.fromMs) <= SAME_MOMENT_MS)) together += 1;
    }
    if (2 * together >= own.length && own.length > 0) return true;
    return ownCutsOf(this.#plan).some(
      (cut) => overlapMs(cut, { fromMs: group.openedMs - AFTERMATH_MS, toMs: group.openedMs }) > 0,
    );
  }

  #takeSharedCuts(): void {
    const { downAfterMs, faults } = this.#plan;
    for (const fault of faults) {
      if (fault.kind !== "wan_cut" || fault.forMs < downAfterMs + OUTAGE_OVER_MS) continue;
      if (this.#inTrouble(fault.atMs - AFTERMATH_MS, fault.atMs + downAfterMs + DIALING_MS)) continue;
      const { sites } = fault;
      this.#to.sharedCuts += 1;
      this.#to.sharedCutAlerts += this.#alertsOf(
        fault.atMs,
        this.#world.servers.filter(({ plan }) => plan.site !== null && sites.includes(plan.site)),
      );
    }
  }

  #takeHostCuts(): void {
    const { downAfterMs, faults } = this.#plan;
    for (const fault of faults) {
      if (fault.kind !== "power_cut" || fault.forMs < downAfterMs + OUTAGE_OVER_MS) continue;
      const host = this.#world.servers[fault.server];
      if (!host || host.guests.length === 0) continue;
      this.#to.hostCuts += 1;
      this.#to.hostCutAlerts += this.#alertsOf(fault.atMs, [host, ...host.guests]);
    }
  }

  /** How many alerts tell of these servers because of what happened to all of them at that time. */
  #alertsOf(atMs: number, servers: readonly SimulatedServer[]): number {
    const alerts = new Set<string>();
    for (const server of servers)
      for (const incident of this.#incidents.get(server.id) ?? []) {
        const afterMs = incident.openedMs - atMs;
        if (afterMs > this.#plan.downAfterMs / 2 && afterMs < this.#plan.downAfterMs * 1.75)
          alerts.add(incident.groupedUnder ?? incident.id);
      }
    return alerts.size;
  }

  #takeOwnCuts(): void {
    const to = this.#to;
    const cuts = ownCutsOf(this.#plan);
    const troubles = (this.#incidents.get("") ?? []).filter((one) => one.firstKind === "collector_trouble");
    for (const fault of this.#plan.faults) {
      if (fault.kind !== "uplink_cut" && fault.kind !== "collector_lan_cut") continue;
      if (fault.forMs < this.#plan.downAfterMs + OUTAGE_OVER_MS) continue;
      const cut = { fromMs: fault.atMs, toMs: fault.atMs + fault.forMs };
      to.ownCuts += 1;
      const telling = troubles.find(
        (one) => overlapMs(cut, { fromMs: one.openedMs, toMs: one.closedMs ?? Infinity }) > 0,
      );
      if (!telling) continue;
      to.ownCutsTold += 1;
      // It may go on from another trouble.
      if (telling.openedMs > cut.fromMs) to.ownCutMs.push(telling.openedMs - cut.fromMs);
    }
    for (const { openedMs } of troubles)
      if (!cuts.some((cut) => overlapMs(cut, { fromMs: openedMs - STILL_CUT_MS, toMs: openedMs }) > 0))
        to.troubleWithoutCut += 1;
  }
}
