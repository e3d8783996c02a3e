/**
 * Makes a plan's faults happen: each takes its holds at its time and gives them back when it is over.
 * Why so plain: a fault only changes the world; what follows from it is the world's own doing.
 * Must not: draw anything; the plan already holds every number.
 */
import { unreachable } from "../../shared/assert.ts";
import { pathChanged } from "./connection.ts";
import type { Fault } from "./plan.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

export function scheduleFaults(world: World): void {
  for (const fault of world.plan.faults)
    world.callAt(fault.atMs, () => {
      world.injected.set(fault.kind, (world.injected.get(fault.kind) ?? 0) + 1);
      begin(world, fault);
    });
}

/** Calls `end` when the fault is over, unless the world was mended before. */
function later(world: World, forMs: number, end: () => void): void {
  const atMs = world.nowMs + forMs;
  if (atMs < world.plan.durationMs) world.callAt(atMs, end);
}

/** Takes a hold for a while. */
function hold<K extends string>(
  world: World,
  holder: { readonly holds: Record<K, number>; settle(): void },
  name: K,
  forMs: number,
): void {
  if (world.mended) return;
  holder.holds[name] += 1;
  holder.settle();
  later(world, forMs, () => {
    holder.holds[name] -= 1;
    holder.settle();
  });
}

function cut(world: World, server: SimulatedServer, direction: "both" | "up" | "down", forMs: number): void {
  const change = (by: 1 | -1): void => {
    if (direction !== "down") server.path.cutUp += by;
    if (direction !== "up") server.path.cutDown += by;
    pathChanged(world, server);
    world.truthChanged(server);
  };
  change(1);
  later(world, forMs, () => change(-1));
}

function begin(world: World, fault: Fault): void {
  const { collector, telegram } = world;
  const server = "server" in fault ? (world.servers[fault.server] as SimulatedServer) : null;
  if (server?.removed) return;
  switch (fault.kind) {
    case "power_cut":
      return hold(world, server!, "power", fault.forMs);
    case "rebooted":
      if (fault.clean) return server!.sayGoodbye("reboot", () => hold(world, server!, "power", fault.forMs));
      return hold(world, server!, "power", fault.forMs);
    case "host_hung":
      return hold(world, server!, "hung", fault.forMs);
    case "host_suspended":
      return hold(world, server!, "suspended", fault.forMs);
    case "agent_killed":
      return hold(world, server!, "agentDead", fault.forMs);
    case "agent_frozen":
      return hold(world, server!, "agentFrozen", fault.forMs);
    case "agent_stopped":
      return server!.sayGoodbye(fault.reason, () => hold(world, server!, "agentDead", fault.forMs));
    case "path_cut":
      return cut(world, server!, fault.direction, fault.forMs);
    case "path_refused": {
      const change = (by: 1 | -1): void => {
        server!.path.refused += by;
        pathChanged(world, server!);
        world.truthChanged(server!);
      };
      change(1);
      return later(world, fault.forMs, () => change(-1));
    }
    case "path_poor": {
      const poor = { lossShare: fault.lossShare, jitterMs: fault.jitterMs };
      server!.path.poor.push(poor);
      server!.path.poorChanged();
      world.truthChanged(server!);
      return later(world, fault.forMs, () => {
        const at = server!.path.poor.indexOf(poor);
        if (at >= 0) server!.path.poor.splice(at, 1);
        server!.path.poorChanged();
        world.truthChanged(server!);
      });
    }
    case "connection_forgotten": {
      const { connection } = server!.agent;
      if (connection) connection.forgotten = fault.reset ? "reset" : "silent";
      return world.oracle.shaken(server!);
    }
    case "icmp_filtered":
      server!.holds.icmpFiltered += 1;
      world.truthChanged(server!);
      return later(world, fault.forMs, () => {
        server!.holds.icmpFiltered -= 1;
        world.truthChanged(server!);
      });
    case "old_session_speaks":
      return world.checks.speakAsOldSession(server!);
    case "site_cut":
      for (const one of world.servers) if (one.plan.site === fault.site) cut(world, one, "both", fault.forMs);
      return;
    case "site_power_cut":
      for (const one of world.servers)
        if (one.plan.site === fault.site && !one.removed) hold(world, one, "power", fault.forMs);
      return;
    case "collector_killed": {
      const kill = (): void => hold(world, collector, "dead", fault.forMs);
      if (fault.boundary === "now") return kill();
      if (collector.process > 0)
        collector.armedKill = { boundary: fault.boundary, skip: fault.skip ?? 0, killed: kill };
      return;
    }
    case "collector_restarted":
      return collector.stop(() => hold(world, collector, "dead", fault.forMs));
    case "collector_host_rebooted":
      return hold(world, collector, "hostOff", fault.forMs);
    case "collector_stalled":
      return hold(world, collector, "stalled", fault.forMs);
    case "collector_suspended":
      return hold(world, collector, "suspended", fault.forMs);
    case "wall_clock_stepped":
      collector.wallOffsetMs += fault.byMs;
      return;
    case "disk_full":
      return hold(world, collector, "diskFull", fault.forMs);
    case "disk_slow": {
      collector.commitMsNow = fault.commitMs;
      return later(world, fault.forMs, () => (collector.commitMsNow = null));
    }
    case "ping_program_missing":
      return hold(world, collector, "pingMissing", fault.forMs);
    case "telegram_fails":
      telegram.failing.push(fault.how);
      return later(world, fault.forMs, () => {
        const at = telegram.failing.indexOf(fault.how);
        if (at >= 0) telegram.failing.splice(at, 1);
        world.oracle.telegramChanged(world.nowMs);
      });
    case "telegram_stumbles":
      for (let count = 0; count < fault.count; count += 1) telegram.stumbles.push(fault.how);
      return;
    case "telegram_limits": {
      const recipient = world.plan.recipients[fault.recipient];
      if (recipient) telegram.limitedUntilMs.set(recipient.address, world.nowMs + fault.retryAfterMs);
      return;
    }
    case "chat_blocked": {
      const recipient = world.plan.recipients[fault.recipient];
      if (recipient) telegram.blocked.add(recipient.address);
      return;
    }
    case "chat_moved": {
      const recipient = world.plan.recipients[fault.recipient];
      if (recipient)
        telegram.movedTo.set(
          recipient.address,
          `-100${fault.recipient}${Math.abs(Number(recipient.address))}`,
        );
      return;
    }
    case "paused_by_staff":
      world.staff.pause(server!);
      return later(world, fault.forMs, () => world.staff.resume(server!));
    case "removed_by_staff":
      return world.staff.remove(server!);
    case "edited_by_staff":
      return world.staff.edit(server!);
    default:
      return unreachable(fault);
  }
}
