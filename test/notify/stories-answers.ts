/**
 * What people ask the bot and press, and what is answered: data for the golden transcripts.
 * Why records: an answer or a toast that is added and not told here does not compile.
 * Must not: say how an answer is found.
 */
import type { Status } from "../../collector/core/types/server.ts";
import type { SummaryPast } from "../../collector/core/types/telling.ts";
import type { Answer, ServerFacts, SiteFacts, Toast } from "../../collector/notify/rendering/answer-facts.ts";
import { DETECTED_MS, message, STARTED_MS } from "./fixtures.ts";
import { KINDS } from "./stories-kinds.ts";
import { OPEN } from "./stories-telling.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Some minutes after it was noticed. */
export const NOW_MS = DETECTED_MS + 9 * MINUTE_MS;

const counts = (changes: Partial<Record<Status, number>> = {}): Readonly<Record<Status, number>> => ({
  new: 0,
  up: 0,
  suspect: 0,
  down: 0,
  planned: 0,
  recovering: 0,
  paused: 0,
  ...changes,
});

const place = { latitude: -5.135399, longitude: 119.42379, siteAddress: "Jl. Ahmad Yani 5, Makassar" };
const nowhere = { latitude: null, longitude: null, siteAddress: null };

const up: ServerFacts = {
  name: "srv-kasir",
  siteName: "Cabang Makassar",
  status: "up",
  sinceMs: NOW_MS - 51 * HOUR_MS,
  lastHeardMs: NOW_MS - 5_000,
  address: "10.20.4.2",
  cpu: 0.12,
  memory: 0.453,
  fullestDisk: { mount: "/var", share: 0.81 },
  incident: null,
  lastDay: { outages: 0, minutes: 0 },
  place,
  panelUrl: "https://panel.perusahaan.co.id/servers/s1",
};
const down: ServerFacts = {
  ...up,
  status: "down",
  sinceMs: STARTED_MS + 180_000,
  lastHeardMs: STARTED_MS,
  cpu: null,
  memory: null,
  fullestDisk: null,
  incident: { number: 12, kind: "host_down", variant: null, acknowledgedBy: "Rani" },
  lastDay: { outages: 2, minutes: 14.3 },
};
const fresh: ServerFacts = {
  ...up,
  name: "@router",
  siteName: null,
  status: "new",
  sinceMs: NOW_MS - 2 * MINUTE_MS,
  lastHeardMs: null,
  address: null,
  cpu: null,
  memory: null,
  fullestDisk: null,
  lastDay: null,
  place: nowhere,
  panelUrl: null,
};

const site: SiteFacts = {
  name: "Cabang Makassar",
  code: "MKS-01",
  servers: [
    { name: "mks-kasir-1", status: "up" },
    { name: "mks-kasir-2", status: "up" },
    { name: "mks-berkas", status: "suspect" },
    { name: "srv-kasir", status: "down" },
    { name: "mks-nas", status: "planned" },
    { name: "mks-lama", status: "paused" },
  ],
  open: OPEN.slice(1, 2),
  gateway: { address: "10.20.4.1", verdict: "alive" },
  provider: "Telkom Astinet",
  circuitId: "1-2345-678",
  contact: "Pak Andi 0812-0000-0000",
  place,
  panelUrl: "https://panel.perusahaan.co.id/sites/s1",
};

const past: SummaryPast = {
  incidents: 7,
  minutes: { server: 90.4, link: 240, planned: 0, collector: 2 },
  availability: 0.9987,
  worst: [
    { name: "srv-kasir", incidents: 3, minutes: 61 },
    { name: "Cabang Bandung", incidents: 1, minutes: 240 },
  ],
};
const number = { asked: "12", number: 12 };
const closed = { result: "closed", endedMs: STARTED_MS - 20 * HOUR_MS } as const;

type AnswersOf = { readonly [T in Answer["type"]]: readonly Extract<Answer, { type: T }>[] };
const answers: AnswersOf = {
  status: [
    { type: "status", counts: counts({ up: 148 }), open: [], openCount: 0, hearing: "hearing" },
    {
      type: "status",
      counts: counts({ up: 140, suspect: 1, down: 4, recovering: 1, planned: 2, new: 1, paused: 3 }),
      open: OPEN,
      openCount: OPEN.length,
      hearing: "hearing",
    },
    { type: "status", counts: counts({ up: 148 }), open: [], openCount: 0, hearing: "isolated" },
    { type: "status", counts: counts(), open: [], openCount: 0, hearing: "grace" },
  ],
  down: [
    { type: "down", open: [], openCount: 0, hearing: "hearing" },
    { type: "down", open: OPEN, openCount: OPEN.length, hearing: "hearing" },
    { type: "down", open: OPEN, openCount: 1_240, hearing: "drain" },
  ],
  server: [
    { type: "server", server: up },
    { type: "server", server: down },
    { type: "server", server: fresh },
  ],
  site: [
    { type: "site", site },
    {
      type: "site",
      site: {
        ...site,
        servers: [
          { name: "mks-kasir-1", status: "up" },
          { name: "mks-kasir-2", status: "up" },
        ],
        open: [],
        gateway: null,
        provider: "",
        contact: "",
        place: nowhere,
      },
    },
    {
      type: "site",
      site: { ...site, code: "", servers: [], open: [], gateway: { address: "10.20.4.1", verdict: "none" } },
    },
  ],
  matches: [
    {
      type: "matches",
      what: "server",
      query: "kasir",
      names: ["srv-kasir", "mks-kasir-1", "mks-kasir-2"],
      count: 3,
    },
    {
      type: "matches",
      what: "server",
      query: "k",
      names: Array.from({ length: 12 }, (_, index) => `kasir-${index + 1}`),
      count: 40,
    },
    { type: "matches", what: "server", query: "kassir", names: [], count: 0 },
    { type: "matches", what: "site", query: "@makasar", names: [], count: 0 },
  ],
  which: [
    { type: "which", what: "server", example: null },
    { type: "which", what: "site", example: "MKS-01" },
    { type: "which", what: "ack", example: "14" },
    { type: "which", what: "mute", example: null },
    { type: "which", what: "lang", example: null },
    { type: "which", what: "board", example: null },
  ],
  report: [
    { type: "report", month: "2026-10", past },
    { type: "report", month: "2026-01", past: null },
  ],
  ack: [
    { type: "ack", ...number, outcome: { result: "done" } },
    { type: "ack", ...number, outcome: { result: "already", by: "Rani" } },
    { type: "ack", ...number, outcome: closed },
    { type: "ack", asked: "#999", number: 999, outcome: { result: "unknown" } },
    { type: "ack", ...number, outcome: { result: "not_kept" } },
  ],
  mute: [
    { type: "mute", ...number, untilMs: NOW_MS + HOUR_MS, outcome: { result: "done" } },
    { type: "mute", ...number, untilMs: null, outcome: { result: "done" } },
    { type: "mute", ...number, untilMs: null, outcome: { result: "already", by: "Sari" } },
    { type: "mute", ...number, untilMs: null, outcome: closed },
    { type: "mute", asked: "besok", number: 0, untilMs: null, outcome: { result: "unknown" } },
  ],
  muted: [
    { type: "muted", name: "srv-kasir", untilMs: NOW_MS + HOUR_MS },
    { type: "muted", name: "@semua", untilMs: null },
  ],
  language: [{ type: "language" }],
  board: (["done", "unpinned", "already"] as const).flatMap((outcome) =>
    [true, false].map((on) => ({ type: "board", on, outcome }) as const),
  ),
  help: [{ type: "help" }],
  not_allowed: [{ type: "not_allowed", personId: "123456789" }],
  linked: [
    { type: "linked", audience: "staff" },
    { type: "linked", audience: "users" },
  ],
  already_linked: [{ type: "already_linked" }],
  code_refused: [{ type: "code_refused" }],
  unknown_command: [{ type: "unknown_command" }],
  not_kept: [{ type: "not_kept" }],
  preview: [
    { type: "preview", message: message({ step: "announced" }), chats: 3 },
    {
      type: "preview",
      message: message({ ...KINDS.mass_outage, kind: "mass_outage", step: "announced" }),
      chats: 1,
    },
  ],
};
export const ANSWERS: readonly Answer[] = Object.values(answers).flat();

type ToastsOf = { readonly [T in Toast["type"]]: readonly Extract<Toast, { type: T }>[] };
const toasts: ToastsOf = {
  taken: [{ type: "taken" }],
  taken_already: [{ type: "taken_already", by: "Rani" }],
  over: [
    { type: "over", endedMs: STARTED_MS + 5 * MINUTE_MS },
    { type: "over", endedMs: closed.endedMs },
  ],
  checking: [{ type: "checking" }],
  quiet: [
    { type: "quiet", untilMs: NOW_MS + HOUR_MS },
    { type: "quiet", untilMs: NOW_MS + 20 * HOUR_MS },
    { type: "quiet", untilMs: null },
  ],
  announced: [
    { type: "announced", chats: 1 },
    { type: "announced", chats: 3 },
  ],
  announced_over: [{ type: "announced_over" }],
  announced_already: [{ type: "announced_already" }],
  over_already: [{ type: "over_already" }],
  not_announced: [{ type: "not_announced" }],
  nobody_to_announce_to: [{ type: "nobody_to_announce_to" }],
  not_allowed: [{ type: "not_allowed" }],
  incident_unknown: [{ type: "incident_unknown" }],
  not_kept: [{ type: "not_kept" }],
};
export const TOASTS: readonly Toast[] = Object.values(toasts).flat();
