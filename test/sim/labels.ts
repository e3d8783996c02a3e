/**
 * Which kinds of alert and which final causes are right for what really happened: sets, where evidence cannot tell.
 * Why apart from rules: a wrong name breaks no promise of time, but the share of right ones is a figure people trust.
 * Must not: look at what the collector found out; only at what is true and who could have seen it.
 */
import type { Cause, Incident, IncidentKind } from "../../collector/core/types/incident.ts";
import { LOSS_SURE } from "./connection.ts";
import { tcpOf } from "./questions.ts";
import type { SimulatedServer } from "./server.ts";
import type { Reason, Truth } from "./truth.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** Something changed so lately (in η) that the newest round may have met the one or the other. */
const STABLE_INTERVALS = 3;
/** Rounds T/3 apart that make a baseline, in T. */
const BASELINE_DOWN_AFTERS = 3;
/** A set of reasons that explains so much of an outage explains it. */
const DOMINANT = 0.85;

/** What the alert of one silent server may be called; null: nobody could tell. */
export function kindsOf(
  world: World,
  truth: Truth,
  watch: Watch,
  nowMs: number,
): ReadonlySet<IncidentKind> | null {
  const { server } = watch;
  const { plan } = server;
  const stableMs = nowMs - watch.truthChangedMs;
  // Its neighbours, its ports and its parent were others while its rounds were asked.
  if (nowMs - watch.editedMs < watch.downAfterMs) return null;
  if (stableMs < STABLE_INTERVALS * world.plan.heartbeatIntervalMs) return null;
  if (watch.machines.length > 1 && watch.machines[1]!.online) return null;
  const unsure = server.path.lossShare > LOSS_SURE || nowMs - server.path.lossyMs < watch.downAfterMs;
  if (plan.mode === "ping") {
    if (
      server.online &&
      truth.reached(server) &&
      plan.check !== null &&
      !unsure &&
      server.icmpAnswers &&
      world.pingWorks
    )
      return new Set(["agent_down"]);
    return plan.check === null ? aside(world, server, new Set(["host_down"])) : null;
  }
  if (plan.behindNat || !probed(world, server, nowMs)) return null;
  // Witnesses told of the cut route before the collector itself was cut off from them: either is true.
  if (watch.reasons.includes("route") && watch.reasons.includes("collector_network")) return null;
  if (truth.reached(server) && truth.canAnswer(server) && truth.askable(server))
    return unsure ? null : aliveKinds(world, watch);
  if (!server.online) return new Set(["host_down"]);
  // Neighbours may have seen it alive before the line went: then its own trouble is the older one.
  const dead: readonly IncidentKind[] = server.agentRuns
    ? ["host_down"]
    : ["host_down", "agent_down", "host_hung"];
  return aside(world, server, new Set(dead));
}

/** Something can be asked of it, and an answer would count. */
function probed(world: World, server: SimulatedServer, nowMs: number): boolean {
  const { collector } = world;
  // The rounds were asked in the last T: what they could ask counts, not what could be asked now.
  if (nowMs - collector.voidedMs < world.plan.downAfterMs) return false;
  return world.pingWorks || world.staff.recordOf(server).probePorts.length > 0;
}

/** The host answers the collector: its agent, its programs, or nobody can tell. */
function aliveKinds(world: World, watch: Watch): ReadonlySet<IncidentKind> {
  const { server } = watch;
  const speaks = tcpOf(server) === "speaks" && world.staff.recordOf(server).probePorts.length > 0;
  if (!server.frozenHost) return new Set(["agent_down"]);
  if (!speaks) return new Set(["agent_down", "host_hung"]);
  const known =
    watch.truthChangedMs - watch.bornMs > BASELINE_DOWN_AFTERS * watch.downAfterMs &&
    !watch.edited &&
    !server.wasMute &&
    // A hang of seconds, met by one of few rounds, is enough not to know.
    watch.segments.filter((segment) => segment.reasons.includes("hung")).length < 2;
  return known ? new Set(["host_hung"]) : new Set(["host_hung", "agent_down"]);
}

/** Alive and not reached from here: as many witnesses as see it say so, unless they could not. */
function aside(
  world: World,
  server: SimulatedServer,
  dead: ReadonlySet<IncidentKind>,
): ReadonlySet<IncidentKind> | null {
  if (!server.online || !answersSomebody(world, server)) return dead;
  // Registered where it is not: witnesses of a strange site are taken for its neighbours.
  const { site: trueSite } = server.plan;
  if (world.staff.recordOf(server).siteId !== (trueSite === null ? null : `site-${trueSite}`)) return null;
  // Its rounds asked witnesses in the last T, who may have seen then what they do not see now.
  const { network, plan: house, nowMs } = world;
  const sinceMs = nowMs - (house.downAfterMs - 2 * house.heartbeatIntervalMs);
  if (network.sites.some(({ changedMs }) => changedMs > sinceMs)) return null;
  const sites = new Set<number>();
  let blind = 0;
  let beside = 0;
  for (const other of world.servers) {
    const able = other.agentRuns && !other.plan.liar && other.plan.features.includes("witness");
    if (!able || other.identity === server.identity || other.plan.ownHost || !other.path.upOpen) continue;
    const sees = network.answered(other.place, server.place);
    if (other.plan.site !== null && other.plan.site === server.plan.site) beside += sees ? 1 : 0;
    else if (other.plan.site !== null)
      if (sees) sites.add(other.plan.site);
      else blind += 1;
  }
  if (beside > 0) return null;
  if (sites.size >= 2 && blind === 0) return new Set(["path_down"]);
  return sites.size < 2 ? (sites.size === 0 ? dead : null) : null;
}

function answersSomebody(world: World, server: SimulatedServer): boolean {
  const asked = world.staff.recordOf(server).probePorts.length > 0;
  return server.icmpAnswers || (asked && tcpOf(server) !== "filtered");
}

// ── Causes ───────────────────────────────────────────────────────────────────────────────────────────

const causesOf: Readonly<Record<Reason, readonly Cause[]>> = {
  power: ["host_crash_or_power", "host_rebooted"],
  suspended: ["host_suspended"],
  hung: ["host_hung"],
  agent_dead: ["agent_stopped"],
  agent_frozen: ["agent_stopped"],
  cable: ["host_network", "connection"],
  lan: ["site_lan", "host_network", "connection"],
  gateway: ["site_lan", "host_network", "site_link", "connection"],
  link: ["site_link", "connection"],
  route: ["path_or_provider", "connection"],
  refused: ["host_network", "connection"],
  login: ["name_certificate_or_proxy", "connection"],
  collector_network: ["collector", "path_or_provider", "connection"],
  collector_host: ["collector", "path_or_provider", "connection"],
  check: [],
};

const siteCausesOf: Readonly<Partial<Record<Reason, readonly Cause[]>>> = {
  power: ["site_power", "site_link_or_power"],
  lan: ["site_lan", "site_link_or_power"],
  gateway: ["site_lan", "site_link", "site_link_or_power"],
  link: ["site_link", "site_link_or_power"],
  route: ["path_or_provider", "site_link_or_power", "collector"],
  login: ["name_certificate_or_proxy"],
  collector_network: ["collector", "path_or_provider"],
  collector_host: ["collector", "path_or_provider"],
};

/** The one set of reasons that explains a silence; null: several did, or none that lasts. */
export function dominantReasons(watch: Watch, fromMs: number, toMs: number): readonly Reason[] | null {
  let total = 0;
  let best = "";
  let bestMs = 0;
  for (const [reasons, ms] of watch.held(fromMs, toMs)) {
    if (reasons === "") continue;
    total += ms;
    if (ms > bestMs) {
      best = reasons;
      bestMs = ms;
    }
  }
  if (bestMs < DOMINANT * total || bestMs < 0.5 * (toMs - fromMs)) return null;
  return best.split("+") as Reason[];
}

/** Which final causes of one server's outage are right; null: nobody could tell. */
export function finalCausesOf(
  world: World,
  watch: Watch,
  incident: Incident,
  fromMs: number,
  toMs: number,
): ReadonlySet<Cause> | null {
  if (incident.kind === "not_back") return new Set(["planned"]);
  if (watch.server.plan.mode === "ping" || watch.machines.length > 1) return null;
  const reasons = dominantReasons(watch, fromMs, toMs);
  if (reasons?.length !== 1) return null;
  const [reason] = reasons as [Reason];
  const { server } = watch;
  const speaks = tcpOf(server) === "speaks" && world.staff.recordOf(server).probePorts.length > 0;
  // From outside a frozen agent on a machine that says nothing looks like a machine that hangs.
  if ((reason === "hung" || reason === "agent_frozen") && (!speaks || incident.kind === "host_down"))
    return new Set<Cause>(["host_hung", "agent_stopped"]);
  return new Set(causesOf[reason]);
}

/** Which final causes of a site's outage are right, from what held most of its servers; null: nobody could tell. */
export function siteCausesOfWatches(
  watches: readonly Watch[],
  fromMs: number,
  toMs: number,
): ReadonlySet<Cause> | null {
  const found = new Set<string>();
  for (const watch of watches) {
    const reasons = dominantReasons(watch, fromMs, toMs);
    if (reasons?.length !== 1) return null;
    found.add(reasons[0] as Reason);
  }
  const [reason] = [...found] as Reason[];
  if (found.size !== 1 || reason === undefined) return null;
  const causes = siteCausesOf[reason];
  return causes ? new Set(causes) : null;
}
