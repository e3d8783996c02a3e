/**
 * Knows the truth of a world from outside the core and says what it must, may and must not do.
 * Why apart from invariants: those ask whether the core is consistent with itself; this asks whether it is right.
 * Must not: read the core's living state to decide what ought to be. It sees what was read from sockets and probes, what
 * was committed, and what Telegram accepted.
 */
import type { ProbeResult } from "../../collector/core/types/evidence.ts";
import type { Incident } from "../../collector/core/types/incident.ts";
import type { Status } from "../../collector/core/types/server.ts";
import type { Write } from "../../collector/core/types/tables.ts";
import type { DeliveryOutcome, Notification } from "../../collector/core/types/telling.ts";
import { seconds, type Figures, type IncidentSeen, type Violate, type Violation } from "./figures.ts";
import { HearingTruth } from "./hearing-truth.ts";
import { CoverageOracle } from "./oracle-coverage.ts";
import { GroupOracle } from "./oracle-groups.ts";
import { IsolationOracle, type SentinelAnswer } from "./oracle-isolation.ts";
import { MessageOracle } from "./oracle-messages.ts";
import { NoticeOracle } from "./oracle-notices.ts";
import { VerdictOracle } from "./oracle-verdicts.ts";
import type { GoodbyeReason } from "./plan-faults.ts";
import type { SimulatedServer } from "./server.ts";
import type { Accepted, Attempt } from "./telegram.ts";
import { Truth } from "./truth.ts";
import { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** More are counted, not kept. */
const VIOLATIONS_MAX = 40;
/** A row so young may still be on its way. */
const FRESH_ROW_MS = 60_000;
/** How often the oracle looks for what did not happen. */
const LOOK_EVERY_MS = 10_000;

export class Oracle {
  readonly violations: Violation[] = [];
  violationCount = 0;
  readonly verdicts: VerdictOracle;
  readonly messages: MessageOracle;
  readonly groups: GroupOracle;
  readonly notices: NoticeOracle;
  readonly isolation: IsolationOracle;
  readonly #coverage: CoverageOracle;
  readonly #world: World;
  readonly #watches: readonly Watch[];
  /** Rows that were made, by their ids. */
  readonly #rows = new Set<string>();
  readonly #hearing: HearingTruth;
  readonly #truth: Truth;
  #diedMs: number | null = null;
  #flushedMs = 0;
  #flushedBoot = 0;
  #undecidedMs = 0;
  /** Of the commit that is being read. */
  #stampedMs = 0;
  #stoppedByItself = false;
  #startDurable = false;
  #hostBoot = 0;
  #mended = false;
  /** Stalls may lie within each other: each moment counts once. */
  #awayUntilMs = 0;

  constructor(world: World) {
    this.#world = world;
    const { plan, tickMs } = world;
    this.#hearing = new HearingTruth(plan, tickMs);
    this.#truth = new Truth(world);
    const violate: Violate = (rule, server, sentence) => this.#violate(rule, server, sentence);
    const watchOf = (serverId: string): Watch | null => this.#watchOf(serverId);
    this.groups = new GroupOracle(world, this.#hearing, violate, watchOf);
    this.notices = new NoticeOracle(world, this.groups, violate);
    this.isolation = new IsolationOracle(world, this.#hearing, violate);
    this.verdicts = new VerdictOracle(world, this.#truth, this.#hearing, this.groups, violate);
    this.#watches = world.servers
      .filter((server) => server.plan.cloneOf === null)
      .map((server) => {
        const machines = world.servers.filter((one) => one.identity === server.index);
        return new Watch(machines, plan.downAfterMs, plan.heartbeatIntervalMs);
      });
    this.messages = new MessageOracle(world, violate);
    this.#coverage = new CoverageOracle(
      world,
      this.#hearing,
      this.groups,
      this.messages,
      this.notices,
      violate,
      watchOf,
    );
    const look = (): void => {
      this.#look();
      world.callAt(world.nowMs + LOOK_EVERY_MS, look);
    };
    world.callAt(LOOK_EVERY_MS, look);
  }

  get figures(): Figures {
    return this.verdicts.figures;
  }

  get history(): readonly IncidentSeen[] {
    return this.verdicts.history;
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

  sessionProven(serverId: string, sessionId: string, server: SimulatedServer): void {
    this.notices.sessionProven(server);
    const watch = this.#watchOf(serverId);
    if (watch) watch.session = sessionId;
  }

  sentinelsRead(answers: readonly SentinelAnswer[], nowMs: number): void {
    this.isolation.sentinelsRead(answers, nowMs);
  }

  newestOpenIncident(): string | null {
    return this.groups.newestOpen;
  }

  networkChanged(): void {
    this.isolation.networkChanged(this.#world.nowMs);
  }

  beatRead(server: SimulatedServer, sessionId: string, nowMs: number): void {
    const watch = this.#watches[server.identity] as Watch;
    if (watch.session !== sessionId) return;
    if (!server.plan.ownHost) this.isolation.beatRead(nowMs);
    this.#sign(watch, nowMs);
  }

  probeRead(serverId: string, results: readonly ProbeResult[], nowMs: number): void {
    const watch = this.#watchOf(serverId);
    if (watch?.server.plan.mode !== "ping") return;
    const { check } = watch.server.plan;
    const passed = (result: ProbeResult): boolean =>
      check === null
        ? result.verdict === "alive"
        : result.kind === check.type &&
          (check.type === "tcp" ? result.detail === "connected" : result.asExpected === true);
    if (!results.some(passed)) return;
    this.isolation.probeRead(nowMs);
    this.#sign(watch, nowMs);
  }

  #sign(watch: Watch, nowMs: number): void {
    if (watch.state === "paused" || watch.state === "removed") {
      if (watch.state === "paused") watch.lastSignMs = nowMs;
      return;
    }
    if (watch.state === "watched" && watch.open === null) this.verdicts.expectTold(watch, nowMs);
    watch.sign(nowMs);
    if (watch.open) this.verdicts.heardWhileDown(watch, watch.open.signsMs, nowMs);
  }

  goodbyeRead(serverId: string, sessionId: string, reason: GoodbyeReason, nowMs: number): void {
    const watch = this.#watchOf(serverId);
    if (watch?.session !== sessionId) return;
    // Until it is committed nothing is promised: a crash may take it, and the agent then saw no ack.
    watch.goodbyeSaid = { reason, atMs: nowMs };
    watch.leftAgain();
  }

  #planned(watch: Watch, nowMs: number): void {
    if (watch.state === "planned" && watch.goodbyeSaid === null) return;
    const { goodbyeSaid } = watch;
    watch.goodbyeSaid = null;
    if (goodbyeSaid === null)
      return this.#violate("S9", watch.server.id, "is planned though it said no goodbye");
    if (watch.state === "watched" && watch.open === null) this.verdicts.expectTold(watch, nowMs);
    watch.lastSignMs = goodbyeSaid.atMs;
    watch.goodbye(goodbyeSaid.reason, goodbyeSaid.atMs, nowMs);
  }

  // ── Whether it could hear ──────────────────────────────────────────────────────────────────────────

  /** `ranMs`: when it last was given time. `byItself`: it stopped in order and lost nothing. */
  collectorDied(ranMs: number, byItself: boolean): void {
    // A process whose start was not durable heard nobody.
    if (!this.#startDurable) return;
    this.#startDurable = false;
    const { collector, plan } = this.#world;
    this.#diedMs = ranMs;
    // A heartbeat waits behind a commit at most, and then needs one itself.
    this.#undecidedMs = ranMs - 2 * Math.max(plan.collector.commitMs[1], collector.commitMsNow ?? 0) - 1;
    this.#stoppedByItself = byItself;
    for (const watch of this.#watches) watch.goodbyeSaid = null;
    this.messages.collectorDied();
  }

  /** A start became durable: from then on the collector counts as one that may have heard somebody. */
  collectorStarted(nowMs: number): void {
    const { hostBoot } = this.#world.collector;
    this.#startDurable = true;
    if (this.#diedMs !== null) {
      // The clock was stored on another boot of the host: the time since then is unknown.
      const unknownMs = hostBoot === this.#flushedBoot ? 0 : nowMs - Math.min(this.#diedMs, this.#flushedMs);
      this.notices.timeLost(nowMs, unknownMs);
      this.messages.timeLost(nowMs, Math.min(this.#diedMs, this.#flushedMs), unknownMs);
      // Nobody turns suspect in a grace or drain, or while the disk refuses the commit.
      const certainMs =
        Math.max(this.#hearing.windowEndMs, this.verdicts.diskTroubledMs) + this.verdicts.toleranceMs;
      const flushedMs = this.#stoppedByItself ? this.#diedMs : Math.min(this.#flushedMs, this.#diedMs);
      const heardMs = this.#stoppedByItself ? Number.NEGATIVE_INFINITY : this.#diedMs + this.#hearing.lossMs;
      for (const watch of this.#watches)
        watch.restarted(nowMs, {
          unknownMs,
          diedMs: this.#diedMs,
          heardMs,
          certainMs,
          undecidedMs: this.#undecidedMs,
          flushedMs,
          lossMs: this.#hearing.lossMs,
        });
    }
    this.#hostBoot = hostBoot;
    this.#hearing.started(nowMs);
    this.isolation.collectorStarted();
    this.messages.disturbed(nowMs);
  }

  collectorAway(beginMs: number, toMs: number, slackMs = 0): void {
    const fromMs = Math.max(beginMs, this.#awayUntilMs);
    if (toMs <= fromMs) return;
    this.#awayUntilMs = toMs;
    const { minMs, maxMs, reset } = this.#hearing.away(fromMs, toMs, slackMs);
    for (const watch of this.#watches) watch.free(minMs, maxMs, reset, toMs);
    this.messages.disturbed(toMs);
  }

  flushed(nowMs: number): void {
    this.#flushedMs = nowMs;
    this.#flushedBoot = this.#hostBoot;
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

  #detectorWritten(watch: Watch, status: Status, decidedMs: number, nowMs: number): void {
    if (status === "planned") return this.#planned(watch, nowMs);
    watch.endedPlan = null;
    // A start that found it heard since its goodbye.
    if (
      status === "up" &&
      watch.state === "planned" &&
      watch.lastSignMs > (watch.planned?.atMs ?? Infinity)
    ) {
      watch.state = "watched";
      watch.planned = null;
    }
    if (status === "paused" && watch.state !== "paused") {
      if (!watch.orders.has("pause"))
        this.#violate("D14", watch.server.id, "is paused though nobody asked for it");
      watch.state = "paused";
    }
    if ((status === "up" || status === "new") && watch.state === "paused") {
      if (!watch.orders.has("resume")) this.#violate("D14", watch.server.id, "is judged though it is paused");
      watch.resumed(decidedMs);
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
    const watch = this.#watches[server.identity];
    if (watch) this.#truth.changed(watch);
  }

  /** Something broke that mends itself by a redial. */
  shaken(server: SimulatedServer): void {
    const watch = this.#watches[server.identity];
    if (watch?.goodSinceMs != null) watch.goodSinceMs = this.#world.nowMs;
  }

  /** A verdict was decided; it counts when it is committed. */
  judged(serverId: string): void {
    const watch = this.#watchOf(serverId);
    if (watch) watch.judged = watch.silence;
  }

  // ── What was committed ─────────────────────────────────────────────────────────────────────────────

  /** `stampedMs`: when its event was stamped; what came between that and `decidedMs` waited behind it. */
  committed(
    commit: readonly Write[],
    { stampedMs, decidedMs }: { readonly stampedMs: number; readonly decidedMs: number },
    nowMs: number,
  ): void {
    this.#stampedMs = stampedMs;
    for (const write of commit) {
      switch (write.table) {
        case "incident":
          if (write.value) this.#incidentWritten(write.value, decidedMs, nowMs);
          break;
        case "archive":
          if (write.value) this.#incidentWritten(write.value.incident, decidedMs, nowMs);
          break;
        case "detector":
        case "server":
          this.#serverWritten(write, decidedMs, nowMs);
          break;
        case "maintenance":
          this.notices.windowWritten(write.key, write.value);
          break;
        case "notification":
          this.#rowWritten(write.key, write.value, nowMs);
          break;
        case "recipient":
          this.messages.recipientWritten(write.key, write.value);
          break;
        default:
      }
    }
  }

  #serverWritten(
    write: Extract<Write, { table: "detector" | "server" }>,
    decidedMs: number,
    nowMs: number,
  ): void {
    const watch = this.#watchOf(write.key);
    if (write.table === "detector") {
      if (watch && write.value) this.#detectorWritten(watch, write.value.status, decidedMs, nowMs);
      return;
    }
    this.groups.serverWritten(write.key, write.value);
    if (watch && write.value === null) this.#removed(watch);
    if (!watch || !write.value) return;
    watch.recorded(write.value, this.#world.plan.downAfterMs, nowMs);
    this.#truth.changed(watch);
  }

  #rowWritten(id: string, row: Notification | null, nowMs: number): void {
    if (row?.status === "queued" && row.attempts === 0 && !this.#rows.has(id)) {
      this.#rows.add(id);
      this.notices.rowWritten(row, nowMs);
      this.#coverage.rowMade(row);
    }
    this.messages.rowWritten(id, row, this.#stampedMs, nowMs);
  }

  #incidentWritten(incident: Incident, decidedMs: number, nowMs: number): void {
    this.messages.incidentWritten(incident);
    this.#expectKindStays(incident, decidedMs);
    const wallMs = nowMs + this.#world.collector.wallOffsetMs;
    const known = this.groups.written(incident, decidedMs, nowMs);
    this.#coverage.written(known, wallMs);
    const watch = incident.serverId === null ? null : this.#watchOf(incident.serverId);
    if (watch) {
      if (watch.open?.id !== incident.id && incident.endedWallMs === null)
        this.isolation.judged(watch.server.id, decidedMs);
      return this.verdicts.written(watch, incident, decidedMs, nowMs);
    }
    if (incident.kind === "collector_trouble") {
      const { diskTroubledMs } = this.verdicts;
      this.isolation.written(incident, this.#stampedMs, nowMs, diskTroubledMs);
    }
    this.verdicts.sharedWritten(incident, nowMs);
  }

  /** While the collector is cut off everybody seems dead: two rounds of that are no other kind. */
  #expectKindStays(incident: Incident, decidedMs: number): void {
    const before = this.groups.incidents.get(incident.id)?.incident;
    const cutMs = this.isolation.cutOffSinceMs;
    if (!before || before.kind === incident.kind || incident.serverId === null) return;
    if (before.kind === "not_back")
      this.#violate(
        "E4",
        incident.serverId,
        `${incident.id} was a broken promise and became ${incident.kind}`,
      );
    if (cutMs === null) return;
    const { downAfterMs, heartbeatIntervalMs } = this.#world.plan;
    // Answers from before it slept are read when it wakes.
    const sinceMs = Math.max(cutMs, this.#hearing.disturbedMs);
    if (incident.endedWallMs === null && decidedMs - sinceMs > downAfterMs / 3 + 2 * heartbeatIntervalMs)
      this.#violate(
        "E4",
        incident.serverId,
        `${incident.id} became ${incident.kind} while nobody could be reached`,
      );
  }

  // ── What did not happen ────────────────────────────────────────────────────────────────────────────

  #look(): void {
    const { collector, nowMs } = this.#world;
    if (!collector.running || !collector.listening) return;
    for (const watch of this.#watches) this.verdicts.look(watch, nowMs);
    this.messages.look(nowMs);
    this.isolation.look(nowMs);
    const quietMs = Math.max(
      this.#hearing.windowEndMs,
      this.#hearing.disturbedMs,
      this.verdicts.diskTroubledMs,
    );
    this.notices.expectTurnsTold(quietMs, nowMs);
    // While isolated nothing is said of others.
    for (const watch of this.#hearing.isolatedSinceMs === null ? this.#watches : [])
      if (watch.state !== "removed") this.notices.expectCalm(watch.server.id, quietMs, nowMs);
    if (this.groups.open.size === 0 || this.verdicts.diskTroubledMs > nowMs) return;
    const { toleranceMs, diskTroubledMs } = this.verdicts;
    this.groups.look(nowMs, toleranceMs, diskTroubledMs);
    this.#coverage.look(nowMs, toleranceMs, diskTroubledMs);
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
    const { state } = this.#world.collector;
    for (const watch of this.#watches) {
      if (watch.state === "removed") continue;
      // A device that no question can reach never shows that it is fine.
      if (watch.server.plan.mode === "ping" && !this.#truth.shows(watch.server)) continue;
      const { id } = watch.server;
      if (watch.open) this.#violate("L2", id, `${watch.open.id} is still open at rest`);
      const status = state?.tables.detector.get(id)?.status;
      // A device behind a line that loses packets for ever fails a question now and then.
      const isFailingOnce =
        status === "suspect" && watch.server.plan.mode === "ping" && watch.server.plan.path.lossShare > 0;
      if (status !== "up" && !isFailingOnce) this.#violate("L2", id, `is ${status ?? "unknown"} at rest`);
      if (
        nowMs - watch.lastSignMs >
        2 * Math.max(this.#world.plan.heartbeatIntervalMs, watch.downAfterMs / 3)
      )
        this.#violate("L2", id, `not heard for ${seconds(nowMs - watch.lastSignMs)} at rest`);
    }
    for (const row of state?.tables.notification.values() ?? []) {
      const waits = row.status === "queued" || row.status === "sending" || row.status === "retry";
      // A digest may just have been written.
      if (waits && nowMs + this.#world.collector.wallOffsetMs - row.queuedWallMs > FRESH_ROW_MS)
        this.#violate("L2", row.serverId, `${row.id} waits at rest`);
    }
    for (const incident of state?.tables.incident.values() ?? []) {
      const watch = incident.serverId === null ? null : this.#watchOf(incident.serverId);
      const hidden = watch?.server.plan.mode === "ping" && !this.#truth.shows(watch.server);
      if (incident.endedWallMs === null && !hidden)
        this.#violate("L2", incident.serverId, `${incident.id} is open at rest`);
    }
    if (state === null) this.#violate("L2", null, "the collector does not run at rest");
    if (!this.#mended) throw new Error("assertion failed: asked for rest before the world was mended");
    this.messages.atRest();
    this.#coverage.atRest();
  }

  #watchOf(serverId: string): Watch | null {
    return this.#watches[Number(serverId.slice(1))] ?? null;
  }
}
