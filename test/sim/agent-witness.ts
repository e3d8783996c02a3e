/**
 * An agent probes for the collector from where it stands, as agent/witness does.
 * Why the truth: what it answers is what is open from there, unless it is the world's one liar.
 * Must not: hold up a heartbeat; its answer is one word among others.
 */
import type { ProbeRequest, ProbeResult } from "../../collector/core/types/evidence.ts";
import type { DownWord, UpWord } from "./entries.ts";
import { ask } from "./questions.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

type Probe = Extract<DownWord, { type: "probe" }>;
type Probed = Extract<UpWord, { type: "probed" }>;

/** Asks at once; answers when the last answer is there. */
export function answerWitness(
  world: World,
  server: SimulatedServer,
  probe: Probe,
  say: (probed: Probed) => void,
): void {
  const results: ProbeResult[] = [];
  let lastMs = 0;
  for (const request of probe.requests) {
    const asked = ask(world, server.place, requestOf(request), probe.timeLimitMs);
    results.push(server.plan.liar ? lied(asked.result, world.random) : asked.result);
    lastMs = Math.max(lastMs, asked.ms);
  }
  world.witnessesAsked += 1;
  world.callAt(world.nowMs + lastMs, () =>
    say({ type: "probed", roundId: probe.roundId, results: results.map(wireOf) }),
  );
}

function requestOf(request: Probe["requests"][number]): ProbeRequest {
  return request.kind === "icmp"
    ? { kind: "icmp", host: request.host, port: null }
    : { kind: request.kind, host: request.host, port: request.port };
}

/** Anything at all, with conviction. */
function lied(result: ProbeResult, random: () => number): ProbeResult {
  const { kind, target } = result;
  const drawn = random();
  if (drawn < 0.2) return { kind, target, verdict: "none", detail: "no_permission", roundTripMs: null };
  if (drawn < 0.6) return { kind, target, verdict: "dead", detail: "timeout", roundTripMs: null };
  const banner = kind === "banner" ? { banner: "SSH-2.0-Lie" } : {};
  return {
    kind,
    target,
    verdict: "alive",
    detail: kind === "icmp" ? "reply" : "connected",
    roundTripMs: 3,
    ...banner,
  };
}

function wireOf(result: ProbeResult): Probed["results"][number] {
  const { kind, target, verdict, detail, roundTripMs, banner } = result;
  if (kind === "http") throw new Error("assertion failed: a witness is not asked for whole answers");
  return {
    kind,
    target,
    verdict,
    detail,
    ...(roundTripMs !== null && { roundTripMs }),
    ...(banner !== undefined && { banner }),
  };
}
