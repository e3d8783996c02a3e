/**
 * What a question meets, from where it is asked: ping, a port, a program behind it, a whole answer.
 * Why one place: the collector, its gateway probes and other agents ask the same things of the same truth.
 * Must not: know why it is asked, or remember anything.
 */
import type { ProbeRequest, ProbeResult, ProbeVerdict } from "../../collector/core/types/evidence.ts";
import type { Place } from "./network.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** A question that meets silence gives up after this share of its limit. */
const PATIENCE = 0.8;
/** A program that does not speak is waited for so long, ms (shared/probe). */
const SPEECH_MS = 2_000;
/** Three pings, and a connection's first SYN with two more. */
const ATTEMPTS = 3;

export interface Asked {
  readonly result: ProbeResult;
  /** How long it took, ms. */
  readonly ms: number;
}

/** Who listens at an address; null: nobody. Of a clone and its original the one that was there first. */
export function placeAt(world: World, address: string): Place | null {
  const server = world.serverAt(address);
  if (server !== null) return { type: "server", server };
  const site = world.network.sites.find((one) => one.gatewayAddress === address);
  return site ? { type: "gateway", site } : null;
}

/** Asks now, from a place, and answers what came back. */
export function ask(world: World, from: Place, request: ProbeRequest, limitMs: number): Asked {
  const { kind, host, port } = request;
  const target = port === null ? host : `${host}:${port}`;
  const made = (
    verdict: ProbeVerdict,
    detail: string,
    ms: number,
    more: Partial<ProbeResult> = {},
  ): Asked => ({
    result: { kind, target, verdict, detail, roundTripMs: verdict === "alive" ? ms : null, ...more },
    ms,
  });
  const lateMs = Math.round(limitMs * PATIENCE);
  const silent = (): Asked => made("dead", "timeout", lateMs);
  if (from.type === "collector" && kind === "icmp" && !world.pingWorks) {
    if (world.collector.holds.pingMissing > 0) world.collector.voidedMs = world.nowMs;
    return made("none", "no_program", 5);
  }
  const to = placeAt(world, host);
  if (to === null || !echoed(world, from, to)) return silent();
  const roundTripMs = roundTripOf(world, from, to);
  if (roundTripMs > limitMs) return silent();
  if (kind === "icmp") {
    const answers = to.type === "server" ? to.server.icmpAnswers : gatewayPings(to);
    if (!answers) return silent();
    if (from.type === "collector" && world.collector.holds.answeredForAll > 0) {
      world.collector.voidedMs = world.nowMs;
      return made("none", "answered_for_all", roundTripMs);
    }
    return made("alive", "reply", roundTripMs);
  }
  if (to.type !== "server") return gatewayAnswers(to) ? made("alive", "refused", roundTripMs) : silent();
  const meets = tcpOf(to.server);
  const { server } = to;
  if (meets === "filtered") return silent();
  if (meets === "closed")
    return made("alive", "refused", roundTripMs, kind === "banner" ? {} : { asExpected: false });
  if (kind === "tcp") return made("alive", "connected", roundTripMs, { asExpected: true });
  const mute = (): Asked => made("alive", "connected", Math.min(lateMs, roundTripMs + SPEECH_MS));
  if (kind === "banner") {
    if (meets === "mute" || server.frozenHost) return mute();
    return made("alive", "connected", 2 * roundTripMs, { banner: bannerOf(port) });
  }
  if (server.frozenHost) return made("alive", "no_answer", lateMs, { asExpected: false });
  if (server.holds.checkFailing > 0)
    return made("alive", "status_503", 2 * roundTripMs, { asExpected: false });
  return made("alive", "expected", 2 * roundTripMs, { asExpected: true, banner: "HTTP 200" });
}

/** What a port of it meets now, if a packet gets there. */
export function tcpOf(server: SimulatedServer): "speaks" | "mute" | "closed" | "filtered" {
  const { tcp } = server.plan;
  return server.holds.serviceStopped > 0 && tcp !== "filtered" ? "closed" : tcp;
}

function bannerOf(port: number): string {
  if (port === 22) return "SSH-2.0-OpenSSH_9.2";
  return port === 443 ? "TLS" : "HTTP 200";
}

function gatewayAnswers(place: Place): boolean {
  return place.type === "gateway" && place.site.plan.gateway === "answers";
}
function gatewayPings(place: Place): boolean {
  return gatewayAnswers(place) && place.type === "gateway" && place.site.holds.icmpFiltered === 0;
}

/** A question and its answer get through, in one of three attempts. */
function echoed(world: World, from: Place, to: Place): boolean {
  const { network, random } = world;
  if (!network.answered(from, to)) return false;
  const { lossShare } = network.poorBetween(from, to);
  if (lossShare === 0) return true;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1)
    if (random() >= lossShare && random() >= lossShare) return true;
  return false;
}

function roundTripOf(world: World, from: Place, to: Place): number {
  const { random } = world;
  const delayOf = (place: Place): number => (place.type === "server" ? place.server.path.delayMs : 5);
  const { jitterMs } = world.network.poorBetween(from, to);
  return Math.round(2 * (delayOf(from) + delayOf(to)) + (random() + random()) * jitterMs);
}
