/**
 * Circumstances that drawn worlds seldom have, for the mistakes that only they show.
 * Must not: be needed by a mistake that drawn worlds catch.
 */
import type { Fault } from "../plan-faults.ts";
import { HOUR, MINUTE, type Story } from "../scenario.ts";

/** An hour in, so that what is usual is known. */
const AT = HOUR;

/** An agent is stopped by hand, and a quarter of an hour later its machine loses power. */
export function stoppedAndThenDead(): Story {
  return {
    servers: [{}, {}],
    hours: 4,
    faults: [
      { kind: "agent_stopped", atMs: AT, server: 0, forMs: 2 * HOUR, reason: "agent_stopped" },
      { kind: "power_cut", atMs: AT + 15 * MINUTE, server: 0, forMs: HOUR },
    ],
  };
}

/** A service was ended in order, its port is closed; later the agent freezes on a machine that is fine. */
export function serviceEndedAndThenFrozen(): Story {
  return {
    servers: [{}, {}],
    hours: 3,
    faults: [
      { kind: "service_stopped", atMs: AT, server: 0, forMs: HOUR },
      { kind: "agent_frozen", atMs: AT + 5 * MINUTE, server: 0, forMs: 20 * MINUTE },
    ],
  };
}

/** An agent is stopped by hand behind a firewall, and then something answers every ping in its place. */
export function stoppedAndThenVoid(): Story {
  return {
    servers: [{ probePorts: [443], tcp: "filtered" }, {}],
    hours: 4,
    faults: [
      { kind: "agent_stopped", atMs: AT, server: 0, forMs: 2 * HOUR, reason: "agent_stopped" },
      { kind: "answered_for_all", atMs: AT + 15 * MINUTE, forMs: HOUR },
    ],
  };
}

/** A host with a longer T of its own loses power, and its guest with it. */
export function guestOfPatientHost(): Story {
  return {
    servers: [{ downAfterMs: 8 * MINUTE }, { parent: 0 }, {}],
    hours: 3,
    faults: [{ kind: "power_cut", atMs: AT, server: 0, forMs: HOUR }],
  };
}

/**
 * Ten sites, one after the other: one server of each is down and comes back just when the other two are judged, each time
 * two seconds sooner, so that one of them has been heard once by then.
 */
export function backJustThen(): Story {
  const sites = Array.from({ length: 10 }, (_, index) => index);
  return {
    servers: sites.flatMap((site) => [{ site }, { site }, { site }]),
    sites: sites.map(() => ({ gateway: "none" as const })),
    hours: 8,
    faults: sites.flatMap((site): Fault[] => {
      const atMs = AT + site * 40 * MINUTE;
      const fallsMs = atMs + 10 * MINUTE;
      return [
        // The collector knows of it T after its last heartbeat, which came up to 20 s before.
        { kind: "agent_frozen", atMs, server: 3 * site, forMs: fallsMs - atMs + 172_000 - 2_000 * site },
        { kind: "power_cut", atMs: fallsMs, server: 3 * site + 1, forMs: 10 * MINUTE },
        { kind: "power_cut", atMs: fallsMs, server: 3 * site + 2, forMs: 10 * MINUTE },
      ];
    }),
  };
}

/**
 * Ten sites, one after the other: each is cut off, two of its three servers are back for some seconds (each time five more), and it is
 * cut off again for long.
 */
export function backForAMoment(): Story {
  const sites = Array.from({ length: 10 }, (_, index) => index);
  return {
    servers: sites.flatMap((site) => [{ site }, { site }, { site }]),
    sites: sites.map(() => ({ gateway: "none" as const })),
    hours: 9,
    faults: sites.flatMap((site): Fault[] => {
      const atMs = AT + site * 45 * MINUTE;
      const againMs = atMs + 10 * MINUTE + 20_000 + site * 5_000;
      return [
        { kind: "power_cut", atMs, server: 3 * site + 2, forMs: 40 * MINUTE },
        { kind: "site_link_cut", atMs, site, forMs: 10 * MINUTE, direction: "both" },
        { kind: "site_link_cut", atMs: againMs, site, forMs: 15 * MINUTE, direction: "both" },
      ];
    }),
  };
}

/** A host loses power, and its guest with it; staff remove the host while both are down. */
export function guestOfRemovedHost(): Story {
  return {
    servers: [{}, { parent: 0 }, {}],
    hours: 4,
    faults: [
      { kind: "power_cut", atMs: AT, server: 0, forMs: 2 * HOUR },
      { kind: "removed_by_staff", atMs: AT + 20 * MINUTE, server: 0 },
    ],
  };
}

/** Twelve outages of three hours, one after the other; staff press a button of each when it was just told. */
export function pressedAndStillDown(): Story {
  const servers = Array.from({ length: 12 }, (_, index) => index);
  return {
    servers: [...servers.map((site) => ({ site })), {}, {}],
    hours: 10,
    faults: servers.flatMap((server): Fault[] => {
      const atMs = AT + server * 20 * MINUTE;
      return [
        { kind: "power_cut", atMs, server, forMs: 3 * HOUR },
        { kind: "incident_acknowledged", atMs: atMs + 5 * MINUTE },
      ];
    }),
  };
}

/** A window ends while the collector, just restarted, is still in its grace; the server has been down all the while. */
export function windowEndsInGrace(): Story {
  return {
    servers: [{}, {}],
    hours: 4,
    faults: [
      {
        kind: "maintenance",
        atMs: AT,
        forMs: HOUR,
        server: 0,
        site: null,
        beginsInMs: 0,
        early: false,
      },
      { kind: "power_cut", atMs: AT + 5 * MINUTE, server: 0, forMs: 2 * HOUR },
      { kind: "collector_restarted", atMs: AT + HOUR - 30_000, forMs: 5_000 },
    ],
  };
}

/** An agent says goodbye while the disk is full; its acknowledgement waits for that. */
export function goodbyeOnFullDisk(): Story {
  return {
    servers: [{}, {}],
    hours: 4,
    faults: [
      { kind: "disk_full", atMs: AT - 10_000, forMs: MINUTE },
      { kind: "agent_stopped", atMs: AT, server: 0, forMs: HOUR, reason: "shutdown" },
    ],
  };
}
