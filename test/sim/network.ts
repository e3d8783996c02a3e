/**
 * Who reaches whom now: hosts, routers, lines, the network in between, the collector's own line and switch.
 * Why of pieces: a cut is never "server down"; it has a place, a direction, and others who still see past it.
 * Must not: know words, agents or what anybody believes.
 */
import type { SimulatedServer } from "./server.ts";
import type { SitePlan } from "./plan.ts";
import type { World } from "./world.ts";

/** Where a packet begins or ends. */
export type Place =
  | { readonly type: "server"; readonly server: SimulatedServer }
  | { readonly type: "gateway"; readonly site: SimulatedSite }
  | { readonly type: "collector" }
  /** The collector's router. */
  | { readonly type: "near" }
  /** A public address, by its number. */
  | { readonly type: "far"; readonly index: number };

export const collectorPlace: Place = { type: "collector" };
export const nearPlace: Place = { type: "near" };

/** Regions between which routes are cut: sites by number, and these. */
const COLLECTOR_REGION = -1;
const FAR_REGION = -2;
/** A server without a site is a region of its own. */
const LONE_REGION = -10;

/** Loss and jitter that faults add; the worst counts. */
export interface Poor {
  readonly lossShare: number;
  readonly jitterMs: number;
}

export function worstOf(poor: readonly Poor[]): Poor {
  let lossShare = 0;
  let jitterMs = 0;
  for (const one of poor) {
    lossShare = Math.max(lossShare, one.lossShare);
    jitterMs = Math.max(jitterMs, one.jitterMs);
  }
  return { lossShare, jitterMs };
}

/** A branch: its router, its line, its switch. Counts are faults that hold it so. */
export class SimulatedSite {
  readonly index: number;
  readonly plan: SitePlan;
  readonly holds = { linkUp: 0, linkDown: 0, lan: 0, gatewayDead: 0, gatewayPower: 0, icmpFiltered: 0 };
  readonly poor: Poor[] = [];
  /** Agents can't log in: why, newest last. */
  readonly loginFailing: ("name" | "certificate" | "proxy")[] = [];
  readonly gatewayAddress: string;
  /** Something of it changed then. */
  changedMs = 0;

  constructor(index: number, plan: SitePlan) {
    this.index = index;
    this.plan = plan;
    this.gatewayAddress = `10.${200 + (index >> 8)}.${index & 255}.1`;
  }

  get gatewayOn(): boolean {
    return this.holds.gatewayDead === 0 && this.holds.gatewayPower === 0;
  }

  mend(): void {
    for (const name of Object.keys(this.holds) as (keyof SimulatedSite["holds"])[]) this.holds[name] = 0;
    this.poor.length = 0;
    this.loginFailing.length = 0;
  }
}

export class Network {
  readonly sites: readonly SimulatedSite[];
  /** Of the collector. `wan`: by site, from and to the collector alone. */
  readonly holds = { uplinkUp: 0, uplinkDown: 0, lan: 0, internet: 0 };
  readonly poor: Poor[] = [];
  readonly #world: World;
  /** Cut routes, one direction each: `from>to`. */
  readonly #cuts = new Map<string, number>();
  readonly #silentFar = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
    this.sites = world.plan.sites.map((plan, index) => new SimulatedSite(index, plan));
  }

  siteOf(server: SimulatedServer): SimulatedSite | null {
    return server.plan.site === null ? null : (this.sites[server.plan.site] ?? null);
  }

  // ── What faults do to it ───────────────────────────────────────────────────────────────────────────

  cutRoute(from: number | "collector", to: number | "collector", by: 1 | -1): void {
    const key = `${regionOf(from)}>${regionOf(to)}`;
    const count = (this.#cuts.get(key) ?? 0) + by;
    if (count <= 0) this.#cuts.delete(key);
    else this.#cuts.set(key, count);
  }

  silenceFar(index: number, by: 1 | -1): void {
    this.#silentFar.set(index, (this.#silentFar.get(index) ?? 0) + by);
  }

  mend(): void {
    for (const name of Object.keys(this.holds) as (keyof Network["holds"])[]) this.holds[name] = 0;
    this.poor.length = 0;
    this.#cuts.clear();
    this.#silentFar.clear();
    for (const site of this.sites) site.mend();
  }

  // ── Who reaches whom ───────────────────────────────────────────────────────────────────────────────

  /** A packet gets from one place to the other. */
  open(from: Place, to: Place): boolean {
    if (from.type === "server" && from.server.plan.ownHost)
      return from.server.online && (to.type === "collector" || this.open(collectorPlace, to));
    if (to.type === "server" && to.server.plan.ownHost)
      return to.server.online && (from.type === "collector" || this.open(from, collectorPlace));
    if (from.type === "collector" && to.type === "near") return this.#collectorNear();
    if (from.type === "near" && to.type === "collector") return this.#collectorNear();
    const site = this.#siteAt(from);
    if (site !== null && site === this.#siteAt(to)) return this.#withinSite(site, from, to);
    return this.#leaves(from) && this.#enters(to) && this.#routed(from, to);
  }

  /** A question gets there and its answer back. */
  answered(from: Place, to: Place): boolean {
    return this.open(from, to) && this.open(to, from);
  }

  /** Telegram and the like are reached, whatever single addresses do. */
  get publicReached(): boolean {
    const { uplinkUp, uplinkDown, internet } = this.holds;
    return this.#collectorNear() && uplinkUp === 0 && uplinkDown === 0 && internet === 0;
  }

  /** Loss and jitter of the ways of two places together. */
  poorBetween(from: Place, to: Place): Poor {
    return worstOf([this.#poorAt(from), this.#poorAt(to)]);
  }

  #poorAt(place: Place): Poor {
    switch (place.type) {
      case "server":
        return place.server.path;
      case "gateway":
        return worstOf(place.site.poor);
      case "collector":
        return worstOf(this.poor);
      case "near":
      case "far":
        return { lossShare: 0, jitterMs: 0 };
    }
  }

  #collectorNear(): boolean {
    return this.#world.collector.online && this.holds.lan === 0;
  }

  #siteAt(place: Place): SimulatedSite | null {
    if (place.type === "server") return this.siteOf(place.server);
    return place.type === "gateway" ? place.site : null;
  }

  #withinSite(site: SimulatedSite, from: Place, to: Place): boolean {
    if (site.holds.lan > 0) return from.type === "gateway" && to.type === "gateway" && site.gatewayOn;
    const standing = (place: Place, way: "out" | "in"): boolean =>
      place.type === "server" ? nicOpen(place.server, way) : site.gatewayOn;
    return standing(from, "out") && standing(to, "in");
  }

  #leaves(place: Place): boolean {
    switch (place.type) {
      case "server": {
        const site = this.siteOf(place.server);
        if (!nicOpen(place.server, "out")) return false;
        return site === null || (site.holds.lan === 0 && site.gatewayOn && site.holds.linkUp === 0);
      }
      case "gateway":
        return place.site.gatewayOn && place.site.holds.linkUp === 0;
      case "collector":
        return this.#collectorNear() && this.holds.uplinkUp === 0;
      case "near":
      case "far":
        return true;
    }
  }

  #enters(place: Place): boolean {
    switch (place.type) {
      case "server": {
        const site = this.siteOf(place.server);
        if (!nicOpen(place.server, "in")) return false;
        return site === null || (site.holds.lan === 0 && site.gatewayOn && site.holds.linkDown === 0);
      }
      case "gateway":
        return place.site.gatewayOn && place.site.holds.linkDown === 0;
      case "collector":
        return this.#collectorNear() && this.holds.uplinkDown === 0;
      case "near":
        return true;
      case "far":
        return (this.#silentFar.get(place.index) ?? 0) === 0;
    }
  }

  #routed(from: Place, to: Place): boolean {
    if (this.holds.internet > 0 && (from.type === "far" || to.type === "far"))
      if (from.type === "collector" || to.type === "collector") return false;
    return !this.routeCut(from, to);
  }

  /** The way between two regions, in one direction. */
  routeCut(from: Place, to: Place): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(`${this.#regionAt(from)}>${this.#regionAt(to)}`);
  }

  /** The collector's own line or switch. */
  get collectorCut(): boolean {
    return this.holds.lan > 0 || this.holds.uplinkUp > 0 || this.holds.uplinkDown > 0;
  }

  #regionAt(place: Place): number {
    switch (place.type) {
      case "server":
        return place.server.plan.site ?? LONE_REGION - place.server.index;
      case "gateway":
        return place.site.index;
      case "collector":
      case "near":
        return COLLECTOR_REGION;
      case "far":
        return FAR_REGION;
    }
  }
}

function regionOf(place: number | "collector"): number {
  return place === "collector" ? COLLECTOR_REGION : place;
}

/** Its own cable and that of what carries it; powered and awake. */
function nicOpen(server: SimulatedServer, way: "out" | "in"): boolean {
  const { cutUp, cutDown, refused } = server.path;
  if (!server.online || refused > 0 || (way === "out" ? cutUp : cutDown) > 0) return false;
  return server.parent === null || nicOpen(server.parent, way);
}
