/**
 * Outages, their ends and other news as people get them, as data for the golden transcripts.
 * Must not: hold what people do about them (stories-telling.ts).
 */
import type {
  Evidence,
  IncidentKind,
  JournalFinding,
  NotifyReason,
} from "../../collector/core/types/incident.ts";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import { banner, DETECTED_MS, ping, probed, STARTED_MS } from "./fixtures.ts";
import { ended, gateway, KINDS, MINUTE_MS, VARIANTS } from "./stories-kinds.ts";

const site = KINDS.site_down;
const found = (...findings: readonly JournalFinding[]): readonly Evidence[] =>
  findings.map((finding) => ({ type: "journal", finding, wallMs: DETECTED_MS + 9 * MINUTE_MS }));

const NO_PROGRAM: readonly Evidence[] = [probed(ping("none", "no_program"))];
const flapping = (incidents: number, downNow: boolean): Partial<Message> => ({
  incidentNumber: 0,
  panelUrl: "https://panel.perusahaan.co.id/servers/s1",
  flapping: { incidents, sinceWallMs: STARTED_MS - 40 * MINUTE_MS, downNow },
});

export interface Story {
  readonly title: string;
  readonly message: Partial<Message>;
  readonly reason?: NotifyReason;
  readonly repeat?: boolean;
  readonly queuedWallMs?: number;
  /** To whom, where that matters. */
  readonly to?: Partial<Recipient>;
}
export const story = (
  title: string,
  message: Partial<Message>,
  telling: Omit<Story, "title" | "message"> = {},
): Story => ({ title, message, ...telling });

export const STORIES: readonly Story[] = [
  ...Object.entries(KINDS).map(([kind, changes]) =>
    story(`down: ${kind}`, { kind: kind as IncidentKind, ...changes }),
  ),
  ...VARIANTS.map(([title, changes]) => story(`down: ${title}`, changes)),
  story("down, told again because the first was not confirmed", {}, { repeat: true }),
  story("down, little evidence", { confidence: "low", cause: "unknown", evidence: NO_PROGRAM }),
  story("down, little evidence, a guess", { confidence: "low", evidence: NO_PROGRAM }),
  story("down, something on the way answers for everybody", {
    confidence: "low",
    evidence: [probed(ping("none", "answered_for_all")), probed(banner(22, "alive", "closed"))],
  }),
  story("down, a check of its own", {
    kind: "agent_down",
    variant: "service",
    cause: "unknown",
    evidence: (
      [
        ["alive", "text_missing", false],
        ["alive", "no_answer", false],
        ["alive", "expected", true],
        ["dead", "timeout", false],
      ] as const
    ).map(([verdict, detail, asExpected], index) =>
      probed({
        kind: "http",
        target: `10.20.4.2:${8080 + index}`,
        verdict,
        detail,
        roundTripMs: null,
        asExpected,
      }),
    ),
  }),
  story("down, neighbours asked too", {
    evidence: [
      probed(ping("dead", "timeout")),
      probed(ping("dead", "timeout"), "neighbour", "mks-berkas"),
      probed(banner(22, "alive", "connected"), "neighbour", "mks-domain"),
    ],
  }),
  story("down over midnight", {
    startedWallMs: Date.UTC(2026, 10, 21, 15, 58, 40),
    detectedWallMs: Date.UTC(2026, 10, 21, 16, 1, 40),
    evidence: [],
  }),
  story("down, in Jayapura, no address, no public panel", {
    timeZone: "Asia/Jayapura",
    siteAddress: null,
    panelUrl: "http://10.0.0.5:7373/incidents/i12",
  }),
  story("down, in a place without an Indonesian zone, no site", {
    timeZone: "Europe/Amsterdam",
    siteName: null,
    siteAddress: null,
    latitude: null,
    longitude: null,
    panelUrl: null,
  }),
  story("down, its group is over", { cause: "host_crash_or_power" }, { reason: "group_over" }),
  story("down, its maintenance is over", {}, { reason: "maintenance_over" }),
  story(
    "down, found by the digest of a flapping server",
    { flapping: { incidents: 8, sinceWallMs: STARTED_MS - 40 * MINUTE_MS, downNow: true } },
    { reason: "flapping_digest" },
  ),
  story(
    "down: site_down, its maintenance is over",
    { kind: "site_down", ...site },
    { reason: "maintenance_over" },
  ),
  story("worse: the agent was silent, now the host is", {
    step: "worse",
    evidence: [
      probed(ping("alive", "reply")),
      { ...probed(ping("dead", "timeout")), wallMs: DETECTED_MS + 1 },
    ],
  }),
  story("recovered", ended("recovered", 12)),
  story(
    "recovered, shorter than ten minutes",
    ended("recovered", 3.75, { finalCause: "connection", kind: "agent_down" }),
  ),
  story("recovered after a night", ended("recovered", 1_203)),
  story("recovered, a day and more", ended("recovered", 1_700)),
  story("recovered, cause not known", ended("recovered", 60, { finalCause: "unknown" })),
  story("recovered, cause still a guess", ended("recovered", 65, { finalCause: null, confidence: "medium" })),
  story(
    "recovered after an unclean reboot",
    ended("recovered", 12, {
      finalCause: "host_crash_or_power",
      evidence: [
        probed(ping("dead", "timeout")),
        { type: "reboot", clean: false, wallMs: STARTED_MS + 10 * MINUTE_MS },
      ],
    }),
  ),
  story(
    "recovered, what the journal says: its cable",
    ended("recovered", 12, {
      finalCause: "host_network",
      evidence: found(
        { type: "ran_all_along" },
        { type: "link_down" },
        { type: "gateway", reached: false },
        { type: "collector", problem: "unreachable" },
      ),
    }),
  ),
  story(
    "recovered, what the journal says: it stood still",
    ended("recovered", 12, {
      kind: "host_hung",
      finalCause: "host_hung",
      evidence: found({ type: "stood_still", forMs: 11 * MINUTE_MS }),
    }),
  ),
  story(
    "recovered, what the journal says: it slept",
    ended("recovered", 125, {
      finalCause: "host_suspended",
      evidence: found({ type: "slept", forMs: 124 * MINUTE_MS }),
    }),
  ),
  story(
    "recovered, what the journal says: the agent was stopped",
    ended("recovered", 12, {
      kind: "agent_down",
      finalCause: "agent_stopped",
      evidence: [
        { type: "agent_restarted", wallMs: STARTED_MS + 12 * MINUTE_MS },
        ...found({ type: "stopped_in_order" }),
      ],
    }),
  ),
  story(
    "recovered: site_down",
    ended("recovered", 14, {
      ...site,
      kind: "site_down",
      finalCause: "site_link",
      evidence: [
        gateway("dead"),
        ...found(
          { type: "ran_all_along" },
          { type: "gateway", reached: true },
          { type: "internet", reached: false },
        ),
      ],
    }),
  ),
  story(
    "recovered: site_down, agents, cause not known",
    ended("recovered", 14, { ...site, kind: "site_down", variant: "agents", finalCause: "unknown" }),
  ),
  story(
    "recovered: mass_outage",
    ended("recovered", 31, {
      ...KINDS.mass_outage,
      kind: "mass_outage",
      finalCause: "path_or_provider",
      evidence: found({ type: "internet", reached: true }, { type: "collector", problem: "timeout" }),
    }),
  ),
  ...VARIANTS.filter(([title]) => title.startsWith("collector")).map(([title, changes]) =>
    story(`recovered: ${title}`, ended("recovered", 9, { ...changes, finalCause: "collector" })),
  ),
  story("told late", ended("told_late", 7)),
  story("told late, perhaps told before", ended("told_late", 7), { repeat: true }),
  ...Object.entries(KINDS).map(([kind, changes]) =>
    story(
      `told late: ${kind}`,
      ended("told_late", 7, {
        ...changes,
        kind: kind as IncidentKind,
        finalCause: changes.cause ?? "host_rebooted",
        panelUrl: null,
      }),
    ),
  ),
  ...VARIANTS.map(([title, changes]) =>
    story(
      `told late: ${title}`,
      ended("told_late", 7, { ...changes, finalCause: changes.cause ?? null, panelUrl: null }),
    ),
  ),
  story("never came", {
    step: "never_came",
    incidentNumber: 0,
    cause: "unknown",
    evidence: [],
    detectedWallMs: STARTED_MS + 86_400_000,
  }),
  story("flapping", { step: "flapping", ...flapping(3, true) }),
  story("flapping, digest while it is up", { step: "flapping_digest", ...flapping(7, false) }),
  story("flapping, digest while it is down", { step: "flapping_digest", ...flapping(8, true) }),
  story("flapping is over", { step: "flapping_over", ...flapping(9, false) }),
  story("flapping, a whole site", {
    step: "flapping",
    kind: "site_down",
    serverName: "",
    ...flapping(3, true),
  }),
  story("two machines with one identity", {
    step: "duplicate",
    incidentNumber: 0,
    addresses: ["10.20.4.2", "10.31.7.9"],
  }),
  story("two machines with one identity behind one address", {
    step: "duplicate",
    incidentNumber: 0,
    addresses: ["203.0.113.9", "203.0.113.9"],
  }),
  story("one identity again", { step: "duplicate_over", incidentNumber: 0, addresses: ["10.31.7.9"] }),
  story("one identity again, address not known", { step: "duplicate_over", incidentNumber: 0 }),
  story("hostile names", {
    serverName: '<b>srv</b> & "co" </a>\n@semua /stop',
    siteName: "‮Cabang מקסר 🏦",
    siteAddress: "Jl. <script>alert(1)</script>",
  }),
];
