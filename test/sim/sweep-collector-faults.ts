/**
 * The collector's own troubles, with what a grace must tell apart near each: outages, servers that are back just now,
 * short cuts, and a line that is full when everybody dials.
 * Why apart: the other families break servers and lines; here the one who judges is broken.
 * Must not: look at the setting that is swept.
 */
import { between, HOUR_MS, index, MINUTE_MS, SECOND_MS, spread, type Random } from "./draws.ts";
import type { Fault } from "./plan-faults.ts";
import type { Plan } from "./plan.ts";
import { daily, longOutage, QUIET_MS } from "./sweep-draws.ts";

/** Some eighty troubles a day. */
export function drawCollectorTroubles(plan: Plan, random: Random, faults: Fault[]): void {
  /** With each of them something may happen near its begin or end: that is what a grace must tell apart. */
  const trouble = (fault: Fault & { readonly forMs: number }): void => {
    faults.push(fault);
    const endMs = fault.atMs + fault.forMs;
    const near = (beforeMs: number, afterMs: number): number =>
      Math.max(QUIET_MS, between(random, fault.atMs - beforeMs, endMs + afterMs));
    if (random() < 0.5) faults.push(longOutage(plan, random, near(200_000, 60_000)));
    if (random() < 0.6)
      faults.push({
        kind: "path_cut",
        atMs: near(100_000, 30_000),
        server: index(random, plan.servers.length),
        forMs: spread(random, 10 * SECOND_MS, 150 * SECOND_MS),
        direction: "both",
      });
    // Back just now, after nearly T: its heartbeat waits, or it is about to dial.
    if (random() < 0.5) {
      const backMs = between(random, fault.atMs, endMs + 10_000);
      const forMs = between(random, 100_000, 175_000);
      const server = index(random, plan.servers.length);
      if (backMs - forMs > QUIET_MS)
        faults.push({ kind: "path_cut", atMs: backMs - forMs, server, forMs, direction: "both" });
    }
    if (random() < 0.3)
      faults.push({
        kind: "site_link_cut",
        atMs: near(60_000, 30_000),
        site: index(random, plan.sites.length),
        forMs: spread(random, 10 * SECOND_MS, 120 * SECOND_MS),
        direction: "both",
      });
    // Everybody dials at once over a line that is full.
    if (random() < 0.3)
      faults.push({
        kind: "uplink_poor",
        atMs: Math.max(fault.atMs, endMs - 1_000),
        forMs: between(random, MINUTE_MS, 4 * MINUTE_MS),
        lossShare: 0.1 + 0.4 * random(),
        jitterMs: between(random, 100, 1_000),
      });
  };
  const long = (): number => spread(random, 5 * MINUTE_MS, HOUR_MS);
  daily(plan, random, 20, (atMs) =>
    trouble({ kind: "collector_killed", atMs, forMs: spread(random, 1_000, 120_000), boundary: "now" }),
  );
  daily(plan, random, 2, (atMs) =>
    trouble({ kind: "collector_killed", atMs, forMs: long(), boundary: "now" }),
  );
  daily(plan, random, 10, (atMs) =>
    trouble({ kind: "collector_restarted", atMs, forMs: spread(random, 1_000, 60_000) }),
  );
  daily(plan, random, 5, (atMs) =>
    trouble({ kind: "collector_host_rebooted", atMs, forMs: spread(random, 20_000, 300_000) }),
  );
  // Half of them shorter than the 40 s that agents wait for an ack.
  daily(plan, random, 20, (atMs) =>
    trouble({ kind: "collector_stalled", atMs, forMs: spread(random, 6_000, 40_000) }),
  );
  daily(plan, random, 10, (atMs) =>
    trouble({ kind: "collector_stalled", atMs, forMs: spread(random, 40_000, 300_000) }),
  );
  daily(plan, random, 8, (atMs) =>
    trouble({ kind: "collector_suspended", atMs, forMs: spread(random, 10_000, HOUR_MS) }),
  );
}
