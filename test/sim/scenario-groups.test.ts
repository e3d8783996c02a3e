/**
 * Stories of detection.md in which one cause silences many, or the collector itself: one alert, one end, the right name.
 */
import { describe, expect, test } from "vitest";
import type { Fault } from "./plan-faults.ts";
import type { ServerPlan } from "./plan.ts";
import { fineCollector, HOUR, MINUTE, play, SECOND, type End, type Story } from "./scenario.ts";

/** Long enough after the start for a baseline of what probes and gateways usually say. */
const AT = 60 * MINUTE;
const T = 180 * SECOND;

function expectNothing(story: Story): End {
  const end = expectHeld(story);
  expect(end.incidents).toEqual([]);
  expect(end.ledger).toEqual([]);
  return end;
}

function expectHeld(story: Story): End {
  const end = play({ hours: 3, ...story });
  expect(end.violations).toEqual([]);
  return end;
}

/** `step kind variant` of each message, as they were when it was told. */
function told(end: End): string[] {
  const seenOf = new Map(end.incidents.map((seen) => [seen.number, seen]));
  return end.ledger.map(({ step, incidentNumber }) => {
    const seen = seenOf.get(incidentNumber);
    const [kind, variant] =
      step === "down" ? [seen?.firstKind, seen?.firstVariant] : [seen?.kind, seen?.variant];
    return [step, kind, variant].filter((word) => word != null).join(" ");
  });
}

/** `sites` sites with `each` servers at each of them. */
function branches(sites: number, each: number, more: Partial<ServerPlan> = {}): Partial<ServerPlan>[] {
  return Array.from({ length: sites * each }, (_, index) => ({ site: Math.floor(index / each), ...more }));
}

describe("a site", () => {
  const servers = branches(4, 5);
  const shared = (end: End) => end.incidents.filter((incident) => incident.serverId === null);

  test("[V2] its line is cut, five servers: one site_down, one recovery, cause site_link", () => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "site_link_cut", atMs: AT, site: 1, forMs: 20 * MINUTE, direction: "both" }],
    });
    expect(told(end)).toEqual(["down site_down link_or_power", "recovered site_down link_or_power"]);
    expect(shared(end)).toMatchObject([{ finalCause: "site_link" }]);
    expect(end.incidents.filter((incident) => incident.groupedUnder !== null)).toHaveLength(5);
  });

  test("[V2] [C4] its power is cut: the same alert, and site_power afterwards", () => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "site_power_cut", atMs: AT, site: 1, forMs: 20 * MINUTE }],
    });
    expect(told(end)).toEqual(["down site_down link_or_power", "recovered site_down link_or_power"]);
    expect(shared(end)).toMatchObject([{ finalCause: "site_power" }]);
  });

  test("[V2] its switch is dead: site_down lan, as its router answers", () => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "site_lan_cut", atMs: AT, site: 1, forMs: 20 * MINUTE }],
    });
    expect(told(end)).toEqual(["down site_down lan", "recovered site_down lan"]);
    expect(shared(end)).toMatchObject([{ finalCause: "site_lan" }]);
  });

  test("[V2] only the way to the collector is cut: site_down path, as others reach it", () => {
    const end = expectHeld({
      servers,
      faults: [
        { kind: "route_cut", atMs: AT, site: 1, to: "collector", forMs: 20 * MINUTE, direction: "both" },
      ],
    });
    expect(told(end)).toEqual(["down site_down path", "recovered site_down path"]);
    expect(shared(end)).toMatchObject([{ finalCause: "path_or_provider" }]);
  });

  test.each(["certificate", "proxy"] as const)("[V2] agents can't log in (%s): site_down agents", (how) => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "login_failing", atMs: AT, site: 1, forMs: 20 * MINUTE, how }],
    });
    expect(told(end)).toEqual(["down site_down agents", "recovered site_down agents"]);
    expect(shared(end)).toMatchObject([{ finalCause: "name_certificate_or_proxy" }]);
  });

  test("[V5] the line is back, but one server died meanwhile: the site ends, that server is told by itself", () => {
    const end = expectHeld({
      servers,
      faults: [
        { kind: "site_link_cut", atMs: AT, site: 1, forMs: 15 * MINUTE, direction: "both" },
        { kind: "power_cut", atMs: AT + 5 * MINUTE, server: 7, forMs: 40 * MINUTE },
      ],
    });
    expect(told(end)).toEqual([
      "down site_down link_or_power",
      "recovered site_down link_or_power",
      "down host_down",
      "recovered host_down",
    ]);
    const alone = end.ledger[2];
    expect(alone?.serverName).toBe("s7");
    expect(alone?.atMs).toBeLessThanOrEqual(AT + 15 * MINUTE + 120 * SECOND + MINUTE);
  });

  test("[E7] its router stops answering pings, and nothing else: nothing", () => {
    expectNothing({
      servers,
      faults: [{ kind: "gateway_icmp_filtered", atMs: AT, site: 1, forMs: 90 * MINUTE }],
    });
  });

  test("[V2] one server of five dies: it is told by itself", () => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "power_cut", atMs: AT, server: 6, forMs: 20 * MINUTE }],
    });
    expect(told(end)).toEqual(["down host_down", "recovered host_down"]);
    expect(end.incidents[0]).toMatchObject({ confidence: "high", finalCause: "host_crash_or_power" });
  });

  test("[V2] a site of one server, its router dead with it: site_down; behind a living router: host_down", () => {
    const single: Partial<ServerPlan>[] = [{ site: 0 }, { site: 1 }, { site: 2 }];
    const dead = expectHeld({
      servers: single,
      faults: [{ kind: "site_link_cut", atMs: AT, site: 0, forMs: 20 * MINUTE, direction: "both" }],
    });
    expect(told(dead)).toEqual(["down site_down link_or_power", "recovered site_down link_or_power"]);
    const alive = expectHeld({
      servers: single,
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE }],
    });
    expect(told(alive)).toEqual(["down host_down", "recovered host_down"]);
  });

  test("[V2] a UPS lets a host outlive its site by ten minutes: it is told when it falls too", () => {
    const outliving = branches(3, 3).map((server, index) =>
      index === 0 ? { ...server, upsMs: 10 * MINUTE } : server,
    );
    const end = expectHeld({
      servers: outliving,
      sites: [{ gatewayUpsMs: 20 * MINUTE }],
      faults: [{ kind: "site_power_cut", atMs: AT, site: 0, forMs: 40 * MINUTE }],
    });
    expect(
      end.incidents
        .map(({ serverId }) => serverId)
        .filter((id) => id !== null)
        .toSorted(),
    ).toEqual(["s0", "s1", "s2"]);
  });
});

describe("many sites, and the collector itself", () => {
  const servers = branches(5, 3);

  test("[V1] the lines to three of five sites are cut at once: one mass_outage, one recovery", () => {
    const end = expectHeld({
      servers,
      faults: [{ kind: "wan_cut", atMs: AT, forMs: 20 * MINUTE, sites: [0, 1, 2] }],
    });
    expect(told(end)).toEqual(["down mass_outage", "recovered mass_outage"]);
    expect(end.incidents.filter((incident) => incident.groupedUnder !== null)).toHaveLength(9);
  });

  test.each([
    ["uplink", { kind: "uplink_cut", atMs: AT, forMs: 30 * MINUTE, direction: "both" }],
    ["network", { kind: "collector_lan_cut", atMs: AT, forMs: 30 * MINUTE }],
  ] as const)(
    "[H13] [H14] its own %s is cut: one collector_trouble, nothing of any server",
    (variant, fault) => {
      const end = expectHeld({ servers, faults: [fault] });
      expect(end.incidents).toMatchObject([{ firstKind: "collector_trouble", variant, serverId: null }]);
      // Telegram is reached when it is over.
      expect(told(end)).toEqual([`told_late collector_trouble ${variant}`]);
    },
  );

  test("[H13] an agent on the collector's own machine proves no network", () => {
    const end = expectHeld({
      servers: [{ site: null, ownHost: true }, ...servers],
      faults: [{ kind: "uplink_cut", atMs: AT, forMs: 30 * MINUTE, direction: "both" }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "collector_trouble" }]);
  });

  test("[H14] a server that died while it was cut off is told after it; the others are not", () => {
    const end = expectHeld({
      servers,
      faults: [
        { kind: "uplink_cut", atMs: AT, forMs: 30 * MINUTE, direction: "both" },
        { kind: "power_cut", atMs: AT + 10 * MINUTE, server: 4, forMs: HOUR },
      ],
    });
    expect(end.incidents.map(({ firstKind, serverId }) => `${firstKind} ${serverId ?? ""}`)).toEqual([
      "collector_trouble ",
      "host_down s4",
    ]);
    expect(end.incidents[1]?.openedMs).toBeLessThanOrEqual(AT + 30 * MINUTE + 150 * SECOND);
  });

  test("[H13] only the internet of the collector fails, branches come by their own lines: nothing", () => {
    expectNothing({ servers, faults: [{ kind: "internet_cut", atMs: AT, forMs: HOUR }] });
  });

  test("[H12] one public address is silent for a day: nothing, and a cut of the line is still seen", () => {
    const silent: Fault = { kind: "sentinel_silent", atMs: AT, forMs: 3 * HOUR, sentinel: 0 };
    expectNothing({ servers, faults: [silent] });
    const end = expectHeld({
      servers,
      faults: [silent, { kind: "uplink_cut", atMs: AT + 20 * MINUTE, forMs: 20 * MINUTE, direction: "both" }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "collector_trouble", variant: "uplink" }]);
  });

  test("[H12] a closed network without sentinels: a cut line is one mass_outage, no fifteen alerts", () => {
    const end = expectHeld({
      servers,
      plan: { collector: { ...fineCollector, nearSentinel: "none", farSentinels: [] } },
      faults: [{ kind: "uplink_cut", atMs: AT, forMs: 30 * MINUTE, direction: "both" }],
    });
    expect(end.incidents.filter(({ groupedUnder }) => groupedUnder === null)).toMatchObject([
      { firstKind: "mass_outage" },
    ]);
  });
});

describe("one server among others", () => {
  test("[V3] a hypervisor with ten guests loses power: one alert, one recovery", () => {
    const servers: Partial<ServerPlan>[] = [
      { site: 0 },
      ...Array.from({ length: 10 }, () => ({ site: 0, parent: 0, bootMs: 40 * SECOND })),
      { site: 0 },
      { site: 1 },
      { site: 2 },
    ];
    const end = expectHeld({
      servers,
      faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE }],
    });
    expect(told(end)).toEqual(["down host_down", "recovered host_down"]);
    expect(end.ledger[0]?.serverName).toBe("s0");
  });

  test("[E1] a hung host is host_hung, as its kernel accepts and its programs are silent", () => {
    const end = expectHeld({
      servers: branches(2, 3),
      faults: [{ kind: "host_hung", atMs: AT, server: 0, forMs: 20 * MINUTE }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "host_hung", finalCause: "host_hung" }]);
  });

  test("[E5] a service that is stopped is no hung host: refused is no silence", () => {
    const end = expectHeld({
      servers: branches(2, 3),
      faults: [
        { kind: "service_stopped", atMs: AT - MINUTE, server: 0, forMs: 40 * MINUTE },
        { kind: "agent_frozen", atMs: AT, server: 0, forMs: 20 * MINUTE },
      ],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "agent_down" }]);
  });

  test.each([null, 5] as const)(
    "[S12] [W4] a liar among the witnesses (server %s) changes nothing",
    (liar) => {
      const servers = branches(6, 2).map((server, index) => ({ ...server, liar: index === liar }));
      const end = expectHeld({
        servers,
        faults: [
          { kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE },
          {
            kind: "route_cut",
            atMs: AT + HOUR,
            site: 1,
            to: "collector",
            forMs: 20 * MINUTE,
            direction: "both",
          },
        ],
      });
      expect(told(end)).toEqual([
        "down host_down",
        "recovered host_down",
        "down site_down path",
        "recovered site_down path",
      ]);
    },
  );

  test("[E6] a website that answers 503 is agent_down service, though its host answers", () => {
    const end = expectHeld({
      servers: [
        {
          mode: "ping",
          check: { type: "http", url: "https://10.0.0.2/", expectedStatus: 200, expectedText: null },
          probePorts: [443],
        },
        {},
      ],
      faults: [{ kind: "check_failing", atMs: AT, server: 0, forMs: 20 * MINUTE }],
    });
    expect(end.incidents).toMatchObject([{ firstKind: "agent_down", variant: "service" }]);
  });

  test("[Q1] [Q2] [Q3] an agent that falls eight times: two alerts, one flapping, digests, and calm at last", () => {
    const end = expectHeld({
      hours: 6,
      servers: branches(2, 3),
      faults: [{ kind: "flapping", atMs: AT, server: 0, times: 8, downMs: 4 * MINUTE, upMs: 4 * MINUTE }],
    });
    const steps = end.ledger.map(({ step }) => step);
    expect(steps.slice(0, 5)).toEqual(["down", "recovered", "down", "recovered", "flapping"]);
    expect(steps.at(-1)).toBe("flapping_over");
    expect(steps.length).toBeLessThanOrEqual(10);
    expect(end.incidents).toHaveLength(8);
  });

  test("[Q5] what is down in a window is not told; what is down at its end is told then", () => {
    const window: Fault = {
      kind: "maintenance",
      atMs: AT - 10 * MINUTE,
      server: null,
      site: 0,
      beginsInMs: 0,
      forMs: 40 * MINUTE,
      early: false,
    };
    const quiet = expectHeld({
      servers: branches(2, 3),
      faults: [window, { kind: "power_cut", atMs: AT, server: 0, forMs: 10 * MINUTE }],
    });
    expect(quiet.ledger).toEqual([]);
    expect(quiet.incidents).toHaveLength(1);
    const late = expectHeld({
      servers: branches(2, 3),
      faults: [window, { kind: "power_cut", atMs: AT, server: 0, forMs: HOUR }],
    });
    // The window's end is where its half hour until a reminder begins.
    expect(told(late)).toEqual(["down host_down", "repeat host_down", "recovered host_down"]);
    expect(late.ledger[0]?.atMs).toBeGreaterThanOrEqual(AT + 30 * MINUTE);
    expect(late.ledger[0]?.atMs).toBeLessThanOrEqual(AT + 31 * MINUTE);
  });

  test("[Q6] a cloned machine: one message while both run, one when it is over, no alert", () => {
    const end = expectHeld({
      servers: [...branches(2, 3), { site: 1, cloneOf: 0 }],
      faults: [{ kind: "clone_runs", atMs: AT, server: 6, forMs: 20 * MINUTE }],
    });
    expect(end.incidents).toEqual([]);
    expect(end.ledger.map(({ step }) => step)).toEqual(["duplicate", "duplicate_over"]);
  });

  test("[S1] something on the way ends each connection of ten minutes: nothing", () => {
    for (const reset of [true, false])
      expectNothing({
        servers: branches(1, 3),
        sites: [{ connectionCut: { ageMs: 10 * MINUTE, reset } }],
      });
  });

  test.each(["reboot", "upgrade"] as const)(
    "[D8] a goodbye for %s that is not kept is not_back",
    (reason) => {
      const end = expectHeld({
        servers: branches(2, 3),
        faults: [{ kind: "agent_stopped", atMs: AT, server: 0, forMs: 30 * MINUTE, reason }],
      });
      expect(end.incidents).toMatchObject([{ firstKind: "not_back", finalCause: "planned" }]);
    },
  );

  test("[F1] a disk that is locked for five minutes: no alert, and nothing is lost", () => {
    expectNothing({
      servers: branches(2, 3),
      faults: [{ kind: "disk_locked", atMs: AT, forMs: 5 * MINUTE }],
    });
    const end = expectHeld({
      servers: branches(2, 3),
      faults: [
        { kind: "disk_locked", atMs: AT, forMs: 5 * MINUTE },
        { kind: "power_cut", atMs: AT + 10 * SECOND, server: 0, forMs: 30 * MINUTE },
      ],
    });
    expect(told(end)).toEqual(["down host_down", "recovered host_down"]);
    expect(end.incidents[0]?.openedMs).toBeLessThanOrEqual(AT + 5 * MINUTE + T);
  });
});
