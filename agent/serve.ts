/**
 * Serving: beats for as long as the program runs, with whatever the health readers have found so far.
 * Why one place: identity, readers, inventory, status file and session meet here and nowhere else.
 * Must not: let any of them make a beat wait.
 */
import type { Hello, Prove } from "../shared/wire.ts";
import { knownFeatures } from "../shared/wire.ts";
import { agentStartedBootMs } from "./boot.ts";
import { composeInventory } from "./health/inventory.ts";
import { linuxReaders } from "./health/linux.ts";
import { portableReaders, uptimeReader } from "./health/portable.ts";
import type { HealthReader } from "./health/reader.ts";
import { startSampler } from "./health/sampler.ts";
import { askSystem, selfCommand, type ChildAnswer } from "./health/system-child.ts";
import type { Identity } from "./identity.ts";
import { startJournal } from "./journal.ts";
import { makeProve, welcomeIsRight } from "./keys.ts";
import { createLane } from "./lane.ts";
import type { Log } from "./log.ts";
import { createNetworkLooks } from "./network-looks.ts";
import { createPing } from "./ping.ts";
import type { PublicAddress } from "./public-addresses.ts";
import { randomSeed } from "./seed.ts";
import { runSession } from "./session-shell.ts";
import type { Problem, SessionState, StopReason } from "./session-types.ts";
import { openStatus, type AgentStatus } from "./status.ts";
import { agentVersion } from "./version.ts";
import { createWitness } from "./witness.ts";

/** What rarely changes is looked at once a day (PROTOCOL.md, inventory). */
const inventoryEveryMs = 24 * 3_600_000;
/** A child that failed is asked again after this long. */
const inventoryRetryMs = 3_600_000;
/** From the order to stop; the program must be gone within 3 s. What the disk has not taken by then is left. */
const stopWithinMs = 2_700;

export interface ServeOptions {
  readonly stateDir: string;
  readonly identity: Identity;
  readonly bootId: string;
  readonly ca?: string;
  readonly log: Log;
  readonly now: () => number;
  readonly bootClock: () => number;
  /** Wall time, ms; only for what people read. */
  readonly wallClock: () => number;
  /** Whose answer stands for the internet in the journal; null: the usual ones. */
  readonly publicAddresses: readonly PublicAddress[] | null;
  /** Resolves with the reason when the program is asked to end. */
  readonly stop: Promise<StopReason>;
  /** Other readers than this platform's: for tests of readers that hang. */
  readonly readers?: readonly HealthReader[];
}

/** Runs until stopped. False: the disk of the state folder does not answer, and holds a thread of this process. */
export async function serve(options: ServeOptions): Promise<boolean> {
  const { identity, log, now } = options;
  const children = new AbortController();
  const ask = (question: "inventory" | "figures") => askSystem(question, selfCommand(), children.signal);

  const sampler = startSampler({
    readers: options.readers ?? platformReaders(() => ask("figures")),
    now,
    onReady: () => session.tell({ type: "health_read", nowMs: now() }),
    onTrouble: (trouble) => log("warn", "health_reader_troubled", { ...trouble }),
  });

  let childAnswer: ChildAnswer | null = null;
  let inventoryTimer: NodeJS.Timeout | undefined;
  const readInventory = async (): Promise<void> => {
    const answer = await ask("inventory");
    if (children.signal.aborted) return;
    if (!answer.ok) log("warn", "inventory_incomplete", { detail: answer.problem });
    childAnswer = answer.ok ? answer : childAnswer;
    session.tell({ type: "inventory_read", nowMs: now() });
    inventoryTimer = setTimeout(() => void readInventory(), answer.ok ? inventoryEveryMs : inventoryRetryMs);
    inventoryTimer.unref();
  };

  // One lane: a dead disk may hold one thread of this process, not two.
  const lane = createLane();
  const view = new StatusView(options);
  const status = openStatus(
    options.stateDir,
    () => view.compose(),
    now,
    (detail) => log("warn", "status_not_written", { detail }),
    lane,
  );
  const ping = createPing(now);
  const looks = createNetworkLooks({
    collectorUrl: identity.collectorUrl,
    publicAddresses: options.publicAddresses,
    ping,
    now,
  });
  const journal = startJournal({ ...options, lane, looks });
  const witness = createWitness({
    now,
    ping,
    onDropped: (rounds) => log("warn", "witness_rounds_dropped", { rounds }),
  });

  let asked: { readonly hello: Hello; readonly prove: Prove } | undefined;
  const session = runSession({
    settings: {
      purpose: "serve",
      collectorKey: identity.collectorKey,
      seed: randomSeed(),
      features: knownFeatures,
    },
    collectorUrl: identity.collectorUrl,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    agentVersion,
    log,
    now,
    bootClock: options.bootClock,
    lookup: looks.lookup,
    parts: {
      makeOpening(_as, hello, version, features) {
        const message = makeProve(hello, version, {
          keys: identity.keys,
          bootId: options.bootId,
          agentVersion,
          agentStartedBootMs: startedBootMs,
          features,
        });
        asked = { hello, prove: message };
        return message;
      },
      welcomeIsRight: (welcome) =>
        asked !== undefined && welcomeIsRight(identity.collectorKey, asked.hello, asked.prove, welcome),
      makeBeat(sequence, health) {
        const sample = health ? sampler.newest() : undefined;
        return { type: "beat", sequence, ...(sample === undefined ? {} : { health: sample }) };
      },
      makeInventory: () => ({ type: "inventory", inventory: composeInventory(childAnswer) }),
      setHealthRhythm: (intervalMs) => sampler.setInterval(intervalMs),
      readJournal: (answer) => {
        journal.nextMessage().then(answer, (error: unknown) => {
          log("warn", "journal_not_read", { detail: error instanceof Error ? error.message : String(error) });
          answer(null);
        });
      },
      journalDelivered: (sequence, complete) => {
        journal.delivered(sequence, complete);
        if (complete) log("info", "journal_delivered", { sequence });
      },
      askWitness: (probe, answer) => {
        void witness.ask(probe).then((probed) => {
          if (probed !== null) answer(probed);
        });
      },
      stateChanged: (state) => {
        journal.sessionChanged(state);
        status.changed(view.take(state));
      },
      // A serving session never enrolls.
      enrolledIsRight: () => false,
      storeIdentity: () => Promise.resolve(),
    },
  });
  let stopDueMs = now() + stopWithinMs;
  void options.stop.then((reason) => {
    stopDueMs = now() + stopWithinMs;
    session.tell({ type: "stop_requested", nowMs: now(), reason });
    // Now and not at the end: a machine that goes down may not leave time for more.
    void journal.stop();
  });
  void readInventory();

  try {
    await session.ended;
  } finally {
    children.abort();
    clearTimeout(inventoryTimer);
    sampler.close();
    witness.close();
    looks.close();
    // Its disk may be dead; the program ends all the same.
    await Promise.race([
      Promise.all([journal.stop(), status.close()]),
      new Promise((resolve) => setTimeout(resolve, Math.max(0, stopDueMs - now())).unref()),
    ]);
  }
  return !lane.busy;
}

/** Fixed at the start: every session of this program tells the same. */
const startedBootMs = agentStartedBootMs();

function platformReaders(ask: () => Promise<ChildAnswer>): HealthReader[] {
  const own = process.platform === "linux" ? linuxReaders() : portableReaders(process.platform, ask);
  return [...own, uptimeReader()];
}

/** What `status.json` says, gathered from the session's states without copying them. */
class StatusView {
  private readonly options: ServeOptions;
  private state: SessionState | undefined;
  private connectedSince: string | null = null;
  private lastAckAtMs: number | null = null;
  private lastProblem: Problem | null = null;
  private lastProblemAt: string | null = null;

  constructor(options: ServeOptions) {
    this.options = options;
  }

  /** Whether a person who asks for the status should see this soon. */
  take(state: SessionState): boolean {
    const before = this.state;
    this.state = state;
    const problem = state.standing.problem;
    if (problem !== null && problem !== this.lastProblem) {
      this.lastProblem = problem;
      this.lastProblemAt = this.wall();
    }
    if (state.kind === "open") {
      if (state.ackedAtMs !== null) this.lastAckAtMs = state.ackedAtMs;
      if (before?.kind !== "open" || before.openedAtMs !== state.openedAtMs)
        this.connectedSince = this.wall();
      // The first ack of a session is news; the thousandth is not.
      return before?.kind === "open" && before.ackedAtMs === null && state.ackedAtMs !== null;
    }
    this.connectedSince = null;
    // On the way to a session nothing is certain yet.
    return before?.kind !== state.kind && (state.kind === "waiting" || before?.kind === "open");
  }

  compose(): AgentStatus {
    const { identity, now, wallClock } = this.options;
    const state = this.state;
    const wallAt = (atMs: number | null): string | null =>
      atMs === null ? null : new Date(wallClock() - (now() - atMs)).toISOString();
    return {
      pid: process.pid,
      agentVersion,
      collectorUrl: identity.collectorUrl,
      serverId: identity.serverId,
      writtenAt: this.wall(),
      connectedSince: this.connectedSince,
      lastAckAt: wallAt(this.lastAckAtMs),
      redialAt: state?.kind === "waiting" ? wallAt(state.redialAtMs) : null,
      problem: state?.kind === "open" ? null : (state?.standing.problem ?? null),
      lastProblem: this.lastProblem,
      lastProblemAt: this.lastProblemAt,
    };
  }

  private wall(): string {
    return new Date(this.options.wallClock()).toISOString();
  }
}
