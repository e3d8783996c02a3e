/**
 * Who performs which effect of the core, after its commit.
 * Why apart from main: main puts the parts together once; this is what runs between them from then on.
 * Must not: decide anything, wait for anything, or perform what was not committed (the loop sees to that).
 */
import type { Logger } from "pino";
import type { State } from "./core/state.ts";
import type { Effect, Reply, Topic } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { Ingest } from "./ingest/server.ts";
import type { Worker } from "./notify/worker.ts";
import type { Prober } from "./probe/prober.ts";
import type { Sentinels } from "./probe/sentinels.ts";
import { unreachable } from "../shared/assert.ts";

/** A steady server is shown anew at most this often. */
const HEARTBEAT_SHOWN_MS = 1_000;

export interface EffectParts {
  readonly state: State;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly ingest: Pick<Ingest, "perform">;
  readonly prober: Pick<Prober, "perform">;
  readonly sentinels: Pick<Sentinels, "ask">;
  readonly worker: Pick<Worker, "perform">;
  /** Tells the open pages. */
  readonly announce: (topic: Topic, id: string) => void;
  readonly log: Logger;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** Gives what performs one effect. It never throws for what the world does; answers come back as events. */
export function createEffectPerformer(parts: EffectParts): (effect: Effect) => void {
  const { push, ingest, prober, sentinels, worker } = parts;
  const publish = createPublisher(parts);
  return (effect) => {
    switch (effect.type) {
      case "send_ack":
      case "close_session":
      case "ask_witness":
      case "ack_journal":
        return ingest.perform(effect);
      case "start_probe":
      case "start_gateway_probe":
      case "cancel_probe":
        return prober.perform(effect, (event) => void push(event));
      case "ask_sentinels": {
        const { roundId, timeLimitMs } = effect;
        void sentinels
          .ask(timeLimitMs)
          .then((answers) => push({ type: "sentinels_answered", roundId, answers }));
        return;
      }
      case "send_notification":
        return worker.perform(effect);
      case "publish":
        return publish(effect);
      case "drain_sockets":
      case "wake_outbox":
        return;
      default:
        unreachable(effect);
    }
  };
}

/** Announces changes, a steady server's heartbeats only now and then, and logs each change of an incident. */
function createPublisher({ state, announce, log, now }: EffectParts) {
  const heartbeatsShown = new Map<string, number>();
  return ({ topic, id }: Extract<Effect, { type: "publish" }>): void => {
    if (topic === "heartbeat") {
      const nowMs = now();
      if (nowMs - (heartbeatsShown.get(id) ?? -HEARTBEAT_SHOWN_MS) < HEARTBEAT_SHOWN_MS) return;
      heartbeatsShown.set(id, nowMs);
    } else if (topic === "incident") {
      logIncident(state, id, log);
    }
    announce(topic, id);
  };
}

function logIncident(state: State, id: string, log: Logger): void {
  const incident = state.tables.incident.get(id);
  if (!incident) return;
  log.info(
    {
      event: "incident",
      number: incident.number,
      kind: incident.kind,
      server: incident.serverName,
      open: incident.endedWallMs === null,
      silentMs: Math.round(incident.detectedCoreMs - incident.startedCoreMs),
    },
    "incident",
  );
}
