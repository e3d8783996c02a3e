/**
 * One server's way to the collector, and the TCP connections on it.
 * Why modelled so: most false alarms of the world come from what TCP does when a path breaks — data that waits for a
 * retransmission, ends that do not know of each other, packets that vanish — and none of it needs packets to show.
 * Must not: know what the words mean, or deliver them out of order.
 */
import type { Reply } from "../../collector/core/types/effects.ts";
import { entries } from "./entries.ts";
import { collectorPlace, worstOf, type Poor } from "./network.ts";
import type { PathPlan } from "./plan.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** First retransmission of Linux; doubles with each loss. */
const RETRANSMIT_FIRST_MS = 200;
/** After a long cut the next retransmission comes at most this much later (it doubles up to about this in 40 s). */
const RETRANSMIT_LAST_MS = 30_000;
/** Times after the first at which a SYN is sent again. */
const SYN_AGAIN_MS: readonly number[] = [1_000, 3_000, 7_000];

/** Worse paths lose so many questions and answers that nothing is "usual" (95 % of both ways): what they say is not sure. */
export const LOSS_SURE = 0.02;

interface Held {
  readonly kind: number;
  readonly value: number;
  readonly payload: unknown;
}

/** The server's own way, and what it makes of site and collector: packets of connections take both. */
export class Path {
  /** How many faults cut the server's cable in each direction now. */
  cutUp = 0;
  cutDown = 0;
  refused = 0;
  readonly poor: Poor[] = [];
  /** Connections that one end at least still believes in. */
  readonly connections: Connection[] = [];
  readonly delayMs: number;
  /** Of the whole way to the collector. */
  jitterMs: number;
  lossShare: number;
  /** When it last was so bad that single questions may have gone unanswered (labels.ts). */
  lossyMs = Number.NEGATIVE_INFINITY;
  /** A packet of the server gets to the collector's host, and one of the collector's to the server. */
  upOpen = false;
  downOpen = false;
  readonly #plan: PathPlan;

  constructor(plan: PathPlan) {
    this.#plan = plan;
    this.delayMs = plan.delayMs;
    this.jitterMs = plan.jitterMs;
    this.lossShare = plan.lossShare;
  }

  /** Something between the two changed. */
  refresh(world: World, server: SimulatedServer): void {
    const { network } = world;
    const place = server.place;
    this.upOpen = network.open(place, collectorPlace);
    this.downOpen = network.open(collectorPlace, place);
    const site = network.siteOf(server);
    const worst = worstOf([this.#plan, ...this.poor, ...(site?.poor ?? []), ...network.poor]);
    if (this.lossShare > LOSS_SURE) this.lossyMs = world.nowMs;
    this.jitterMs = server.plan.ownHost ? 0 : worst.jitterMs;
    this.lossShare = server.plan.ownHost ? 0 : worst.lossShare;
  }

  mend(): void {
    this.cutUp = 0;
    this.cutDown = 0;
    this.refused = 0;
    this.poor.length = 0;
  }

  /** One way of one TCP segment, with the retransmissions it takes, ms. */
  transitMs(random: () => number): number {
    let ms = this.delayMs + random() * this.jitterMs;
    if (this.lossShare > 0) {
      for (let wait = RETRANSMIT_FIRST_MS; random() < this.lossShare && wait < 60_000; wait *= 2) ms += wait;
    }
    return Math.round(ms);
  }

  /** Whether a SYN and its answer both get through. */
  echoed(random: () => number): boolean {
    return this.lossShare === 0 || (random() >= this.lossShare && random() >= this.lossShare);
  }

  roundTripMs(random: () => number): number {
    return Math.round(2 * this.delayMs + (random() + random()) * this.jitterMs);
  }
}

export class Connection {
  readonly server: SimulatedServer;
  /** The agent's number of this socket. */
  readonly link: number;
  /** The process of the agent, and of the collector, that holds an end. */
  readonly agentProcess: number;
  collectorProcess = 0;
  /** Each end's own belief. */
  agentOpen = true;
  collectorOpen = false;
  /** The mapping in between is gone. */
  forgotten: "no" | "silent" | "reset" = "no";
  // The collector's end.
  phase: "opening" | "proving" | "open" | "closing" = "opening";
  sessionId = "";
  sequenceReceived = 0;
  heardMs = 0;
  /** Its agent is steady: nobody looks whether it went idle (agent-process.ts asks for it again). */
  idleUnwatched = false;
  /** Rounds that its agent was asked to take part in. */
  readonly roundsAsked = new Set<string>();
  /** What the ingest does with the core's answers; made once. */
  reported: ((reply: Reply) => void) | null = null;
  // In flight.
  upReadyMs = 0;
  downReadyMs = 0;
  heldUp: Held[] | null = null;
  heldDown: Held[] | null = null;
  heldSinceMs = 0;

  constructor(server: SimulatedServer, link: number, agentProcess: number) {
    this.server = server;
    this.link = link;
    this.agentProcess = agentProcess;
  }

  /** The mapping is lost; the next packet meets silence, or a reset. */
  forget(reset: boolean): void {
    this.forgotten = reset ? "reset" : "silent";
  }
}

/** A word from the agent's kernel to the collector's. */
export function sendUp(
  world: World,
  connection: Connection,
  kind: number,
  value: number,
  payload: unknown,
): void {
  const { path } = connection.server;
  if (connection.forgotten !== "no") {
    if (connection.forgotten === "reset" && connection.agentOpen) resetAgentEnd(world, connection);
    return;
  }
  if (connection.heldUp !== null || !path.upOpen) {
    if (connection.heldUp === null) connection.heldSinceMs = world.nowMs;
    (connection.heldUp ??= []).push({ kind, value, payload });
    return;
  }
  const atMs = Math.max(connection.upReadyMs, world.nowMs + path.transitMs(world.random));
  connection.upReadyMs = atMs;
  world.queue.put(atMs, kind, connection, value, payload);
}

/** A word from the collector's kernel to the server's. */
export function sendDown(
  world: World,
  connection: Connection,
  kind: number,
  value: number,
  payload: unknown,
): void {
  const { path } = connection.server;
  if (connection.forgotten !== "no") return;
  if (connection.heldDown !== null || !path.downOpen) {
    if (connection.heldDown === null) connection.heldSinceMs = world.nowMs;
    (connection.heldDown ??= []).push({ kind, value, payload });
    return;
  }
  const atMs = Math.max(connection.downReadyMs, world.nowMs + path.transitMs(world.random));
  connection.downReadyMs = atMs;
  world.queue.put(atMs, kind, connection, value, payload);
}

/** A packet met a stranger's port: the agent's end is closed by a RST. */
function resetAgentEnd(world: World, connection: Connection): void {
  const { server } = connection;
  world.callAt(world.nowMs + server.path.roundTripMs(world.random), () => {
    if (server.path.downOpen)
      server.agent.receiveWord(connection, { type: "closed", code: 1006, reason: "ECONNRESET" });
  });
}

/** A path became open (or not): what waits is sent again when the next retransmission is due. */
export function pathChanged(world: World, server: SimulatedServer): void {
  const { connections, upOpen, downOpen } = server.path;
  for (let index = connections.length - 1; index >= 0; index -= 1) {
    const connection = connections[index] as Connection;
    if (!connection.agentOpen && !connection.collectorOpen) {
      connections.splice(index, 1);
      continue;
    }
    const up = connection.heldUp !== null && upOpen;
    const down = connection.heldDown !== null && downOpen;
    if (!up && !down) continue;
    const waitedMs = world.nowMs - connection.heldSinceMs;
    const waitMs = Math.round(
      world.random() * Math.min(RETRANSMIT_LAST_MS, Math.max(RETRANSMIT_FIRST_MS, waitedMs)),
    );
    world.callAt(world.nowMs + waitMs, () => release(world, connection));
  }
}

function release(world: World, connection: Connection): void {
  const { path } = connection.server;
  if (connection.heldUp !== null && path.upOpen) {
    const held = connection.heldUp;
    connection.heldUp = null;
    for (const one of held) sendUp(world, connection, one.kind, one.value, one.payload);
  }
  if (connection.heldDown !== null && path.downOpen) {
    const held = connection.heldDown;
    connection.heldDown = null;
    for (const one of held) sendDown(world, connection, one.kind, one.value, one.payload);
  }
}

/** Opens a connection for the agent: SYNs until one gets through, then the upgrade. Refusals and resets are told. */
export function dial(world: World, connection: Connection): void {
  connection.server.path.connections.push(connection);
  for (const againMs of [0, ...SYN_AGAIN_MS])
    world.callAt(world.nowMs + againMs, () => synSent(world, connection, againMs === 0));
}

function synSent(world: World, connection: Connection, first: boolean): void {
  const { server } = connection;
  if (!connection.agentOpen || connection.upReadyMs > 0) return;
  const { path } = server;
  const login = world.network.siteOf(server)?.loginFailing.at(-1);
  if (login !== undefined) {
    if (first) world.callAt(world.nowMs + 50, () => refuse(server, connection, LOGIN_ERRORS[login]));
    return;
  }
  if (path.refused > 0 && first && !server.plan.ownHost) {
    world.callAt(world.nowMs + 5, () => refuse(server, connection, "EHOSTUNREACH"));
    return;
  }
  if (!path.upOpen || !path.downOpen || !path.echoed(world.random)) return;
  // From here on the handshake of TCP succeeds or is refused; later SYNs are not needed.
  connection.upReadyMs = 1;
  const answeredMs = world.nowMs + path.roundTripMs(world.random);
  if (!world.collector.listening) {
    world.callAt(answeredMs, () => refuse(server, connection, "ECONNREFUSED"));
    return;
  }
  connection.upReadyMs = answeredMs;
  world.callAt(answeredMs, () => {
    if (!connection.agentOpen) return;
    sendUp(world, connection, entries.upWord, 0, { type: "upgrade" });
    agesOut(world, connection);
  });
}

/** What the agent's dial ends with when its login can't work. */
const LOGIN_ERRORS = {
  name: "ENOTFOUND",
  certificate: "CERT_HAS_EXPIRED",
  proxy: "HTTP 407",
} as const;

/** Something on the way ends each connection of a certain age. */
function agesOut(world: World, connection: Connection): void {
  const cut = world.network.siteOf(connection.server)?.plan.connectionCut;
  if (cut == null) return;
  world.callAt(world.nowMs + cut.ageMs, () => {
    if (!connection.agentOpen || world.mended) return;
    world.injected.set("connection_cut_by_age", (world.injected.get("connection_cut_by_age") ?? 0) + 1);
    connection.server.agent.unsteady();
    connection.forget(cut.reset);
    world.oracle.shaken(connection.server);
  });
}

function refuse(server: SimulatedServer, connection: Connection, detail: string): void {
  if (connection.agentOpen)
    server.agent.receiveWord(connection, { type: "closed", code: 1006, reason: detail });
}
