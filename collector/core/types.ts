/**
 * The words of the core: what it is told (events), what it keeps (tables), what it decides (writes, effects).
 * Why one file: every room speaks these types; nothing else of the core is known outside.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */
import type { HealthSample, Inventory } from "../../shared/health.ts";

// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────

/** The three clocks as the shell read them when the event happened; all in milliseconds. */
export interface Instant {
  /** Since some start in this process; stops while the machine sleeps; never jumps. */
  readonly monotonicMs: number;
  /** Since the host booted; runs on while the machine sleeps; resolution may be 10 ms. */
  readonly bootMs: number;
  /** Unix time. May jump in both directions: shown to people, never judged by. */
  readonly wallMs: number;
}

/**
 * The core's own line of time. `coreMs` is what really elapsed as far as it is known: it goes on over stalls and
 * sleep, and over a restart of the collector on the same boot of the host. It never goes back.
 */
export interface ClockRecord extends Instant {
  readonly coreMs: number;
  readonly hostBootId: string;
}

// ── What staff and agents register ───────────────────────────────────────────────────────────────────

export type Language = "id" | "en";
export type ServerMode = "agent" | "ping";

/**
 * What a ping-only server must do to count as heard, beyond answering at all.
 * `tcp`: accept a connection. `http`: answer with the status (null: any below 400) and hold the text (null: any).
 */
export type ServerCheck =
  | { readonly type: "tcp"; readonly port: number }
  | {
      readonly type: "http";
      readonly url: string;
      readonly expectedStatus: number | null;
      readonly expectedText: string | null;
    };

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** IANA name, e.g. Asia/Makassar. */
  readonly timeZone: string;
  readonly gatewayAddress: string | null;
  readonly contact: string;
  readonly provider: string;
  readonly circuitId: string;
  readonly createdWallMs: number;
}

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly mode: ServerMode;
  /** Host name or IP address that probes ask; null when not known yet. */
  readonly address: string | null;
  /** TCP ports that a probe asks; empty: only ICMP. */
  readonly probePorts: readonly number[];
  /** Only for ping-only servers; null: any answer is a sign of life. */
  readonly check: ServerCheck | null;
  /** Longer (never shorter) than the setting; null: the setting. */
  readonly downAfterMs: number | null;
  /** Own place; null: the site's. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** The server (hypervisor, router, VPN hub) without which this one cannot be reached. Never a circle. */
  readonly parentId: string | null;
  readonly tags: readonly string[];
  readonly createdWallMs: number;
}

/** The identity that the collector pinned for a server. Key of the table: serverId. */
export interface AgentRecord {
  readonly serverId: string;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  readonly enrolledWallMs: number;
  readonly version: string;
  readonly inventory: Inventory | null;
}

/** A join token. The token itself is `<id>.<secret>`; only the hash is kept. Key of the table: id. */
export interface Enrollment {
  readonly id: string;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly serverId: string | null;
  readonly siteId: string | null;
  readonly usesLeft: number;
  readonly expiresWallMs: number;
  readonly createdWallMs: number;
  /** Public keys that used it: the same key may ask again (a lost answer) without another use. */
  readonly usedBy: readonly string[];
}

export type ChannelName = "telegram" | "webhook" | "ntfy";

/** `staff`: told of incidents by routes. `users`: people of a branch, told only what staff announce. */
export type Audience = "staff" | "users";

/** What staff choose of a recipient. */
export interface RecipientWishes {
  readonly channel: ChannelName;
  /**
   * Telegram: chat id as a decimal string, or `<chat id>/<topic id>` for a forum topic. Webhook: the URL. ntfy: the URL of
   * the topic.
   */
  readonly address: string;
  readonly name: string;
  readonly language: Language;
  /** Webhook: the key of its signatures (`whsec_…`). ntfy: an access token. null: none. Never shown again. */
  readonly secret: string | null;
  readonly audience: Audience;
  /** Of users: the sites whose announcements they get; empty: every site's. */
  readonly siteIds: readonly string[];
  /** `short`: the first lines and the buttons, without evidence and place. */
  readonly detail: "full" | "short";
  /** The place follows a server's or a site's outage as a pin on the map, silently. */
  readonly pin: boolean;
  /** IANA name for quiet hours and digests; null: the setting. */
  readonly timeZone: string | null;
  /** Messages arrive without a sound from one minute of the day to another (0 to 1439), over midnight too. null: never. */
  readonly quietHours: { readonly fromMinute: number; readonly toMinute: number } | null;
  /** Minute of the day at which a daily digest comes; null: none. */
  readonly digestMinute: number | null;
  readonly monthlyReport: boolean;
  /** A pinned message that always says how things are (Telegram). */
  readonly board: boolean;
  /** Telegram user ids, decimal, that may press and command there; empty: everybody in the chat. */
  readonly allowedPeople: readonly string[];
}

export interface Recipient extends RecipientWishes {
  readonly id: string;
  readonly enabled: boolean;
  /** Why a channel said this recipient can never be reached, in the channel's words; null while fine. */
  readonly disabledReason: string | null;
  readonly createdWallMs: number;
  /** Channel pacing: nothing more is sent before this. */
  readonly nextSendCoreMs: number;
  /** Attempts in a row that were not accepted; the wait before the next grows with them. */
  readonly failures: number;
  /** The channel's id of the pinned board; null: there is none yet. */
  readonly boardExternalId: string | null;
  /** The newest day (`2026-11-30`) and month (`2026-11`) in its zone of which it was given a digest and a report. */
  readonly digestedDay: string | null;
  readonly reportedMonth: string | null;
}

/**
 * Which incidents go to whom, and when to the next. An incident matches when each list that is not empty holds one of its
 * sites, one of its servers' tags, its kind.
 */
export interface Route {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly siteIds: readonly string[];
  readonly tags: readonly string[];
  readonly kinds: readonly IncidentKind[];
  /** At least one; ascending, the first at 0. Each later step is told when nobody took the incident until then. */
  readonly steps: readonly RouteStep[];
  /** Waits before each repeat while it is down and nobody took it; the last goes on and on. Empty: no repeats. ms. */
  readonly repeatMs: readonly number[];
  /** Told when a recipient of a step could not be told for five minutes. */
  readonly fallbackRecipientIds: readonly string[];
  readonly createdWallMs: number;
}
export interface RouteStep {
  readonly afterMs: number;
  /** `everyone`: all recipients for staff. */
  readonly to: "everyone" | readonly string[];
}

/**
 * A window in which incidents are recorded and nobody is notified. Both ids null: every server. Calendar time: it is what
 * staff agreed with people.
 */
export interface Maintenance {
  readonly id: string;
  readonly siteId: string | null;
  readonly serverId: string | null;
  readonly startsWallMs: number;
  readonly endsWallMs: number;
  readonly note: string;
  readonly createdBy: string;
  readonly createdWallMs: number;
}

/** A one-time code that links a chat. Key of the table: the code's SHA-256, base64url. */
export interface LinkCode {
  readonly codeHash: string;
  readonly name: string;
  readonly language: Language;
  readonly audience: Audience;
  /** Of users: see `RecipientWishes`. */
  readonly siteIds: readonly string[];
  readonly expiresWallMs: number;
}

// ── What the core judges ─────────────────────────────────────────────────────────────────────────────

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

/** One line of an agent's journal: what it saw in one interval. */
export interface JournalEntry {
  readonly sequence: number;
  /** How long ago it was when the journal was sent, ms, by the agent's clocks. */
  readonly ageMs: number;
  readonly bootId: string;
  /** `tick`: an interval passed. `start`, `stop`: the agent's program did (stop: in order, not killed). */
  readonly event: "tick" | "start" | "stop";
  /** Later than it should have been, ms, sleep not counted: the machine or the program hung. */
  readonly lateMs: number;
  /** The machine slept since the entry before, ms. */
  readonly sleptMs: number;
  readonly link: "up" | "down" | "unknown";
  readonly gateway: Reached;
  readonly dns: Reached;
  readonly internet: Reached;
  /** `ok`: acknowledged. Otherwise why not, as far as the agent could tell. */
  readonly collector: CollectorReach;
}
export type Reached = "ok" | "failed" | "unknown";
export type CollectorReach =
  "ok" | "timeout" | "refused" | "unreachable" | "name" | "certificate" | "proxy" | "rejected" | "unknown";

/** What an agent's journal says of one outage, added up. Volatile. Key: serverId. */
export interface JournalDigest {
  readonly serverId: string;
  /** The silence it is about began here. */
  readonly fromCoreMs: number;
  /** Everything was received. */
  readonly complete: boolean;
  readonly lastSequence: number;
  readonly lastEntryCoreMs: number | null;
  readonly lastBootId: string | null;
  readonly ticks: number;
  /** The longest stretch without an entry, sleep not counted, ms; and all such stretches together. */
  readonly gapMs: number;
  readonly gapsMs: number;
  readonly sleptMs: number;
  readonly reboots: number;
  /** Of the newest reboot: a `stop` came before it. null: no reboot. */
  readonly cleanReboot: boolean | null;
  /** When the machine was back after its newest reboot. */
  readonly rebootedCoreMs: number | null;
  /** Starts of the program on the same boot; the last came after a `stop`. */
  readonly restarts: number;
  readonly stopped: boolean;
  readonly linkDown: number;
  readonly gatewayOk: number;
  readonly gatewayFailed: number;
  readonly internetOk: number;
  readonly internetFailed: number;
  readonly dnsFailed: number;
  /** Entries by what the agent said of the collector; never acknowledged ones only. */
  readonly collectorErrors: Readonly<Partial<Record<CollectorReach, number>>>;
}

export type IncidentKind =
  | "host_down"
  | "host_hung"
  | "agent_down"
  | "path_down"
  | "site_down"
  | "mass_outage"
  | "not_back"
  | "collector_trouble"
  | "health";

export type Cause =
  | "host_crash_or_power"
  | "host_rebooted"
  | "host_hung"
  | "host_suspended"
  | "agent_stopped"
  | "host_network"
  | "site_lan"
  | "site_link"
  | "site_power"
  | "site_link_or_power"
  | "path_or_provider"
  | "collector"
  /** The agent ran all along and could not be heard: the connection between it and the collector. */
  | "connection"
  | "name_certificate_or_proxy"
  | "planned"
  | "unknown";

export type Confidence = "high" | "medium" | "low";

/** One observation, as data; each channel and the panel put it into words. */
export type Evidence =
  | { readonly type: "last_heard"; readonly wallMs: number; readonly silentMs: number }
  | {
      readonly type: "probe";
      /** `witness`: an agent of another site. `neighbour`: one of the same site. */
      readonly from: "collector" | "witness" | "neighbour";
      /** Name of the server whose agent asked; null: the collector. */
      readonly by: string | null;
      readonly result: ProbeResult;
      readonly wallMs: number;
    }
  | {
      readonly type: "gateway";
      readonly address: string;
      readonly verdict: ProbeVerdict;
      readonly wallMs: number;
    }
  | {
      readonly type: "sentinels";
      readonly alive: readonly string[];
      readonly failed: readonly string[];
      readonly wallMs: number;
    }
  | { readonly type: "journal"; readonly finding: JournalFinding; readonly wallMs: number }
  | { readonly type: "socket"; readonly state: "open" | "closed"; readonly wallMs: number }
  | { readonly type: "reboot"; readonly clean: boolean | null; readonly wallMs: number }
  | { readonly type: "agent_restarted"; readonly wallMs: number };

/** What an agent's journal says about an outage, one sentence each. Durations in ms. */
export type JournalFinding =
  | { readonly type: "ran_all_along" }
  | { readonly type: "stood_still"; readonly forMs: number }
  | { readonly type: "slept"; readonly forMs: number }
  | { readonly type: "stopped_in_order" }
  | { readonly type: "gateway"; readonly reached: boolean }
  | { readonly type: "internet"; readonly reached: boolean }
  | { readonly type: "link_down" }
  | { readonly type: "collector"; readonly problem: CollectorReach };

/** Why somebody was or was not notified. */
export type NotifyReason =
  | "first"
  /** Nobody took it: the next recipients of the route. */
  | "escalated"
  /** It is still down and nobody took it. */
  | "repeat_due"
  /** Staff asked for quiet about this incident. */
  | "muted"
  | "acknowledged"
  /** The recipient it was meant for could not be told. */
  | "fallback"
  /** It can be reached again, and this goes on. */
  | "receiver_back"
  /** What it says has changed. */
  | "changed"
  | "announced"
  | "asked_for"
  | "scheduled"
  /** No route takes it. */
  | "no_route"
  /** Told by the incident it belongs to. */
  | "grouped"
  /** The group is over and this server is not back. */
  | "group_over"
  | "maintenance"
  | "maintenance_over"
  | "flapping"
  | "flapping_digest"
  | "flapping_over"
  | "duplicate"
  | "duplicate_over"
  | "worse"
  | "recovered"
  | "told_late"
  | "never_came"
  | "receiver_never_knew"
  | "no_recipients"
  | "recipient_disabled"
  | "removed_by_staff"
  | "paused_by_staff";

export interface TimelineEntry {
  readonly wallMs: number;
  readonly what:
    | {
        readonly type: "opened";
        readonly kind: IncidentKind;
        readonly confidence: Confidence;
        readonly cause: Cause;
      }
    | { readonly type: "kind_changed"; readonly from: IncidentKind; readonly to: IncidentKind }
    | { readonly type: "variant_changed"; readonly from: string | null; readonly to: string | null }
    /** Of a group: a server joined it, or is heard again. */
    | { readonly type: "joined"; readonly serverName: string }
    | { readonly type: "member_back"; readonly serverName: string }
    | { readonly type: "grouped"; readonly incidentId: string; readonly number: number }
    | { readonly type: "ungrouped"; readonly number: number }
    /** The agent's journal came: the cause is another one than was thought. */
    | { readonly type: "cause_corrected"; readonly from: Cause; readonly to: Cause }
    | { readonly type: "evidence"; readonly evidence: Evidence }
    | {
        readonly type: "notify";
        readonly recipientName: string | null;
        readonly reason: NotifyReason;
        readonly send: boolean;
      }
    | {
        readonly type: "delivered";
        readonly recipientName: string;
        readonly step: Step;
        readonly repeat: boolean;
      }
    | {
        readonly type: "delivery_failed";
        readonly recipientName: string;
        readonly step: Step;
        readonly error: string;
      }
    | { readonly type: "acknowledged"; readonly by: string }
    /** null: until it has recovered. */
    | { readonly type: "quieted"; readonly by: string; readonly untilWallMs: number | null }
    | { readonly type: "checked"; readonly by: string; readonly verdict: ProbeVerdict }
    | { readonly type: "announced"; readonly by: string; readonly over: boolean }
    | { readonly type: "note"; readonly by: string; readonly text: string }
    | { readonly type: "heard_again" }
    | { readonly type: "silent_again" }
    | { readonly type: "closed"; readonly reason: CloseReason; readonly finalCause: Cause };
}

export type CloseReason = "recovered" | "removed_by_staff" | "paused_by_staff";

/**
 * Of an incident that stands for several servers (`site_down`, `mass_outage`): what its end is judged by. The members'
 * own incidents name it in `groupedUnder`.
 */
export interface GroupFacts {
  readonly type: "site" | "mass";
  readonly siteIds: readonly string[];
  /** Servers whose incident belongs or belonged to it, in the order they fell silent. */
  readonly serverIds: readonly string[];
  /** Enough is back for it to be over: closed when everybody is, or so long after. null: not yet. */
  readonly backCoreMs: number | null;
  /** What became of members that are back: for the group's final cause. */
  readonly endings: readonly {
    readonly serverId: string;
    readonly cause: Cause;
    readonly backCoreMs: number;
    readonly rebootedUnclean: boolean;
  }[];
}

export interface IncidentMinutes {
  readonly server: number;
  readonly link: number;
  readonly planned: number;
  readonly collector: number;
}

export interface Quiet {
  readonly by: string;
  /** Calendar time, as a person chose it; null: until it has recovered. */
  readonly untilWallMs: number | null;
}

export interface CheckedFacts {
  readonly by: string;
  readonly wallMs: number;
  readonly evidence: readonly Evidence[];
}

export interface Announcement {
  readonly by: string;
  readonly wallMs: number;
  /** The end was announced too. */
  readonly overWallMs: number | null;
}

/** One route's way with an open incident: whom it told, and what comes next. */
export interface Pursuit {
  readonly routeId: string;
  readonly toldCoreMs: number;
  /** Steps of the route that were told. */
  readonly steps: number;
  readonly repeats: number;
  /** The newest repeat, or the first telling. */
  readonly repeatedCoreMs: number;
}

/** Key of the table: id (`i` and the number). */
export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverId: string | null;
  readonly siteId: string | null;
  /** Copies, so that an incident can still be read when the server or site is gone. */
  readonly serverName: string;
  readonly siteName: string;
  readonly groupedUnder: string | null;
  /** Last heartbeat before the outage. */
  readonly startedWallMs: number;
  readonly startedCoreMs: number;
  readonly detectedWallMs: number;
  readonly detectedCoreMs: number;
  readonly endedWallMs: number | null;
  readonly endedCoreMs: number | null;
  readonly closeReason: CloseReason | null;
  readonly confidence: Confidence;
  readonly cause: Cause;
  readonly finalCause: Cause | null;
  readonly evidence: readonly Evidence[];
  readonly acknowledgedBy: string | null;
  readonly timeline: readonly TimelineEntry[];
  readonly minutes: IncidentMinutes | null;
  /** Session facts at the last heartbeat, to tell the final cause by. */
  readonly bootIdBefore: string | null;
  readonly agentStartedBootMsBefore: number | null;
  /** Its silence was announced so; null: it was not. */
  readonly goodbye: GoodbyeReason | null;
  /** null: one server's own, or the collector's. */
  readonly group: GroupFacts | null;
  /** A maintenance window keeps it untold; looked at again when that ends. */
  readonly muted: boolean;
  /** Staff asked for quiet: no repeats, no escalation, no worsening until then (null: until it has recovered). null: no. */
  readonly quiet: Quiet | null;
  /** What the newest check by hand found; null: none was made. */
  readonly checked: CheckedFacts | null;
  /** What its users were told; null: nothing. */
  readonly announcement: Announcement | null;
  /** How it is pursued until somebody takes it, by route. */
  readonly pursuits: readonly Pursuit[];
  /** Closed, and its cause may still be corrected by the agent's journal until then. null: it is final. */
  readonly causeDueCoreMs: number | null;
}

// ── What must be told ────────────────────────────────────────────────────────────────────────────────

/** What a row tells: the outage, its worsening, that it goes on, its end, both at once (late). */
export type Step =
  | "down"
  | "worse"
  | "repeat"
  | "recovered"
  | "told_late"
  /** A told message is to be shown as things are now. */
  | "edit"
  /** The place as a pin on the map. */
  | "pin"
  /** To a branch's users, in their words. */
  | "announced"
  | "announced_over"
  /** Without an incident of their own: about one server. */
  | "never_came"
  | "flapping"
  | "flapping_digest"
  | "flapping_over"
  | "duplicate"
  | "duplicate_over"
  /** About the telling itself: a recipient cannot be reached any more; a drill. */
  | "recipient_lost"
  | "drill"
  /** How things are: each day, each month, always (pinned). */
  | "digest"
  | "report"
  | "board";

/** A message as data; a channel renders it in the recipient's language. Durations in ms, times in Unix ms. */
export interface Message {
  readonly step: Step;
  readonly incidentNumber: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverName: string;
  readonly siteName: string | null;
  readonly siteAddress: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly timeZone: string;
  readonly startedWallMs: number;
  readonly detectedWallMs: number;
  readonly endedWallMs: number | null;
  readonly durationMs: number | null;
  readonly confidence: Confidence;
  readonly cause: Cause;
  readonly finalCause: Cause | null;
  readonly evidence: readonly Evidence[];
  /** Servers that the incident stands for, in the order they fell silent; empty: only the one named. At most 30. */
  readonly members: readonly { readonly serverName: string; readonly siteName: string }[];
  /** All of them, and their sites. */
  readonly memberCount: number;
  readonly siteCount: number;
  /** Only of a flapping server: incidents since it flaps (or that made it so), and whether it is down now. */
  readonly flapping: {
    readonly incidents: number;
    readonly sinceWallMs: number;
    readonly downNow: boolean;
  } | null;
  /** Only of a duplicate identity: where its sessions come from. */
  readonly addresses: readonly string[];
  /** Why it is over; null: it is not, or there is no incident. */
  readonly closeReason: CloseReason | null;
  /** What people did about it so far. */
  readonly handling: Handling;
  /** Only of a repeat: how long it has been so, ms, and the how manieth it is. */
  readonly repeat: { readonly count: number; readonly silentMs: number } | null;
  /** Only of a digest, a report, a board: how things are. */
  readonly summary: Summary | null;
  /** Only of a lost recipient: its name, and the channel's words. */
  readonly lost: { readonly recipientName: string; readonly reason: string } | null;
  /** Address of the incident in the panel; null when the panel's public address is not set. */
  readonly panelUrl: string | null;
}

export interface Handling {
  readonly acknowledgedBy: string | null;
  readonly quiet: Quiet | null;
  readonly checked: CheckedFacts | null;
  readonly announced: boolean;
}

/** How things are, for a digest (a day), a report (a month) and a board (now). Durations in ms. */
export interface Summary {
  readonly wallMs: number;
  /** The day (`2026-11-29`) or month (`2026-10`) it is about; null: now. */
  readonly period: string | null;
  readonly servers: number;
  readonly up: number;
  /** Open incidents that are told by themselves, oldest first; at most 30, and all of them. */
  readonly open: readonly SummaryIncident[];
  readonly openCount: number;
  /** Of the period: incidents, minutes of outage by what caused them, sites or servers with the most; null: now. */
  readonly past: SummaryPast | null;
}
export interface SummaryIncident {
  readonly number: number;
  readonly kind: IncidentKind;
  readonly variant: string | null;
  readonly serverName: string;
  readonly siteName: string;
  readonly startedWallMs: number;
  readonly memberCount: number;
  readonly acknowledgedBy: string | null;
}
export interface SummaryPast {
  readonly incidents: number;
  readonly minutes: IncidentMinutes;
  /** Share of the time that servers were up, 0 to 1; null: there are none. */
  readonly availability: number | null;
  readonly worst: readonly { readonly name: string; readonly incidents: number; readonly minutes: number }[];
}

export type NotificationStatus =
  "queued" | "sending" | "sent" | "retry" | "unknown" | "rejected" | "superseded";

/** One row of the outbox. Key of the table: id (`<incident>/<step>/<recipient>/<channel>`), unique. */
export interface Notification {
  readonly id: string;
  readonly incidentId: string;
  readonly serverId: string | null;
  readonly step: Step;
  readonly recipientId: string;
  readonly channel: ChannelName;
  readonly reason: NotifyReason;
  readonly message: Message;
  readonly status: NotificationStatus;
  readonly attempts: number;
  /** Not sent before this. */
  readonly notBeforeCoreMs: number;
  /** While sending: an answer after this is no longer waited for; the row is then unknown. */
  readonly leaseUntilCoreMs: number | null;
  /** The text carries the mark: what it tells may have arrived before. */
  readonly repeat: boolean;
  /** The one more send that an unknown fate allows has been used. */
  readonly repeated: boolean;
  /** The channel's name of the accepted message (Telegram message id). */
  readonly externalId: string | null;
  /** Accepted as one line of a message that told several; that one is not edited. */
  readonly folded: boolean;
  /** It is sent alone: a message that told it with others was refused as such. */
  readonly alone: boolean;
  /** Of an edit: the row whose message is shown anew. */
  readonly editOf: string | null;
  /** Of an edit under way: what it says has changed again meanwhile. */
  readonly stale: boolean;
  /** Not told until then: the route's fallback recipients are told too. null: they were, or there is no need. */
  readonly fallbackCoreMs: number | null;
  readonly lastError: string | null;
  /** The order of rows over all recipients. */
  readonly sequence: number;
  readonly queuedWallMs: number;
  readonly settledWallMs: number | null;
}

/** What a channel knows after one attempt. The edge decides it once; the core never reads errors. */
export type DeliveryOutcome =
  | { readonly type: "sent"; readonly externalId: string }
  /** Known not accepted; try again not before `retryAfterMs` (null: the outbox's own backoff). */
  | { readonly type: "retry"; readonly error: string; readonly retryAfterMs: number | null }
  /** Perhaps accepted, perhaps not. */
  | { readonly type: "unknown"; readonly error: string }
  /** Never: this recipient is gone (`recipient`) or this message can't be taken (`message`). */
  | { readonly type: "rejected"; readonly error: string; readonly scope: "recipient" | "message" }
  /** The chat moved; the row goes to the new address. */
  | { readonly type: "moved"; readonly address: string };

// ── Tables, writes ───────────────────────────────────────────────────────────────────────────────────

export type HearingState = "starting" | "grace" | "hearing" | "drain" | "isolated";

/** Can we hear at all? One record, key `""`. */
export interface Hearing {
  readonly state: HearingState;
  readonly sinceCoreMs: number;
  /** End of grace or drain. */
  readonly untilCoreMs: number;
  /** The hearing clock: ms that ran only in state `hearing`. */
  readonly hearingMs: number;
  /** When hearing was lost (begin of the gap), for the credit when it returns. */
  readonly lostAtCoreMs: number;
  /** The last time that nobody could have been heard ended here (a start, a long gap): what is older says nothing about "at once". */
  readonly awayUntilCoreMs: number;
  /** Both clocks were moved up to here. */
  readonly lastTickCoreMs: number;
}

/** Small facts. Key of the table: the name. */
export interface Meta {
  readonly nextIncidentNumber: number;
  readonly nextNotificationSequence: number;
  readonly random: number;
  /** When the collector last started: volatile facts that are older were never written in that run. */
  readonly startedCoreMs: number;
  /**
   * When the collector last stopped by itself; null while it runs. Volatile facts of just this moment are complete:
   * nothing newer was lost.
   */
  readonly stoppedCoreMs: number | null;
}

export interface StoredHealth {
  readonly serverId: string;
  readonly wallMs: number;
  readonly sample: HealthSample;
}

/**
 * Everything that is kept, by table. `durable` tables are written by commits; `volatile` ones by `later` and may be
 * lost for some seconds; both are given back at start.
 */
export interface DurableTables {
  site: Site;
  server: Server;
  agent: AgentRecord;
  enrollment: Enrollment;
  recipient: Recipient;
  route: Route;
  linkCode: LinkCode;
  detector: Detector;
  incident: Incident;
  notification: Notification;
  meta: Meta;
  /** JSON of other rooms (panel users, sessions, poll offset); the core only carries it. Key: `<room>/<id>`. */
  shelf: ShelfValue;
  maintenance: Maintenance;
  flapping: Flapping;
  serverLog: ServerLog;
  /** Incidents that are over and told; leaves the living state. Key: incident id. */
  archive: ArchivedIncident;
}
export interface VolatileTables {
  heard: Heard;
  silence: Silence;
  baseline: Baseline;
  gateway: Gateway;
  sentinel: Sentinel;
  sentinelPlan: SentinelPlan;
  mass: MassFlag;
  identity: Identity;
  journal: JournalDigest;
  /** When suspicions of a server ended well, in the last hour: the sign of an unstable link. Key: serverId. */
  unstable: {
    readonly serverId: string;
    readonly endedCoreMs: readonly number[];
    readonly loggedCoreMs: number | null;
  };
  health: StoredHealth;
  hearing: Hearing;
  clock: ClockRecord;
  /** When a tick must look at a server (key: serverId) or a group (key: incident id) next; keeps a tick's work at what is due. */
  look: { readonly coreMs: number };
  /** Servers marked by a tick, waiting for the sockets to be read once more. Key: serverId. */
  mark: { readonly serverId: string; readonly atCoreMs: number };
}
export type Tables = DurableTables & VolatileTables;
export type TableName = keyof Tables;
export type ShelfValue =
  string | number | boolean | null | readonly ShelfValue[] | { readonly [key: string]: ShelfValue };

export interface ArchivedIncident {
  readonly incident: Incident;
  readonly notifications: readonly Notification[];
}

/** One change of one record; `value: null` removes it. */
export type Write = {
  [K in TableName]: { readonly table: K; readonly key: string; readonly value: Tables[K] | null };
}[TableName];

// ── Settings ─────────────────────────────────────────────────────────────────────────────────────────

export interface Settings {
  /** η */
  readonly heartbeatIntervalMs: number;
  /** T */
  readonly downAfterMs: number;
  readonly language: Language;
  readonly timeZone: string;
  /** Without a trailing slash; null: unknown. */
  readonly publicUrl: string | null;
}

// ── Events: past facts ───────────────────────────────────────────────────────────────────────────────

export type EventBody =
  | { readonly type: "collector_started"; readonly hostBootId: string; readonly seed: number }
  /** The last event of all: no agent is heard any more. */
  | { readonly type: "collector_stopping" }
  | { readonly type: "tick" }
  /** The sockets were read once more (two turns of the event loop) after a `drain_sockets` effect. */
  | { readonly type: "sockets_drained" }
  | {
      readonly type: "agent_connected";
      readonly serverId: string;
      readonly sessionId: string;
      readonly bootId: string;
      readonly agentVersion: string;
      readonly agentStartedBootMs: number;
      /** The peer's address, used for probes while the server has none. */
      readonly peerAddress: string;
      readonly features: readonly AgentFeature[];
    }
  | {
      readonly type: "heartbeat_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly sequence: number;
      readonly health: HealthSample | null;
    }
  | {
      readonly type: "inventory_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly inventory: Inventory;
    }
  | {
      readonly type: "goodbye_received";
      readonly serverId: string;
      readonly sessionId: string;
      readonly sequence: number;
      readonly reason: GoodbyeReason;
      /** The agent's own promise: away for so long, ms; null: the reason's usual time. */
      readonly awayForMs: number | null;
    }
  | { readonly type: "agent_disconnected"; readonly serverId: string; readonly sessionId: string }
  | {
      readonly type: "probe_finished";
      readonly serverId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  /** Answers to `start_gateway_probe`. */
  | {
      readonly type: "gateway_probed";
      readonly siteId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  /** What an agent found on request. `serverId` and `sessionId` are the witness's own. */
  | {
      readonly type: "witness_answered";
      readonly serverId: string;
      readonly sessionId: string;
      readonly roundId: string;
      readonly results: readonly ProbeResult[];
    }
  | {
      readonly type: "journal_received";
      readonly serverId: string;
      readonly sessionId: string;
      /** Ascending by sequence. */
      readonly entries: readonly JournalEntry[];
      /** More will follow. */
      readonly more: boolean;
    }
  /** Answers to `ask_sentinels`: one for each sentinel that could be asked. */
  | {
      readonly type: "sentinels_answered";
      readonly roundId: string;
      readonly answers: readonly {
        readonly target: string;
        readonly near: boolean;
        readonly verdict: ProbeVerdict;
      }[];
    }
  | { readonly type: "outbox_woken" }
  | {
      readonly type: "delivery_finished";
      /** Those that one `send_notification` told. */
      readonly rows: readonly { readonly notificationId: string; readonly attempt: number }[];
      readonly outcome: DeliveryOutcome;
    }
  | {
      readonly type: "agent_enrolled";
      readonly enrollmentId: string;
      readonly publicKey: string;
      /** Used when the token makes a new server. */
      readonly newServerId: string;
      readonly hostName: string;
      readonly agentVersion: string;
      readonly peerAddress: string;
    }
  | { readonly type: "enrollment_created"; readonly enrollment: Enrollment }
  | { readonly type: "site_saved"; readonly site: Site }
  | { readonly type: "site_removed"; readonly siteId: string }
  | { readonly type: "server_saved"; readonly server: Server }
  | { readonly type: "server_paused"; readonly serverId: string; readonly by: string }
  | { readonly type: "server_resumed"; readonly serverId: string; readonly by: string }
  | { readonly type: "server_removed"; readonly serverId: string; readonly by: string }
  | {
      readonly type: "maintenance_saved";
      readonly maintenance: Maintenance;
      readonly shelf?: readonly ShelfWrite[];
    }
  | { readonly type: "maintenance_removed"; readonly maintenanceId: string }
  | (Handled & { readonly type: "incident_acknowledged" })
  /** null: until it has recovered. */
  | (Handled & { readonly type: "incident_quieted"; readonly untilWallMs: number | null })
  /** A check by hand was answered. */
  | (Handled & { readonly type: "incident_checked"; readonly evidence: readonly Evidence[] })
  /** To the site's users; `over`: that it is over. */
  | (Handled & { readonly type: "incident_announced"; readonly over: boolean })
  | {
      readonly type: "incident_noted";
      readonly incidentId: string;
      readonly by: string;
      readonly text: string;
    }
  | {
      readonly type: "recipient_saved";
      readonly recipient: Recipient;
      readonly shelf?: readonly ShelfWrite[];
    }
  | { readonly type: "recipient_removed"; readonly recipientId: string }
  /** A channel said that it can be reached again. */
  | {
      readonly type: "recipient_returned";
      readonly recipientId: string;
      readonly shelf: readonly ShelfWrite[];
    }
  | { readonly type: "route_saved"; readonly route: Route }
  | { readonly type: "route_removed"; readonly routeId: string }
  /** A test of the whole way, to these recipients. */
  | {
      readonly type: "drill_started";
      readonly drillId: string;
      readonly recipientIds: readonly string[];
      readonly by: string;
    }
  /** Its hour has come. The figures of the past come from the archive, which the core does not hold. */
  | {
      readonly type: "summary_due";
      readonly recipientId: string;
      readonly step: "digest" | "report";
      /** The day or the month it is given on, in its zone: a second one of the same is not given. */
      readonly given: string;
      readonly period: string;
      readonly past: SummaryPast;
    }
  | { readonly type: "link_code_created"; readonly linkCode: LinkCode }
  /** A chat sent a code. `shelf` carries the poll offset, committed with the effect of the update. */
  | {
      readonly type: "chat_linked";
      readonly codeHash: string;
      readonly recipientId: string;
      readonly address: string;
      readonly chatName: string;
      readonly shelf: readonly ShelfWrite[];
    }
  /** JSON of another room. */
  | { readonly type: "shelf_written"; readonly writes: readonly ShelfWrite[] };

/** Staff handled an incident, in the panel or in a chat. `shelf` carries the poll offset of a chat's update. */
interface Handled {
  readonly incidentId: string;
  readonly by: string;
  readonly shelf?: readonly ShelfWrite[];
}

export interface ShelfWrite {
  readonly key: string;
  readonly value: ShelfValue;
  /** True: remove the key, `value` is ignored. */
  readonly remove?: boolean;
}

export type Event = EventBody & { readonly at: Instant };
export type EventType = EventBody["type"];

// ── Effects: orders, carried out after the commit ────────────────────────────────────────────────────

export type Effect =
  | { readonly type: "send_ack"; readonly sessionId: string; readonly sequence: number }
  | {
      readonly type: "close_session";
      readonly sessionId: string;
      readonly reason: "replaced" | "removed" | "goodbye";
    }
  | {
      readonly type: "start_probe";
      readonly serverId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      /** The round must have answered within this time; what has not is `dead` (asked) or `none` (never asked). */
      readonly timeLimitMs: number;
    }
  | { readonly type: "cancel_probe"; readonly roundId: string }
  /** Asks a site's gateway; answered by `gateway_probed`. */
  | {
      readonly type: "start_gateway_probe";
      readonly siteId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      readonly timeLimitMs: number;
    }
  /** Asks an agent to probe for us; answered by `witness_answered`, or never. Only addresses of servers and gateways. */
  | {
      readonly type: "ask_witness";
      readonly serverId: string;
      readonly sessionId: string;
      readonly roundId: string;
      readonly requests: readonly ProbeRequest[];
      readonly timeLimitMs: number;
    }
  | { readonly type: "ask_sentinels"; readonly roundId: string; readonly timeLimitMs: number }
  /** Everything up to `sequence` was taken in. */
  | { readonly type: "ack_journal"; readonly sessionId: string; readonly sequence: number }
  | { readonly type: "drain_sockets" }
  /** At least one row; several are told by one message. Answered by `delivery_finished`. */
  | {
      readonly type: "send_notification";
      readonly notifications: readonly Notification[];
      readonly recipient: Recipient;
    }
  | { readonly type: "wake_outbox" }
  /** Something people look at changed. */
  | { readonly type: "publish"; readonly topic: Topic; readonly id: string };

export type Topic =
  | "server"
  | "site"
  | "incident"
  | "recipient"
  | "route"
  | "notification"
  | "hearing"
  | "heartbeat"
  | "maintenance";

/** The answer to whoever pushed the event. `code` is stable and goes to the API as is. */
export type Reply =
  { readonly ok: true; readonly id?: string } | { readonly ok: false; readonly code: RefusalCode };
export type RefusalCode =
  | "server_not_found"
  | "site_not_found"
  | "site_not_empty"
  | "incident_not_found"
  | "incident_closed"
  | "recipient_not_found"
  | "recipient_exists"
  | "route_not_found"
  | "route_is_default"
  | "route_steps_wrong"
  | "nobody_to_announce_to"
  | "not_announced"
  | "enrollment_not_found"
  | "enrollment_expired"
  | "enrollment_used_up"
  | "agent_key_taken"
  | "link_code_not_found"
  | "link_code_expired"
  | "session_not_current"
  | "down_after_too_short"
  | "parent_not_found"
  | "parent_circle"
  | "maintenance_not_found"
  | "maintenance_ends_before_it_starts"
  | "already_so"
  /** The store did not take it; nothing was changed. */
  | "store_failing";

export interface Decision {
  /** Durable, atomic, before any effect. */
  readonly commit: readonly Write[];
  /** May be lost for a few seconds. */
  readonly later: readonly Write[];
  readonly effects: readonly Effect[];
  readonly reply: Reply;
}
