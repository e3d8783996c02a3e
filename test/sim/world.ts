/**
 * One simulated world: a virtual time line, the servers and their networks, the collector around the real core, and
 * Telegram; made from a plan, the same every time.
 * Why one object: whatever happens must pass through one queue and one generator, or two runs would differ.
 * Must not: judge; the oracle and the checks do.
 */
import { routingOf, type Routing } from "./routing.ts";
import { apply, applySnapshot } from "../../collector/core/apply.ts";
import { decide } from "../../collector/core/decide.ts";
import { afterFailedCommit } from "../../collector/core/failed-commit.ts";
import { createState } from "../../collector/core/state.ts";
import { timesOf } from "../../collector/core/times.ts";
import type { Settings, Write } from "../../collector/core/types/tables.ts";
import type { HealthSample } from "../../shared/health.ts";
import { generator } from "../../shared/rng.ts";
import { agentMessage, agentOpening, collectorMessage, encode, parse } from "../../shared/wire.ts";
import { Checks } from "./checks.ts";
import { Collector } from "./collector.ts";
import type { Connection } from "./connection.ts";
import { entries, type Call, type DownWord, type UpWord } from "./entries.ts";
import { EventQueue } from "./event-queue.ts";
import { scheduleFaults } from "./faults.ts";
import { Network, type SimulatedSite } from "./network.ts";
import { Oracle } from "./oracle.ts";
import type { Plan } from "./plan.ts";
import { SimulatedServer } from "./server.ts";
import { Staff } from "./staff.ts";
import { Telegram } from "./telegram.ts";
import { Trace } from "./trace.ts";

/** The parts of the core that a world runs; `npm run sweep` replaces one of them. */
export interface Core {
  readonly createState: typeof createState;
  readonly decide: typeof decide;
  readonly apply: typeof apply;
  readonly applySnapshot: typeof applySnapshot;
  readonly afterFailedCommit: typeof afterFailedCommit;
}

export const realCore: Core = { createState, decide, apply, applySnapshot, afterFailedCommit };

export interface WorldOptions {
  readonly core?: Core;
  /** Ends with the first violation: enough to know that there is one. */
  readonly stopsAtViolation?: boolean;
}

/** Words that go through the wire's text, to prove that they may: those of a world's begin, and one in so many. */
const WIRE_PROOFS_FIRST = 40;
const WIRE_PROOF_EVERY = 16;
/** After all faults ended, truth must be reached within this (L2), or within 20 η where that is longer. */
const REST_MS = 300_000;
const REST_INTERVALS = 20;

export class World {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly core: Core;
  readonly tickMs: number;
  readonly queue = new EventQueue();
  readonly random: () => number;
  readonly routing: Routing;
  readonly trace = new Trace();
  readonly network: Network;
  /** Machines. A clone is one more, after all the others. */
  readonly servers: readonly SimulatedServer[];
  readonly collector: Collector;
  readonly telegram: Telegram;
  readonly staff: Staff;
  readonly oracle: Oracle;
  readonly checks: Checks;
  nowMs = 0;
  /** All faults have ended; none begins any more. */
  mended = false;
  // Figures.
  beatsSent = 0;
  probesAsked = 0;
  witnessesAsked = 0;
  sentinelsAsked = 0;
  eventsHandled = 0;
  readonly injected = new Map<string, number>();
  #words = 0;
  readonly #stopsAtViolation: boolean;
  readonly #byAddress = new Map<string, SimulatedServer>();

  constructor(plan: Plan, options: WorldOptions = {}) {
    this.plan = plan;
    this.core = options.core ?? realCore;
    this.#stopsAtViolation = options.stopsAtViolation ?? false;
    this.settings = {
      heartbeatIntervalMs: plan.heartbeatIntervalMs,
      downAfterMs: plan.downAfterMs,
      language: "id",
      timeZone: "Asia/Makassar",
      publicUrl: null,
    };
    this.tickMs = timesOf(plan.heartbeatIntervalMs, plan.downAfterMs).tickMs;
    this.random = generator(plan.seed ^ 0x5eed);
    this.routing = routingOf(plan);
    this.network = new Network(this);
    this.servers = plan.servers.map((server, index) => new SimulatedServer(this, index, server));
    for (const server of this.servers) {
      server.parent = this.servers[server.plan.parent ?? -1] ?? null;
      server.parent?.guests.push(server);
      this.#byAddress.set(server.address, server);
    }
    this.oracle = new Oracle(this);
    this.checks = new Checks(this);
    this.telegram = new Telegram(this);
    this.staff = new Staff(this);
    this.collector = new Collector(this);
  }

  /** Runs from the first start to rest, and lets the oracle say the last word. */
  run(): void {
    this.collector.settle();
    this.staff.register();
    scheduleFaults(this);
    this.#runUntil(this.plan.durationMs);
    if (this.#stopsAtViolation && this.oracle.violationCount > 0) return;
    this.#mend();
    this.#runUntil(this.restMs);
    this.oracle.atRest(this.nowMs);
  }

  /** When truth must have been reached. */
  get restMs(): number {
    const { durationMs, heartbeatIntervalMs } = this.plan;
    return durationMs + Math.max(REST_MS, REST_INTERVALS * heartbeatIntervalMs);
  }

  callAt(atMs: number, call: Call): void {
    this.queue.put(atMs, entries.call, null, 0, call);
  }

  #runUntil(endMs: number): void {
    const { queue } = this;
    while (queue.nextMs <= endMs) {
      if (this.#stopsAtViolation && this.oracle.violationCount > 0) return;
      queue.next();
      this.nowMs = queue.atMs;
      this.eventsHandled += 1;
      this.#handle();
    }
    this.nowMs = endMs;
  }

  #handle(): void {
    const { queue } = this;
    const { subject, value } = queue;
    switch (queue.kind) {
      case entries.agentTimer:
        return (subject as SimulatedServer).agent.timerFired(value);
      case entries.steadyBeat:
        return (subject as SimulatedServer).agent.steadyArrived(value);
      case entries.upBeat:
      case entries.upWord:
        return this.arrivedUp(subject as Connection, queue.kind, value, queue.payload);
      case entries.idleLook:
        return this.collector.ingest.idleLooked(subject as Connection);
      case entries.downAck: {
        const connection = subject as Connection;
        if (connection.forgotten === "no") connection.server.agent.receiveAck(connection, value);
        return;
      }
      case entries.downWord: {
        const connection = subject as Connection;
        if (connection.forgotten === "no")
          connection.server.agent.receiveWord(connection, queue.payload as DownWord);
        return;
      }
      case entries.tick:
        return this.collector.tickFired(value);
      default:
        return (queue.payload as Call)();
    }
  }

  arrivedUp(connection: Connection, kind: number, value: number, payload: unknown): void {
    if (!this.collector.online || connection.forgotten !== "no") return;
    this.collector.receive(connection, kind, value, payload);
  }

  // ── What is true ───────────────────────────────────────────────────────────────────────────────────

  /** The first machine of an identity. */
  serverOf(id: string): SimulatedServer | null {
    return this.servers[Number(id.slice(1))] ?? null;
  }

  get pingWorks(): boolean {
    return this.plan.collector.pingProgram && this.collector.holds.pingMissing === 0;
  }

  serverAt(address: string): SimulatedServer | null {
    return this.#byAddress.get(address) ?? null;
  }

  truthChanged(server: SimulatedServer): void {
    this.oracle.truthChanged(server);
  }

  collectorChanged(): void {
    this.networkChanged(null);
  }

  /** Lines or switches changed: of one site, or for everybody. */
  networkChanged(site: SimulatedSite | null): void {
    for (const one of this.network.sites) if (site === null || one === site) one.changedMs = this.nowMs;
    for (const server of this.servers)
      if (site === null || server.plan.site === site.index) server.networkChanged();
    this.oracle.networkChanged();
  }

  /** All faults end. */
  #mend(): void {
    this.mended = true;
    this.oracle.mended(this.nowMs);
    this.collector.armedKill = null;
    this.staff.mend();
    this.telegram.failing.length = 0;
    this.telegram.stumbles.length = 0;
    this.telegram.limitedUntilMs.clear();
    const { holds } = this.collector;
    for (const name of Object.keys(holds) as (keyof typeof holds)[]) holds[name] = 0;
    this.collector.commitMsNow = null;
    this.network.mend();
    for (const server of this.servers) server.mend();
    this.collector.settle();
    for (const server of this.servers) server.settle();
  }

  // ── The wire's text and the trace ──────────────────────────────────────────────────────────────────

  /** A message as the other end parses it: the first of a world, and then one in so many. */
  throughTheWire<W extends UpWord | DownWord>(word: W): W {
    this.#words += 1;
    if (this.#words > WIRE_PROOFS_FIRST && this.#words % WIRE_PROOF_EVERY !== 0) return word;
    switch (word.type) {
      case "opened":
      case "closed":
      case "upgrade":
        return word;
      case "hello":
      case "welcome":
      case "probe":
      case "journal_ack":
        return parsed(parse(collectorMessage, encode(word))) as W;
      case "prove":
        return parsed(parse(agentOpening, encode(word))) as W;
      default:
        return parsed(parse(agentMessage, encode(word))) as W;
    }
  }

  beatThroughTheWire(sequence: number, health: HealthSample | null): HealthSample | null {
    const text = encode({ type: "beat", sequence, ...(health === null ? {} : { health }) });
    const message = parsed(parse(agentMessage, text));
    if (message.type !== "beat" || message.sequence !== sequence)
      throw new Error("assertion failed: a beat changed");
    return message.health ?? null;
  }

  /** Enough of each record to tell two runs apart; the records themselves go through the store's codec. */
  traceCommit(commit: readonly Write[]): void {
    const { trace } = this;
    trace.number(this.nowMs);
    for (const { table, key, value } of commit) {
      trace.text(table);
      trace.text(key);
      if (value === null) continue;
      if ("status" in (value as object)) trace.text((value as { readonly status: string }).status);
      if (table === "incident") {
        trace.text(value.kind);
        trace.number(value.timeline.length);
        trace.number(value.startedCoreMs);
      }
      if (table === "notification") trace.number(value.notBeforeCoreMs);
    }
  }
}

function parsed<T>(
  outcome: { readonly ok: true; readonly message: T } | { readonly ok: false; readonly problem: string },
): T {
  if (!outcome.ok) throw new Error(`assertion failed: a message of our own is refused: ${outcome.problem}`);
  return outcome.message;
}
