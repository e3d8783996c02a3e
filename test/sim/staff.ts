/**
 * The people at the panel: they register everything at first, pause, edit and remove servers, and add chats.
 * Why they repeat themselves: a command that the collector could not take (dead, store failing) is given again later.
 * Must not: reach into the core; they push the same events as the panel.
 */
import type { Reply } from "../../collector/core/types/effects.ts";
import type { EventBody } from "../../collector/core/types/events.ts";
import type { Maintenance, Server, Site } from "../../collector/core/types/registry.ts";
import type { SimulatedSite } from "./network.ts";
import { later } from "./fault-holds.ts";
import type { Edit, StaffFault } from "./plan-faults.ts";
import type { SimulatedServer } from "./server.ts";
import { agentKeyOf, nonceOf } from "./wire-samples.ts";
import type { World } from "./world.ts";

/** How soon a person tries again. */
const AGAIN_MS = 5_000;
/** Somebody who waits for something looks at the panel so often. */
const LOOK_MS = 1_000;

export class Staff {
  readonly #world: World;
  #mended = false;
  readonly #records = new Map<number, Server>();
  readonly #windows = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Sites, servers, agents' keys and chats; then the agents are started, each in its own moment of one interval. */
  register(): void {
    const world = this.#world;
    const { plan } = world;
    for (const site of world.network.sites) this.#order({ type: "site_saved", site: siteOf(site) });
    for (const recipient of world.routing.recipients) this.#order({ type: "recipient_saved", recipient });
    this.#order({ type: "route_saved", route: world.routing.route });
    // Each server takes three commits, one after the other: an agent that came sooner would be a stranger.
    const registeredMs =
      plan.collector.startMs + 1_000 + world.servers.length * 3 * plan.collector.commitMs[1];
    // Parents first: a server may only name one that is there.
    const parentsFirst = [...world.servers].sort((a, b) => depthOf(a) - depthOf(b));
    for (const server of parentsFirst) {
      if (server.plan.cloneOf === null) {
        this.#order({ type: "server_saved", server: this.recordOf(server) });
        if (server.plan.mode === "agent") this.#enroll(server);
      }
      const startMs = registeredMs + Math.floor(world.random() * plan.heartbeatIntervalMs);
      world.callAt(startMs, () => server.settle());
    }
  }

  #enroll(server: SimulatedServer): void {
    const enrollment = {
      id: `join-${server.id}`,
      secretHash: nonceOf(server.index),
      serverId: server.id,
      siteId: null,
      usesLeft: 1,
      expiresWallMs: Number.MAX_SAFE_INTEGER,
      createdWallMs: 0,
      usedBy: [],
    };
    this.#order({ type: "enrollment_created", enrollment });
    this.#order({
      type: "agent_enrolled",
      enrollmentId: enrollment.id,
      publicKey: agentKeyOf(server.index),
      newServerId: server.id,
      hostName: `server-${server.index}`,
      agentVersion: "0.1.0",
      peerAddress: server.address,
    });
  }

  pause(server: SimulatedServer): void {
    this.#world.oracle.ordered(server.id, "pause");
    this.#order({ type: "server_paused", serverId: server.id, by: "staff" });
  }

  resume(server: SimulatedServer): void {
    if (!this.#mended) this.#resumeNow(server);
  }

  #resumeNow(server: SimulatedServer): void {
    this.#world.oracle.ordered(server.id, "resume");
    this.#order({ type: "server_resumed", serverId: server.id, by: "staff" });
  }

  remove(server: SimulatedServer): void {
    this.#world.oracle.ordered(server.id, "remove");
    this.#order({ type: "server_removed", serverId: server.id, by: "staff" });
  }

  /**
   * Acts on a server that the panel shows in this status; looks each second until there is one, for `patienceMs`. Most
   * mistakes hide where something is under way already.
   */
  intervene(fault: Extract<StaffFault, { kind: "staff_intervene" }>, patienceMs: number): void {
    const world = this.#world;
    if (this.#mended) return;
    const { servers, collector } = world;
    const shown = collector.running ? collector.state?.tables.detector : undefined;
    const from = Math.floor(fault.atMs) % servers.length;
    const server = [...servers.slice(from), ...servers.slice(0, from)].find(
      (one) => one.plan.cloneOf === null && !one.removed && shown?.get(one.id)?.status === fault.status,
    );
    if (!server) {
      if (patienceMs > LOOK_MS)
        world.callAt(world.nowMs + LOOK_MS, () => this.intervene(fault, patienceMs - LOOK_MS));
      return;
    }
    switch (fault.act) {
      case "pause":
        this.pause(server);
        return later(world, fault.forMs, () => this.resume(server));
      case "edit":
        return this.edit(server, fault.edit);
      case "remove":
        return this.remove(server);
    }
  }

  /** What staff believe of a server: changed by edits, right or wrong. */
  recordOf(server: SimulatedServer): Server {
    let record = this.#records.get(server.index);
    if (!record) this.#records.set(server.index, (record = recordOf(server)));
    return record;
  }

  /** Changes one thing of a record; the server itself stays what and where it is. */
  edit(server: SimulatedServer, edit: Edit): void {
    const edited = { ...this.recordOf(server), ...this.#edited(server, edit) };
    // A parent that was removed is named no more: the panel would refuse it, and staff would see that.
    const isGone = this.#world.servers.some((one) => one.id === edited.parentId && one.removed);
    const record = isGone ? { ...edited, parentId: null } : edited;
    this.#records.set(server.index, record);
    this.#order({ type: "server_saved", server: record });
  }

  #edited(server: SimulatedServer, edit: Edit): Partial<Server> {
    const { random, network, settings } = this.#world;
    switch (edit) {
      case "name":
        return { name: `${server.id} edited`, tags: ["edited"] };
      case "site":
        return { siteId: `site-${Math.floor(random() * network.sites.length)}` };
      case "no_site":
        return { siteId: null };
      case "no_parent":
        return { parentId: null };
      case "parent": {
        // Any other one; the collector refuses circles.
        const other = this.#world.servers[Math.floor(random() * this.#world.servers.length)];
        return !other || other.identity === server.identity ? {} : { parentId: other.id };
      }
      case "down_after":
        return { downAfterMs: Math.round(settings.downAfterMs * (1 + random())) };
      case "ports":
        return { probePorts: random() < 0.5 ? [] : [22] };
    }
  }

  /** A window; `early`: staff end it before its time. */
  maintain(window: Maintenance, endEarlyInMs: number | null): void {
    this.#windows.add(window.id);
    this.#order({ type: "maintenance_saved", maintenance: window });
    if (endEarlyInMs === null) return;
    this.#world.callAt(this.#world.nowMs + endEarlyInMs, () =>
      this.#order({ type: "maintenance_removed", maintenanceId: window.id }),
    );
  }

  /** Somebody presses a button of an incident: takes it, asks for quiet, looks again, tells its users or that it is over. */
  press(incidentId: string): void {
    const { random, nowMs, collector } = this.#world;
    const order = { incidentId, by: "staff" };
    const drawn = random();
    if (drawn < 0.4) return this.#order({ ...order, type: "incident_acknowledged" });
    if (drawn < 0.6) {
      const untilWallMs = random() < 0.3 ? null : nowMs + collector.wallOffsetMs + random() * 3_600_000;
      return this.#order({ ...order, type: "incident_quieted", untilWallMs });
    }
    if (drawn < 0.75) return this.#order({ ...order, type: "incident_checked", evidence: [] });
    this.#order({ ...order, type: "incident_announced", over: drawn > 0.92 });
  }

  /** Whoever is still paused is judged again; the chats that blocked the bot stay as they are. */
  mend(): void {
    this.#mended = true;
    for (const id of this.#windows) this.#order({ type: "maintenance_removed", maintenanceId: id });
    this.#resumeAll();
    // An order that was on its way when the world was mended has arrived by then.
    this.#world.callAt(this.#world.nowMs + 2 * AGAIN_MS, () => this.#resumeAll());
  }

  #resumeAll(): void {
    for (const server of this.#world.servers)
      if (!server.removed && this.#world.oracle.isPaused(server.id)) this.#resumeNow(server);
  }

  /** Gives an order until it is taken. A refusal other than `store_failing` is an answer. */
  #order(event: EventBody): void {
    const world = this.#world;
    if (this.#mended && event.type === "server_paused") return;
    const againAt = (atMs: number): void => world.callAt(atMs, () => this.#order(event));
    const again = (): void => againAt(world.nowMs + AGAIN_MS);
    const { collector } = world;
    if (!collector.running || !collector.listening)
      return world.nowMs === 0 ? againAt(world.plan.collector.startMs + 500) : again();
    const { process } = collector;
    let answered = false;
    collector.push({ ...event }, (reply: Reply) => {
      answered = true;
      if (!reply.ok && reply.code === "store_failing") again();
    });
    // A collector that died before it answered is asked again: whoever pressed the button saw no answer.
    world.callAt(world.nowMs + AGAIN_MS, () => {
      if (!answered && collector.process !== process) this.#order(event);
    });
  }
}

function depthOf(server: SimulatedServer): number {
  return server.parent === null ? 0 : 1 + depthOf(server.parent);
}

function recordOf(server: SimulatedServer): Server {
  const { plan } = server;
  return {
    id: server.id,
    name: server.id,
    siteId: plan.site === null ? null : `site-${plan.site}`,
    mode: plan.mode,
    address: plan.behindNat ? null : server.address,
    probePorts: plan.probePorts,
    check: plan.check,
    downAfterMs: plan.downAfterMs,
    latitude: null,
    longitude: null,
    parentId: server.parent?.id ?? null,
    tags: [],
    createdWallMs: 0,
  };
}

function siteOf(site: SimulatedSite): Site {
  const { index } = site;
  return {
    id: `site-${index}`,
    name: `Cabang ${index}`,
    code: `C${index}`,
    address: "",
    latitude: -5.1,
    longitude: 119.4,
    timeZone: "Asia/Makassar",
    gatewayAddress: site.plan.gateway === "none" ? null : site.gatewayAddress,
    contact: "",
    provider: "",
    circuitId: "",
    createdWallMs: 0,
  };
}
