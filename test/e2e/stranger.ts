/**
 * A client of `detak.v1` in the hands of the test: well-behaved as far as asked, and then not.
 * Must not: use the agent's session code; only its keys and the shared words.
 */
import WebSocket from "ws";
import { makeEnroll, makeProve, parseJoinToken, type AgentKeys } from "../../agent/keys.ts";
import {
  VERSION_CURRENT,
  collectorMessage,
  encode,
  parse,
  type AgentMessage,
  type AgentOpening,
  type CollectorMessage,
  type Enroll,
  type Hello,
  type Prove,
} from "../../shared/wire.ts";
import { until } from "./wait.ts";

const LIMIT_MS = 15_000;

export interface Stranger {
  readonly socket: WebSocket;
  readonly hello: Hello;
  readonly received: readonly CollectorMessage[];
  send(message: AgentOpening | AgentMessage): void;
  /** The close code and reason, once the collector has closed. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
  /** The first message of this type. */
  wait<T extends CollectorMessage["type"]>(type: T): Promise<Extract<CollectorMessage, { readonly type: T }>>;
  end(): void;
}

/** Connects and waits for `hello`. */
export async function connect(url: string): Promise<Stranger> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/agent`, "detak.v1", {
    perMessageDeflate: false,
  });
  const received: CollectorMessage[] = [];
  let close: { readonly code: number; readonly reason: string } | null = null;
  socket.on("error", () => undefined);
  socket.on("close", (code, reason) => {
    close = { code, reason: reason.toString("utf8") };
  });
  socket.on("message", (data: Buffer) => {
    const parsed = parse(collectorMessage, data.toString("utf8"));
    if (parsed.ok) received.push(parsed.message);
  });
  const wait = <T extends CollectorMessage["type"]>(
    type: T,
  ): Promise<Extract<CollectorMessage, { readonly type: T }>> =>
    until(
      `the collector sends ${type}`,
      LIMIT_MS,
      () => {
        const found = received.find((message) => message.type === type);
        if (found === undefined && close !== null)
          throw new Error(`closed with ${close.code} ${close.reason}`);
        return found as Extract<CollectorMessage, { readonly type: T }> | undefined;
      },
      10,
    );
  const hello = await wait("hello");
  return {
    socket,
    hello,
    received,
    send: (message) => socket.send(encode(message)),
    closed: () => until("the collector closes", LIMIT_MS, () => close, 10),
    wait,
    end: () => socket.terminate(),
  };
}

export function enrollOf(stranger: Stranger, keys: AgentKeys, token: string): Enroll {
  const joinToken = parseJoinToken(token);
  if (joinToken === null) throw new Error("not a join token");
  return makeEnroll(stranger.hello, VERSION_CURRENT, {
    keys,
    token: joinToken,
    hostName: "stranger",
    agentVersion: "0.0.1",
  });
}

export function proveOf(stranger: Stranger, keys: AgentKeys, bootId = "boot-of-a-stranger"): Prove {
  return makeProve(stranger.hello, VERSION_CURRENT, {
    keys,
    bootId,
    agentVersion: "0.0.1",
    agentStartedBootMs: 1_000,
  });
}

/** Connects and opens a session with a key that is pinned already. */
export async function openSession(url: string, keys: AgentKeys, bootId?: string): Promise<Stranger> {
  const stranger = await connect(url);
  stranger.send(proveOf(stranger, keys, bootId));
  await stranger.wait("welcome");
  return stranger;
}
