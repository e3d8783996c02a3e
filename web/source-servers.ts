/**
 * What the panel knows of sites and servers, and what staff may set of them.
 * Why apart from source.ts: these are the things watched; there is what may be asked and commanded.
 * Must not: leak storage or core types; times here are Unix ms, views are plain data.
 */
import type { HealthSample, Inventory } from "../shared/health.ts";

export type Status = "new" | "up" | "suspect" | "down" | "planned" | "recovering" | "paused";

export interface SiteView {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly timeZone: string;
  readonly gatewayAddress: string | null;
  readonly contact: string;
  readonly provider: string;
  readonly circuitId: string;
  /** What its gateway answers; null: it has no gateway address. */
  readonly gateway: GatewayView | null;
}
/** What staff may set of a site. */
export type SiteInput = Omit<SiteView, "id" | "gateway">;

export interface GatewayView {
  /** While servers of the site were heard: how often it was asked, and answered. */
  readonly asked: number;
  readonly answered: number;
  /** The newest answer; null: not asked since the collector started, or since the address was set. */
  readonly last: { readonly verdict: ProbeView["verdict"]; readonly atMs: number } | null;
}

/** What a ping-only server must do beyond answering. `expectedStatus` null: any below 400. `expectedText` null: any. */
export type ServerCheck =
  | { readonly type: "tcp"; readonly port: number }
  | {
      readonly type: "http";
      readonly url: string;
      readonly expectedStatus: number | null;
      readonly expectedText: string | null;
    };

export interface ServerView {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly address: string | null;
  readonly probePorts: readonly number[];
  readonly check: ServerCheck | null;
  readonly mode: "agent" | "ping";
  readonly status: Status;
  readonly statusSinceMs: number;
  readonly lastHeartbeatMs: number | null;
  /** The effective time, and the server's own (null: the setting). */
  readonly downAfterSeconds: number;
  readonly ownDownAfterSeconds: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly parentId: string | null;
  readonly tags: readonly string[];
  readonly openIncidentId: string | null;
  readonly agent: {
    readonly version: string;
    readonly enrolledAtMs: number;
    readonly inventory: Inventory | null;
  } | null;
  readonly health: { readonly atMs: number; readonly sample: HealthSample } | null;
  /** What probes said last, newest first, at most 10. */
  readonly probes: readonly ProbeView[];
  /** What is odd about it beside its status. */
  readonly marks: ServerMarks;
}
/** Each null: not so. */
export interface ServerMarks {
  readonly flapping: { readonly sinceMs: number; readonly incidents: number } | null;
  /** Suspicions of the last hour that ended well: its connection is unsteady. */
  readonly unstable: { readonly suspicions: number } | null;
  /** Two machines use its identity; where from. */
  readonly duplicate: { readonly sinceMs: number; readonly addresses: readonly string[] } | null;
  /** The window that mutes it now; of several the one that ends last. */
  readonly maintenance: { readonly endsAtMs: number; readonly note: string } | null;
}
/** What happened to a server and is no incident. */
export interface ServerLogView {
  readonly atMs: number;
  readonly what:
    | { readonly type: "rebooted"; readonly clean: boolean | null }
    | { readonly type: "agent_restarted" }
    /** `reason`: a machine word, e.g. `reboot`. */
    | { readonly type: "goodbye"; readonly reason: string }
    | { readonly type: "unstable_link"; readonly suspicions: number }
    | { readonly type: "duplicate"; readonly addresses: readonly string[] }
    | { readonly type: "duplicate_over"; readonly address: string }
    | { readonly type: "flapping" | "flapping_over"; readonly incidents: number };
}
export interface ServerInput {
  readonly name: string;
  readonly siteId: string | null;
  readonly mode: "agent" | "ping";
  readonly address: string | null;
  readonly probePorts: readonly number[];
  /** Only of ping-only servers. */
  readonly check: ServerCheck | null;
  readonly downAfterSeconds: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly parentId: string | null;
  readonly tags: readonly string[];
}
export interface ProbeView {
  readonly kind: "icmp" | "tcp" | "http" | "banner";
  readonly target: string;
  readonly verdict: "alive" | "dead" | "none";
  /** Machine word, e.g. `refused`, `timeout`, `no_program`; i18n has a sentence for each. */
  readonly detail: string;
  readonly roundTripMs: number | null;
  /** What a program said first; null: nothing but the kernel answered. */
  readonly banner: string | null;
  /** Of a server's check; null: it is none, or could not be asked. */
  readonly asExpected: boolean | null;
}
