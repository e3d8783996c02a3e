/**
 * Stories of what people do about an outage and of everything that is no outage: handling, reminders, announcements to
 * users, drills, summaries, several in one message.
 * Must not: repeat the kinds and causes (stories.ts).
 */
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { Message, Summary, SummaryIncident } from "../../collector/core/types/telling.ts";
import type { Telling } from "../../collector/notify/channel.ts";
import { DETECTED_MS, ping, probed, STARTED_MS, tcp, telling, UNTOUCHED } from "./fixtures.ts";
import { story, type Story } from "./stories.ts";
import { ended, KINDS, MINUTE_MS, nowhere } from "./stories-kinds.ts";

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const HANDLED: Message["handling"] = {
  acknowledgedBy: "Rani",
  quiet: { by: "Sari", untilWallMs: Date.UTC(2026, 10, 22, 23, 0) },
  checked: {
    by: "Rani",
    wallMs: STARTED_MS + 12 * MINUTE_MS,
    evidence: [probed(ping("dead", "timeout")), probed(tcp(22, "dead", "timeout"))],
  },
  announced: true,
};
const taken: Message["handling"] = { ...UNTOUCHED, acknowledgedBy: "Rani" };
const changed = { reason: "changed" } as const;
const short: Partial<Recipient> = { detail: "short" };
const users: Partial<Recipient> = { audience: "users", name: "Pengguna Makassar" };

const about = (number: number, changes: Partial<SummaryIncident> = {}): SummaryIncident => ({
  number,
  kind: "host_down",
  variant: null,
  serverName: "srv-kasir",
  siteName: "Cabang Makassar",
  startedWallMs: DETECTED_MS - 50 * MINUTE_MS,
  memberCount: 1,
  acknowledgedBy: null,
  ...changes,
});

/** As they come: one that is taken, a site from yesterday, many sites, the collector itself. */
export const OPEN: readonly SummaryIncident[] = [
  about(9, {
    kind: "site_down",
    variant: "link_or_power",
    serverName: "",
    siteName: "Cabang Bandung",
    memberCount: 5,
    startedWallMs: DETECTED_MS - 14 * HOUR_MS,
    acknowledgedBy: "Sari",
  }),
  about(12),
  about(14, { kind: "agent_down", serverName: "jkt-app-01", siteName: "" }),
  about(15, { kind: "mass_outage", serverName: "", siteName: "", memberCount: 48 }),
  about(16, { kind: "collector_trouble", serverName: "", siteName: "" }),
];

const calm: Summary = {
  wallMs: DETECTED_MS,
  period: null,
  servers: 148,
  up: 148,
  open: [],
  openCount: 0,
  past: null,
};
const busy: Summary = { ...calm, up: 146, open: OPEN.slice(0, 2), openCount: 2 };
const PAST: NonNullable<Summary["past"]> = {
  incidents: 7,
  minutes: { server: 90.4, link: 240, planned: 30, collector: 0 },
  availability: 0.9987,
  worst: [
    { name: "srv-kasir", incidents: 3, minutes: 61 },
    { name: "Cabang Bandung", incidents: 1, minutes: 240 },
  ],
};
const QUIET_DAY: NonNullable<Summary["past"]> = {
  incidents: 0,
  minutes: { server: 0, link: 0, planned: 0, collector: 0 },
  availability: 1,
  worst: [],
};

const summary = (step: Message["step"], of: Summary): Partial<Message> => ({
  ...nowhere,
  step,
  incidentNumber: 0,
  evidence: [],
  timeZone: "Asia/Jakarta",
  panelUrl: "https://panel.perusahaan.co.id",
  summary: of,
});

const repeat = (count: number, hours: number, changes: Partial<Message> = {}): Partial<Message> => ({
  step: "repeat",
  repeat: { count, silentMs: hours * HOUR_MS + 3 * MINUTE_MS },
  ...changes,
});

const handlingStories: readonly Story[] = [
  story("down, somebody took it", { handling: taken }, changed),
  story("down, taken, muted, checked, users told", { handling: HANDLED }, changed),
  story(
    "down, muted until it recovers; a check found something",
    {
      handling: {
        ...UNTOUCHED,
        quiet: { by: "Sari", untilWallMs: null },
        checked: {
          by: "@budi",
          wallMs: STARTED_MS + 12 * MINUTE_MS,
          evidence: [
            { type: "gateway", address: "10.20.4.1", verdict: "alive", wallMs: STARTED_MS },
            probed(ping("dead", "timeout")),
            probed(ping("alive", "reply"), "witness", "bdg-berkas"),
          ],
        },
      },
    },
    changed,
  ),
  story(
    "down, a check could ask nothing",
    { handling: { ...UNTOUCHED, checked: { by: "Rani", wallMs: DETECTED_MS, evidence: [] } } },
    changed,
  ),
  story("worse, and somebody is on it", { step: "worse", handling: taken }),
  story("down, shown anew after its end", ended("down", 12, { handling: HANDLED }), changed),
  story("down, shown anew after its end, nobody had to do anything", ended("down", 12), changed),
  story(
    "down: site_down, shown anew after its end",
    ended("down", 14, {
      ...KINDS.site_down,
      kind: "site_down",
      finalCause: "site_link",
      handling: taken,
      evidence: [
        ...(KINDS.site_down.evidence ?? []),
        { type: "journal", finding: { type: "internet", reached: false }, wallMs: DETECTED_MS },
      ],
    }),
    changed,
  ),
  story(
    "down: mass_outage, shown anew after its end",
    ended("down", 31, { ...KINDS.mass_outage, kind: "mass_outage", finalCause: "path_or_provider" }),
    changed,
  ),
  story("down, escalated", {}, { reason: "escalated" }),
  story("down, as a fallback", {}, { reason: "fallback" }),
  story("down, the receiver can be told again", {}, { reason: "receiver_back" }),
  story("told late, as a fallback", ended("told_late", 7), { reason: "fallback" }),
  story("still down, first reminder", repeat(1, 0.5)),
  story(
    "still down, second reminder, users told",
    repeat(2, 2, { handling: { ...UNTOUCHED, announced: true } }),
  ),
  story("still down since yesterday", repeat(4, 26, { cause: "unknown", confidence: "low" })),
  ...(["site_down", "mass_outage", "agent_down", "not_back", "collector_trouble"] as const).map((kind) =>
    story(`still down: ${kind}`, repeat(1, 0.5, { ...KINDS[kind], kind })),
  ),
];

const shortStories: readonly Story[] = [
  story("short: down", { handling: HANDLED }, { to: short }),
  story(
    "short: agent_down, whose name says the cause",
    { ...KINDS.agent_down, kind: "agent_down" },
    { to: short },
  ),
  story("short: site_down", { ...KINDS.site_down, kind: "site_down" }, { to: short }),
  story(
    "short: mass_outage, escalated",
    { ...KINDS.mass_outage, kind: "mass_outage" },
    { to: short, reason: "escalated" },
  ),
  story("short: down, shown anew after its end", ended("down", 12, { handling: taken }), {
    to: short,
    ...changed,
  }),
  story("short: recovered", ended("recovered", 12), { to: short }),
  story("short: told late: site_down", ended("told_late", 7, { ...KINDS.site_down, kind: "site_down" }), {
    to: short,
  }),
];

const userStories: readonly Story[] = [
  ...(["host_down", "site_down", "agent_down", "mass_outage"] as const).map((kind) =>
    story(`announced: ${kind}`, { ...KINDS[kind], kind, step: "announced" }, { to: users }),
  ),
  story("announced, no site", { step: "announced", siteName: null }, { to: users }),
  story(
    "announced, two sites, since yesterday",
    {
      ...KINDS.mass_outage,
      kind: "mass_outage",
      step: "announced",
      siteCount: 2,
      members: (KINDS.mass_outage.members ?? []).slice(0, 2),
      startedWallMs: STARTED_MS - DAY_MS,
    },
    { to: users },
  ),
  story("announced: it is over", ended("announced_over", 12.4), { to: users }),
  story(
    "announced: it is over, said by staff before the end is seen",
    { step: "announced_over" },
    { to: users, queuedWallMs: STARTED_MS + 75 * MINUTE_MS },
  ),
  story(
    "announced: it is over, many sites, over midnight",
    ended("announced_over", 20 * 60, { ...KINDS.mass_outage, kind: "mass_outage" }),
    { to: users, queuedWallMs: STARTED_MS + 20 * HOUR_MS },
  ),
];

const otherStories: readonly Story[] = [
  story(
    "a recipient is lost",
    {
      ...summary("recipient_lost", calm),
      summary: null,
      lost: { recipientName: "Grup Bandung", reason: "403 Forbidden: bot was kicked from the group chat" },
    },
    { reason: "fallback" },
  ),
  story(
    "a channel refuses its token",
    {
      ...summary("channel_lost", calm),
      summary: null,
      channel: { name: "telegram", reason: "401: Unauthorized" },
    },
    { reason: "fallback" },
  ),
  story(
    "a channel works again",
    { ...summary("channel_back", calm), summary: null, channel: { name: "telegram", reason: null } },
    { reason: "fallback" },
  ),
  story("a drill", {
    ...summary("drill", calm),
    summary: null,
    handling: { ...UNTOUCHED, acknowledgedBy: "admin" },
  }),
  story("a drill by itself", {
    ...summary("drill", calm),
    summary: null,
    handling: { ...UNTOUCHED, acknowledgedBy: "" },
  }),
  story("digest: all well", summary("digest", { ...calm, period: "2026-11-21", past: QUIET_DAY })),
  story("digest: a busy day", summary("digest", { ...busy, period: "2026-11-21", past: PAST })),
  story(
    "digest: all back, in the recipient's zone",
    summary("digest", {
      ...calm,
      period: "2026-11-21",
      past: { ...PAST, incidents: 1, availability: 0.99998 },
    }),
    { to: { timeZone: "Asia/Makassar" } },
  ),
  story("report: a usual month", summary("report", { ...busy, period: "2026-10", past: PAST })),
  story("report: a perfect month", summary("report", { ...calm, period: "2026-10", past: QUIET_DAY })),
  story(
    "report: nobody to watch",
    summary("report", {
      ...calm,
      servers: 0,
      up: 0,
      period: "2026-10",
      past: { ...QUIET_DAY, availability: null },
    }),
  ),
  story("board: all well", summary("board", calm)),
  story("board: some are open", summary("board", { ...busy, open: OPEN, openCount: 34, up: 101 })),
  story("board: planned work only", summary("board", { ...calm, up: 147 })),
  story("board: one server", summary("board", { ...calm, servers: 1, up: 1 })),
];

export const TELLING_STORIES: readonly Story[] = [
  ...handlingStories,
  ...shortStories,
  ...userStories,
  ...otherStories,
];

export interface SeveralStory {
  readonly title: string;
  readonly tellings: readonly [Telling, ...Telling[]];
  readonly to?: Partial<Recipient>;
}

const several = (first: Telling, ...others: Telling[]): readonly [Telling, ...Telling[]] => [
  first,
  ...others,
];

/** One message that tells several. */
export const SEVERAL_STORIES: readonly SeveralStory[] = [
  {
    title: "several: a bad night",
    tellings: several(
      telling({ incidentNumber: 12 }),
      telling({ incidentNumber: 13, serverName: "mks-berkas", handling: taken }),
      telling({ incidentNumber: 14, kind: "site_down", ...KINDS.site_down, siteName: "Cabang Bandung" }),
      telling(
        { incidentNumber: 15, step: "worse", serverName: "jkt-app-01", siteName: "Kantor Pusat" },
        { repeat: true },
      ),
      telling(repeat(2, 2, { incidentNumber: 7, serverName: "sby-domain", siteName: "Cabang Surabaya" })),
      telling(
        ended("recovered", 12, { incidentNumber: 8, serverName: "bdg-kasir-1", siteName: "Cabang Bandung" }),
      ),
      telling(
        ended("told_late", 7, { incidentNumber: 9, serverName: "bdg-kasir-2", siteName: "Cabang Bandung" }),
      ),
      telling(
        ended("told_late", 20 * 60, {
          incidentNumber: 10,
          kind: "agent_down",
          serverName: "bdg-cctv",
          siteName: null,
        }),
      ),
      telling({
        step: "flapping",
        incidentNumber: 0,
        serverName: "mks-cctv",
        flapping: { incidents: 3, sinceWallMs: STARTED_MS - 40 * MINUTE_MS, downNow: true },
      }),
      telling({ step: "never_came", incidentNumber: 0, serverName: "mks-baru" }),
      telling({ step: "duplicate", incidentNumber: 0, serverName: "mks-klon" }),
      telling({ ...KINDS.mass_outage, incidentNumber: 16, kind: "mass_outage" }),
    ),
  },
  {
    title: "several: all are back",
    tellings: several(
      telling(ended("recovered", 12, { incidentNumber: 12 })),
      telling(ended("recovered", 14, { ...KINDS.site_down, kind: "site_down", incidentNumber: 13 })),
      telling(
        ended("recovered", 9, { ...KINDS.collector_trouble, kind: "collector_trouble", incidentNumber: 14 }),
      ),
    ),
  },
];
