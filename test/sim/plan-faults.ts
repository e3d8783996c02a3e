/**
 * The faults that a world may suffer, as data: what, when and for how long.
 * Why apart from the topology: this list is what the simulator's claim rests on; each kind is met or listed as never met.
 * Must not: do anything; faults.ts makes them happen.
 */
import type { Status } from "../../collector/core/types/server.ts";

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

/** `up`: towards the collector. */
export type Direction = "both" | "up" | "down";

/** What staff change of a server's record. */
export type Edit = "name" | "site" | "no_site" | "no_parent" | "parent" | "down_after" | "ports";

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
interface OfSite {
  readonly site: number;
}

export type ServerFault =
  | (Lasting & OfServer & { readonly kind: "power_cut" })
  /** A clean one says goodbye first. */
  | (Lasting & OfServer & { readonly kind: "rebooted"; readonly clean: boolean })
  /** The kernel answers, no program does. */
  | (Lasting & OfServer & { readonly kind: "host_hung" })
  | (Lasting & OfServer & { readonly kind: "host_suspended" })
  | (Lasting & OfServer & { readonly kind: "agent_killed" })
  | (Lasting & OfServer & { readonly kind: "agent_frozen" })
  | (Lasting & OfServer & { readonly kind: "agent_stopped"; readonly reason: GoodbyeReason })
  /** Its cable: nobody reaches it any more. */
  | (Lasting & OfServer & { readonly kind: "path_cut"; readonly direction: Direction })
  /** Dials are refused at once, what is open stays silent. */
  | (Lasting & OfServer & { readonly kind: "path_refused" })
  | (Lasting &
      OfServer & { readonly kind: "path_poor"; readonly lossShare: number; readonly jitterMs: number })
  /** The mapping of the open connection is gone: silence, or a reset at the next packet. */
  | (Timed & OfServer & { readonly kind: "connection_forgotten"; readonly reset: boolean })
  /** ICMP alone stops being answered. */
  | (Lasting & OfServer & { readonly kind: "icmp_filtered" })
  /** The program behind its ports is stopped: refused. */
  | (Lasting & OfServer & { readonly kind: "service_stopped" })
  /** Of a ping-only server with a check: it answers, but not what is expected. */
  | (Lasting & OfServer & { readonly kind: "check_failing" })
  /** Down and up again, `times` times. */
  | (Timed &
      OfServer & {
        readonly kind: "flapping";
        readonly times: number;
        readonly downMs: number;
        readonly upMs: number;
      })
  /** Another machine with its identity is switched on. `server`: that machine. */
  | (Lasting & OfServer & { readonly kind: "clone_runs" })
  | (Timed & OfServer & { readonly kind: "agent_clock_stepped"; readonly byMs: number })
  /** Words of a session that is over, and beats said twice. */
  | (Timed & OfServer & { readonly kind: "old_session_speaks" });

export type SiteFault =
  | (Lasting & OfSite & { readonly kind: "site_link_cut"; readonly direction: Direction })
  | (Lasting &
      OfSite & { readonly kind: "site_link_poor"; readonly lossShare: number; readonly jitterMs: number })
  | (Lasting & OfSite & { readonly kind: "site_power_cut" })
  /** The switch: hosts reach nobody, the router answers from outside. */
  | (Lasting & OfSite & { readonly kind: "site_lan_cut" })
  | (Lasting & OfSite & { readonly kind: "gateway_dead" })
  | (Lasting & OfSite & { readonly kind: "gateway_icmp_filtered" })
  /** Its router lost all mappings. */
  | (Timed & OfSite & { readonly kind: "site_connections_forgotten"; readonly reset: boolean })
  /** Agents can't log in; what is open is ended. */
  | (Lasting & OfSite & { readonly kind: "login_failing"; readonly how: "name" | "certificate" | "proxy" })
  /** Between it and another site (a number) or the collector, in one direction or both; all else is fine. */
  | (Lasting &
      OfSite & {
        readonly kind: "route_cut";
        readonly to: number | "collector";
        readonly direction: Direction;
      });

export type CollectorFault =
  /** `skip`: so many commits that fit pass first. */
  | (Lasting & { readonly kind: "collector_killed"; readonly boundary: KillBoundary; readonly skip?: number })
  | (Lasting & { readonly kind: "collector_restarted" })
  | (Lasting & { readonly kind: "collector_host_rebooted" })
  | (Lasting & { readonly kind: "collector_stalled" })
  | (Lasting & { readonly kind: "collector_suspended" })
  | (Timed & { readonly kind: "wall_clock_stepped"; readonly byMs: number })
  | (Lasting & { readonly kind: "disk_full" })
  | (Lasting & { readonly kind: "disk_slow"; readonly commitMs: number })
  /** A commit does not end before the lock is gone. */
  | (Lasting & { readonly kind: "disk_locked" })
  | (Lasting & { readonly kind: "ping_program_missing" })
  /** Something near it answers for every address: ICMP answers prove nothing. */
  | (Lasting & { readonly kind: "answered_for_all" })
  /** Its own line: nobody beyond its router is reached. */
  | (Lasting & { readonly kind: "uplink_cut"; readonly direction: Direction })
  | (Lasting & { readonly kind: "uplink_poor"; readonly lossShare: number; readonly jitterMs: number })
  /** Its own switch: not even its router is reached. */
  | (Lasting & { readonly kind: "collector_lan_cut" })
  /** Only the public network: far sentinels and Telegram; branches are reached by lines of their own. */
  | (Lasting & { readonly kind: "internet_cut" })
  /** Only the lines to these sites. */
  | (Lasting & { readonly kind: "wan_cut"; readonly sites: readonly number[] })
  | (Lasting & { readonly kind: "sentinel_silent"; readonly sentinel: number });

export type TelegramFault =
  | (Lasting & { readonly kind: "telegram_fails"; readonly how: TelegramFailure })
  /** Only the next `count` sends. */
  | (Timed & { readonly kind: "telegram_stumbles"; readonly how: TelegramFailure; readonly count: number })
  | (Timed & { readonly kind: "telegram_limits"; readonly recipient: number; readonly retryAfterMs: number })
  | (Timed & { readonly kind: "chat_blocked"; readonly recipient: number })
  | (Timed & { readonly kind: "chat_moved"; readonly recipient: number });

export type StaffServerFault =
  | (Lasting & OfServer & { readonly kind: "paused_by_staff" })
  | (Timed & OfServer & { readonly kind: "removed_by_staff" })
  | (Timed & OfServer & { readonly kind: "edited_by_staff"; readonly edit: Edit });

export type StaffFault =
  /** Of one server, one site, or everything (both null). `early`: ended by staff before its time. */
  | (Lasting & {
      readonly kind: "maintenance";
      readonly server: number | null;
      readonly site: number | null;
      readonly beginsInMs: number;
      readonly early: boolean;
    })
  | (Timed & { readonly kind: "incident_acknowledged" })
  /** Of the next server that the panel shows in this status; pauses last `forMs`. */
  | (Lasting & {
      readonly kind: "staff_intervene";
      readonly status: Status;
      readonly act: "pause" | "edit" | "remove";
      readonly edit: Edit;
    });

/** Of one server; of one site; of all. */
export type FaultOfServer = ServerFault | StaffServerFault;
export type FaultOfSite = SiteFault;
export type FaultOfWorld = CollectorFault | TelegramFault | StaffFault;
export type Fault = FaultOfServer | FaultOfSite | FaultOfWorld;
export type FaultKind = Fault["kind"];
