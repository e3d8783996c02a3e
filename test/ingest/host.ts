/**
 * A small host for the ingest under test: it keeps what was pushed and answers as the loop does, on a later turn.
 * Why not the real loop: these tests are about the socket; what the core decides is scripted here.
 * Must not: know sockets.
 */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import { createCollectorKeys } from "../../collector/ingest/keys.ts";
import {
  attachIngest,
  type Ingest,
  type IngestHost,
  type IngestOptions,
} from "../../collector/ingest/server.ts";

export const tokenSecret = "0123456789abcdef0123456789abcdef";
export const tokenId = "token_1";
const secretHash = createHash("sha256").update(tokenSecret).digest("base64url");

export interface TestHost extends IngestHost {
  readonly events: EventBody[];
  readonly logged: { level: string; event: string; fields: Record<string, unknown> }[];
  /** Public key → server, filled by enrollment or by the test. */
  readonly agents: Map<string, string>;
  /** What the core says to each event; a rejected promise is a loop that cannot take it. */
  answer: (event: EventBody) => Promise<Reply>;
  /** Set by `startIngest`: whom the core's effects go to. */
  ingest: Ingest | null;
  eventsOf<T extends EventBody["type"]>(type: T): Extract<EventBody, { type: T }>[];
}

/** A host that agrees to everything: pins, acknowledges, and lets the newest session of a server win. */
export function createHost(heartbeatIntervalMs = 15_000): TestHost {
  const events: EventBody[] = [];
  const agents = new Map<string, string>();
  const sessionOf = new Map<string, string>();
  const host: TestHost = {
    heartbeatIntervalMs,
    events,
    logged: [],
    agents,
    ingest: null,
    answer: async (event): Promise<Reply> => {
      switch (event.type) {
        case "agent_enrolled": {
          const serverId = agents.get(event.publicKey) ?? event.newServerId;
          agents.set(event.publicKey, serverId);
          return { ok: true, id: serverId };
        }
        case "agent_connected": {
          const older = sessionOf.get(event.serverId);
          sessionOf.set(event.serverId, event.sessionId);
          if (older !== undefined) {
            host.ingest?.perform({ type: "close_session", sessionId: older, reason: "replaced" });
          }
          return { ok: true };
        }
        case "heartbeat_received":
          host.ingest?.perform({ type: "send_ack", sessionId: event.sessionId, sequence: event.sequence });
          return { ok: true };
        case "goodbye_received":
          host.ingest?.perform({ type: "send_ack", sessionId: event.sessionId, sequence: event.sequence });
          host.ingest?.perform({ type: "close_session", sessionId: event.sessionId, reason: "goodbye" });
          return { ok: true };
        default:
          return { ok: true };
      }
    },
    push(event) {
      events.push(event);
      return new Promise<void>((resolve) => setImmediate(resolve)).then(() => host.answer(event));
    },
    findAgent(publicKey) {
      const serverId = agents.get(publicKey);
      return serverId === undefined ? null : { serverId };
    },
    findEnrollment: (id) => (id === tokenId ? { secretHash } : null),
    log: (level, event, fields) => host.logged.push({ level, event, fields }),
    eventsOf: <T extends EventBody["type"]>(type: T) =>
      events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type),
  };
  return host;
}

export interface Running {
  readonly host: TestHost;
  readonly server: Server;
  readonly ingest: Ingest;
  readonly collectorKey: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A real HTTP server on loopback with the ingest attached. */
export async function startIngest(
  options: IngestOptions = {},
  host: TestHost = createHost(),
): Promise<Running> {
  const server = createServer((_request, response) => response.writeHead(200).end("panel"));
  const { keys } = createCollectorKeys();
  const ingest = attachIngest(server, keys, host, options);
  host.ingest = ingest;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
  return {
    host,
    server,
    ingest,
    collectorKey: keys.publicKey,
    port: (server.address() as AddressInfo).port,
    async stop() {
      await ingest.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
