/**
 * What becomes of a decision whose commit failed (no space, read-only disk).
 * Why pure and here: the loop and the simulator must do the same, and "nothing is lost" is decided by it.
 * Must not: apply any durable write, or order anything that relies on one.
 */
import type { Decision, Effect, Reply } from "./types/effects.ts";
import type { Event, EventType } from "./types/events.ts";
import type { Write } from "./types/tables.ts";

export interface FailedCommit {
  /** Volatile writes that hold all the same. */
  readonly apply: readonly Write[];
  readonly effects: readonly Effect[];
  /**
   * `drop`: it comes again by itself. `keep`: hand it in again, in order, when the store is back.
   * `refuse`: whoever asked is told `store_failing` and may ask again.
   */
  readonly event: "drop" | "keep" | "refuse";
  /** What whoever pushed it is told (`keep`: later). */
  readonly reply: Reply;
}

const refused: Reply = { ok: false, code: "store_failing" };

/** Facts that nobody will repeat: kept until they can be committed. */
const kept: ReadonlySet<EventType> = new Set<EventType>([
  "heartbeat_received",
  "inventory_received",
  "goodbye_received",
  "agent_disconnected",
  "probe_finished",
  "delivery_finished",
  "journal_received",
  "channel_answered",
]);

export function afterFailedCommit(event: Event, decision: Decision): FailedCommit {
  // Time passed all the same: without its clock the next tick would look like one after a gap.
  if (event.type === "tick")
    return {
      apply: [...decision.later, ...decision.commit.filter(isSuspicion)],
      effects: decision.effects.filter(needsNoCommit),
      event: "drop",
      reply: refused,
    };
  // A sign of life, or the first failed probe, must not need the disk: kept, it would be missing when T is counted.
  if (
    (event.type === "heartbeat_received" || event.type === "probe_finished") &&
    decision.commit.every((write) => isSuspicion(write) || write.table === "serverLog")
  )
    return {
      // A line of the server's log is not worth a sign of life; it is lost.
      apply: [...decision.later, ...decision.commit.filter(isSuspicion)],
      effects: decision.effects,
      event: "drop",
      reply: decision.reply,
    };
  // The session itself is volatile. Version and address are said again at the next one; an agent that got no welcome
  // could not beat, and would be taken for silent.
  if (event.type === "agent_connected")
    return { apply: decision.later, effects: decision.effects, event: "drop", reply: decision.reply };
  if (event.type === "sockets_drained")
    return {
      apply: decision.later.filter((write) => write.table === "clock" || write.table === "hearing"),
      effects: [],
      event: "drop",
      reply: refused,
    };
  // Gateways, witnesses and sentinels are asked again; what they said is volatile and holds.
  if (
    event.type === "gateway_probed" ||
    event.type === "witness_answered" ||
    event.type === "sentinels_answered"
  )
    return {
      apply: decision.later,
      effects: decision.effects.filter(needsNoCommit),
      event: "drop",
      reply: refused,
    };
  if (event.type === "outbox_woken") return { apply: [], effects: [], event: "drop", reply: refused };
  return { apply: [], effects: [], event: kept.has(event.type) ? "keep" : "refuse", reply: refused };
}

/** Up or suspect: held in memory all the same. What the disk says of it is judged anew at the next start. */
function isSuspicion(write: Write): boolean {
  return write.table === "detector" && (write.value?.status === "up" || write.value?.status === "suspect");
}

function needsNoCommit(effect: Effect): boolean {
  switch (effect.type) {
    case "start_probe":
    case "cancel_probe":
    case "drain_sockets":
    case "start_gateway_probe":
    case "ask_witness":
    case "ask_sentinels":
      return true;
    default:
      return false;
  }
}
