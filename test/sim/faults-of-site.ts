/**
 * Faults of a site: its line, its switch, its router, its power, its way to others.
 * Must not: draw anything; the plan already holds every number.
 */
import { unreachable } from "../../shared/assert.ts";
import { count, cut, forget, hold, later, listed } from "./fault-holds.ts";
import type { SimulatedSite } from "./network.ts";
import type { FaultOfSite } from "./plan-faults.ts";
import type { World } from "./world.ts";

export function beginOfSite(world: World, fault: FaultOfSite): void {
  const { network } = world;
  const site = network.sites[fault.site] as SimulatedSite;
  const changed = (): void => world.networkChanged(site);
  const here = world.servers.filter((server) => server.plan.site === site.index && !server.removed);
  switch (fault.kind) {
    case "site_link_cut":
      return cut(
        world,
        site.holds,
        { up: "linkUp", down: "linkDown" },
        fault.direction,
        fault.forMs,
        changed,
      );
    case "site_link_poor": {
      const { lossShare, jitterMs } = fault;
      return listed(world, site.poor, { lossShare, jitterMs }, fault.forMs, changed);
    }
    case "site_power_cut":
      // Each lasts as long as its UPS, and is back with the power, in its own time.
      for (const server of here) {
        const forMs = fault.forMs - server.plan.upsMs;
        if (forMs > 0)
          world.callAt(world.nowMs + server.plan.upsMs, () => hold(world, server, "power", forMs));
      }
      if (fault.forMs > site.plan.gatewayUpsMs)
        world.callAt(world.nowMs + site.plan.gatewayUpsMs, () => {
          if (!world.mended)
            count(world, site.holds, "gatewayPower", fault.forMs - site.plan.gatewayUpsMs, changed);
        });
      return;
    case "site_lan_cut":
      return count(world, site.holds, "lan", fault.forMs, changed);
    case "gateway_dead":
      return count(world, site.holds, "gatewayDead", fault.forMs, changed);
    case "gateway_icmp_filtered":
      return count(world, site.holds, "icmpFiltered", fault.forMs, changed);
    case "site_connections_forgotten":
      for (const server of here) forget(world, server, fault.reset);
      return;
    case "login_failing":
      listed(world, site.loginFailing, fault.how, fault.forMs, changed);
      for (const server of here) forget(world, server, true);
      return;
    case "route_cut": {
      const change = (by: 1 | -1): void => {
        if (fault.direction !== "down") network.cutRoute(fault.site, fault.to, by);
        if (fault.direction !== "up") network.cutRoute(fault.to, fault.site, by);
        changed();
      };
      change(1);
      return later(world, fault.forMs, () => change(-1));
    }
    default:
      return unreachable(fault);
  }
}
