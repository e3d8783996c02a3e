/**
 * Random schedules of outages and of what people and channels do about them, played on the core's stage: servers of two sites
 * that fall, worsen, rise and flap; staff who take, quiet and announce; routes with next recipients and reminders; channels that
 * refuse, doubt, fall silent, shut us out and move; restarts; digests.
 * Must not: expect anything; telling-judgement.ts does.
 */
import fc from "fast-check";
import { isFoldable, traitsOf } from "../../collector/core/channels.ts";
import { FOLD_FROM } from "../../collector/core/claiming.ts";
import { subjectOf } from "../../collector/core/outbox.ts";
import { DEFAULT_ROUTE_ID } from "../../collector/core/routes.ts";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome, Notification } from "../../collector/core/types/telling.ts";
import { minute, pastOf, routeOf, second } from "./records.ts";
import { createHearingStage, type Stage } from "./stage.ts";

export const NEXT_AFTER_MS = 8 * minute;
/** Asked to wait for longer nobody could say how late is too late. */
const RETRY_AFTER_MS_MAX = 60 * second;

/**
 * `ann` is told of site a at once, `eve` when nobody took it, `fay` in the place of either; `grp`, `net` and `hook` of
 * everything; `usr` are the users of site a; `out` is staff whom no route names.
 */
const cast = {
  ann: {},
  eve: {},
  fay: {},
  grp: { address: "-1001" },
  net: { channel: "ntfy", address: "https://ntfy.example/topic" },
  hook: { channel: "webhook", address: "https://hook.example/" },
  usr: { audience: "users", siteIds: ["a"] },
  out: { digestMinute: 0 },
} as const satisfies Readonly<Record<string, Partial<Recipient>>>;
export type RecipientId = keyof typeof cast;
export const recipientIds = Object.keys(cast) as RecipientId[];
const staff = recipientIds.filter((id) => id !== "usr");

const sites: Readonly<Record<string, string | null>> = {
  a0: "a",
  a1: "a",
  b0: "b",
  b1: "b",
  f0: null,
  f1: null,
  f2: null,
};
const serverIds = Object.keys(sites);

/** What becomes of a send, and what the collector hears of it; null: nothing. */
interface Fate {
  readonly accepted: boolean;
  readonly outcome: DeliveryOutcome | null;
}

const taken: Fate = { accepted: true, outcome: { type: "sent", externalId: "1" } };
const not = (outcome: DeliveryOutcome): Fate => ({ accepted: false, outcome });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(taken) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(null, 5 * second, RETRY_AFTER_MS_MAX)
      .map((retryAfterMs) => not({ type: "retry", error: "not now", retryAfterMs })),
  },
  {
    weight: 4,
    arbitrary: fc
      .boolean()
      .map((accepted) => ({ accepted, outcome: { type: "unknown", error: "no answer" } as const })),
  },
  { weight: 1, arbitrary: fc.boolean().map((accepted) => ({ accepted, outcome: null })) },
  { weight: 1, arbitrary: fc.constant(not({ type: "rejected", error: "blocked", scope: "recipient" })) },
  { weight: 1, arbitrary: fc.constant(not({ type: "rejected", error: "no such form", scope: "message" })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("-2001", "-2002").map((address) => not({ type: "moved", address })),
  },
);

type Step =
  | { readonly do: "fall" | "rise" | "worsen"; readonly serverIds: readonly string[] }
  | { readonly do: "flap"; readonly serverId: string; readonly times: number }
  | { readonly do: "pass" | "restart"; readonly ms: number }
  | { readonly do: "acknowledge" | "quiet" | "announce" | "announceOver"; readonly serverId: string }
  | { readonly do: "digest" }
  | { readonly do: "letIn"; readonly recipientId: RecipientId }
  /** All sends to it meet the drawn fates from now on, or none does. */
  | { readonly do: "trouble"; readonly recipientId: RecipientId; readonly isOn: boolean };

const one = fc.constantFrom(...serverIds);
const some = fc.oneof(
  one.map((id) => [id]),
  fc.constantFrom(["a0", "a1"], ["b0", "b1"], ["f0", "f1", "f2"]),
  fc.subarray(serverIds, { minLength: 1 }),
);
const who = fc.constantFrom(...recipientIds);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: some.map((ids): Step => ({ do: "fall", serverIds: ids })) },
  { weight: 5, arbitrary: some.map((ids): Step => ({ do: "rise", serverIds: ids })) },
  { weight: 2, arbitrary: some.map((ids): Step => ({ do: "worsen", serverIds: ids })) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("flap" as const),
      serverId: one,
      times: fc.integer({ min: 2, max: 4 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc
      .oneof(
        fc.integer({ min: 0, max: 40 * second }),
        fc.integer({ min: 3 * minute, max: 5 * minute }),
        fc.integer({ min: 5 * minute, max: 12 * minute }),
      )
      .map((ms): Step => ({ do: "pass", ms })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 90 * second }).map((ms): Step => ({ do: "restart", ms })),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "acknowledge" as const,
        "quiet" as const,
        "announce" as const,
        "announceOver" as const,
      ),
      serverId: one,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "digest" }) },
  { weight: 1, arbitrary: who.map((recipientId): Step => ({ do: "letIn", recipientId })) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("trouble" as const), recipientId: who, isOn: fc.boolean() }),
  },
);

export interface Schedule {
  readonly steps: readonly Step[];
  readonly fates: readonly Fate[];
  readonly sendDelayMs: number;
}

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: "max" }),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  sendDelayMs: fc.integer({ min: 0, max: 20 * second }),
});

/** One row in one send. */
export interface Attempt {
  readonly worldMs: number;
  readonly wallMs: number;
  readonly recipientId: string;
  readonly row: Notification;
  readonly accepted: boolean;
  /** The collector cannot know whether it was accepted. */
  readonly isDoubtful: boolean;
}

export interface Span {
  readonly fromWallMs: number;
  untilWallMs: number;
}

export interface Played {
  readonly stage: Stage;
  readonly attempts: readonly Attempt[];
  /** Sends that told one where several should have been told together, as sentences. */
  readonly unfolded: readonly string[];
  /** Reminders sent when nobody wanted them any more, as sentences: decided before, and taken or over since. */
  readonly stale: readonly string[];
  /** When staff took an incident, or asked for quiet about it until then (null: until it is over). Wall ms. */
  readonly takenAt: ReadonlyMap<string, number>;
  readonly quietAt: ReadonlyMap<
    string,
    { readonly fromWallMs: number; readonly untilWallMs: number | null }[]
  >;
  /** Who was shut out, and when: from the send that met it, until it was let in again. Wall ms. */
  readonly shutOut: ReadonlyMap<string, readonly Span[]>;
  /** What was still to be told when all faults had ended and the time that its pace allows had passed, as sentences. */
  readonly overdue: readonly string[];
}

/** As the rows stand: those that could be told together with what is sent now, if it is many enough. */
function unfoldedIn(stage: Stage, recipient: Recipient): string | null {
  const { foldMax } = traitsOf(recipient.channel);
  const open = stage.allRows().filter((row) => row.recipientId === recipient.id && isOpenRow(row));
  const sending = open.filter(({ status }) => status === "sending");
  const firsts = open.filter(
    (row) => !open.some((other) => other.sequence < row.sequence && subjectOf(other) === subjectOf(row)),
  );
  const could = firsts.filter(
    (row) =>
      isFoldable(row.step) && !row.alone && (row.status === "sending" || row.notBeforeCoreMs <= stage.coreMs),
  );
  const [first] = sending;
  if (first === undefined || !isFoldable(first.step) || first.alone) return null;
  const should = could.length < FOLD_FROM || foldMax < FOLD_FROM ? 1 : Math.min(could.length, foldMax);
  return sending.length === should
    ? null
    : `${recipient.id}: ${sending.length} told where ${could.length} could be`;
}

/** Reminders on their way about what somebody took, or what is over. */
function staleIn(stage: Stage, recipient: Recipient): string[] {
  return stage.allRows().flatMap((row) => {
    if (row.recipientId !== recipient.id || row.status !== "sending" || row.step !== "repeat") return [];
    const incident = stage.state.tables.incident.get(row.incidentId);
    if (incident === undefined) return [`${row.id} of no incident`];
    // One that waited already when staff asked for quiet is sent all the same.
    return [
      ...(incident.acknowledgedBy === null ? [] : [`${row.id} sent after it was taken`]),
      ...(incident.endedWallMs === null ? [] : [`${row.id} sent after its end`]),
    ];
  });
}

function isOpenRow({ status, repeated }: Notification): boolean {
  return (
    status === "queued" || status === "retry" || status === "sending" || (status === "unknown" && !repeated)
  );
}

function houseOf(): Stage {
  const stage = createHearingStage({ checkedWhole: false });
  for (const id of ["a", "b"]) stage.addSite(id);
  for (const id of recipientIds) stage.link(id, cast[id]);
  for (const [id, siteId] of Object.entries(sites)) stage.add(id, { siteId });
  const routes = [
    routeOf(DEFAULT_ROUTE_ID, {
      steps: [{ afterMs: 0, to: ["grp", "net", "hook"] }],
      repeatMs: [10 * minute],
    }),
    routeOf("site a", {
      siteIds: ["a"],
      steps: [
        { afterMs: 0, to: ["ann"] },
        { afterMs: NEXT_AFTER_MS, to: ["eve"] },
      ],
      repeatMs: [5 * minute, 12 * minute],
      fallbackRecipientIds: ["fay"],
    }),
  ];
  for (const route of routes) stage.push({ type: "route_saved", route });
  for (const id of serverIds) stage.playAgent(id);
  stage.pass(5 * minute);
  return stage;
}

/** Plays it; then everybody is up and every send works, for as long as a receiver of webhooks may be waited for. */
export function play({ steps, fates, sendDelayMs }: Schedule): Played {
  const stage = houseOf();
  const down = new Set<string>();
  const dead = new Set<string>();
  const troubled = new Set<string>();
  const sends = new Map<number, Fate>();
  const unfolded: string[] = [];
  const stale: string[] = [];
  const restartsMs: number[] = [];
  const shutOut = new Map<string, Span[]>();
  const takenAt = new Map<string, number>();
  const quietAt = new Map<string, { fromWallMs: number; untilWallMs: number | null }[]>();
  const delays = new Map<number, number>();
  let drawn = 0;
  let day = 1;
  stage.probeRule = (_request, id) => (dead.has(id) ? "dead" : "alive");
  stage.sendDelayMs = sendDelayMs;
  stage.sendRule = (_row, recipient) => {
    const problem = unfoldedIn(stage, recipient);
    if (problem !== null) unfolded.push(problem);
    stale.push(...staleIn(stage, recipient));
    const fate_ = (troubled.has(recipient.id) ? fates[drawn++ % fates.length] : undefined) ?? taken;
    // Only groups of Telegram move, and only people of Telegram shut a bot out.
    const isPossible =
      recipient.channel === "telegram" || (fate_.outcome?.type !== "moved" && !isShut(fate_.outcome));
    const met = isPossible ? fate_ : taken;
    if (isShut(met.outcome)) {
      const span = { fromWallMs: stage.now.wallMs, untilWallMs: Number.POSITIVE_INFINITY };
      shutOut.set(recipient.id, [...(shutOut.get(recipient.id) ?? []), span]);
    }
    sends.set(stage.attempts.length, met);
    delays.set(stage.attempts.length, stage.sendDelayMs);
    return met.outcome;
  };

  const fall = (id: string): void => {
    if (down.has(id)) return;
    down.add(id);
    stage.stopAgent(id);
  };
  const rise = (id: string): void => {
    dead.delete(id);
    if (down.delete(id)) stage.playAgent(id);
  };
  const letIn = (recipientId: RecipientId): void => {
    if (!stage.push({ type: "recipient_returned", recipientId, shelf: [] }).reply.ok) return;
    for (const span of shutOut.get(recipientId) ?? [])
      span.untilWallMs = Math.min(span.untilWallMs, stage.now.wallMs);
  };
  const incidentOf = (id: string) => {
    const own = stage.incidents(id).at(-1);
    const group = own?.groupedUnder ?? null;
    return group === null ? own?.id : group;
  };
  const perform = (one_: Step): void => {
    switch (one_.do) {
      case "fall":
        return one_.serverIds.forEach(fall);
      case "rise":
        return one_.serverIds.forEach(rise);
      case "worsen":
        for (const id of one_.serverIds) if (down.has(id)) dead.add(id);
        return;
      case "flap":
        for (let count = 0; count < one_.times; count += 1) {
          fall(one_.serverId);
          stage.pass(200 * second);
          rise(one_.serverId);
          stage.pass(20 * second);
        }
        return;
      case "pass":
        return stage.pass(one_.ms);
      case "restart":
        restartsMs.push(stage.worldMs);
        return stage.restart({ awayMs: one_.ms, redialMs: second });
      case "acknowledge":
      case "quiet":
      case "announce":
      case "announceOver":
        return byStaff(one_.do, incidentOf(one_.serverId));
      case "digest":
        day += 1;
        // Asked for more than once, as a collector does that starts again.
        for (const recipientId of [...staff, ...staff])
          stage.push({
            type: "summary_due",
            recipientId,
            step: "digest",
            given: `2025-01-${String(day).padStart(2, "0")}`,
            period: "2025-01-01",
            past: pastOf(),
          });
        return;
      case "letIn":
        letIn(one_.recipientId);
        return;
      case "trouble":
        if (one_.isOn) troubled.add(one_.recipientId);
        else troubled.delete(one_.recipientId);
    }
  };
  const byStaff = (what: Extract<Step, { serverId: string }>["do"], incidentId: string | undefined): void => {
    if (incidentId === undefined) return;
    const { wallMs } = stage.now;
    const handled = { incidentId, by: "sari" };
    switch (what) {
      case "acknowledge":
        if (stage.push({ type: "incident_acknowledged", ...handled }).reply.ok)
          takenAt.set(incidentId, wallMs);
        return;
      case "quiet": {
        const untilWallMs = wallMs + 20 * minute;
        if (stage.push({ type: "incident_quieted", ...handled, untilWallMs }).reply.ok)
          quietAt.set(incidentId, [...(quietAt.get(incidentId) ?? []), { fromWallMs: wallMs, untilWallMs }]);
        return;
      }
      default:
        stage.push({ type: "incident_announced", ...handled, over: what === "announceOver" });
    }
  };
  for (const one_ of steps) perform(one_);

  // All faults end.
  troubled.clear();
  stage.sendDelayMs = 100;
  for (const id of recipientIds) letIn(id);
  for (const id of serverIds) rise(id);
  const overdue = overdueAfter(stage);
  stage.pass(40 * minute);

  let current: Fate = taken;
  let delayMs = 0;
  const attempts = stage.attempts.map(({ worldMs, notification, recipient }, index): Attempt => {
    current = sends.get(index) ?? current;
    delayMs = delays.get(index) ?? delayMs;
    const isCutOff = restartsMs.some((ms) => ms >= worldMs && ms <= worldMs + delayMs);
    return {
      worldMs,
      wallMs: notification.queuedWallMs,
      recipientId: recipient.id,
      row: notification,
      accepted: current.accepted,
      isDoubtful: current.outcome === null || current.outcome.type === "unknown" || isCutOff,
    };
  });
  return { stage, attempts, unfolded, stale, takenAt, quietAt, shutOut, overdue };
}

function isShut(outcome: DeliveryOutcome | null): boolean {
  return outcome?.type === "rejected" && outcome.scope === "recipient";
}

/** Nobody answers for so long: then its fate is unknown, and it waits once more. */
const LONGEST_WAIT_MS = 90 * second + 60 * second;
/** A group's; the slowest. */
const PACE_MS = 3 * second;

/** Lets pass what everything that waits now may take at the slowest pace; what still waits then, as sentences. A webhook's waits grow to half an hour. */
function overdueAfter(stage: Stage): string[] {
  const waiting = stage.allRows().filter((row) => isOpenRow(row) && row.channel !== "webhook");
  const perRecipient = new Map<string, number>();
  for (const { recipientId } of waiting)
    perRecipient.set(recipientId, (perRecipient.get(recipientId) ?? 0) + 1);
  // What rises now is told too, between what waits.
  const most = Math.max(0, ...perRecipient.values()) + serverIds.length * 4;
  stage.pass(LONGEST_WAIT_MS + most * PACE_MS + 5 * second);
  const now = new Map(stage.allRows().map((row) => [row.id, row]));
  return waiting.flatMap(({ id }) => {
    const row = now.get(id);
    return row !== undefined && isOpenRow(row) ? [`${id} is ${row.status} still`] : [];
  });
}
