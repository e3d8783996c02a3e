/**
 * The session's table: what follows in each state from each event, effects included.
 * Why a full Record: a new state or event does not compile until its cells were thought about. Cells that follow one rule
 * are written once, as a row of a few events; what a state does by itself stands after it.
 * `same`: the state object itself, so an event that means nothing costs nothing.
 */
import { expect, test } from "vitest";
import { step } from "../../agent/session.ts";
import type { SessionEffect, SessionState } from "../../agent/session-types.ts";
import { eventsFor, states, type EventName, type StateName } from "./session-fixtures.ts";

type Row<Name extends EventName = EventName> = Readonly<Record<Name, string>>;

/** In every state but the one that waits for it. What an old socket says never counts. */
const never: Row<
  "started" | "socket_opened" | "time_passed_early" | Extract<EventName, `old_socket_${string}`>
> = {
  started: "same",
  socket_opened: "same",
  time_passed_early: "same",
  old_socket_opened: "same",
  old_socket_said_hello: "same",
  old_socket_checked: "same",
  old_socket_read_journal: "same",
  old_socket_probe_answered: "same",
  old_socket_closed: "same",
};

/** What the agent's own parts answer, where nothing was asked of them. */
const unasked: Row<
  | "checked_right"
  | "checked_wrong"
  | "identity_stored"
  | "probe_answered"
  | "journal_read"
  | "journal_read_empty"
> = {
  checked_right: "same",
  checked_wrong: "same",
  identity_stored: "same",
  probe_answered: "same",
  journal_read: "same",
  journal_read_empty: "same",
};

type Word =
  | "hello"
  | "welcome"
  | "enrolled"
  | "ack_of_1"
  | "ack_of_2"
  | "garbage_received"
  | "probe"
  | "journal_ack_of_6"
  | "journal_ack_of_7"
  | "journal_ack_of_8";
/** All that a collector can say leads to the same. */
const words = (to: string): Row<Word> => ({
  hello: to,
  welcome: to,
  enrolled: to,
  ack_of_1: to,
  ack_of_2: to,
  garbage_received: to,
  probe: to,
  journal_ack_of_6: to,
  journal_ack_of_7: to,
  journal_ack_of_8: to,
});

/** Readings are kept, whatever the state. */
const kept = (to: string): Row<"health_read" | "inventory_read"> => ({ health_read: to, inventory_read: to });
const gone = (to: string): Row<"socket_closed" | "closed_for_good"> => ({
  socket_closed: to,
  closed_for_good: to,
});
/** Of a machine that does nothing by itself. */
const still: Row<"time_passed" | "machine_slept"> = { time_passed: "same", machine_slept: "same" };

const misuse = "waiting: close_4400";

/** A socket whose other end is still to be proven. */
const opening = (name: string): Row => ({
  ...never,
  ...unasked,
  ...words(misuse),
  ...gone("waiting"),
  ...kept(name),
  time_passed: "waiting: terminate",
  machine_slept: "dialing: terminate dial",
  stop_requested: "finished: terminate finished_stopped",
});
const enrolling = (name: string): Row => ({
  ...opening(name),
  identity_stored: "finished: close_1000 finished_enrolled",
  closed_for_good: "finished: finished_refused",
});
const open = (name: string): Row => ({
  ...opening(name),
  time_passed: `${name}: send_beat`,
  stop_requested: "closing: send_goodbye",
});
/** Both ends have every feature. */
const able = (name: string): Row => ({
  ...open(name),
  probe: "same: ask_witness",
  probe_answered: "same: send_probed",
  journal_ack_of_6: "same",
  journal_ack_of_7: "same",
  journal_ack_of_8: "same",
});
/** As `able`, and its first beat was acknowledged: now it has more to say. */
const heard = (name: string): Row => ({
  ...able(name),
  ack_of_1: "same",
  inventory_read: `${name}: send_inventory`,
});

const table: Readonly<Record<StateName, Row>> = {
  idle: {
    ...never,
    ...unasked,
    ...words("same"),
    ...gone("same"),
    ...kept("idle"),
    ...still,
    started: "dialing: dial",
    stop_requested: "finished: finished_stopped",
  },
  dialing: {
    ...never,
    ...unasked,
    ...words("same"),
    ...gone("waiting"),
    ...kept("dialing"),
    socket_opened: "proving_hello",
    time_passed: "waiting: terminate",
    machine_slept: "dialing: terminate dial",
    stop_requested: "finished: terminate finished_stopped",
  },
  proving_hello: { ...opening("proving_hello"), hello: "proving_welcome: send_opening" },
  proving_welcome: { ...opening("proving_welcome"), welcome: "proving_check: check_welcome" },
  proving_check: {
    ...opening("proving_check"),
    checked_right: "open: set_health_rhythm send_beat",
    checked_wrong: "waiting: close_4401",
  },
  enrolling_hello: { ...enrolling("enrolling_hello"), hello: "enrolling_enrolled: send_opening" },
  enrolling_enrolled: { ...enrolling("enrolling_enrolled"), enrolled: "enrolling_check: check_enrolled" },
  enrolling_check: {
    ...enrolling("enrolling_check"),
    checked_right: "enrolling_stored: store_identity",
    checked_wrong: "finished: close_4401 finished_refused",
  },
  enrolling_stored: enrolling("enrolling_stored"),
  open: { ...open("open"), ack_of_1: "open" },
  open_acked: { ...open("open"), ack_of_1: "same", inventory_read: "open: send_inventory" },
  able_unheard: { ...able("open_unheard"), ack_of_1: "open_reading: read_journal" },
  able_reading: {
    ...heard("open_reading"),
    journal_read: "open_unacked: send_journal",
    journal_read_empty: "open_none",
  },
  able_unacked: {
    ...heard("open_unacked"),
    journal_ack_of_7: "open_resting: journal_delivered_some",
    journal_ack_of_8: misuse,
  },
  able_last: {
    ...heard("open_unacked"),
    journal_ack_of_7: "open_none: journal_delivered_all",
    journal_ack_of_8: misuse,
  },
  able_resting: { ...heard("open_resting"), time_passed: "open_reading: read_journal" },
  able_told: heard("open_none"),
  closing: {
    ...never,
    ...unasked,
    ...words("same"),
    ...gone("finished: finished_stopped"),
    ...kept("closing"),
    ack_of_2: "finished: close_1000 finished_stopped",
    garbage_received: "finished: terminate finished_stopped",
    time_passed: "finished: terminate finished_stopped",
    machine_slept: "same",
    stop_requested: "same",
  },
  waiting: {
    ...never,
    ...unasked,
    ...words("same"),
    ...gone("same"),
    ...kept("waiting"),
    time_passed: "dialing: dial",
    machine_slept: "dialing: dial",
    stop_requested: "finished: finished_stopped",
  },
  finished: {
    ...never,
    ...unasked,
    ...words("same"),
    ...gone("same"),
    ...kept("same"),
    ...still,
    stop_requested: "same",
  },
};

function named(state: SessionState): string {
  if (state.kind === "open" && state.features.length > 0) return `open_${state.journal.kind}`;
  return state.kind === "proving" || state.kind === "enrolling"
    ? `${state.kind}_${state.awaiting}`
    : state.kind;
}

function ordered(effect: SessionEffect): string {
  if (effect.type === "finished") return `finished_${effect.outcome}`;
  if (effect.type === "journal_delivered") return `journal_delivered_${effect.complete ? "all" : "some"}`;
  return effect.type === "close" ? `close_${effect.code}` : effect.type;
}

for (const stateName of Object.keys(states) as StateName[]) {
  test(`in ${stateName} each event leads where the table says`, () => {
    const state = states[stateName];
    const found = Object.fromEntries(
      Object.entries(eventsFor(state)).map(([eventName, event]) => {
        const { state: next, effects } = step(state, event);
        const orders = effects.filter((effect) => effect.type !== "log").map(ordered);
        const where = next === state ? "same" : named(next);
        return [eventName, orders.length === 0 ? where : `${where}: ${orders.join(" ")}`];
      }),
    );
    expect(found).toEqual(table[stateName]);
  });
}
