/**
 * Any message at all: hostile names, broken figures, every step, kind and variant.
 * Must not: be likely; what is likely is told by stories.
 */
import fc from "fast-check";
import type { IncidentKind, NotifyReason } from "../../collector/core/types/incident.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import { hostile, numbers } from "./hostile.ts";
import { CAUSES, KINDS, REACHES, STEPS } from "./stories-kinds.ts";

const KIND_NAMES = Object.keys(KINDS) as readonly IncidentKind[];
const variants = fc.option(
  fc.oneof(
    hostile,
    fc.constantFrom("lan", "path", "agents", "link_or_power", "service", "uplink", "network", "constructor"),
  ),
);

const evidence = fc.oneof(
  fc.record({ type: fc.constant("last_heard"), wallMs: numbers, silentMs: numbers }),
  fc.record({
    type: fc.constant("probe"),
    from: fc.constantFrom("collector", "witness", "neighbour"),
    by: fc.option(hostile),
    wallMs: numbers,
    result: fc.record(
      {
        kind: fc.constantFrom("icmp", "tcp", "http", "banner"),
        target: hostile,
        verdict: fc.constantFrom("alive", "dead", "none"),
        detail: fc.oneof(hostile, fc.constantFrom("toString", "status_503", "closed", "connected")),
        roundTripMs: fc.option(numbers),
        banner: hostile,
        asExpected: fc.boolean(),
      },
      { requiredKeys: ["kind", "target", "verdict", "detail", "roundTripMs"] },
    ),
  }),
  fc.record({
    type: fc.constant("gateway"),
    address: hostile,
    verdict: fc.constantFrom("alive", "dead", "none"),
    wallMs: numbers,
  }),
  fc.record({
    type: fc.constant("sentinels"),
    alive: fc.array(hostile, { maxLength: 6 }),
    failed: fc.array(hostile, { maxLength: 6 }),
    wallMs: numbers,
  }),
  fc.record({
    type: fc.constant("journal"),
    finding: fc.oneof(
      fc.record({ type: fc.constantFrom("stood_still", "slept"), forMs: numbers }),
      fc.record({ type: fc.constantFrom("gateway", "internet"), reached: fc.boolean() }),
      fc.record({ type: fc.constantFrom("ran_all_along", "stopped_in_order", "link_down") }),
      fc.record({ type: fc.constant("collector"), problem: fc.constantFrom(...REACHES) }),
    ),
    wallMs: numbers,
  }),
  fc.record({ type: fc.constant("reboot"), clean: fc.option(fc.boolean()), wallMs: numbers }),
);

const handling = fc.record({
  acknowledgedBy: fc.option(hostile),
  quiet: fc.option(fc.record({ by: hostile, untilWallMs: fc.option(numbers) })),
  checked: fc.option(
    fc.record({ by: hostile, wallMs: numbers, evidence: fc.array(evidence, { maxLength: 8 }) }),
  ),
  announced: fc.boolean(),
});

const summary = fc.record({
  wallMs: numbers,
  period: fc.option(fc.oneof(hostile, fc.constantFrom("2026-11-29", "2026-10", "2026-99"))),
  servers: numbers,
  up: numbers,
  open: fc.array(
    fc.record({
      number: fc.integer(),
      kind: fc.constantFrom(...KIND_NAMES),
      variant: variants,
      serverName: hostile,
      siteName: hostile,
      startedWallMs: numbers,
      memberCount: numbers,
      acknowledgedBy: fc.option(hostile),
    }),
    { maxLength: 30 },
  ),
  openCount: numbers,
  past: fc.option(
    fc.record({
      incidents: numbers,
      minutes: fc.record({ server: numbers, link: numbers, planned: numbers, collector: numbers }),
      availability: fc.option(numbers),
      worst: fc.array(fc.record({ name: hostile, incidents: numbers, minutes: numbers }), { maxLength: 20 }),
    }),
  ),
});

export const messages = fc.record({
  step: fc.constantFrom(...STEPS),
  incidentNumber: fc.integer(),
  kind: fc.constantFrom(...KIND_NAMES),
  variant: variants,
  serverName: hostile,
  siteName: fc.option(hostile),
  siteAddress: fc.option(hostile),
  closeReason: fc.constantFrom(null, "recovered", "removed_by_staff", "paused_by_staff"),
  latitude: fc.option(numbers),
  longitude: fc.option(numbers),
  timeZone: fc.oneof(hostile, fc.constantFrom("Asia/Makassar", "Asia/Jakarta", "UTC")),
  startedWallMs: numbers,
  detectedWallMs: numbers,
  endedWallMs: fc.option(numbers),
  durationMs: fc.option(numbers),
  confidence: fc.constantFrom("high", "medium", "low"),
  cause: fc.constantFrom(...CAUSES),
  finalCause: fc.option(fc.constantFrom(...CAUSES)),
  evidence: fc.array(evidence, { maxLength: 20 }),
  members: fc.array(fc.record({ serverName: hostile, siteName: hostile }), { maxLength: 30 }),
  memberCount: numbers,
  siteCount: numbers,
  flapping: fc.option(fc.record({ incidents: fc.integer(), sinceWallMs: numbers, downNow: fc.boolean() })),
  addresses: fc.array(hostile, { maxLength: 6 }),
  handling,
  repeat: fc.option(fc.record({ count: fc.integer(), silentMs: numbers })),
  summary: fc.option(summary),
  channel: fc.option(
    fc.record({ name: fc.constantFrom("telegram", "webhook", "ntfy"), reason: fc.option(hostile) }),
  ),
  lost: fc.option(fc.record({ recipientName: hostile, reason: hostile })),
  panelUrl: fc.option(
    fc.oneof(hostile, fc.webUrl(), fc.constantFrom("http://localhost/x", "https://a.b/?q=\"'<>&")),
  ),
}) as fc.Arbitrary<Message>;

export const tellingsAbout = fc.record({
  reason: fc.constantFrom<NotifyReason>(
    "first",
    "group_over",
    "maintenance_over",
    "flapping_digest",
    "recovered",
    "escalated",
    "fallback",
    "receiver_back",
    "changed",
    "repeat_due",
  ),
  repeat: fc.boolean(),
  queuedWallMs: numbers,
});
