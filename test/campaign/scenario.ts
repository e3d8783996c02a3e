/**
 * What a scenario is: a company as data, what happens to it as data, and what must come of it as data.
 * Why data: a scenario is read by people who judge whether the expectation is right; the machinery is written once.
 * Must not: hold a scenario (scenarios/), or code that performs one (steps.ts) or judges it (verdict.ts).
 */
import type { Cause, Confidence, IncidentKind } from "../../collector/core/types/incident.ts";
import type { ServerCheck } from "../../collector/core/types/registry.ts";
import type { GoodbyeReason } from "../../collector/core/types/server.ts";
import type { Step as MessageStep } from "../../collector/core/types/telling.ts";

/** η and T of every scenario that does not say otherwise, in seconds. */
export const HEARTBEAT_SECONDS = 1;
export const DOWN_AFTER_SECONDS = 12;

/** What is usual is asked six times, each T/3, before silence says anything (core: ASKED_MIN); and one more for a busy machine. */
export const LEARN_SECONDS = (7 * DOWN_AFTER_SECONDS) / 3;

// ── The company ──────────────────────────────────────────────────────────────────────────────────────

export interface HostPlan {
  readonly name: string;
  /** Default: `agent`. */
  readonly mode?: "agent" | "ping";
  /** Programs that speak on it; they are what the collector asks for. Default: none, and port 9, where nobody listens. */
  readonly speaks?: readonly Speaker[];
  /** Of a ping-only server. */
  readonly check?: ServerCheck;
  /** It carries other hosts of its site, which come after it. */
  readonly hypervisor?: boolean;
  /** The hypervisor that this host lives in: its cable ends there. The collector is told (parent). */
  readonly inside?: string;
  /** Its wall clock is wrong by so much (needs libfaketime). */
  readonly clockOffsetSeconds?: number;
  /** Known to the collector as a server. Default: yes. False: somebody else's machine. */
  readonly registered?: boolean;
}

/** A program with an open port: `ssh` speaks first; `http` when asked; `silent` accepts and says nothing. */
export interface Speaker {
  readonly says: "ssh" | "http" | "silent";
  readonly port: number;
}

export interface SitePlan {
  readonly name: string;
  readonly hosts: readonly HostPlan[];
  /** The collector is told the router's address. Default: yes. */
  readonly gatewayKnown?: boolean;
  /** Its agents dial through a TCP proxy on the site's router (`proxy` steps). Default: no. */
  readonly proxied?: boolean;
}

/** How a link is cut: `cable`: unplugged, routers say "unreachable". The others swallow packets without a word. */
export type Way = "cable" | "both" | "towards" | "from";

/** What a proxy between agents and collector does to connections. Times in ms. */
export type ProxyFault =
  | { readonly type: "pass" }
  /** Connections stay open, nothing goes through, whatever was said is lost; new ones are taken and held as well. */
  | { readonly type: "half_open" }
  /** The same, but what was said arrives when it passes again. */
  | { readonly type: "buffer" }
  /** Connections that exist are forgotten without a word to either end; new ones pass. */
  | { readonly type: "forget" }
  /** Everything arrives this much later. */
  | { readonly type: "delay"; readonly forMs: number; readonly jitterMs: number }
  | { readonly type: "cut_idle"; readonly afterMs: number }
  | { readonly type: "cut_old"; readonly afterMs: number }
  /** New connections are reset, the others cut. */
  | { readonly type: "refuse" }
  /** It answers every request itself with this HTTP status; others are cut. */
  | { readonly type: "answer"; readonly status: number }
  /** It does not listen: new connections are refused by the system, the others cut. */
  | { readonly type: "closed" };

// ── What happens ─────────────────────────────────────────────────────────────────────────────────────

/** What can be waited for, by what the collector and the Bot API show. */
export type Condition =
  | { readonly type: "status"; readonly host: string; readonly status: string }
  | { readonly type: "all_up" }
  | { readonly type: "open_incidents"; readonly count: number }
  | { readonly type: "told"; readonly count: number }
  /** `/readyz`. */
  | { readonly type: "hearing"; readonly state: string };

type Act =
  /** So long nothing else happens. */
  | { readonly do: "pass"; readonly seconds: number }
  /** Until it is known what servers and gateways usually answer. */
  | { readonly do: "learn" }
  | { readonly do: "until"; readonly what: Condition; readonly withinSeconds: number }
  // One host.
  | { readonly do: "cut_power" | "restore_power"; readonly host: string }
  | { readonly do: "kill_agent" | "start_agent" | "freeze_agent" | "thaw_agent"; readonly host: string }
  /** It is asked to end, and says goodbye with this reason. */
  | {
      readonly do: "stop_agent";
      readonly host: string;
      readonly reason: "reboot" | "shutdown" | "agent_stopped";
    }
  /** No program of it is given time any more; the kernel lives on. */
  | { readonly do: "freeze_host" | "thaw_host"; readonly host: string }
  | { readonly do: "unplug" | "plug"; readonly host: string }
  | { readonly do: "mute_ping" | "unmute_ping"; readonly host: string }
  /** Its web server answers this status from now on. */
  | { readonly do: "serve_status"; readonly host: string; readonly status: number }
  /** The state folder of `from` is copied to `host`, whose agent starts with it: two machines, one identity. */
  | { readonly do: "clone_agent"; readonly from: string; readonly host: string }
  // One site.
  | { readonly do: "cut_link"; readonly site: string; readonly way: Way }
  | { readonly do: "mend_link"; readonly site: string }
  | { readonly do: "cut_lan" | "mend_lan" | "cut_path" | "mend_path"; readonly site: string }
  | { readonly do: "cut_site_power" | "restore_site_power"; readonly site: string }
  | { readonly do: "mute_gateway" | "unmute_gateway"; readonly site: string }
  /** So many of a hundred packets are lost at its router, in each direction (needs nft). */
  | { readonly do: "lose_packets"; readonly site: string; readonly percent: number }
  | { readonly do: "proxy"; readonly site: string; readonly fault: ProxyFault }
  // The head office.
  | { readonly do: "cut_uplink"; readonly way: Way }
  | { readonly do: "mend_uplink" | "unplug_collector" | "plug_collector" }
  | {
      readonly do:
        "kill_collector" | "stop_collector" | "start_collector" | "freeze_collector" | "thaw_collector";
    }
  /** The next start happens on another boot of its machine. */
  | { readonly do: "reboot_collector_host" }
  | { readonly do: "fill_disk" | "free_disk" }
  /** Cuts `state.json` in half; while the collector does not run. */
  | { readonly do: "tear_state" }
  /** The collector's wall clock steps by so much (needs libfaketime). */
  | { readonly do: "step_clock"; readonly seconds: number }
  // Telegram.
  | {
      readonly do: "telegram_fault";
      readonly method: string;
      readonly fault: Readonly<Record<string, unknown>>;
      readonly times: number;
    }
  | { readonly do: "telegram_refuse" | "telegram_accept" | "telegram_mend" }
  | { readonly do: "telegram_membership"; readonly to: string; readonly membership: string }
  // Staff.
  | { readonly do: "pause" | "resume" | "delete"; readonly host: string }
  | { readonly do: "rename"; readonly host: string; readonly name: string }
  | { readonly do: "maintain"; readonly host?: string; readonly site?: string; readonly forSeconds: number }
  // Clients of our own.
  /** A session with the host's own key: `beats` heartbeats, then a goodbye with a promise, if any. */
  | {
      readonly do: "speak_as";
      readonly host: string;
      readonly beats: number;
      readonly goodbye?: { readonly reason: GoodbyeReason; readonly awayForSeconds: number };
    }
  /** A goodbye in somebody's name without their key: refused. */
  | { readonly do: "forge_goodbye" }
  /** So many agents of one site, in one process on its router: see crowd.ts. */
  | { readonly do: "gather_crowd"; readonly site: string; readonly count: number };

/** `mark` names the moment just before, for the expectation. */
export type Step = Act & { readonly mark?: string };

// ── What must come of it ─────────────────────────────────────────────────────────────────────────────

/** Who an incident or a message is about: a host, `site:<name>`, `chat:<recipient>`, `mass` or `collector`. */
export type Subject = string;

export interface ExpectedIncident {
  readonly about: Subject;
  /** Acceptable ones, at the end. */
  readonly kinds: readonly IncidentKind[];
  /** Acceptable ones; absent: any. */
  readonly variants?: readonly (string | null)[];
  readonly confidences?: readonly Confidence[];
  readonly causes?: readonly Cause[];
  readonly finalCauses?: readonly Cause[];
  /** The subject of the incident that tells it; absent: it stands alone. */
  readonly groupedUnder?: Subject;
  /** Default: it is over. */
  readonly open?: boolean;
  /** Default: one. */
  readonly count?: number;
  /** The outage began here: the collector's "since" lies at most a heartbeat before, and a moment after. */
  readonly since?: string;
  /** How much before `since` the last sign of life may lie, seconds. Default: a heartbeat and a moment. */
  readonly leading?: number;
  /** How long after `since` heartbeats may still have come through, seconds. Default: a moment. */
  readonly trailing?: number;
  /** From "since" to the verdict, seconds; default: T and the tolerance. `false`: not looked at. */
  readonly silence?: readonly [number, number] | false;
}

export interface ExpectedMessage {
  readonly step: MessageStep;
  readonly about: Subject;
  /** Acceptable kinds that the message names; absent: any. */
  readonly kinds?: readonly IncidentKind[];
  /** Default: the one recipient there is. */
  readonly to?: string;
  readonly count?: number;
  /** So many of `count` carry the mark of a repeat; acceptable ones. Default: none. */
  readonly repeats?: readonly number[];
  readonly contains?: string;
  /** Words that would be wrong. */
  readonly lacks?: string;
  /** Accepted so many seconds after the mark, from and to. */
  readonly after?: { readonly mark: string; readonly seconds: readonly [number, number] };
}

export interface Expected {
  /** All of them: another one is a failure. */
  readonly incidents: readonly ExpectedIncident[];
  /** All that the fake Bot API accepted. */
  readonly messages: readonly ExpectedMessage[];
  /** Instead of `messages`, where it hangs on a moment which of two right things is told. */
  readonly orMessages?: readonly ExpectedMessage[];
  /** Hosts whose status at the end is not `up`. */
  readonly statuses?: Readonly<Record<string, string>>;
  /** Kinds of lines that a server's log has at the end, by host. */
  readonly log?: Readonly<Record<string, readonly string[]>>;
}

/** Programs of the system that not every machine has: the package names are the same. */
export type Need = "libfaketime" | "nftables";

export interface Scenario {
  readonly name: string;
  /** The line of detection.md that it makes real. */
  readonly rule: string;
  readonly sites: readonly SitePlan[];
  readonly steps: readonly Step[];
  readonly expected: Expected;
  /** After the last step it is watched so long for anything that is not expected. Default: 4 s. */
  readonly watchSeconds?: number;
  /** Settings of the collector besides the usual. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Names of recipients, each with a chat of its own. Default: one, `Siaga`. */
  readonly recipients?: readonly string[];
  /** Bytes of the file system that the collector's folder lies on; absent: the machine's own disk. */
  readonly diskBytes?: number;
  readonly needs?: readonly Need[];
}
