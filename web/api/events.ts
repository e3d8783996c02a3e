/**
 * `/api/v1/events`: every change as one server-sent event of JSON.
 * Why the object comes along: a program that follows servers needs no second call.
 * Must not: queue without end for a slow reader; it is told so and cut off, and asks for the lists again.
 */
import { streamSSE } from "hono/streaming";
import * as z from "zod";
import type { Change } from "../source.ts";
import { queryOf, type Call } from "./call.ts";
import { problem } from "./problem.ts";
import { incidentShape, serverShape, timeShape } from "./shapes.ts";

export const eventLimits = {
  /** Streams open at once. */
  streamsMax: 200,
  /** Changes that wait for one slow reader; beyond that it is cut off with the event `lost`. */
  waitingMax: 1_000,
  /** A comment now and then, so that both ends notice a dead connection. */
  pingMs: 15_000,
} as const;

const topics = [
  "server",
  "site",
  "incident",
  "recipient",
  "route",
  "notification",
  "hearing",
  "heartbeat",
  "maintenance",
] as const satisfies readonly Change["topic"][];

const eventsQuery = z.object({
  /** Which topics, separated by commas. Without: all but `heartbeat`, which comes once a second and server. */
  topics: z
    .string()
    .transform((text) => text.split(",").map((topic) => topic.trim()))
    .pipe(z.array(z.enum(topics)).min(1))
    .optional(),
});

async function eventOf({ panel }: Call, change: Change): Promise<string> {
  const base = { topic: change.topic, id: change.id, at: timeShape(panel.settings.now()) };
  if (change.topic === "server" || change.topic === "heartbeat") {
    const server = panel.source.server(change.id);
    return JSON.stringify({ ...base, server: server ? serverShape(server) : null });
  }
  if (change.topic === "incident") {
    const detail = await panel.source.incident(change.id);
    return JSON.stringify({ ...base, incident: detail ? incidentShape(detail.incident) : null });
  }
  return JSON.stringify(base);
}

export interface EventStreams {
  open(call: Call): Response;
  /** Ends every stream. Idempotent. */
  close(): void;
}

export function createEventStreams(): EventStreams {
  const ends = new Set<() => void>();
  return {
    open: (call) => {
      const query = queryOf(call, eventsQuery);
      if (query instanceof Response) return query;
      if (ends.size >= eventLimits.streamsMax) {
        call.c.header("Retry-After", "30");
        return problem(call.c, "too_many_connections");
      }
      const wanted = new Set<string>(query.topics ?? topics.filter((topic) => topic !== "heartbeat"));
      const response = streamSSE(call.c, async (stream) => {
        const waiting: Change[] = [];
        let wake: () => void = () => undefined;
        const state: { end: "asked" | "lost" | null } = { end: null };
        const stopped = () => state.end !== null;
        const end = () => {
          state.end ??= "asked";
          wake();
        };
        const unsubscribe = call.panel.source.subscribe((change) => {
          if (!wanted.has(change.topic)) return;
          if (waiting.length >= eventLimits.waitingMax) {
            state.end ??= "lost";
            wake();
            return;
          }
          waiting.push(change);
          wake();
        });
        const ping = setInterval(() => void stream.write(": ping\n\n"), eventLimits.pingMs).unref();
        ends.add(end);
        stream.onAbort(end);
        try {
          await stream.write(": open\n\n");
          while (!stopped()) {
            const change = waiting.shift();
            if (change) await stream.writeSSE({ event: "change", data: await eventOf(call, change) });
            else await new Promise<void>((resolve) => (wake = resolve));
          }
          if (state.end === "lost") await stream.writeSSE({ event: "lost", data: "{}" });
        } finally {
          ends.delete(end);
          clearInterval(ping);
          unsubscribe();
        }
      });
      response.headers.set("X-Accel-Buffering", "no");
      response.headers.set("Cache-Control", "no-store, no-transform");
      return response;
    },
    close: () => {
      for (const end of [...ends]) end();
    },
  };
}
