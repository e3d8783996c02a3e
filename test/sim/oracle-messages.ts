/**
 * What people must, may and must not be told: judged by Telegram's ledger and the incidents that were committed.
 * Why by the ledger: a message counts when Telegram accepted it, whatever the collector was told of it.
 * Must not: trust a row's status.
 */
import { isBeside } from "../../collector/core/channels.ts";
import { isWithoutIncident } from "../../collector/core/outbox.ts";
import type { Incident } from "../../collector/core/types/incident.ts";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome, Notification, Step } from "../../collector/core/types/telling.ts";
import { seconds, type Violate } from "./figures.ts";
import type { Accepted, Attempt } from "./telegram.ts";
import type { World } from "./world.ts";

/** L1: delivered this long after Telegram is reachable. */
const DELIVERED_MS = 60_000;
/** For each other message that waits for the same chat: 3 s in a group, and its way. */
const EACH_MS = 4_000;
/** After a send of unknown fate: its time-out or lease, 60 s, and the repeat. */
const UNKNOWN_MS = 200_000;
/** An unknown fate is repeated so long after it (O4); what a chat takes (O6). */
const REPEAT_MS = 60_000;
const PACE_PRIVATE_MS = 1_000;
const PACE_GROUP_MS = 3_000;
/** As many rows at least, and at most, are told by one message (R8). */
const FOLD_FROM = 4;
const FOLD_MAX = 20;
/** Commits wait, and the boot clock is known to ten milliseconds over a restart. */
const EARLY_MS = 2_000;
/** The wall clock may be stepped just then, and a commit may wait. */
const QUIET_SLOP_MS = 30_000;
/** Rounding of the collector's clocks. */
const SLOP_MS = 50;

/** A send that was claimed. `fate` is what the collector can know of it; null: nothing (it died, or waits). */
interface Claim {
  /** `down`, `repeat-2`: see `stepOf`. */
  readonly step: string;
  readonly attempt: number;
  fate: DeliveryOutcome["type"] | null;
  /** Its row was settled as unknown before an answer came. */
  wasUnknown: boolean;
  /** What the collector was told is durable; before that a crash makes it forget. */
  settled: boolean;
}

interface WaitingRow {
  readonly sinceMs: number;
  /** Rows of the same chat that were before it then. */
  readonly behind: number;
}

/** What one recipient was told of one incident. */
interface Telling {
  readonly incidentId: string;
  readonly recipientId: string;
  readonly claims: Claim[];
  readonly accepted: Accepted[];
  /** When a row of it was last of unknown fate. */
  unknownMs: number;
  unknownFate: string | null;
  /** Rows of it that wait. */
  readonly waiting: Map<string, WaitingRow>;
}

interface Told {
  readonly number: number;
  readonly id: string;
  readonly serverId: string;
  /** Who was to be told when it was opened. */
  readonly recipients: readonly string[];
  closed: "recovered" | "staff" | null;
  /** When the first were told. */
  firstToldMs: number | null;
  /** As it was committed last: who took it, and until when it is quiet. */
  handled: Pick<Incident, "acknowledgedBy" | "quiet"> | null;
}

export class MessageOracle {
  readonly #world: World;
  readonly #violate: Violate;
  readonly #incidents = new Map<string, Told>();
  readonly #tellings = new Map<string, Telling>();
  /** Incidents of which a down was to be told. */
  readonly #outageRows = new Set<string>();
  readonly #enabled = new Map<string, boolean>();
  readonly #everDisabled = new Set<string>();
  readonly #unknownMs = new Map<string, number>();
  readonly #lastNumber = new Map<string, number>();
  /** Rows that wait, with their telling. */
  readonly #waiting = new Map<string, Telling>();
  readonly #claimedMs = new Map<string, number>();
  readonly #made = new Set<string>();
  /** Rows and attempts that were claimed. While one is under way its record may change; it is claimed once. */
  readonly #claims = new Set<string>();
  #disturbedMs = 0;
  /** The longest that a chat asked to be left alone. */
  #limitedUntilMs = 0;
  /** Figures. */
  repeats = 0;
  lateMerges = 0;

  constructor(world: World, violate: Violate) {
    this.#world = world;
    this.#violate = violate;
  }

  // ── What was committed ─────────────────────────────────────────────────────────────────────────────

  recipientWritten(id: string, recipient: Recipient | null): void {
    const enabled = recipient?.enabled === true;
    if (!enabled) this.#everDisabled.add(id);
    this.#enabled.set(id, enabled);
  }

  incidentWritten(incident: Incident): void {
    let told = this.#incidents.get(incident.id);
    if (!told) {
      const { firstIds } = this.#world.routing;
      const recipients = [...this.#enabled]
        .filter(([id, enabled]) => enabled && firstIds.has(id))
        .map(([id]) => id);
      told = {
        number: incident.number,
        id: incident.id,
        serverId: incident.serverId ?? "",
        recipients,
        closed: null,
        firstToldMs: null,
        handled: incident,
      };
      this.#incidents.set(incident.id, told);
    }
    told.handled = incident;
    if (incident.endedWallMs !== null)
      told.closed = incident.closeReason === "recovered" ? "recovered" : "staff";
  }

  /** `stampedMs`: when the event was stamped that led to it. */
  rowWritten(id: string, row: Notification | null, stampedMs: number, nowMs: number): void {
    if (row === null) {
      this.#waiting.get(id)?.waiting.delete(id);
      this.#waiting.delete(id);
      return;
    }
    // What shows a message anew is nobody's news; it only takes its turn.
    const isClaim = row.status === "sending" && !this.#claims.has(`${id} ${row.attempts}`);
    if (isClaim) this.#claims.add(`${id} ${row.attempts}`);
    if (isBeside(row.step)) {
      if (isClaim) this.#checkPace(id, row, stampedMs);
      return;
    }
    if (row.status === "queued" && row.attempts === 0 && !this.#made.has(id)) {
      this.#made.add(id);
      this.#checkReason(id, row, stampedMs, nowMs);
    }
    if (row.step === "down") this.#outageRows.add(row.incidentId);
    const telling = this.#tellingOf(row.incidentId, row.recipientId);
    // Its words may change while it waits; its fate became unknown once for each attempt.
    const fate = `${id} ${row.attempts}`;
    if (row.status === "unknown" && telling.unknownFate !== fate) {
      telling.unknownFate = fate;
      telling.unknownMs = stampedMs;
    }
    // It became known that it was not sent: nothing is waited for any more.
    if (row.status === "retry") telling.unknownMs = Number.NEGATIVE_INFINITY;
    if (isClaim) this.#checkClaim(id, row, telling, stampedMs);
    if (isClaim)
      telling.claims.push({
        step: stepOf(id),
        attempt: row.attempts,
        fate: null,
        wasUnknown: false,
        settled: false,
      });
    else if (row.status !== "sending")
      for (const claim of telling.claims)
        if (claim.step === stepOf(id) && claim.attempt === row.attempts) claim.settled = true;
    if (row.status === "unknown" || row.status === "superseded")
      for (const claim of telling.claims)
        if (claim.step === stepOf(id) && claim.attempt === row.attempts && claim.fate === null)
          claim.wasUnknown = true;
    const waits = row.status === "queued" || row.status === "retry" || row.status === "sending";
    if (waits) {
      if (!telling.waiting.has(id))
        telling.waiting.set(id, { sinceMs: nowMs, behind: this.#waitingOf(row.recipientId) });
      this.#waiting.set(id, telling);
      return;
    }
    if (row.status === "unknown") this.#unknownMs.set(row.recipientId, nowMs);
    if (row.status === "unknown" && !row.repeated) return;
    telling.waiting.delete(id);
    this.#waiting.delete(id);
  }

  /** Told for a reason that holds: nobody took it, nobody asked for quiet, whoever stands in is needed. */
  #checkReason(id: string, row: Notification, stampedMs: number, nowMs: number): void {
    const { handled, recipients } = this.#told(row.incidentId);
    const isPursued = row.reason === "escalated" || row.reason === "repeat_due";
    if (isPursued && handled?.acknowledgedBy != null)
      this.#violate("R4", row.serverId, `${id} though ${handled.acknowledgedBy} is on it`);
    const untilMs = handled?.quiet?.untilWallMs ?? Number.POSITIVE_INFINITY;
    const wallMs = nowMs + this.#world.collector.wallOffsetMs;
    if ((isPursued || row.step === "worse") && handled?.quiet != null && wallMs < untilMs - QUIET_SLOP_MS)
      this.#violate("R5", row.serverId, `${id} though staff asked for quiet`);
    const { firstIds, fallbackId } = this.#world.routing;
    // Whoever stood in is told of what follows, too.
    const isIn = this.#tellingOf(row.incidentId, row.recipientId).claims.length > 0;
    const isOutage = row.step === "down" || (row.step === "worse" && !isIn);
    if (isOutage && row.recipientId === fallbackId && row.reason !== "fallback")
      this.#violate("R6", row.serverId, `${id} to a fallback without a need`);
    const isLater = !firstIds.has(row.recipientId) && row.recipientId !== fallbackId;
    const told = this.#told(row.incidentId);
    // Decided then, whenever the disk took it.
    told.firstToldMs ??= stampedMs;
    const step = this.#world.routing.route.steps.find(
      ({ to }) => to !== "everyone" && to.includes(row.recipientId),
    );
    // Nobody whom it names first can be told: the next are not waited for.
    const someFirst = [...firstIds].some((one) => this.#canBeTold(one));
    const isEarly = stampedMs - told.firstToldMs < (step?.afterMs ?? 0) - EARLY_MS;
    if (row.reason === "escalated" && isEarly && someFirst)
      this.#violate(
        "R2",
        row.serverId,
        `${id} ${seconds(stampedMs - told.firstToldMs)} after the first were told`,
      );
    if (row.step === "down" && isLater && row.reason === "first")
      this.#violate("R2", row.serverId, `${id} before its time`);
    if (row.reason !== "fallback" || isWithoutIncident(row.step)) return;
    const known = recipients.every((other) =>
      this.#tellingOf(row.incidentId, other).claims.some(
        (claim) => claim.step === row.step && claim.fate === "sent" && claim.settled,
      ),
    );
    if (known && recipients.length > 0 && !this.#laterToo())
      this.#violate("R6", row.serverId, `${id} though everybody was told`);
  }

  /** As far as the collector learned. */
  #canBeTold(recipientId: string): boolean {
    return this.#world.collector.state?.tables.recipient.get(recipientId)?.enabled === true;
  }

  /** Somebody but the first may be the one who could not be told. */
  #laterToo(): boolean {
    return this.#world.routing.route.steps.length > 1;
  }

  /** Claimed for what is still so, not sooner than an unknown fate allows, and no more than its chat takes. */
  #checkClaim(id: string, row: Notification, telling: Telling, stampedMs: number): void {
    const closed = this.#incidents.get(row.incidentId)?.closed ?? null;
    if ((row.step === "down" || row.step === "worse" || row.step === "repeat") && closed !== null)
      this.#violate("O7", row.serverId, `${id} is claimed though its outage is over (${closed})`);
    const unknownForMs = stampedMs - telling.unknownMs;
    if (row.repeat && unknownForMs < REPEAT_MS - SLOP_MS)
      this.#violate(
        "O4",
        row.serverId,
        `${id} is repeated ${seconds(unknownForMs)} after its fate was unknown`,
      );
    this.#checkPace(id, row, stampedMs);
  }

  #checkPace(id: string, row: Notification, stampedMs: number): void {
    const sinceMs = stampedMs - (this.#claimedMs.get(row.recipientId) ?? Number.NEGATIVE_INFINITY);
    // Several that one message tells are claimed at once (`composed` looks at that).
    if (row.folded && sinceMs === 0) return;
    this.#claimedMs.set(row.recipientId, stampedMs);
    const chat = this.#world.routing.recipients.find(({ id }) => id === row.recipientId);
    if (sinceMs < (chat?.address.startsWith("-") === true ? PACE_GROUP_MS : PACE_PRIVATE_MS) - SLOP_MS)
      this.#violate(
        "O6",
        row.serverId,
        `${id} is claimed ${seconds(sinceMs)} after another to the same chat`,
      );
  }

  /** Rows that one message tells: few are told by themselves, and no message holds more than a chat takes. */
  composed(notifications: readonly Notification[]): void {
    const [first] = notifications;
    if (!first || notifications.length === 1) return;
    const chats = new Set(notifications.map((row) => row.recipientId));
    if (chats.size > 1 || notifications.length < FOLD_FROM || notifications.length > FOLD_MAX)
      this.#violate(
        "R8",
        first.serverId,
        `${notifications.length} rows of ${chats.size} chats in one message`,
      );
    if (notifications.some((row) => !row.folded || isBeside(row.step)))
      this.#violate("R8", first.serverId, "a message tells what it should not");
  }

  // ── What happened at Telegram ──────────────────────────────────────────────────────────────────────

  attempted(attempt: Attempt, notification: Notification): void {
    const telling = this.#tellingOf(notification.incidentId, attempt.recipientId);
    const step = stepOf(attempt.notificationId);
    const before = telling.claims.filter(
      (other) => tells(other.step, step) && (other.step !== step || other.attempt !== attempt.attempt),
    );
    const { serverId } = this.#told(notification.incidentId);
    const name = `${step} of #${attempt.incidentNumber}`;
    if (before.some((other) => other.fate === "sent" && other.step === step))
      this.#violate("S6", serverId, `${name} is sent again though it was confirmed`);
    const unknown = before.some(fateUnknown);
    // An answer that came after the repeat was ordered may come too late to take the mark off.
    if (attempt.repeat && !unknown && !before.some((claim) => claim.wasUnknown))
      this.#violate("S6", serverId, `${name} is marked as a repeat of nothing`);
    if (!attempt.repeat && unknown) this.#violate("S6", serverId, `${name} is sent again unmarked`);
    if (!telling.claims.some((claim) => claim.step === step && claim.attempt === attempt.attempt))
      this.#violate("O2", serverId, `${name} is sent without a durable claim`);
  }

  /** Telegram failed this attempt: its chat is served when the failure has run its course. */
  failed(attempt: Attempt): void {
    this.#unknownMs.set(attempt.recipientId, this.#world.nowMs);
  }

  /** An answer to an edit. */
  answered(attempt: Attempt, outcome: DeliveryOutcome): void {
    if (outcome.type === "unknown") this.#unknownMs.set(attempt.recipientId, this.#world.nowMs);
    this.#limited(outcome);
  }

  told(attempt: Attempt, outcome: DeliveryOutcome): void {
    const telling = this.#tellingOf(incidentOf(attempt.notificationId), attempt.recipientId);
    const step = stepOf(attempt.notificationId);
    const claim = telling.claims.find((one) => one.step === step && one.attempt === attempt.attempt);
    if (claim) claim.fate = outcome.type;
    this.answered(attempt, outcome);
  }

  #limited(outcome: DeliveryOutcome): void {
    if (outcome.type !== "retry" || outcome.retryAfterMs === null) return;
    this.#limitedUntilMs = Math.max(this.#limitedUntilMs, this.#world.nowMs + outcome.retryAfterMs);
    this.disturbed(this.#limitedUntilMs);
  }

  accepted(accepted: Accepted, attempt: Attempt): void {
    const telling = this.#tellingOf(incidentOf(accepted.notificationId), attempt.recipientId);
    const { serverId, number } = this.#told(telling.incidentId);
    const step = stepOf(accepted.notificationId);
    const name = `${step} of #${number} to ${attempt.recipientId}`;
    if (accepted.repeat) this.repeats += 1;
    if (accepted.step === "told_late") this.lateMerges += 1;

    const same = telling.accepted.filter((other) => stepOf(other.notificationId) === step).length;
    if (same >= 2) this.#violate("S6", serverId, `${name} was received ${same + 1} times`);
    const said = telling.accepted.some((other) => tells(stepOf(other.notificationId), step));
    if (said && !accepted.repeat) this.#violate("S6", serverId, `${name} was received twice, unmarked`);

    const ended = telling.accepted.some((other) => other.step === "recovered" || other.step === "told_late");
    if ((accepted.step === "down" || accepted.step === "repeat") && ended)
      this.#violate("S7", serverId, `${name} was received after its recovery`);
    if (accepted.step === "repeat" && !telling.accepted.some((other) => other.step === "down"))
      this.#violate("R3", serverId, `${name}, who was never told of the outage`);
    if (
      accepted.step === "recovered" &&
      !telling.claims.some(
        (one) => (one.step === "down" || one.step === "worse") && (fateUnknown(one) || one.fate === "sent"),
      )
    )
      this.#violate("O8", serverId, `${name}, who was never told of the outage`);

    telling.accepted.push(accepted);
    // Messages about a server as such have no number; those of several servers have lanes of their own.
    if (serverId === "") return;
    const lane = `${attempt.recipientId} ${serverId}`;
    if (number < (this.#lastNumber.get(lane) ?? 0))
      this.#violate("S7", serverId, `${name} was received after a newer one`);
    this.#lastNumber.set(lane, number);
  }

  // ── What did not happen ────────────────────────────────────────────────────────────────────────────

  collectorDied(): void {
    // What was under way then is of unknown fate, also when the answer had come but was not kept yet.
    for (const telling of new Set(this.#waiting.values())) {
      this.#unknownMs.set(telling.recipientId, this.#world.nowMs);
      for (const claim of telling.claims) if (!claim.settled) claim.fate = null;
    }
  }

  /** The collector lost `unknownMs` of its time since `diedMs`: what it was asked to wait is that much longer. */
  timeLost(nowMs: number, diedMs: number, unknownMs: number): void {
    if (unknownMs > 0 && this.#limitedUntilMs > diedMs) this.disturbed(nowMs + this.#limitedUntilMs - diedMs);
  }

  /** Nothing of what waits was deliverable before this. */
  disturbed(nowMs: number): void {
    this.#disturbedMs = Math.max(this.#disturbedMs, nowMs);
  }

  /** Whatever waits although it could have been delivered is late (L1). */
  look(nowMs: number): void {
    const { telegram, collector } = this.#world;
    if (this.#waiting.size === 0) return;
    if (
      !telegram.fine ||
      collector.holds.diskFull > 0 ||
      collector.holds.diskLocked > 0 ||
      collector.commitMsNow !== null
    ) {
      this.#disturbedMs = Math.max(this.#disturbedMs, nowMs);
      return;
    }
    for (const [id, telling] of this.#waiting) {
      const { sinceMs, behind } = telling.waiting.get(id) ?? { sinceMs: nowMs, behind: 0 };
      const others = behind + this.#waitingOf(telling.recipientId);
      const unknownMs = (this.#unknownMs.get(telling.recipientId) ?? Number.NEGATIVE_INFINITY) + UNKNOWN_MS;
      const dueMs = Math.max(sinceMs, this.#disturbedMs, unknownMs) + DELIVERED_MS + others * EACH_MS;
      if (nowMs <= dueMs) continue;
      this.#violate(
        "L1",
        this.#told(telling.incidentId).serverId,
        `${id} waits since ${Math.round((nowMs - sinceMs) / 1000)} s`,
      );
      this.#waiting.delete(id);
    }
  }

  #waitingOf(recipientId: string): number {
    let count = 0;
    for (const telling of this.#waiting.values()) if (telling.recipientId === recipientId) count += 1;
    return count;
  }

  /** Each end of what was told was told too, to the same people. */
  atRest(): void {
    for (const told of this.#incidents.values())
      for (const recipientId of told.recipients) {
        if (this.#everDisabled.has(recipientId) || told.closed !== "recovered") continue;
        if (!this.#received(told.id, recipientId, ["down", "told_late"])) continue;
        if (!this.#received(told.id, recipientId, ["recovered", "told_late"], true))
          this.#violate(
            "S3",
            told.serverId,
            `the end of #${told.number} was never received by ${recipientId}`,
          );
      }
  }

  /** Who was to be told when it was opened, and could be told ever since. */
  recipientsOf(incidentId: string): string[] {
    const { recipients } = this.#told(incidentId);
    return recipients.filter((id) => !this.#everDisabled.has(id));
  }

  /** Whether a recipient was told of this outage itself, or nobody can know. */
  knows(incidentId: string, recipientId: string): boolean {
    return this.#received(incidentId, recipientId, ["down", "worse", "told_late"], true);
  }

  /** Rows of the outage itself were made. */
  hasRows(incidentId: string): boolean {
    return this.#outageRows.has(incidentId);
  }

  #received(incidentId: string, recipientId: string, steps: readonly Step[], orGaveUp = false): boolean {
    const telling = this.#tellingOf(incidentId, recipientId);
    if (telling.accepted.some((one) => steps.includes(one.step))) return true;
    if (!orGaveUp) return false;
    return (
      telling.claims.filter((one) => (steps as readonly string[]).includes(one.step) && fateUnknown(one))
        .length >= 2
    );
  }

  #told(incidentId: string): Told {
    return (
      this.#incidents.get(incidentId) ?? {
        number: 0,
        id: incidentId,
        serverId: "",
        recipients: [],
        closed: null,
        firstToldMs: null,
        handled: null,
      }
    );
  }

  #tellingOf(incidentId: string, recipientId: string): Telling {
    const key = `${incidentId} ${recipientId}`;
    let telling = this.#tellings.get(key);
    if (!telling) {
      telling = {
        incidentId,
        recipientId,
        claims: [],
        accepted: [],
        unknownMs: Number.NEGATIVE_INFINITY,
        unknownFate: null,
        waiting: new Map(),
      };
      this.#tellings.set(key, telling);
    }
    return telling;
  }
}

/** `incident/step/recipient/channel`. */
function incidentOf(notificationId: string): string {
  return notificationId.slice(0, notificationId.indexOf("/"));
}

/** Of a row's id: the step, and which of them where there are several. */
function stepOf(notificationId: string): string {
  return notificationId.split("/")[1] ?? "";
}

/** Whether a message of `before` already says what one of `now` says. */
function tells(before: string, now: string): boolean {
  if (before === now) return true;
  return now === "told_late" && before === "down";
}

function fateUnknown(claim: Claim): boolean {
  return claim.fate === null || claim.fate === "unknown";
}
