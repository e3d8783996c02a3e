/**
 * A stage for the decision core: one state, three clocks moved by hand, a disk that can fill up and can lose its newest
 * volatile writes, and agents, probes, gateways, witnesses, sentinels and a channel that play by rules a test sets.
 * Why: a test should tell a story ("beats, falls silent, 200 s pass"), and each step of it is checked by the invariants.
 * Must not: stand in for any part of the core (everything runs through `decide` and `apply`), read a clock, or wait.
 */
import { applySnapshot, apply } from "../../collector/core/apply.ts";
import { isBeside } from "../../collector/core/channels.ts";
import { decide } from "../../collector/core/decide.ts";
import { afterFailedCommit } from "../../collector/core/failed-commit.ts";
import { clockOf, coreNow, hearingOf } from "../../collector/core/hearing.ts";
import { stateViolations, violations } from "../../collector/core/invariants.ts";
import { DEFAULT_ROUTE_ID } from "../../collector/core/routes.ts";
import { createState, tableNames, volatileTables } from "../../collector/core/state.ts";
import type { State } from "../../collector/core/state.ts";
import type { Decision, Effect } from "../../collector/core/types/effects.ts";
import type { Event, EventBody } from "../../collector/core/types/events.ts";
import type { ProbeRequest, ProbeResult, ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { Incident } from "../../collector/core/types/incident.ts";
import type { JournalEntry } from "../../collector/core/types/journal.ts";
import type { Maintenance, Recipient, Server, Site } from "../../collector/core/types/registry.ts";
import type { AgentFeature, Detector, Status } from "../../collector/core/types/server.ts";
import type { HearingState, Settings, TableName, Tables, Write } from "../../collector/core/types/tables.ts";
import type { DeliveryOutcome, Notification } from "../../collector/core/types/telling.ts";
import type { Instant } from "../../collector/core/types/time.ts";
import { settingsUsual, siteUsual, serverOf, recipientOf, resultOf } from "./records.ts";

/** One probe's answer: a verdict in its usual words, or more exactly; null: the round is never answered. */
export type ProbeAnswer = ProbeVerdict | Partial<ProbeResult> | null;
export type ProbeRule = (request: ProbeRequest, serverId: string) => ProbeAnswer;
/** What a site's gateway answers. */
export type GatewayRule = (siteId: string, address: string) => ProbeAnswer;
/** What one witness finds when it asks about `serverId` (or its gateway); null: it never answers. */
export type WitnessRule = (witnessId: string, request: ProbeRequest, serverId: string) => ProbeAnswer;
/** What a sentinel answers; null: the whole round is never answered. */
export type SentinelRule = (target: string, near: boolean) => ProbeVerdict | null;
/** What the channel says to one attempt, or null: nothing, ever. */
export type SendRule = (notification: Notification, recipient: Recipient) => DeliveryOutcome | null;

export interface Attempt {
  readonly worldMs: number;
  readonly notification: Notification;
  readonly recipient: Recipient;
  readonly outcome: DeliveryOutcome | null;
}

export interface Opening {
  readonly worldMs: number;
  readonly coreMs: number;
  readonly serverId: string;
  readonly incident: Incident;
}

export interface RestartOptions {
  /** How long the collector was away. */
  readonly awayMs?: number;
  /** The collector's host booted meanwhile: another boot id, a boot clock that began anew. */
  readonly hostRebooted?: boolean;
  /** What the volatile store had not written: since the last flush, everything, or nothing. */
  readonly lost?: "unflushed" | "everything" | "nothing";
  /** It was asked to stop and wrote everything down. */
  readonly byItself?: boolean;
  /** Agents that still run dial again after so long. */
  readonly redialMs?: number;
}

/** What an agent says of itself when it connects. */
export interface AgentFacts {
  readonly bootId?: string;
  readonly startedBootMs?: number;
  readonly version?: string;
  readonly features?: readonly AgentFeature[];
  readonly peerAddress?: string;
}

interface PlayedAgent {
  readonly serverId: string;
  sessionId: string;
  sequence: number;
  bootId: string;
  startedBootMs: number;
  features: readonly AgentFeature[];
  peerAddress: string;
  beating: boolean;
  /** Grows with each start and stop, so that beats of an earlier life are not sent. */
  life: number;
}

/** A decision that was never made. */
const nothing: Decision = {
  commit: [],
  later: [],
  effects: [],
  reply: { ok: false, code: "store_failing" },
};

interface Coming {
  readonly atWorldMs: number;
  readonly order: number;
  readonly act: () => void;
}

export interface StageOptions {
  readonly settings?: Partial<Settings>;
  readonly startedAt?: Partial<Instant>;
  readonly seed?: number;
  /** Check the whole state after each event (the default); long runs with many servers may leave it out. */
  readonly checkedWhole?: boolean;
  /** Milliseconds between two writes of the volatile store. Default: what the core reckons with, η/3. */
  readonly flushEveryMs?: number;
  /** As the default route has them; most stories are about something else. */
  readonly repeats?: boolean;
}

export type Stage = ReturnType<typeof createStage>;

export function createStage(options: StageOptions = {}) {
  const settings: Settings = { ...settingsUsual, ...options.settings };
  const checkedWhole = options.checkedWhole ?? true;
  let state = createState(settings);
  const { times } = state;
  const now = {
    monotonicMs: options.startedAt?.monotonicMs ?? 1_000,
    bootMs: options.startedAt?.bootMs ?? 5_000_000,
    wallMs: options.startedAt?.wallMs ?? Date.UTC(2025, 0, 6, 1),
  };
  let worldMs = 0;
  let tickAtWorldMs = times.tickMs;
  let hostBoots = 1;
  let order = 0;
  let coming: Coming[] = [];
  let drainAsked = false;
  let wakeAsked = false;
  let sessions = 0;
  let messages = 0;
  const agents = new Map<string, PlayedAgent>();

  // The disk: what a restart finds.
  const disk = new Map<string, Write>();
  let unflushed: Write[] = [];
  let flushAtWorldMs = 0;
  const flushEveryMs = options.flushEveryMs ?? times.volatileLossMs;
  /** Every write since the state was last made from nothing. */
  let replay: Write[] = [];
  let diskFull = false;
  /** Facts that nobody repeats, kept while the disk is full, as the loop keeps them. */
  let kept: Event[] = [];

  const stage = {
    settings,
    times,
    get state(): State {
      return state;
    },
    get worldMs(): number {
      return worldMs;
    },
    get coreMs(): number {
      return coreNow(clockOf(state), now);
    },
    get hearingState(): HearingState {
      return hearingOf(state).state;
    },
    /** The clocks as the next event reads them; a test may move them by hand. */
    now,
    probeRule: (() => "alive") as ProbeRule,
    probeDelayMs: 50,
    gatewayRule: (() => "alive") as GatewayRule,
    witnessRule: (() => null) as WitnessRule,
    sentinels: [] as { readonly target: string; readonly near: boolean }[],
    sentinelRule: (() => "alive") as SentinelRule,
    sendRule: (() => ({ type: "sent", externalId: `m${(messages += 1)}` })) as SendRule,
    /** What the channel says to edits, pins and boards. */
    besideRule: (() => ({ type: "sent", externalId: "shown" })) as SendRule,
    sendDelayMs: 100,
    /** Milliseconds that are added to the distance of each next tick; for jitter. */
    tickLate: (() => 0) as () => number,
    effects: [] as Effect[],
    /** Attempts to tell news, a row each. */
    attempts: [] as Attempt[],
    /** Edits, pins and boards. */
    beside: [] as Attempt[],
    /** Ids of the rows that each message was to tell. */
    sends: [] as string[][],
    openings: [] as Opening[],
    rounds: [] as {
      readonly worldMs: number;
      readonly serverId: string;
      readonly roundId: string;
      readonly timeLimitMs: number;
    }[],
    /** Called after each heartbeat that an agent sent, e.g. to send it once more. */
    afterBeat: null as ((serverId: string, sessionId: string, sequence: number) => void) | null,
    /** Every event and what followed from it. */
    pushed: [] as { readonly body: EventBody; readonly decision: Decision }[],
    /** The event that opened an incident, of those from index `from` on. */
    openedBy: (from: number): string =>
      stage.pushed
        .slice(from)
        .find(({ decision }) => decision.commit.some((write) => write.table === "incident"))?.body.type ??
      "nothing",
    /** How many decisions had something durable in them. */
    commits: 0,
    lastBeatWorldMs: new Map<string, number>(),
    archived: new Map<string, Tables["archive"]>(),
    push,
    pass,
    stall,
    sleep,
    stepWall,
    restart,
    setDiskFull,
    add,
    addSite,
    window,
    tellJournal,
    enroll,
    connect,
    beat,
    playAgent,
    stopAgent,
    goodbye,
    link,
    status: (serverId: string): Status | undefined => state.tables.detector.get(serverId)?.status,
    detector: <S extends Status>(serverId: string, status: S): Extract<Detector, { status: S }> => {
      const detector = state.tables.detector.get(serverId);
      if (detector?.status !== status)
        throw new Error(`${serverId} is ${String(detector?.status)}, not ${status}`);
      return detector as Extract<Detector, { status: S }>;
    },
    /** Incidents of no single server (groups, the collector's own), living or archived, oldest first. */
    shared: (): Incident[] => allIncidents().filter((incident) => incident.serverId === null),
    allIncidents,
    /** What recipients were told, in order, one line each: step, what it is about, and its kind and variant. */
    told: (): string[] =>
      stage.attempts
        .filter((attempt) => attempt.outcome?.type === "sent")
        .map(({ notification }) => {
          const { step, message } = notification;
          const about = message.serverName || message.siteName || message.kind;
          const kind = message.variant === null ? message.kind : `${message.kind}/${message.variant}`;
          return `${step} ${about} ${kind}`;
        }),
    /** The newest incident of a server, living or archived. */
    incident: (serverId: string): Incident => {
      const found = incidentsOf(serverId).at(-1);
      if (!found) throw new Error(`${serverId} has no incident`);
      return found;
    },
    incidents: incidentsOf,
    /** News that waits or was told, in order. */
    rows: (): Notification[] => allRows().filter((row) => !isBeside(row.step)),
    allRows,
    sent: (): { readonly step: string; readonly recipientId: string; readonly repeat: boolean }[] =>
      stage.attempts
        .filter((attempt) => attempt.outcome?.type === "sent")
        .map(({ notification }) => ({
          step: notification.step,
          recipientId: notification.recipientId,
          repeat: notification.repeat,
        })),
    tickNow: (): Decision => push({ type: "tick" }),
    /** A fresh state from all writes so far. */
    replayed: (): State => {
      const fresh = createState(settings);
      apply(fresh, replay);
      return fresh;
    },
  };

  /** Decides, checks the invariants, applies, keeps the effects; on a full disk as the loop does. */
  function push(body: EventBody): Decision {
    if (body.type === "tick" && !diskFull) takeKept();
    return handle({ ...body, at: { ...now } }, body);
  }

  function handle(event: Event, body: EventBody): Decision {
    // Nobody is judged while a sign of life of theirs may be among what is kept.
    if (body.type === "sockets_drained" && kept.length > 0) return nothing;
    const decision = decide(state, event);
    complain(violations(state, event, decision), body);
    if (diskFull && decision.commit.length > 0) return failed(event, body, decision);
    stage.pushed.push({ body, decision });
    if (decision.commit.length > 0) stage.commits += 1;
    for (const write of decision.commit) {
      if (volatileTables.has(write.table)) throw new Error(`${write.table} is volatile and was committed`);
      keep(write);
      observe(write);
    }
    applyAll([...decision.commit, ...decision.later]);
    if (checkedWhole) complain(stateViolations(state), body);
    for (const effect of decision.effects) perform(effect);
    return decision;
  }

  function failed(event: Event, body: EventBody, decision: Decision): Decision {
    const after = afterFailedCommit(event, decision);
    if (after.event === "keep") kept.push(event);
    const seen: Decision = { commit: [], later: after.apply, effects: after.effects, reply: after.reply };
    stage.pushed.push({ body, decision: seen });
    applyAll(after.apply);
    if (checkedWhole) complain(stateViolations(state), body);
    for (const effect of after.effects) perform(effect);
    return seen;
  }

  function applyAll(writes: readonly Write[]): void {
    apply(state, writes);
    replay.push(...writes);
    for (const write of writes) if (volatileTables.has(write.table)) unflushed.push(write);
  }

  /** A disk without space, and with space again: what was kept is decided before anything newer. */
  function setDiskFull(full: boolean): void {
    diskFull = full;
    if (!full) takeKept();
  }

  function takeKept(): void {
    for (const event of kept.splice(0)) handle(event, event);
  }

  function complain(found: readonly string[], body: EventBody): void {
    if (found.length > 0)
      throw new Error(`${found.join("; ")} — on ${JSON.stringify(body)} at ${worldMs} ms`);
  }

  /** Through text and back, as a file would. */
  function keep(write: Write): void {
    if (write.table === "archive") return;
    const value: unknown = write.value === null ? null : JSON.parse(JSON.stringify(write.value));
    disk.set(`${write.table} ${write.key}`, { ...write, value } as Write);
  }

  function observe(write: Write): void {
    if (write.table === "archive" && write.value) stage.archived.set(write.key, write.value);
    if (write.table !== "incident" || !write.value || state.tables.incident.has(write.key)) return;
    const incident = write.value;
    stage.openings.push({
      worldMs,
      coreMs: coreNow(clockOf(state), now),
      serverId: incident.serverId ?? "",
      incident,
    });
  }

  function perform(effect: Effect): void {
    stage.effects.push(effect);
    switch (effect.type) {
      case "drain_sockets":
        if (drainAsked) return;
        drainAsked = true;
        return plan(0, () => {
          drainAsked = false;
          push({ type: "sockets_drained" });
        });
      case "wake_outbox":
        if (wakeAsked) return;
        wakeAsked = true;
        return plan(0, () => {
          wakeAsked = false;
          push({ type: "outbox_woken" });
        });
      case "start_probe":
        return answerProbe(effect);
      case "start_gateway_probe":
        return answerGateway(effect);
      case "ask_witness":
        return answerWitness(effect);
      case "ask_sentinels":
        return answerSentinels(effect);
      case "send_notification":
        return answerSend(effect);
      default:
        return;
    }
  }

  function answerProbe(effect: Extract<Effect, { type: "start_probe" }>): void {
    const { serverId, roundId } = effect;
    stage.rounds.push({ worldMs, serverId, roundId, timeLimitMs: effect.timeLimitMs });
    const results = answered(effect.requests, (request) => stage.probeRule(request, serverId));
    if (results) plan(stage.probeDelayMs, () => push({ type: "probe_finished", serverId, roundId, results }));
  }

  /** All answers of one round; null when one of them never comes. */
  function answered(
    requests: readonly ProbeRequest[],
    rule: (request: ProbeRequest) => ProbeAnswer,
  ): ProbeResult[] | null {
    const results: ProbeResult[] = [];
    for (const request of requests) {
      const answer = rule(request);
      if (answer === null) return null;
      results.push(resultOf(request, answer));
    }
    return results;
  }

  function answerGateway(effect: Extract<Effect, { type: "start_gateway_probe" }>): void {
    const { siteId, roundId } = effect;
    const results = answered(effect.requests, (request) => stage.gatewayRule(siteId, request.host));
    if (results) plan(stage.probeDelayMs, () => push({ type: "gateway_probed", siteId, roundId, results }));
  }

  function answerWitness(effect: Extract<Effect, { type: "ask_witness" }>): void {
    const { serverId, sessionId, roundId } = effect;
    const aboutId = roundId.slice(0, roundId.lastIndexOf("."));
    const results = answered(effect.requests, (request) => stage.witnessRule(serverId, request, aboutId));
    if (!results) return;
    plan(stage.probeDelayMs, () => push({ type: "witness_answered", serverId, sessionId, roundId, results }));
  }

  function answerSentinels(effect: Extract<Effect, { type: "ask_sentinels" }>): void {
    const answers: Extract<EventBody, { type: "sentinels_answered" }>["answers"][number][] = [];
    for (const { target, near } of stage.sentinels) {
      const verdict = stage.sentinelRule(target, near);
      if (verdict === null) return;
      answers.push({ target, near, verdict });
    }
    const { roundId } = effect;
    plan(stage.probeDelayMs, () => push({ type: "sentinels_answered", roundId, answers }));
  }

  function answerSend(effect: Extract<Effect, { type: "send_notification" }>): void {
    const { notifications, recipient } = effect;
    const [first] = notifications;
    if (!first) throw new Error("an order to tell nothing");
    const outcome = isBeside(first.step)
      ? stage.besideRule(first, recipient)
      : stage.sendRule(first, recipient);
    stage.sends.push(notifications.map((row) => row.id));
    for (const notification of notifications)
      (isBeside(first.step) ? stage.beside : stage.attempts).push({
        worldMs,
        notification,
        recipient,
        outcome,
      });
    if (outcome === null) return;
    const rows = notifications.map(({ id, attempts }) => ({ notificationId: id, attempt: attempts }));
    plan(stage.sendDelayMs, () => push({ type: "delivery_finished", rows, outcome }));
  }

  function plan(afterMs: number, act: () => void): void {
    order += 1;
    coming.push({ atWorldMs: worldMs + afterMs, order, act });
  }

  /** Lets time go on: ticks, beats and answers in their order. */
  function pass(ms: number): void {
    const endMs = worldMs + ms;
    for (;;) {
      const next = takeNext(endMs);
      if (!next) break;
      move(Math.max(0, next.atWorldMs - worldMs));
      next.act();
    }
    move(endMs - worldMs);
  }

  /** After a stall the timer fires first, as in the event loop; what waited in the sockets comes behind it. */
  function takeNext(endMs: number): Coming | null {
    let first: Coming | null = null;
    for (const entry of coming)
      if (
        !first ||
        entry.atWorldMs < first.atWorldMs ||
        (entry.atWorldMs === first.atWorldMs && entry.order < first.order)
      )
        first = entry;
    const tickDue = tickAtWorldMs < worldMs || !first || tickAtWorldMs <= first.atWorldMs;
    if (tickDue) {
      const atWorldMs = tickAtWorldMs;
      if (atWorldMs > endMs) return null;
      return { atWorldMs, order: 0, act: tick };
    }
    if (!first || first.atWorldMs > endMs) return null;
    coming = coming.filter((entry) => entry !== first);
    return first;
  }

  function tick(): void {
    tickAtWorldMs = worldMs + times.tickMs + stage.tickLate();
    push({ type: "tick" });
  }

  function move(ms: number): void {
    worldMs += ms;
    now.monotonicMs += ms;
    now.bootMs += ms;
    now.wallMs += ms;
    flushIfDue();
  }

  function flushIfDue(): void {
    if (worldMs < flushAtWorldMs || diskFull) return;
    for (const write of unflushed) keep(write);
    unflushed = [];
    flushAtWorldMs = worldMs + flushEveryMs;
  }

  /** The process does not run; the machine does. */
  function stall(ms: number): void {
    worldMs += ms;
    now.monotonicMs += ms;
    now.bootMs += ms;
    now.wallMs += ms;
  }

  /** The machine sleeps: the monotonic clock stands still. */
  function sleep(ms: number): void {
    worldMs += ms;
    now.bootMs += ms;
    now.wallMs += ms;
  }

  function stepWall(ms: number): void {
    now.wallMs += ms;
  }

  /** The collector dies as it stands and comes up again from its disk. */
  function restart(how: RestartOptions = {}): void {
    if (how.byItself === true) push({ type: "collector_stopping" });
    if ((how.lost === "nothing" || how.byItself === true) && !diskFull)
      for (const write of unflushed) keep(write);
    unflushed = [];
    kept = [];
    if (how.lost === "everything")
      for (const [key, write] of disk) if (volatileTables.has(write.table)) disk.delete(key);
    coming = [];
    drainAsked = false;
    wakeAsked = false;
    const awayMs = how.awayMs ?? 0;
    worldMs += awayMs;
    now.wallMs += awayMs;
    now.bootMs = how.hostRebooted === true ? 20_000 : now.bootMs + awayMs;
    now.monotonicMs = 500;
    if (how.hostRebooted === true) hostBoots += 1;
    tickAtWorldMs = worldMs + times.tickMs;
    flushAtWorldMs = worldMs + flushEveryMs;
    loadFromDisk();
    begin();
    for (const agent of agents.values()) {
      if (!agent.beating) continue;
      agent.life += 1;
      const { life } = agent;
      plan(how.redialMs ?? times.intervalMs / 3, () => {
        if (agent.life === life) dial(agent);
      });
    }
  }

  function loadFromDisk(): void {
    const snapshot = Object.fromEntries(tableNames.map((table) => [table, new Map<string, unknown>()]));
    for (const write of disk.values())
      if (write.value !== null) snapshot[write.table]?.set(write.key, write.value);
    const loaded = snapshot as { [K in TableName]: Map<string, Tables[K]> };
    state = createState(settings);
    applySnapshot(state, loaded);
    replay = tableNames.flatMap((table) =>
      [...loaded[table]].map(([key, value]) => ({ table, key, value }) as Write),
    );
  }

  function begin(): void {
    push({ type: "collector_started", hostBootId: `host-boot-${hostBoots}`, seed: options.seed ?? 7 });
  }

  /** A site of its own place; with a gateway when an address is given. */
  function addSite(siteId: string, changes: Partial<Site> = {}): void {
    push({ type: "site_saved", site: { ...siteUsual, id: siteId, name: `Site ${siteId}`, ...changes } });
  }

  /** A maintenance window, from now on unless said otherwise. */
  function window(id: string, lastsMs: number, changes: Partial<Maintenance> = {}): Decision {
    const startsWallMs = changes.startsWallMs ?? now.wallMs;
    const maintenance: Maintenance = {
      id,
      siteId: null,
      serverId: null,
      startsWallMs,
      endsWallMs: startsWallMs + lastsMs,
      note: "",
      createdBy: "staff",
      createdWallMs: now.wallMs,
      ...changes,
    };
    return push({ type: "maintenance_saved", maintenance });
  }

  /** The agent's journal, in the session it plays now (or another one). */
  function tellJournal(
    serverId: string,
    entries: readonly JournalEntry[],
    more = false,
    sessionId = agents.get(serverId)?.sessionId ?? "none",
  ): Decision {
    return push({ type: "journal_received", serverId, sessionId, entries, more });
  }

  function add(serverId: string, changes: Partial<Server> = {}): Server {
    const server = serverOf(serverId, changes);
    if (server.siteId !== null && !state.tables.site.has(server.siteId))
      push({ type: "site_saved", site: { ...siteUsual, id: server.siteId } });
    push({ type: "server_saved", server });
    if (server.mode === "agent") enroll(serverId);
    return server;
  }

  /** Pins a key for a server, as a join token does. */
  function enroll(serverId: string, publicKey = `key-of-${serverId}`): void {
    const id = `token-for-${publicKey}`;
    push({
      type: "enrollment_created",
      enrollment: {
        id,
        secretHash: "hash",
        serverId,
        siteId: null,
        usesLeft: 1,
        expiresWallMs: now.wallMs + 3_600_000,
        createdWallMs: now.wallMs,
        usedBy: [],
      },
    });
    push({
      type: "agent_enrolled",
      enrollmentId: id,
      publicKey,
      newServerId: "unused",
      hostName: "unused",
      agentVersion: "1.0.0",
      peerAddress: "192.0.2.9",
    });
  }

  function connect(serverId: string, facts: AgentFacts = {}): string {
    sessions += 1;
    const sessionId = `s${sessions}`;
    push({
      type: "agent_connected",
      serverId,
      sessionId,
      bootId: facts.bootId ?? `boot-of-${serverId}`,
      agentVersion: facts.version ?? "1.0.0",
      agentStartedBootMs: facts.startedBootMs ?? 60_000,
      peerAddress: facts.peerAddress ?? "192.0.2.9",
      features: facts.features ?? [],
    });
    return sessionId;
  }

  function beat(serverId: string, sessionId: string, sequence: number): Decision {
    const decision = push({ type: "heartbeat_received", serverId, sessionId, sequence, health: null });
    if (decision.reply.ok) stage.lastBeatWorldMs.set(serverId, worldMs);
    stage.afterBeat?.(serverId, sessionId, sequence);
    return decision;
  }

  function dial(agent: PlayedAgent): void {
    agent.sessionId = connect(agent.serverId, agent);
    agent.sequence = 0;
    beatOn(agent, agent.life);
  }

  function beatOn(agent: PlayedAgent, life: number): void {
    if (agent.life !== life || !agent.beating) return;
    agent.sequence += 1;
    const dueWorldMs = worldMs;
    beat(agent.serverId, agent.sessionId, agent.sequence);
    planBeat(agent, life, dueWorldMs + times.intervalMs);
  }

  /** Beats follow the agent's own clock: after a stall of the collector all that were sent meanwhile are read. */
  function planBeat(agent: PlayedAgent, life: number, atWorldMs: number): void {
    order += 1;
    coming.push({
      atWorldMs,
      order,
      act: () => {
        if (agent.life !== life || !agent.beating) return;
        agent.sequence += 1;
        beat(agent.serverId, agent.sessionId, agent.sequence);
        planBeat(agent, life, atWorldMs + times.intervalMs);
      },
    });
  }

  /** An agent dials now and beats each η from now on. */
  function playAgent(serverId: string, facts: AgentFacts = {}): void {
    const before = agents.get(serverId);
    const agent: PlayedAgent = {
      serverId,
      sessionId: "",
      sequence: 0,
      bootId: facts.bootId ?? before?.bootId ?? `boot-of-${serverId}`,
      startedBootMs: facts.startedBootMs ?? before?.startedBootMs ?? 60_000,
      features: facts.features ?? before?.features ?? [],
      peerAddress: facts.peerAddress ?? before?.peerAddress ?? "192.0.2.9",
      beating: true,
      life: (before?.life ?? 0) + 1,
    };
    if (before) before.life += 1;
    agents.set(serverId, agent);
    dial(agent);
  }

  /** It beats no more. `freeze`: the socket stays open; `cut`: the collector sees it close. */
  function stopAgent(serverId: string, how: "freeze" | "cut" = "freeze"): string {
    const agent = agents.get(serverId);
    if (!agent) throw new Error(`no agent plays ${serverId}`);
    agent.beating = false;
    agent.life += 1;
    if (how === "cut") push({ type: "agent_disconnected", serverId, sessionId: agent.sessionId });
    return agent.sessionId;
  }

  function goodbye(
    serverId: string,
    reason: Extract<EventBody, { type: "goodbye_received" }>["reason"],
    awayForMs: number | null = null,
  ): Decision {
    const agent = agents.get(serverId);
    if (!agent) throw new Error(`no agent plays ${serverId}`);
    agent.beating = false;
    agent.life += 1;
    agent.sequence += 1;
    const { sessionId, sequence } = agent;
    return push({ type: "goodbye_received", serverId, sessionId, sequence, reason, awayForMs });
  }

  function link(recipientId: string, changes: Partial<Recipient> = {}): void {
    push({ type: "recipient_saved", recipient: recipientOf(recipientId, changes) });
  }

  function allRows(): Notification[] {
    return [...state.tables.notification.values()].sort((a, b) => a.sequence - b.sequence);
  }

  function allIncidents(): Incident[] {
    const archived = [...stage.archived.values()].map((entry) => entry.incident);
    const living = [...state.tables.incident.values()];
    return [...archived, ...living].sort((a, b) => a.number - b.number);
  }

  function incidentsOf(serverId: string): Incident[] {
    return allIncidents().filter((incident) => incident.serverId === serverId);
  }

  begin();
  return stage;
}

/** The hearing that a stage needs before anybody is judged: the grace of the start is over. */
export function createHearingStage(options: StageOptions = {}): Stage {
  const stage = createStage(options);
  stage.pass(stage.times.graceStartMs + 2 * stage.times.tickMs);
  const route = stage.state.tables.route.get(DEFAULT_ROUTE_ID);
  if (route && options.repeats !== true)
    stage.push({ type: "route_saved", route: { ...route, repeatMs: [] } });
  return stage;
}

/** True time between the last heartbeat of a server and its verdict, ms. */
export function reportedAfter(stage: Stage, serverId: string): number {
  const opening = stage.openings.find((entry) => entry.serverId === serverId);
  if (!opening) throw new Error(`${serverId} was not reported`);
  return opening.worldMs - (stage.lastBeatWorldMs.get(serverId) ?? 0);
}
