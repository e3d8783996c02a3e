/**
 * What stories are made of: each kind and variant as it is usually told, and the complete lists.
 * Why records: a cause, kind or step that is added and not told here does not compile.
 * Must not: be told by itself (stories.ts).
 */
import type { Cause, Evidence, IncidentKind } from "../../collector/core/types/incident.ts";
import type { CollectorReach } from "../../collector/core/types/journal.ts";
import type { Message, Step } from "../../collector/core/types/telling.ts";
import { banner, DETECTED_MS, ping, probed, STARTED_MS, tcp } from "./fixtures.ts";

export const MINUTE_MS = 60_000;

const causes: Readonly<Record<Cause, true>> = {
  host_crash_or_power: true,
  host_rebooted: true,
  host_hung: true,
  host_suspended: true,
  agent_stopped: true,
  host_network: true,
  site_lan: true,
  site_link: true,
  site_power: true,
  site_link_or_power: true,
  path_or_provider: true,
  collector: true,
  connection: true,
  name_certificate_or_proxy: true,
  planned: true,
  unknown: true,
};
export const CAUSES = Object.keys(causes) as readonly Cause[];

const steps: Readonly<Record<Step, true>> = {
  down: true,
  worse: true,
  repeat: true,
  recovered: true,
  told_late: true,
  edit: true,
  pin: true,
  announced: true,
  announced_over: true,
  never_came: true,
  flapping: true,
  flapping_digest: true,
  flapping_over: true,
  duplicate: true,
  duplicate_over: true,
  recipient_lost: true,
  channel_lost: true,
  channel_back: true,
  drill: true,
  digest: true,
  report: true,
  board: true,
};
export const STEPS = Object.keys(steps) as readonly Step[];

const reaches: Readonly<Record<CollectorReach, true>> = {
  ok: true,
  timeout: true,
  refused: true,
  unreachable: true,
  name: true,
  certificate: true,
  proxy: true,
  rejected: true,
  unknown: true,
};
export const REACHES = Object.keys(reaches) as readonly CollectorReach[];

export const member = (serverName: string, siteName = "Cabang Makassar") => ({ serverName, siteName });

export const nowhere: Partial<Message> = {
  serverName: "",
  siteName: null,
  siteAddress: null,
  latitude: null,
  longitude: null,
};
export const gateway = (verdict: "alive" | "dead" | "none"): Evidence => ({
  type: "gateway",
  address: "10.20.4.1",
  verdict,
  wallMs: DETECTED_MS - 4_000,
});
/** Each kind as it is usually told. */
export const KINDS: Readonly<Record<IncidentKind, Partial<Message>>> = {
  host_down: {},
  host_hung: {
    cause: "host_hung",
    evidence: [probed(ping("alive", "reply")), probed(banner(22, "dead", "timeout"))],
  },
  agent_down: {
    cause: "agent_stopped",
    evidence: [
      { type: "socket", state: "closed", wallMs: STARTED_MS + 4_000 },
      probed(ping("alive", "reply")),
      probed(banner(22, "alive", "connected", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3")),
      probed(tcp(443, "alive", "refused")),
      probed(tcp(3389, "alive", "connected")),
    ],
  },
  path_down: {
    cause: "path_or_provider",
    confidence: "medium",
    evidence: [
      probed(ping("dead", "unreachable")),
      probed(ping("alive", "reply"), "witness", "bdg-berkas"),
      probed(banner(22, "alive", "connected", "SSH-2.0-OpenSSH_9.2"), "witness", "sby-domain"),
    ],
  },
  site_down: {
    cause: "site_link_or_power",
    variant: "link_or_power",
    confidence: "medium",
    serverName: "",
    evidence: [gateway("dead"), probed(ping("dead", "timeout"))],
    members: ["mks-kasir-1", "mks-kasir-2", "mks-berkas", "mks-domain", "mks-cctv"].map((name) =>
      member(name),
    ),
    memberCount: 5,
  },
  mass_outage: {
    ...nowhere,
    cause: "path_or_provider",
    confidence: "low",
    evidence: [{ type: "sentinels", alive: ["1.1.1.1:443", "10.0.0.1"], failed: [], wallMs: DETECTED_MS }],
    members: [
      member("mks-kasir-1"),
      member("bdg-kasir-1", "Cabang Bandung"),
      member("mks-kasir-2"),
      member("bdg-berkas", "Cabang Bandung"),
      member("jkt-app-01", ""),
    ],
    memberCount: 48,
    siteCount: 12,
  },
  not_back: { cause: "planned", evidence: [probed(ping("dead", "timeout"))] },
  collector_trouble: { ...nowhere, cause: "collector", evidence: [] },
  health: { cause: "unknown", evidence: [] },
};

const site = KINDS.site_down;
export const VARIANTS: readonly (readonly [string, Partial<Message>])[] = [
  [
    "site_down, lan",
    { ...site, kind: "site_down", variant: "lan", cause: "site_lan", evidence: [gateway("alive")] },
  ],
  [
    "site_down, path",
    {
      ...site,
      kind: "site_down",
      variant: "path",
      cause: "path_or_provider",
      evidence: [
        gateway("dead"),
        probed(ping("alive", "reply"), "witness", "bdg-berkas"),
        probed(ping("alive", "reply"), "witness", null),
      ],
    },
  ],
  [
    "site_down, agents",
    {
      ...site,
      kind: "site_down",
      variant: "agents",
      cause: "agent_stopped",
      evidence: [gateway("alive"), probed(banner(22, "alive", "connected", "SSH-2.0-OpenSSH_9.2"))],
    },
  ],
  [
    "site_down, one server and a dead gateway",
    { ...site, kind: "site_down", members: [member("mks-kasir-1")], memberCount: 1 },
  ],
  [
    "agent_down, service",
    {
      kind: "agent_down",
      variant: "service",
      cause: "unknown",
      confidence: "high",
      evidence: [
        probed(ping("alive", "reply")),
        probed({
          kind: "http",
          target: "10.20.4.2:8080",
          verdict: "alive",
          detail: "status_503",
          roundTripMs: 31,
          asExpected: false,
        }),
      ],
    },
  ],
  [
    "collector_trouble, uplink",
    {
      ...KINDS.collector_trouble,
      kind: "collector_trouble",
      variant: "uplink",
      evidence: [
        {
          type: "sentinels",
          alive: ["10.0.0.1"],
          failed: ["1.1.1.1:443", "9.9.9.9:53", "api.telegram.org:443"],
          wallMs: DETECTED_MS,
        },
      ],
    },
  ],
  [
    "collector_trouble, network",
    {
      ...KINDS.collector_trouble,
      kind: "collector_trouble",
      variant: "network",
      evidence: [{ type: "sentinels", alive: [], failed: ["10.0.0.1", "1.1.1.1:443"], wallMs: DETECTED_MS }],
    },
  ],
];

export function ended(step: Step, minutes: number, changes: Partial<Message> = {}): Partial<Message> {
  return {
    step,
    endedWallMs: STARTED_MS + minutes * MINUTE_MS,
    durationMs: minutes * MINUTE_MS,
    finalCause: "host_rebooted",
    ...changes,
  };
}
