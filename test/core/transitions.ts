/**
 * The full table: what each status becomes on each event, and whether that is committed.
 * Why a total record: a status or an event that is added to the core does not compile here before somebody has said
 * what they mean to each other. `transitions.test.ts` executes every cell.
 * Must not: be derived from the code it judges.
 */
import type { EventType, Status } from "../../collector/core/types.ts";

/** Each event, in the circumstances that matter to one server with an agent. The compiler wants every event type. */
export const eventCases = {
  collector_started: ["from the disk", "after it stopped by itself"],
  collector_stopping: ["by itself"],
  tick: ["at once", "after a gap", "3 η pass in silence", "a day passes in silence"],
  sockets_drained: ["at once", "T passes in silence", "10 min pass in silence"],
  agent_connected: ["same version", "another version"],
  heartbeat_received: ["same session", "same sequence", "old session", "new session", "2/3 η later"],
  inventory_received: ["same session", "old session"],
  goodbye_received: ["same session", "same sequence", "old session"],
  agent_disconnected: ["same session", "old session"],
  probe_finished: ["alive", "dead", "no evidence", "of another round"],
  outbox_woken: ["nothing waits"],
  delivery_finished: ["of no row"],
  agent_enrolled: ["another key", "the same key"],
  enrollment_created: ["for it"],
  site_saved: ["any"],
  site_removed: ["without servers"],
  server_saved: ["another name", "another address", "another mode"],
  server_paused: ["by staff"],
  server_resumed: ["by staff"],
  server_removed: ["by staff"],
  incident_acknowledged: ["the first"],
  incident_noted: ["the first"],
  recipient_saved: ["another"],
  recipient_removed: ["the only one"],
  link_code_created: ["any"],
  chat_linked: ["with a code", "without a code"],
  shelf_written: ["any"],
} as const satisfies Record<EventType, readonly string[]>;

export type EventCase = {
  [K in EventType]: `${K}: ${(typeof eventCases)[K][number]}`;
}[EventType];

/** The status afterwards; `!`: something was committed. */
export type Cell = `${Status | "gone"}${"" | "!"}`;
export type Row = Record<EventCase, Cell>;

/** Events that are about something else: they leave every status as it is. */
type Elsewhere = Extract<
  EventCase,
  `${"collector_stopping" | "outbox_woken" | "delivery_finished" | "enrollment_created" | "site_saved" | "site_removed" | "recipient_saved" | "recipient_removed" | "link_code_created" | "chat_linked" | "shelf_written"}: ${string}`
>;

function elsewhere<S extends Status>(status: S): Record<Elsewhere, S | `${S}!`> {
  return {
    "collector_stopping: by itself": `${status}!`,
    "outbox_woken: nothing waits": status,
    "delivery_finished: of no row": status,
    "enrollment_created: for it": `${status}!`,
    "site_saved: any": `${status}!`,
    "site_removed: without servers": `${status}!`,
    "recipient_saved: another": `${status}!`,
    "recipient_removed: the only one": `${status}!`,
    "link_code_created: any": `${status}!`,
    "chat_linked: with a code": `${status}!`,
    "chat_linked: without a code": `${status}!`,
    "shelf_written: any": `${status}!`,
  };
}

/** What staff do to any server. */
type ByStaff = Extract<EventCase, `${"server_saved" | "agent_enrolled" | "server_removed"}: ${string}`>;

function byStaff<S extends Status>(status: S): Record<ByStaff, S | `${S}!` | "new!" | "gone!"> {
  return {
    "agent_enrolled: another key": `${status}!`,
    "agent_enrolled: the same key": status,
    "server_saved: another name": `${status}!`,
    "server_saved: another address": `${status}!`,
    "server_saved: another mode": "new!",
    "server_removed: by staff": "gone!",
  };
}

/** What an older session says, and a probe of an agent's host: nothing changes. */
type Unheeded = Extract<EventCase, `${string}: old session` | `probe_finished: ${string}`>;

function unheeded<S extends Status>(status: S): Record<Unheeded, S> {
  return {
    "heartbeat_received: old session": status,
    "inventory_received: old session": status,
    "goodbye_received: old session": status,
    "agent_disconnected: old session": status,
    "probe_finished: alive": status,
    "probe_finished: dead": status,
    "probe_finished: no evidence": status,
    "probe_finished: of another round": status,
  };
}

export const transitions: Record<Status, Row> = {
  new: {
    ...elsewhere("new"),
    ...byStaff("new"),
    ...unheeded("new"),
    "collector_started: from the disk": "new!",
    "collector_started: after it stopped by itself": "new!",
    "tick: at once": "new",
    "tick: after a gap": "new",
    "tick: 3 η pass in silence": "new",
    "tick: a day passes in silence": "new!",
    "sockets_drained: at once": "new",
    "sockets_drained: T passes in silence": "new",
    "sockets_drained: 10 min pass in silence": "new",
    "agent_connected: same version": "new",
    "agent_connected: another version": "new!",
    "heartbeat_received: same session": "up!",
    // Nothing was heard of it yet: no sequence is the same.
    "heartbeat_received: same sequence": "new",
    "heartbeat_received: new session": "up!",
    "heartbeat_received: 2/3 η later": "up!",
    "inventory_received: same session": "new!",
    "goodbye_received: same session": "planned!",
    "goodbye_received: same sequence": "new",
    "agent_disconnected: same session": "new",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "new",
    "incident_acknowledged: the first": "new",
    "incident_noted: the first": "new",
  },
  up: {
    ...elsewhere("up"),
    ...byStaff("up"),
    ...unheeded("up"),
    "collector_started: from the disk": "up!",
    "collector_started: after it stopped by itself": "up!",
    "tick: at once": "up",
    "tick: after a gap": "up",
    "tick: 3 η pass in silence": "suspect!",
    "tick: a day passes in silence": "down!",
    "sockets_drained: at once": "up",
    "sockets_drained: T passes in silence": "down!",
    "sockets_drained: 10 min pass in silence": "down!",
    "agent_connected: same version": "up",
    "agent_connected: another version": "up!",
    "heartbeat_received: same session": "up",
    "heartbeat_received: same sequence": "up",
    "heartbeat_received: new session": "up",
    "heartbeat_received: 2/3 η later": "up",
    "inventory_received: same session": "up!",
    "goodbye_received: same session": "planned!",
    "goodbye_received: same sequence": "up",
    "agent_disconnected: same session": "up",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "up",
    "incident_acknowledged: the first": "up",
    "incident_noted: the first": "up",
  },
  suspect: {
    ...elsewhere("suspect"),
    ...byStaff("suspect"),
    ...unheeded("suspect"),
    "collector_started: from the disk": "suspect!",
    "collector_started: after it stopped by itself": "suspect!",
    "tick: at once": "suspect",
    "tick: after a gap": "suspect",
    "tick: 3 η pass in silence": "suspect",
    "tick: a day passes in silence": "down!",
    "sockets_drained: at once": "suspect",
    "sockets_drained: T passes in silence": "down!",
    "sockets_drained: 10 min pass in silence": "down!",
    "agent_connected: same version": "suspect",
    "agent_connected: another version": "suspect!",
    "heartbeat_received: same session": "up!",
    "heartbeat_received: same sequence": "suspect",
    "heartbeat_received: new session": "up!",
    "heartbeat_received: 2/3 η later": "up!",
    "inventory_received: same session": "suspect!",
    "goodbye_received: same session": "planned!",
    "goodbye_received: same sequence": "suspect",
    "agent_disconnected: same session": "suspect",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "suspect",
    "incident_acknowledged: the first": "suspect",
    "incident_noted: the first": "suspect",
  },
  down: {
    ...elsewhere("down"),
    ...byStaff("down"),
    ...unheeded("down"),
    "collector_started: from the disk": "down!",
    "collector_started: after it stopped by itself": "down!",
    "tick: at once": "down",
    "tick: after a gap": "down",
    "tick: 3 η pass in silence": "down",
    "tick: a day passes in silence": "down",
    "sockets_drained: at once": "down",
    "sockets_drained: T passes in silence": "down",
    "sockets_drained: 10 min pass in silence": "down",
    "agent_connected: same version": "down",
    "agent_connected: another version": "down!",
    "heartbeat_received: same session": "recovering!",
    "heartbeat_received: same sequence": "down",
    "heartbeat_received: new session": "recovering!",
    "heartbeat_received: 2/3 η later": "recovering!",
    "inventory_received: same session": "down!",
    "goodbye_received: same session": "down",
    "goodbye_received: same sequence": "down",
    "agent_disconnected: same session": "down",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "down",
    "incident_acknowledged: the first": "down!",
    "incident_noted: the first": "down!",
  },
  planned: {
    ...elsewhere("planned"),
    ...byStaff("planned"),
    ...unheeded("planned"),
    "collector_started: from the disk": "planned!",
    "collector_started: after it stopped by itself": "planned!",
    "tick: at once": "planned",
    "tick: after a gap": "planned",
    "tick: 3 η pass in silence": "planned",
    "tick: a day passes in silence": "down!",
    "sockets_drained: at once": "planned",
    "sockets_drained: T passes in silence": "planned",
    "sockets_drained: 10 min pass in silence": "down!",
    "agent_connected: same version": "planned",
    "agent_connected: another version": "planned!",
    // The session that said goodbye is over.
    "heartbeat_received: same session": "planned",
    "heartbeat_received: same sequence": "planned",
    "heartbeat_received: new session": "up!",
    "heartbeat_received: 2/3 η later": "planned",
    "inventory_received: same session": "planned",
    "goodbye_received: same session": "planned",
    "goodbye_received: same sequence": "planned",
    "agent_disconnected: same session": "planned",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "planned",
    "incident_acknowledged: the first": "planned",
    "incident_noted: the first": "planned",
  },
  recovering: {
    ...elsewhere("recovering"),
    ...byStaff("recovering"),
    ...unheeded("recovering"),
    "collector_started: from the disk": "recovering!",
    "collector_started: after it stopped by itself": "recovering!",
    "tick: at once": "recovering",
    "tick: after a gap": "recovering",
    "tick: 3 η pass in silence": "down!",
    "tick: a day passes in silence": "down!",
    "sockets_drained: at once": "recovering",
    "sockets_drained: T passes in silence": "down!",
    "sockets_drained: 10 min pass in silence": "down!",
    "agent_connected: same version": "recovering",
    "agent_connected: another version": "recovering!",
    "heartbeat_received: same session": "recovering",
    "heartbeat_received: same sequence": "recovering",
    "heartbeat_received: new session": "recovering",
    "heartbeat_received: 2/3 η later": "up!",
    "inventory_received: same session": "recovering!",
    "goodbye_received: same session": "down!",
    "goodbye_received: same sequence": "recovering",
    "agent_disconnected: same session": "recovering",
    "server_paused: by staff": "paused!",
    "server_resumed: by staff": "recovering",
    "incident_acknowledged: the first": "recovering!",
    "incident_noted: the first": "recovering!",
  },
  paused: {
    ...elsewhere("paused"),
    ...byStaff("paused"),
    ...unheeded("paused"),
    "collector_started: from the disk": "paused!",
    "collector_started: after it stopped by itself": "paused!",
    "tick: at once": "paused",
    "tick: after a gap": "paused",
    "tick: 3 η pass in silence": "paused",
    "tick: a day passes in silence": "paused",
    "sockets_drained: at once": "paused",
    "sockets_drained: T passes in silence": "paused",
    "sockets_drained: 10 min pass in silence": "paused",
    "agent_connected: same version": "paused",
    "agent_connected: another version": "paused!",
    "heartbeat_received: same session": "paused",
    "heartbeat_received: same sequence": "paused",
    "heartbeat_received: new session": "paused",
    "heartbeat_received: 2/3 η later": "paused",
    "inventory_received: same session": "paused!",
    "goodbye_received: same session": "paused",
    "goodbye_received: same sequence": "paused",
    "agent_disconnected: same session": "paused",
    "server_paused: by staff": "paused",
    "server_resumed: by staff": "up!",
    "incident_acknowledged: the first": "paused",
    "incident_noted: the first": "paused",
  },
};

/** The same machine when probes are the heartbeats. A ping-only server has no session, so it never says goodbye. */
export type PingStatus = Exclude<Status, "planned">;
export const pingCases = [
  "a probe succeeds",
  "a probe fails",
  "a probe can't be made",
  "probes succeed 1 η apart",
  "probes fail for T",
  "probes can't be made for T",
] as const;
export type PingCase = (typeof pingCases)[number];

export const pingTransitions: Record<PingStatus, Record<PingCase, Cell>> = {
  new: {
    "a probe succeeds": "up!",
    "a probe fails": "new",
    "a probe can't be made": "new",
    "probes succeed 1 η apart": "up!",
    "probes fail for T": "new",
    "probes can't be made for T": "new",
  },
  up: {
    "a probe succeeds": "up",
    "a probe fails": "suspect!",
    "a probe can't be made": "up",
    "probes succeed 1 η apart": "up",
    "probes fail for T": "down!",
    "probes can't be made for T": "up",
  },
  suspect: {
    "a probe succeeds": "up!",
    "a probe fails": "suspect",
    "a probe can't be made": "suspect",
    "probes succeed 1 η apart": "up!",
    "probes fail for T": "down!",
    "probes can't be made for T": "suspect",
  },
  down: {
    "a probe succeeds": "recovering!",
    "a probe fails": "down",
    "a probe can't be made": "down",
    "probes succeed 1 η apart": "up!",
    "probes fail for T": "down",
    "probes can't be made for T": "down",
  },
  recovering: {
    "a probe succeeds": "up!",
    "a probe fails": "down!",
    "a probe can't be made": "recovering",
    "probes succeed 1 η apart": "up!",
    "probes fail for T": "down!",
    "probes can't be made for T": "down!",
  },
  paused: {
    "a probe succeeds": "paused",
    "a probe fails": "paused",
    "a probe can't be made": "paused",
    "probes succeed 1 η apart": "paused",
    "probes fail for T": "paused",
    "probes can't be made for T": "paused",
  },
};
