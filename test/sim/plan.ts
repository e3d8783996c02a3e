/**
 * A simulated world as data: settings, topology, and the faults with their times.
 * Why data: the same plan can be drawn from a seed, written by hand as a scenario, printed, and shortened by hand when
 * it failed.
 * Must not: do anything; world.ts builds it and faults.ts makes it happen.
 */

/** One way of a server's network to the collector and back. Times in ms, one way. */
export interface PathPlan {
  readonly delayMs: number;
  /** Uniform, on top of the delay. */
  readonly jitterMs: number;
  /** Share of packets lost; TCP turns it into waiting, a probe may fail by it. */
  readonly lossShare: number;
}

export interface ServerPlan {
  readonly site: number | null;
  readonly mode: "agent" | "ping";
  readonly downAfterMs: number | null;
  readonly path: PathPlan;
  /** A firewall drops ICMP. */
  readonly icmpBlocked: boolean;
  /** What a TCP probe meets while the host is alive. */
  readonly tcp: "open" | "closed" | "filtered";
  readonly probePorts: readonly number[];
}

export interface RecipientPlan {
  /** Groups begin with `-`, as in Telegram. */
  readonly address: string;
}

export interface CollectorPlan {
  /** False: every ICMP question is answered `none`, `no_program`. */
  readonly pingProgram: boolean;
  /** A commit takes from … to, ms. */
  readonly commitMs: readonly [number, number];
  /** Volatile facts reach the disk this often, ms. */
  readonly laterFlushMs: number;
  /** From the start of the program to the open port, ms. */
  readonly startMs: number;
}

export interface Plan {
  readonly seed: number;
  /** Faults happen in this time; then the world is mended and must come to rest. */
  readonly durationMs: number;
  readonly heartbeatIntervalMs: number;
  readonly downAfterMs: number;
  readonly siteCount: number;
  readonly servers: readonly ServerPlan[];
  readonly recipients: readonly RecipientPlan[];
  readonly collector: CollectorPlan;
  readonly faults: readonly Fault[];
}

export type GoodbyeReason = "reboot" | "shutdown" | "suspend" | "upgrade" | "agent_stopped";

/** Where in a commit the collector is killed. `now`: wherever it is; the others wait for the next such commit. */
export type KillBoundary = "now" | "before_commit" | "after_commit" | "half_of_effects" | "after_send";

/** How Telegram fails. `before`: the message was not accepted; `after`: it was, and the answer got lost. */
export type TelegramFailure =
  | "refused"
  | "limited"
  | "server_error_before"
  | "server_error_after"
  | "timeout_before"
  | "timeout_after"
  | "reset_before"
  | "reset_after"
  /** No answer until long after the lease; then it turns out to be accepted. */
  | "hang_accepted"
  /** No answer ever. */
  | "hang_forever";

interface Timed {
  readonly atMs: number;
}
interface Lasting extends Timed {
  /** Infinity: until the world is mended. */
  readonly forMs: number;
}
interface OfServer {
  readonly server: number;
}

export type Fault =
  // ── One server ──
  | (Lasting & OfServer & { readonly kind: "power_cut" })
  /** A clean one says goodbye first. */
  | (Lasting & OfServer & { readonly kind: "rebooted"; readonly clean: boolean })
  | (Lasting & OfServer & { readonly kind: "host_hung" })
  | (Lasting & OfServer & { readonly kind: "host_suspended" })
  | (Lasting & OfServer & { readonly kind: "agent_killed" })
  | (Lasting & OfServer & { readonly kind: "agent_frozen" })
  | (Lasting & OfServer & { readonly kind: "agent_stopped"; readonly reason: GoodbyeReason })
  | (Lasting & OfServer & { readonly kind: "path_cut"; readonly direction: "both" | "up" | "down" })
  /** Dials are refused at once, what is open stays silent. */
  | (Lasting & OfServer & { readonly kind: "path_refused" })
  | (Lasting &
      OfServer & { readonly kind: "path_poor"; readonly lossShare: number; readonly jitterMs: number })
  /** The mapping of the open connection is gone: silence, or a reset at the next packet. */
  | (Timed & OfServer & { readonly kind: "connection_forgotten"; readonly reset: boolean })
  /** ICMP alone stops being answered. */
  | (Lasting & OfServer & { readonly kind: "icmp_filtered" })
  /** Words of a session that is over, and beats said twice. */
  | (Timed & OfServer & { readonly kind: "old_session_speaks" })
  // ── A site ──
  | (Lasting & { readonly kind: "site_cut"; readonly site: number })
  | (Lasting & { readonly kind: "site_power_cut"; readonly site: number })
  // ── The collector ──
  /** `skip`: so many commits that fit pass first. */
  | (Lasting & { readonly kind: "collector_killed"; readonly boundary: KillBoundary; readonly skip?: number })
  | (Lasting & { readonly kind: "collector_restarted" })
  | (Lasting & { readonly kind: "collector_host_rebooted" })
  | (Lasting & { readonly kind: "collector_stalled" })
  | (Lasting & { readonly kind: "collector_suspended" })
  | (Timed & { readonly kind: "wall_clock_stepped"; readonly byMs: number })
  | (Lasting & { readonly kind: "disk_full" })
  | (Lasting & { readonly kind: "disk_slow"; readonly commitMs: number })
  | (Lasting & { readonly kind: "ping_program_missing" })
  // ── Telegram ──
  | (Lasting & { readonly kind: "telegram_fails"; readonly how: TelegramFailure })
  /** Only the next `count` sends. */
  | (Timed & { readonly kind: "telegram_stumbles"; readonly how: TelegramFailure; readonly count: number })
  | (Timed & { readonly kind: "telegram_limits"; readonly recipient: number; readonly retryAfterMs: number })
  | (Timed & { readonly kind: "chat_blocked"; readonly recipient: number })
  | (Timed & { readonly kind: "chat_moved"; readonly recipient: number })
  // ── Staff ──
  | (Lasting & OfServer & { readonly kind: "paused_by_staff" })
  | (Timed & OfServer & { readonly kind: "removed_by_staff" })
  | (Timed & OfServer & { readonly kind: "edited_by_staff" });

export type FaultKind = Fault["kind"];
