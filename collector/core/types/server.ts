/**
 * What the core knows of one server: its state, who was heard, what is odd about it.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { ProbeRound, WitnessReport } from "./evidence.ts";

export type Status = "new" | "up" | "suspect" | "down" | "planned" | "recovering" | "paused";

export type GoodbyeReason = "reboot" | "shutdown" | "suspend" | "upgrade" | "agent_stopped";

interface DetectorBase {
  readonly serverId: string;
  readonly sinceCoreMs: number;
  readonly sinceWallMs: number;
}

/** One server's place in the machine; each status has only its own fields. Key of the table: serverId. */
export type Detector =
  | (DetectorBase & { readonly status: "new"; /** "never came" was told. */ readonly told: boolean })
  | (DetectorBase & { readonly status: "up" })
  | (DetectorBase & { readonly status: "suspect" })
  | (DetectorBase & {
      readonly status: "down";
      readonly incidentId: string;
      /** The incident it was grouped under is over: told by itself when it is still down at this moment. null: none. */
      readonly aloneFromCoreMs: number | null;
    })
  | (DetectorBase & {
      readonly status: "recovering";
      readonly incidentId: string;
      readonly firstBeatCoreMs: number;
      readonly firstBeatWallMs: number;
      /** What was heard while recovering: 1 after the first. */
      readonly beats: number;
    })
  | (DetectorBase & {
      readonly status: "planned";
      readonly reason: GoodbyeReason;
      /** null: no deadline (shutdown, suspend, agent stopped). */
      readonly deadlineCoreMs: number | null;
    })
  | (DetectorBase & { readonly status: "paused" });

/** When and through which session a server was last heard. Volatile. Key: serverId. */
export interface Heard {
  readonly serverId: string;
  readonly coreMs: number;
  /** The hearing clock at that moment; moved by credits when hearing returns. */
  readonly hearingMs: number;
  readonly wallMs: number;
  readonly sessionId: string | null;
  /** Of the last heartbeat's session. */
  readonly bootId: string | null;
  readonly sequence: number;
  /** When that agent program started, by the agent's own boot clock, ms since its host booted. */
  readonly agentStartedBootMs: number | null;
  readonly connected: boolean;
  /** When its socket was lost; null: it was not, or nobody saw it (the collector was away). */
  readonly disconnectedWallMs: number | null;
  /** What a newer session said of itself; it becomes fact with its first heartbeat. */
  readonly announced: { readonly bootId: string; readonly agentStartedBootMs: number } | null;
  /** The collector's own machine: hearing it proves nothing about the network. */
  readonly ownHost: boolean;
  /** What the agent of the present session can do. */
  readonly features: readonly AgentFeature[];
}

/** `witness`: probes on request. `journal`: tells afterwards what it saw while it could not be heard. */
export type AgentFeature = "witness" | "journal";

/** What was found out during the present silence. Volatile; removed by a heartbeat. Key: serverId. */
export interface Silence {
  readonly serverId: string;
  /** Rounds begun at T/3, 2T/3 and T − η: 0 to 3. Rounds while down count on from there. */
  readonly roundsStarted: number;
  /** The round whose answer is awaited; an answer of any other round is dropped. */
  readonly openRoundId: string | null;
  /** Agents that were asked in the newest round; nobody else is believed. */
  readonly witnessIds: readonly string[];
  /** What they said while the round was still open. */
  readonly witnesses: readonly WitnessReport[];
  readonly rounds: readonly ProbeRound[];
  /** The next probe of the slow kind (down, agent stopped, ping-only); null: none planned. */
  readonly nextProbeCoreMs: number | null;
  /** The last round in which the host proved alive; null: none in this silence. */
  readonly lastAliveCoreMs: number | null;
}

/** Many servers of several sites fell silent at once. Volatile. One record, key `""`. */
export interface MassFlag {
  readonly flaggedCoreMs: number;
  /** Servers last heard from this moment on belong to it. */
  readonly fromCoreMs: number;
  readonly untilCoreMs: number;
}

/** Facts of the sessions of one identity, to tell two machines that share it. Volatile. Key: serverId. */
export interface Identity {
  readonly serverId: string;
  /** The newest last; at most 4. */
  readonly seen: readonly {
    readonly bootId: string;
    readonly agentStartedBootMs: number;
    readonly peerAddress: string;
    readonly coreMs: number;
  }[];
  /** Facts seen before came back: two machines. null: not so. */
  readonly duplicateSinceCoreMs: number | null;
  /** The last time that the sessions changed hands. */
  readonly lastFlipCoreMs: number;
}

/** How often a server, or a whole site (`site:<siteId>`), failed lately. Key: the same. */
export interface Flapping {
  readonly subject: string;
  /** When its incidents of the last hour were opened. */
  readonly openedCoreMs: readonly number[];
  /** null: it does not flap. */
  readonly sinceCoreMs: number | null;
  /** Incidents since it flaps, and how many of them a digest told. */
  readonly incidents: number;
  readonly incidentsDigested: number;
  readonly nextDigestCoreMs: number;
  /** Messages about it so far, for their ids. */
  readonly told: number;
}

/** What happened to a server and is no incident. Newest last, at most 50. Key: serverId. */
export interface ServerLog {
  readonly serverId: string;
  readonly entries: readonly ServerLogEntry[];
  /** That two machines share its identity was told, and not yet that one is left. */
  readonly duplicate: boolean;
}
export interface ServerLogEntry {
  readonly wallMs: number;
  readonly what:
    | { readonly type: "rebooted"; readonly clean: boolean | null }
    | { readonly type: "agent_restarted" }
    | { readonly type: "goodbye"; readonly reason: GoodbyeReason }
    | { readonly type: "unstable_link"; readonly suspicions: number }
    | { readonly type: "duplicate"; readonly addresses: readonly string[] }
    | { readonly type: "duplicate_over"; readonly address: string }
    | { readonly type: "flapping"; readonly incidents: number }
    | { readonly type: "flapping_over"; readonly incidents: number };
}
