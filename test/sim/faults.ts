/**
 * Makes a plan's faults happen: each takes its holds at its time and gives them back when it is over.
 * Why so plain: a fault only changes the world; what follows from it is the world's own doing.
 * Must not: draw anything; the plan already holds every number.
 */
import { beginOfServer } from "./faults-of-server.ts";
import { beginOfSite } from "./faults-of-site.ts";
import { beginOfWorld } from "./faults-of-world.ts";
import type { Fault } from "./plan-faults.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

export function scheduleFaults(world: World): void {
  for (const fault of world.plan.faults)
    world.callAt(fault.atMs, () => {
      world.injected.set(fault.kind, (world.injected.get(fault.kind) ?? 0) + 1);
      begin(world, fault);
    });
}

function begin(world: World, fault: Fault): void {
  if (fault.kind === "maintenance") return beginOfWorld(world, fault);
  if ("site" in fault) return beginOfSite(world, fault);
  if (!("server" in fault)) return beginOfWorld(world, fault);
  const server = world.servers[fault.server] as SimulatedServer;
  if (!server.removed) beginOfServer(world, server, fault);
}
