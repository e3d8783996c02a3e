/** Staff who wait for a server in some status give up after this. */
const INTERVENTION_MS = 3_600_000;

/**
 * Faults of the collector, its network and disk, of Telegram, and what staff plan for many.
 * Must not: draw anything; the plan already holds every number.
 */
import { unreachable } from "../../shared/assert.ts";
import { count, cut, hold, later, listed } from "./fault-holds.ts";
import type { FaultOfWorld } from "./plan-faults.ts";
import type { World } from "./world.ts";

export function beginOfWorld(world: World, fault: FaultOfWorld): void {
  const { collector, telegram, network } = world;
  const everywhere = (): void => {
    world.networkChanged(null);
    world.oracle.telegramChanged(world.nowMs);
  };
  switch (fault.kind) {
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
    case "disk_locked":
      return hold(world, collector, "diskLocked", fault.forMs);
    case "ping_program_missing":
      return hold(world, collector, "pingMissing", fault.forMs);
    case "answered_for_all":
      return hold(world, collector, "answeredForAll", fault.forMs);
    case "uplink_cut":
      return cut(
        world,
        network.holds,
        { up: "uplinkUp", down: "uplinkDown" },
        fault.direction,
        fault.forMs,
        everywhere,
      );
    case "uplink_poor": {
      const { lossShare, jitterMs } = fault;
      return listed(world, network.poor, { lossShare, jitterMs }, fault.forMs, everywhere);
    }
    case "collector_lan_cut":
      return count(world, network.holds, "lan", fault.forMs, everywhere);
    case "internet_cut":
      return count(world, network.holds, "internet", fault.forMs, everywhere);
    case "wan_cut": {
      const change = (by: 1 | -1): void => {
        for (const site of fault.sites) {
          network.cutRoute(site, "collector", by);
          network.cutRoute("collector", site, by);
        }
        everywhere();
      };
      change(1);
      return later(world, fault.forMs, () => change(-1));
    }
    case "sentinel_silent":
      network.silenceFar(fault.sentinel, 1);
      return later(world, fault.forMs, () => network.silenceFar(fault.sentinel, -1));
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
    case "maintenance": {
      const nowWallMs = world.nowMs + collector.wallOffsetMs;
      const startsWallMs = nowWallMs + fault.beginsInMs;
      const window = {
        id: `m${fault.atMs}`,
        siteId: fault.site === null ? null : `site-${fault.site}`,
        serverId: fault.server === null ? null : `s${fault.server}`,
        startsWallMs,
        endsWallMs: startsWallMs + fault.forMs,
        note: "simulated",
        createdBy: "staff",
        createdWallMs: nowWallMs,
      };
      return world.staff.maintain(
        window,
        fault.early ? Math.round(fault.beginsInMs + fault.forMs / 2) : null,
      );
    }
    case "incident_acknowledged": {
      const open = world.oracle.newestOpenIncident();
      if (open !== null) world.staff.press(open);
      return;
    }
    case "staff_intervene":
      return world.staff.intervene(fault, INTERVENTION_MS);
    default:
      return unreachable(fault);
  }
}
