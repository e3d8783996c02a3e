/**
 * Faults of one server, and what staff do to it.
 * Must not: draw anything; the plan already holds every number.
 */
import { unreachable } from "../../shared/assert.ts";
import { count, cut, forget, hold, later, listed } from "./fault-holds.ts";
import type { FaultOfServer } from "./plan-faults.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

export function beginOfServer(world: World, server: SimulatedServer, fault: FaultOfServer): void {
  const changed = (): void => server.networkChanged();
  switch (fault.kind) {
    case "power_cut":
      return hold(world, server, "power", fault.forMs);
    case "rebooted":
      if (fault.clean) return server.sayGoodbye("reboot", () => hold(world, server, "power", fault.forMs));
      return hold(world, server, "power", fault.forMs);
    case "host_hung":
      return hold(world, server, "hung", fault.forMs);
    case "host_suspended":
      return hold(world, server, "suspended", fault.forMs);
    case "agent_killed":
      return hold(world, server, "agentDead", fault.forMs);
    case "agent_frozen":
      return hold(world, server, "agentFrozen", fault.forMs);
    case "agent_stopped":
      return server.sayGoodbye(fault.reason, () => hold(world, server, "agentDead", fault.forMs));
    case "path_cut":
      return cut(world, server.path, { up: "cutUp", down: "cutDown" }, fault.direction, fault.forMs, changed);
    case "path_refused":
      return count(world, server.path, "refused", fault.forMs, changed);
    case "path_poor": {
      const { lossShare, jitterMs } = fault;
      return listed(world, server.path.poor, { lossShare, jitterMs }, fault.forMs, changed);
    }
    case "connection_forgotten":
      return forget(world, server, fault.reset);
    case "icmp_filtered":
      return hold(world, server, "icmpFiltered", fault.forMs);
    case "service_stopped":
      return hold(world, server, "serviceStopped", fault.forMs);
    case "check_failing":
      return hold(world, server, "checkFailing", fault.forMs);
    case "flapping":
      for (let time = 0; time < fault.times; time += 1)
        world.callAt(world.nowMs + time * (fault.downMs + fault.upMs), () => {
          if (!server.removed) hold(world, server, "agentDead", fault.downMs);
        });
      return;
    case "clone_runs": {
      // It was held off from the start; the hold is given back for a while.
      if (world.mended) return;
      server.holds.power -= 1;
      server.settle();
      return later(world, fault.forMs, () => {
        server.holds.power += 1;
        server.settle();
      });
    }
    case "agent_clock_stepped":
      server.wallOffsetMs += fault.byMs;
      return;
    case "old_session_speaks":
      return world.checks.speakAsOldSession(server);
    case "paused_by_staff":
      world.staff.pause(server);
      return later(world, fault.forMs, () => world.staff.resume(server));
    case "removed_by_staff":
      return world.staff.remove(server);
    case "edited_by_staff":
      return world.staff.edit(server, fault.edit);
    default:
      return unreachable(fault);
  }
}
