/**
 * Knows the truth of a world from outside the core and says what it must, may and must not do.
 * Why apart from invariants: those ask whether the core is consistent with itself; this asks whether it is right.
 * Must not: read the core's living state to decide what ought to be. It sees what was read from sockets and probes, what
 * was committed, and what Telegram accepted.
 */
import type {
  Cause,
  Confidence,
  DeliveryOutcome,
  Incident,
  IncidentKind,
  Notification,
  ProbeResult,
  RefusalCode,
  Status,
  Write,
} from "../../collector/core/types.ts";
import { HearingTruth } from "./hearing-truth.ts";
import { MessageOracle } from "./oracle-messages.ts";
import type { GoodbyeReason } from "./plan.ts";
import type { SimulatedServer } from "./server.ts";
import type { Accepted, Attempt } from "./telegram.ts";
import { Watch } from "./watch.ts";
import type { World } from "./world.ts";

export interface Violation {
  readonly atMs: number;
  /** A rule of SPEC.md or detection.md. */
  readonly rule: string;
  readonly server: string | null;
  readonly sentence: string;
}

/** More are counted, not kept. */
const VIOLATIONS_MAX = 40;
/** How often the oracle looks for what did not happen. */
const LOOK_EVERY_MS = 5_000;
/** Longest commit between a decision and its durability, beside the plan's own. */
const COMMIT_SLOP_MS = 100;
/** Of the agent: dial and opening limits, and packets lost on the way, that do not scale with η. */
const REDIAL_FIXED_MS = 30_000;
/** ack time-out, redial and a late beat, in η: 8/3 + 2 + 4/3. */
const REDIAL_INTERVALS = 6;

/** One incident as it was committed, for scenarios that know what to expect. */
export interface IncidentSeen {
  readonly id: string;
  readonly number: number;
  readonly serverId: string;
  readonly firstKind: IncidentKind;
  readonly confidence: Confidence;
  readonly openedMs: number;
  /** Since the last sign of life that could be read. */
  readonly silentMs: number;
  kind: IncidentKind;
  closedMs: number | null;
  finalCause: Cause | null;
}

export interface Figures {
  incidents: number;
  falseAlarms: number;
  missed: number;
  early: number;
  late: number;
  kindRight: number;
  kindWrong: number;
  kindUnsure: number;
  recoveries: number;
  /** Undisturbed verdicts: ms after the last heartbeat plus T. */
  delayMinMs: number;
  delayMaxMs: number;
  readonly byKind: Map<string, number>;
}

export class Oracle {
  readonly violations: Violation[] = [];
  violationCount = 0;
  readonly figures: Figures = {
    incidents: 0,
    falseAlarms: 0,
    missed: 0,
    early: 0,
    late: 0,
    kindRight: 0,
    kindWrong: 0,
    kindUnsure: 0,
    recoveries: 0,
    delayMinMs: Number.POSITIVE_INFINITY,
    delayMaxMs: Number.NEGATIVE_INFINITY,
    byKind: new Map(),
  };
  readonly messages: MessageOracle;
  readonly history: IncidentSeen[] = [];
  readonly #world: World;
  readonly #watches: readonly Watch[];
  readonly #hearing: HearingTruth;
  readonly #toleranceMs: number;
  #diedMs: number | null = null;
  #flushedMs = 0;
  #hostBoot = 0;
  #diskFailedMs = Number.NEGATIVE_INFINITY;
  #mended = false;

  constructor(world: World) {
    this.#world = world;
    const { plan, tickMs } = world;
    this.#hearing = new HearingTruth(plan, tickMs);
    // detection.md: committed at most 2 s (at η = 15 s) after T; scaled like the tick.
    this.#toleranceMs = 2 * tickMs + plan.collector.commitMs[1] + COMMIT_SLOP_MS;
    this.#watches = world.servers.map(
      (server) => new Watch(server, plan.downAfterMs, plan.heartbeatIntervalMs),
    );
    this.messages = new MessageOracle(world, (rule, server, sentence) =>
      this.#violate(rule, server, sentence),
    );
    const look = (): void => {
      this.#look();
      world.callAt(world.nowMs + LOOK_EVERY_MS, look);
    };
    world.callAt(LOOK_EVERY_MS, look);
  }

  report(rule: string, server: string | null, sentence: string): void {
    this.#violate(rule, server, sentence);
  }

  #violate(rule: string, server: string | null, sentence: string): void {
    this.violationCount += 1;
    if (this.violations.length < VIOLATIONS_MAX)
      this.violations.push({ atMs: this.#world.nowMs, rule, server, sentence });
  }

  // ── What the collector could read ──────────────────────────────────────────────────────────────────

  sessionProven(serverId: string, sessionId: string): void {
    const watch = this.#watchOf(serverId);
    if (watch) watch.session = sessionId;
  }

  beatRead(index: number, sessionId: string, nowMs: number): void {
    const watch = this.#watches[index] as Watch;
    if (watch.session === sessionId) this.#sign(watch, nowMs);
  }

  probeRead(serverId: string, _roundId: string, results: readonly ProbeResult[], nowMs: number): void {
    const watch = this.#watchOf(serverId);
    if (watch?.server.plan.mode !== "ping") return;
    if (results.some((result) => result.verdict === "alive")) this.#sign(watch, nowMs);
  }

  #sign(watch: Watch, nowMs: number): void {
    if (watch.state === "paused" || watch.state === "removed") {
      if (watch.state === "paused") watch.lastSignMs = nowMs;
      return;
    }
    if (watch.state === "watched" && watch.open === null) this.#expectTold(watch, nowMs);
    watch.sign(nowMs);
    if (watch.open) this.#backAgain(watch, watch.open.signsMs, nowMs);
  }

  /** Heard while down: three signs close together must have closed it. */
  #backAgain(watch: Watch, signsMs: number[], nowMs: number): void {
    const interval = this.#world.plan.heartbeatIntervalMs;
    signsMs.push(nowMs);
    // What was heard while the disk refused is decided again later, partly: only what came after it counts for certain.
    const [first, second] = signsMs.slice(-3).filter((atMs) => atMs > this.#diskFailedMs + 10_000);
    const spacingMs = (2 / 3) * interval;
    if (signsMs.length < 3 || first === undefined || second === undefined) return;
    if (second - first > 2.5 * interval || nowMs - second > 2.5 * interval || nowMs - first < 2 * spacingMs)
      return;
    if (watch.closeDueMs === Number.POSITIVE_INFINITY) watch.closeDueMs = nowMs + 2 * this.#toleranceMs;
  }

  goodbyeRead(serverId: string, sessionId: string, reason: GoodbyeReason, nowMs: number): void {
    const watch = this.#watchOf(serverId);
    if (watch?.session !== sessionId) return;
    // Until it is committed nothing is promised: a crash may take it, and the agent then saw no ack.
    watch.goodbyeSaid = { reason, atMs: nowMs };
  }

  #planned(watch: Watch, nowMs: number): void {
    if (watch.state === "planned" && watch.goodbyeSaid === null) return;
    const { goodbyeSaid } = watch;
    watch.goodbyeSaid = null;
    if (goodbyeSaid === null)
      return this.#violate("S9", watch.server.id, "is planned though it said no goodbye");
    if (watch.state === "watched" && watch.open === null) this.#expectTold(watch, nowMs);
    watch.lastSignMs = goodbyeSaid.atMs;
    watch.goodbye(goodbyeSaid.reason, goodbyeSaid.atMs, nowMs);
  }

  refused(_serverId: string, _code: RefusalCode): void {
    // A refusal is legal wherever it can happen; what must not be refused shows as silence.
  }

  // ── Whether it could hear ──────────────────────────────────────────────────────────────────────────

  collectorDied(nowMs: number): void {
    this.#diedMs = nowMs;
    for (const watch of this.#watches) watch.goodbyeSaid = null;
    this.messages.collectorDied();
  }

  collectorStarted(nowMs: number, hostBoot: number): void {
    if (this.#diedMs !== null) {
      // On another boot of the host the time away is unknown, and what passed since the clock was last stored.
      const unknownMs = hostBoot === this.#hostBoot ? 0 : nowMs - Math.min(this.#diedMs, this.#flushedMs);
      // Nobody turns suspect in a grace or drain, or while the disk refuses the commit.
      const certainMs = Math.max(this.#hearing.windowEndMs, this.#diskFailedMs + 10_000) + this.#toleranceMs;
      const flushedMs = Math.min(this.#flushedMs, this.#diedMs);
      for (const watch of this.#watches)
        watch.restarted(nowMs, unknownMs, this.#diedMs, this.#hearing.lossMs, certainMs, flushedMs);
    }
    this.#hostBoot = hostBoot;
    this.#hearing.started(nowMs);
    this.messages.disturbed(nowMs);
  }

  collectorAway(fromMs: number, toMs: number): void {
    const { minMs, maxMs, reset } = this.#hearing.away(fromMs, toMs);
    for (const watch of this.#watches) watch.free(minMs, maxMs, reset);
    this.messages.disturbed(toMs);
  }

  flushed(nowMs: number): void {
    this.#flushedMs = nowMs;
  }

  telegramChanged(nowMs: number): void {
    this.messages.disturbed(nowMs);
  }

  mended(nowMs: number): void {
    this.#mended = true;
    this.messages.disturbed(nowMs);
  }

  // ── What staff did ─────────────────────────────────────────────────────────────────────────────────

  /** An order was given; it holds from its commit on. */
  ordered(serverId: string, order: "pause" | "resume" | "remove"): void {
    this.#watchOf(serverId)?.orders.add(order);
  }

  #detectorWritten(watch: Watch, status: Status, nowMs: number): void {
    if (status === "planned") return this.#planned(watch, nowMs);
    if (status === "paused" && watch.state !== "paused") {
      if (!watch.orders.has("pause"))
        this.#violate("D14", watch.server.id, "is paused though nobody asked for it");
      watch.state = "paused";
    }
    if ((status === "up" || status === "new") && watch.state === "paused") {
      if (!watch.orders.has("resume")) this.#violate("D14", watch.server.id, "is judged though it is paused");
      watch.resumed(nowMs);
    }
  }

  #removed(watch: Watch): void {
    if (!watch.orders.has("remove"))
      this.#violate("D14", watch.server.id, "vanished though nobody removed it");
    watch.state = "removed";
    watch.server.removed = true;
  }

  lastSignMs(index: number): number {
    return this.#watches[index]?.lastSignMs ?? Number.NEGATIVE_INFINITY;
  }

  isPaused(serverId: string): boolean {
    return this.#watchOf(serverId)?.state === "paused";
  }

  // ── What is true of a server ───────────────────────────────────────────────────────────────────────

  truthChanged(server: SimulatedServer): void {
    const watch = this.#watches[server.index];
    if (!watch) return;
    const { nowMs } = this.#world;
    const good = this.#isGood(server);
    if (!good) watch.goodSinceMs = null;
    else watch.goodSinceMs ??= nowMs;
    const answers = this.#world.kernelReached(server) && this.#canAnswer(server);
    if (answers !== watch.answers) {
      watch.answers = answers;
      watch.answersChangedMs = nowMs;
    }
  }

  /** Something broke that mends itself by a redial. */
  shaken(server: SimulatedServer): void {
    const watch = this.#watches[server.index];
    if (watch?.goodSinceMs != null) watch.goodSinceMs = this.#world.nowMs;
  }

  #isGood(server: SimulatedServer): boolean {
    const { collector } = this.#world;
    if (!collector.running || !collector.listening || server.path.lossShare > 0.3) return false;
    if (!this.#world.kernelReached(server)) return false;
    return server.plan.mode === "agent" ? server.agentRuns : this.#canAnswer(server);
  }

  #canAnswer(server: SimulatedServer): boolean {
    if (server.icmpAnswers && this.#world.pingWorks) return true;
    return server.plan.probePorts.length > 0 && server.plan.tcp !== "filtered";
  }

  // ── What was committed ─────────────────────────────────────────────────────────────────────────────

  committed(commit: readonly Write[], decidedMs: number, nowMs: number): void {
    for (const write of commit) {
      if (write.table === "incident" && write.value) this.#incidentWritten(write.value, decidedMs, nowMs);
      if (write.table === "archive" && write.value)
        this.#incidentWritten(write.value.incident, decidedMs, nowMs);
      if (write.table === "detector" || write.table === "server") {
        const watch = this.#watchOf(write.key);
        if (watch && write.table === "detector" && write.value)
          this.#detectorWritten(watch, write.value.status, nowMs);
        if (watch && write.table === "server" && write.value === null) this.#removed(watch);
      }
      if (write.table === "notification") this.messages.rowWritten(write.key, write.value, nowMs);
      if (write.table === "recipient") this.messages.recipientWritten(write.key, write.value);
    }
  }

  #incidentWritten(incident: Incident, decidedMs: number, nowMs: number): void {
    const watch = incident.serverId === null ? null : this.#watchOf(incident.serverId);
    if (!watch) return;
    this.messages.incidentWritten(incident);
    const seen = this.history.find((one) => one.id === incident.id);
    if (seen) {
      seen.kind = incident.kind;
      seen.finalCause = incident.finalCause;
      if (incident.endedWallMs !== null) seen.closedMs ??= nowMs;
    }
    if (incident.endedWallMs === null) {
      if (watch.open?.id === incident.id) return;
      if (watch.open)
        this.#violate("S4", watch.server.id, `incident ${incident.id} opened while ${watch.open.id} is open`);
      this.#opened(watch, incident, decidedMs, nowMs);
      return;
    }
    if (watch.open?.id === incident.id) this.#closed(watch, incident);
  }

  #opened(watch: Watch, incident: Incident, decidedMs: number, nowMs: number): void {
    const { figures } = this;
    const { id } = watch.server;
    figures.incidents += 1;
    figures.byKind.set(incident.kind, (figures.byKind.get(incident.kind) ?? 0) + 1);
    watch.open = { id: incident.id, number: incident.number, openedMs: nowMs, signsMs: [] };
    watch.closeDueMs = Number.POSITIVE_INFINITY;
    const { lastSignMs } = watch.silenceAt(decidedMs);
    this.history.push({
      id: incident.id,
      number: incident.number,
      serverId: id,
      firstKind: incident.kind,
      confidence: incident.confidence,
      openedMs: nowMs,
      silentMs: nowMs - lastSignMs,
      kind: incident.kind,
      closedMs: null,
      finalCause: null,
    });
    const silence = `${seconds(decidedMs - lastSignMs)} after its last sign of life`;
    if (watch.lastSignMs > decidedMs) watch.open.signsMs.push(watch.lastSignMs);
    switch (watch.state) {
      case "unborn":
      case "paused":
      case "removed":
        return this.#violate("S1", id, `${incident.kind} of a server that is ${watch.state}`);
      case "planned":
        return this.#openedWhilePlanned(watch, incident, decidedMs, nowMs);
      case "watched":
        break;
    }
    if (watch.goodbyeSaid !== null && incident.kind !== "not_back")
      this.#violate("S9", id, `${incident.kind} though it said goodbye for ${watch.goodbyeSaid.reason}`);
    const earliestMs = watch.earliestMs(this.#hearing, decidedMs);
    if (decidedMs < earliestMs - 1) {
      figures.early += 1;
      this.#violate("S1", id, `${incident.kind} ${silence}, ${seconds(earliestMs - decidedMs)} too early`);
    }
    const dueMs = this.#dueMs(watch, decidedMs);
    if (nowMs > dueMs && !this.#diskTroubled()) {
      figures.late += 1;
      this.#violate("L1", id, `${incident.kind} ${silence}, ${seconds(nowMs - dueMs)} too late`);
    }
    const { goodSinceMs } = watch;
    if (goodSinceMs !== null && decidedMs - goodSinceMs > this.#redialMs()) {
      figures.falseAlarms += 1;
      this.#violate(
        "S1",
        id,
        `${incident.kind} of a server that has been fine for ${seconds(decidedMs - goodSinceMs)}`,
      );
    }
    if (this.#hearing.disturbedMs < lastSignMs) {
      const delayMs = nowMs - lastSignMs - watch.downAfterMs;
      figures.delayMinMs = Math.min(figures.delayMinMs, delayMs);
      figures.delayMaxMs = Math.max(figures.delayMaxMs, delayMs);
    }
    if (watch.unaskableSinceMs !== null && decidedMs - watch.unaskableSinceMs > watch.downAfterMs / 3)
      this.#violate("E3", id, `${incident.kind} though no probe could be asked`);
    this.#checkKind(watch, incident, decidedMs);
  }

  #openedWhilePlanned(watch: Watch, incident: Incident, decidedMs: number, nowMs: number): void {
    const { planned } = watch;
    const { id } = watch.server;
    watch.state = "watched";
    if (planned === null) return;
    if (incident.kind === "not_back") {
      if (planned.dueMs === null || decidedMs < planned.dueMs - 1)
        this.#violate(
          "S9",
          id,
          `not_back ${seconds(decidedMs - planned.atMs)} after a goodbye for ${planned.reason}`,
        );
      return;
    }
    // Its agent was stopped on purpose; only the death of its host is news.
    if (planned.reason !== "agent_stopped")
      this.#violate("S9", id, `${incident.kind} though it said goodbye for ${planned.reason}`);
    else if (watch.answers || nowMs - watch.answersChangedMs < watch.downAfterMs / 2)
      this.#violate("S1", id, `${incident.kind} while its agent is stopped and its host answers`);
  }

  #checkKind(watch: Watch, incident: Incident, decidedMs: number): void {
    const { figures } = this;
    const { heartbeatIntervalMs } = this.#world.plan;
    const { plan, path } = watch.server;
    const expected = plan.mode === "agent" && watch.answers ? "agent_down" : "host_down";
    const stableMs = decidedMs - watch.answersChangedMs;
    if (stableMs < 2 * heartbeatIntervalMs || (watch.answers && path.lossShare > 0.05)) {
      figures.kindUnsure += 1;
      return;
    }
    if (incident.kind === expected) {
      figures.kindRight += 1;
      return;
    }
    figures.kindWrong += 1;
    if (stableMs > watch.downAfterMs && this.#hearing.disturbedMs < watch.lastSignMs)
      this.#violate("E1", watch.server.id, `told as ${incident.kind}, though in truth it is ${expected}`);
  }

  #closed(watch: Watch, incident: Incident): void {
    const open = watch.open;
    watch.open = null;
    watch.closeDueMs = Number.POSITIVE_INFINITY;
    if (incident.closeReason !== "recovered" || open === null) return;
    this.figures.recoveries += 1;
    const [first, last] = [open.signsMs.at(0), open.signsMs.at(-1)];
    const spacingMs = (2 / 3) * this.#world.plan.heartbeatIntervalMs;
    if (first === undefined || last === undefined || last - first < spacingMs - 10)
      this.#violate(
        "D9",
        watch.server.id,
        `${incident.id} closed without two heartbeats ${seconds(spacingMs)} apart`,
      );
  }

  // ── What did not happen ────────────────────────────────────────────────────────────────────────────

  #look(): void {
    const { collector, nowMs } = this.#world;
    if (collector.holds.diskFull > 0) this.#diskFailedMs = nowMs;
    if (!collector.running) return;
    for (const watch of this.#watches) {
      if (watch.server.plan.mode === "ping" && !this.#evidencePossible(watch.server)) {
        watch.unaskableMs = nowMs;
        watch.unaskableSinceMs ??= nowMs;
      } else watch.unaskableSinceMs = null;
      if (watch.state === "watched" && watch.open === null) this.#expectTold(watch, nowMs);
      if (watch.state === "planned") this.#expectNotBack(watch, nowMs);
      if (watch.open && nowMs > watch.closeDueMs && !this.#diskTroubled()) {
        watch.closeDueMs = Number.POSITIVE_INFINITY;
        if (this.#hearing.disturbedMs < watch.lastSignMs - 3 * this.#world.plan.heartbeatIntervalMs)
          this.#violate("L1", watch.server.id, `${watch.open.id} stays open though it was heard again`);
      }
    }
    this.messages.look(nowMs);
  }

  #diskTroubled(): boolean {
    const { collector, nowMs } = this.#world;
    if (collector.holds.diskFull > 0) this.#diskFailedMs = nowMs;
    return nowMs - this.#diskFailedMs < 10_000 + this.#toleranceMs || collector.commitMsNow !== null;
  }

  #dueMs(watch: Watch, atMs: number): number {
    const { plan, tickMs } = this.#world;
    const onTimeMs = watch.latestMs(this.#hearing, atMs) + this.#toleranceMs;
    if (watch.server.plan.mode === "agent") return onTimeMs;
    // Two failed probes, the newest among them, must be there first.
    const probeMs = watch.downAfterMs / 12 + plan.heartbeatIntervalMs + tickMs;
    const foundMs = watch.downAfterMs / 3 + 2 * probeMs;
    const disturbed = this.#hearing.disturbedMs >= watch.lastSignMs;
    return Math.max(onTimeMs + (disturbed ? foundMs : 0), watch.unaskableMs + foundMs + this.#toleranceMs);
  }

  /** It has been silent: by now it must have been told. */
  #expectTold(watch: Watch, nowMs: number): void {
    if (watch.missed || nowMs <= this.#dueMs(watch, nowMs) || this.#diskTroubled()) return;
    if (watch.server.plan.mode === "ping" && !this.#evidencePossible(watch.server)) return;
    watch.missed = true;
    this.figures.missed += 1;
    this.#violate(
      "S3",
      watch.server.id,
      `silent for ${seconds(nowMs - watch.lastSignMs)} and nobody was told; due ${seconds(nowMs - this.#dueMs(watch, nowMs))} ago`,
    );
  }

  #evidencePossible(server: SimulatedServer): boolean {
    return (
      server.plan.probePorts.length > 0 || (this.#world.pingWorks && this.#world.plan.collector.pingProgram)
    );
  }

  #expectNotBack(watch: Watch, nowMs: number): void {
    const { planned } = watch;
    if (planned?.dueMs == null || watch.missed || this.#diskTroubled()) return;
    const dueMs = Math.max(planned.latestMs, this.#hearing.latestMs) + this.#toleranceMs + this.#world.tickMs;
    if (nowMs <= dueMs) return;
    watch.missed = true;
    this.#violate(
      "S3",
      watch.server.id,
      `not back ${seconds(nowMs - planned.atMs)} after a goodbye for ${planned.reason}`,
    );
  }

  // ── Telegram ───────────────────────────────────────────────────────────────────────────────────────

  attempted(attempt: Attempt, notification: Notification): void {
    this.messages.attempted(attempt, notification);
  }

  accepted(accepted: Accepted, attempt: Attempt): void {
    this.messages.accepted(accepted, attempt);
  }

  told(attempt: Attempt, outcome: DeliveryOutcome): void {
    this.messages.told(attempt, outcome);
  }

  // ── At rest ────────────────────────────────────────────────────────────────────────────────────────

  /** All faults ended long enough ago: truth, and nothing waits (L2). */
  atRest(nowMs: number): void {
    const { disk } = this.#world.collector;
    for (const watch of this.#watches) {
      if (watch.state === "removed") continue;
      // A device that no question can reach never shows that it is fine.
      if (watch.server.plan.mode === "ping" && !this.#canAnswer(watch.server)) continue;
      const { id } = watch.server;
      if (watch.open) this.#violate("L2", id, `${watch.open.id} is still open at rest`);
      const detector = disk.tables.get("detector")?.get(id) as { status: string } | undefined;
      const status = detector?.status;
      if (status !== "up") this.#violate("L2", id, `is ${status ?? "unknown"} at rest`);
      if (
        nowMs - watch.lastSignMs >
        2 * Math.max(this.#world.plan.heartbeatIntervalMs, watch.downAfterMs / 3)
      )
        this.#violate("L2", id, `not heard for ${seconds(nowMs - watch.lastSignMs)} at rest`);
    }
    for (const table of ["notification", "incident"] as const)
      for (const key of disk.tables.get(table)?.keys() ?? [])
        this.#violate("L2", null, `${table} ${key} is left at rest`);
    if (!this.#mended) throw new Error("assertion failed: asked for rest before the world was mended");
    this.messages.atRest();
  }

  #redialMs(): number {
    return REDIAL_INTERVALS * this.#world.plan.heartbeatIntervalMs + REDIAL_FIXED_MS;
  }

  #watchOf(serverId: string): Watch | null {
    return this.#watches[Number(serverId.slice(1))] ?? null;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
