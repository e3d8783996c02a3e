/**
 * One server's way to the collector, and the TCP connections on it.
 * Why modelled so: most false alarms of the world come from what TCP does when a path breaks — data that waits for a
 * retransmission, ends that do not know of each other, packets that vanish — and none of it needs packets to show.
 * Must not: know what the words mean, or deliver them out of order.
 */
import type { Reply } from "../../collector/core/types.ts";
import type { PathPlan } from "./plan.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";
import { entries } from "./entries.ts";

/** First retransmission of Linux; doubles with each loss. */
const RETRANSMIT_FIRST_MS = 200;
/** After a long cut the next retransmission comes at most this much later (it doubles up to about this in 40 s). */
const RETRANSMIT_LAST_MS = 30_000;
/** Times after the first at which a SYN is sent again. */
const SYN_AGAIN_MS: readonly number[] = [1_000, 3_000, 7_000];

interface Held {
  readonly kind: number;
  readonly value: number;
  readonly payload: unknown;
}

export class Path {
  /** How many faults cut each direction now. */
  cutUp = 0;
  cutDown = 0;
  refused = 0;
  /** Faults that make it poor now; the worst counts. */
  readonly poor: { readonly lossShare: number; readonly jitterMs: number }[] = [];
  /** Connections that one end at least still believes in. */
  readonly connections: Connection[] = [];
  #delayMs: number;
  #jitterMs: number;
  #lossShare: number;
  readonly #plan: PathPlan;

  constructor(plan: PathPlan) {
    this.#plan = plan;
    this.#delayMs = plan.delayMs;
    this.#jitterMs = plan.jitterMs;
    this.#lossShare = plan.lossShare;
  }

  get lossShare(): number {
    return this.#lossShare;
  }

  poorChanged(): void {
    this.#jitterMs = Math.max(this.#plan.jitterMs, ...this.poor.map((one) => one.jitterMs));
    this.#lossShare = Math.max(this.#plan.lossShare, ...this.poor.map((one) => one.lossShare));
  }

  mend(): void {
    this.cutUp = 0;
    this.cutDown = 0;
    this.refused = 0;
    this.poor.length = 0;
    this.poorChanged();
    this.#delayMs = this.#plan.delayMs;
  }

  /** One way of one TCP segment, with the retransmissions it takes, ms. */
  transitMs(random: () => number): number {
    let ms = this.#delayMs + random() * this.#jitterMs;
    if (this.#lossShare > 0) {
      for (let wait = RETRANSMIT_FIRST_MS; random() < this.#lossShare && wait < 60_000; wait *= 2) ms += wait;
    }
    return Math.round(ms);
  }

  /** Whether one question and its answer both get through, of three that are asked. */
  echoed(random: () => number): boolean {
    if (this.#lossShare === 0) return true;
    for (let attempt = 0; attempt < 3; attempt += 1)
      if (random() >= this.#lossShare && random() >= this.#lossShare) return true;
    return false;
  }

  roundTripMs(random: () => number): number {
    return Math.round(2 * this.#delayMs + (random() + random()) * this.#jitterMs);
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
  saidGoodbye = false;
  heardMs = 0;
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
}

function upIsOpen(world: World, server: SimulatedServer): boolean {
  const { path } = server;
  return path.cutUp === 0 && path.refused === 0 && world.collector.online && server.online;
}

function downIsOpen(world: World, server: SimulatedServer): boolean {
  const { path } = server;
  return path.cutDown === 0 && path.refused === 0 && world.collector.online && server.online;
}

/** A word from the agent's kernel to the collector's. */
export function sendUp(
  world: World,
  connection: Connection,
  kind: number,
  value: number,
  payload: unknown,
): void {
  const { server } = connection;
  if (connection.forgotten !== "no") {
    if (connection.forgotten === "reset" && connection.agentOpen) resetAgentEnd(world, connection);
    return;
  }
  if (connection.heldUp !== null || !upIsOpen(world, server)) {
    if (connection.heldUp === null) connection.heldSinceMs = world.nowMs;
    (connection.heldUp ??= []).push({ kind, value, payload });
    return;
  }
  const atMs = Math.max(connection.upReadyMs, world.nowMs + server.path.transitMs(world.random));
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
  const { server } = connection;
  if (connection.forgotten !== "no") return;
  if (connection.heldDown !== null || !downIsOpen(world, server)) {
    if (connection.heldDown === null) connection.heldSinceMs = world.nowMs;
    (connection.heldDown ??= []).push({ kind, value, payload });
    return;
  }
  const atMs = Math.max(connection.downReadyMs, world.nowMs + server.path.transitMs(world.random));
  connection.downReadyMs = atMs;
  world.queue.put(atMs, kind, connection, value, payload);
}

/** A packet met a stranger's port: the agent's end is closed by a RST. */
function resetAgentEnd(world: World, connection: Connection): void {
  const { server } = connection;
  world.callAt(world.nowMs + server.path.roundTripMs(world.random), () => {
    if (server.path.cutDown === 0)
      server.agent.receiveWord(connection, { type: "closed", code: 1006, reason: "ECONNRESET" });
  });
}

/** A path became open (or not): what waits is sent again when the next retransmission is due. */
export function pathChanged(world: World, server: SimulatedServer): void {
  const { connections } = server.path;
  for (let index = connections.length - 1; index >= 0; index -= 1) {
    const connection = connections[index] as Connection;
    if (!connection.agentOpen && !connection.collectorOpen) {
      connections.splice(index, 1);
      continue;
    }
    const up = connection.heldUp !== null && upIsOpen(world, server);
    const down = connection.heldDown !== null && downIsOpen(world, server);
    if (!up && !down) continue;
    const waitedMs = world.nowMs - connection.heldSinceMs;
    const waitMs = Math.round(
      world.random() * Math.min(RETRANSMIT_LAST_MS, Math.max(RETRANSMIT_FIRST_MS, waitedMs)),
    );
    world.callAt(world.nowMs + waitMs, () => release(world, connection));
  }
}

function release(world: World, connection: Connection): void {
  const { server } = connection;
  if (connection.heldUp !== null && upIsOpen(world, server)) {
    const held = connection.heldUp;
    connection.heldUp = null;
    for (const one of held) sendUp(world, connection, one.kind, one.value, one.payload);
  }
  if (connection.heldDown !== null && downIsOpen(world, server)) {
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
  if (path.refused > 0 && first) {
    world.callAt(world.nowMs + 5, () => refuse(server, connection, "EHOSTUNREACH"));
    return;
  }
  if (!upIsOpen(world, server) || !downIsOpen(world, server) || !path.echoed(world.random)) return;
  // From here on the handshake of TCP succeeds or is refused; later SYNs are not needed.
  connection.upReadyMs = 1;
  const answeredMs = world.nowMs + path.roundTripMs(world.random);
  if (!world.collector.listening) {
    world.callAt(answeredMs, () => refuse(server, connection, "ECONNREFUSED"));
    return;
  }
  connection.upReadyMs = answeredMs;
  world.callAt(answeredMs, () => {
    if (connection.agentOpen) sendUp(world, connection, entries.upWord, 0, { type: "upgrade" });
  });
}

function refuse(server: SimulatedServer, connection: Connection, detail: string): void {
  if (connection.agentOpen)
    server.agent.receiveWord(connection, { type: "closed", code: 1006, reason: detail });
}
