/**
 * What was asked to tell dead from silent: rounds, probes, witnesses, baselines, gateways, sentinels.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */

export interface ProbeRound {
  readonly roundId: string;
  readonly startedCoreMs: number;
  readonly finishedCoreMs: number;
  readonly results: readonly ProbeResult[];
  /** What other agents saw in the same round. */
  readonly witnesses: readonly WitnessReport[];
}

/** What one agent found when it probed another server, or a gateway, on request. */
export interface WitnessReport {
  readonly serverId: string;
  readonly serverName: string;
  /** True: of the same site as the one asked about. */
  readonly sameSite: boolean;
  readonly results: readonly ProbeResult[];
}

/**
 * What one probe can say. `alive`: the host answered. `dead`: asked properly, no answer or "unreachable".
 * `none`: could not be asked (no program, no permission, no address, cancelled): no evidence at all.
 */
export type ProbeVerdict = "alive" | "dead" | "none";

export interface ProbeResult {
  readonly kind: ProbeKind;
  /** e.g. `10.0.4.2` or `10.0.4.2:22`. */
  readonly target: string;
  readonly verdict: ProbeVerdict;
  /** One machine word: `reply`, `connected`, `refused`, `timeout`, `unreachable`, `no_program`, `no_permission`, `name_not_found`, … */
  readonly detail: string;
  readonly roundTripMs: number | null;
  /**
   * Bytes of a program came back: what it said first, one line, at most 120 characters (`SSH-2.0-OpenSSH_9.2`, `HTTP 404`,
   * `TLS`, `RDP`). Absent: a bare accept, a refusal, an echo: the kernel alone.
   */
  readonly banner?: string;
  /** Only of a server's check: it did what is expected of it. */
  readonly asExpected?: boolean;
}

export type ProbeKind = "icmp" | "tcp" | "http" | "banner";

/** `tcp`: a bare connection. `banner`: a connection, and whether a program speaks. `http`: a whole answer. */
export type ProbeRequest =
  | { readonly kind: "icmp"; readonly host: string; readonly port: null }
  | { readonly kind: "tcp" | "banner"; readonly host: string; readonly port: number }
  | {
      readonly kind: "http";
      readonly host: string;
      readonly port: number;
      readonly url: string;
      readonly expectedStatus: number | null;
      readonly expectedText: string | null;
    };

/** What probes usually say of a server while it is fine. Volatile. Key: serverId. */
export interface Baseline {
  readonly serverId: string;
  readonly icmpAsked: number;
  readonly icmpAnswered: number;
  readonly tcpAsked: number;
  readonly tcpAnswered: number;
  /** By target (`10.0.4.2:22`): asked, and how often a program spoke. */
  readonly banners: Readonly<Record<string, { readonly asked: number; readonly spoke: number }>>;
  readonly nextCoreMs: number;
  /** The newest round, not counted before the server was heard after it: it may have met the outage's beginning. */
  readonly pending: ProbeRound | null;
}

/** A site's gateway: what it usually answers, and what it answered during the present silence. Volatile. Key: siteId. */
export interface Gateway {
  readonly siteId: string;
  /** The address these answers belong to. */
  readonly address: string;
  readonly asked: number;
  readonly answered: number;
  /** The newest answer, not counted before a server of the site was heard after it. */
  readonly pending: { readonly isAlive: boolean; readonly finishedCoreMs: number } | null;
  readonly openRoundId: string | null;
  readonly rounds: readonly ProbeRound[];
  readonly nextCoreMs: number;
}

/** One place that proves the collector's own network: its gateway (near) or somebody far away. Volatile. Key: target. */
export interface Sentinel {
  readonly target: string;
  readonly near: boolean;
  readonly lastAliveCoreMs: number | null;
  readonly failedInRow: number;
}

/** When sentinels are asked. Volatile. One record, key `""`. */
export interface SentinelPlan {
  readonly openRoundId: string | null;
  readonly openedCoreMs: number;
  readonly nextCoreMs: number;
}
