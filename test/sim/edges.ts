/**
 * Which events met a server in which status, and which changes of status followed: the counters that show what a run tried.
 * Why: worlds that never pause a recovering server prove nothing about that; "never met" is printed beside the faults.
 * Must not: judge, or cost a steady heartbeat more than a comparison.
 */
import type { State } from "../../collector/core/state.ts";
import type { Decision } from "../../collector/core/types/effects.ts";
import type { Event, EventType } from "../../collector/core/types/events.ts";
import type { Status } from "../../collector/core/types/server.ts";
import { counted } from "./figures.ts";

const statuses = [
  "new",
  "up",
  "suspect",
  "down",
  "recovering",
  "planned",
  "paused",
] as const satisfies readonly Status[];

/** Events about one server, and the statuses in which they do not come. */
const events = {
  agent_connected: [],
  heartbeat_received: [],
  // An agent sends both right after its first heartbeat was acknowledged: it is up then, or recovering.
  inventory_received: ["new", "suspect", "down", "planned"],
  journal_received: ["new", "suspect", "down", "planned"],
  goodbye_received: [],
  agent_disconnected: [],
  // Staff's pause cancels what is asked, and nobody is asked of.
  probe_finished: ["paused"],
  server_saved: [],
  // Pausing twice is refused before it is decided, resuming as well.
  server_paused: ["paused"],
  server_resumed: ["new", "up", "suspect", "down", "recovering", "planned"],
  server_removed: [],
} as const satisfies Partial<Record<EventType, readonly Status[]>>;
type ServerEvent = keyof typeof events;

/** Changes of status that the table of SPEC.md has, by what brings them. */
const changes = {
  tick: ["up → suspect", "recovering → down"],
  sockets_drained: ["suspect → down", "planned → down"],
  heartbeat_received: ["new → up", "suspect → up", "planned → up", "down → recovering", "recovering → up"],
  probe_finished: [
    "new → up",
    "up → suspect",
    "suspect → up",
    "down → recovering",
    "recovering → up",
    "recovering → down",
  ],
  goodbye_received: ["new → planned", "up → planned", "suspect → planned", "recovering → down"],
  server_paused: [
    "new → paused",
    "up → paused",
    "suspect → paused",
    "down → paused",
    "recovering → paused",
    "planned → paused",
  ],
  server_resumed: ["paused → up", "paused → new"],
} as const satisfies Partial<Record<EventType, readonly string[]>>;

/** All that a long enough run should meet. */
export const edgeNames: readonly string[] = [
  ...(Object.entries(events) as [ServerEvent, readonly Status[]][]).flatMap(([event, impossible]) =>
    statuses.filter((status) => !impossible.includes(status)).map((status) => `${event} while ${status}`),
  ),
  ...Object.entries(changes).flatMap(([event, all]) => all.map((change) => `${change} by ${event}`)),
];

function isAboutServer(event: Event): event is Extract<Event, { type: ServerEvent }> {
  return event.type in events;
}

/** One of so many heartbeats that commit nothing is looked at. */
const BEATS_LOOKED_AT = 64;

export class Edges {
  readonly met = new Map<string, number>();
  #beats = 0;

  decided(state: State, event: Event, decision: Decision): void {
    if (event.type === "heartbeat_received" && decision.commit.length === 0 && decision.reply.ok) {
      // Which status it met would be dear to know for each.
      this.#beats += 1;
      if (this.#beats % BEATS_LOOKED_AT === 0) this.#meet(state, event.type, event.serverId);
      return;
    }
    if (isAboutServer(event)) {
      const id = event.type === "server_saved" ? event.server.id : event.serverId;
      this.#meet(state, event.type, id);
    }
    for (const write of decision.commit) {
      if (write.table !== "detector" || write.value === null) continue;
      const before = state.tables.detector.get(write.key)?.status;
      if (before !== undefined && before !== write.value.status)
        counted(this.met, `${before} → ${write.value.status} by ${event.type}`);
    }
  }

  #meet(state: State, type: ServerEvent, serverId: string): void {
    const status = state.tables.detector.get(serverId)?.status;
    if (status !== undefined) counted(this.met, `${type} while ${status}`);
  }
}
