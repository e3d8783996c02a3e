/**
 * What must hold after each step, whatever is true: the core's own invariants, and those that are only seen from outside.
 * Why apart from the oracle: these need no truth, only the state, the event and the decision.
 * Must not: be so dear that heartbeats wait for it; a steady heartbeat costs one comparison.
 */
import { stateViolations, violations } from "../../collector/core/invariants.ts";
import type { State } from "../../collector/core/state.ts";
import type { Decision } from "../../collector/core/types/effects.ts";
import type { Event } from "../../collector/core/types/events.ts";
import { durableTableNames } from "../../collector/storage/codec.ts";
import type { MemoryDisk } from "../../collector/storage/memory.ts";
import { Edges } from "./edges.ts";
import { isNotice } from "./oracle-notices.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** S14: what is open at one time cannot exceed what there is to say. */
const ROWS_PER_INCIDENT_MAX = 20;
const TIMELINE_MAX = 200;
const ROUNDS_MAX = 6;

export class Checks {
  readonly edges = new Edges();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  decided(state: State, event: Event, decision: Decision): void {
    const { trace } = this.#world;
    trace.number(event.at.monotonicMs);
    if (event.type !== "heartbeat_received" && event.type !== "tick") {
      trace.text(event.type);
      trace.number(decision.effects.length);
    }
    this.#checkSession(state, event, decision);
    this.edges.decided(state, event, decision);
    if (decision.commit.length === 0) return;
    this.#checkWaiting(state, decision);
    for (const sentence of violations(state, event, decision)) this.#report(sentence);
  }

  settled(state: State): void {
    for (const sentence of stateViolations(state)) this.#report(sentence);
    const { tables } = state;
    const rowsMax = ROWS_PER_INCIDENT_MAX * tables.incident.size * Math.max(1, tables.recipient.size);
    const rows = [...tables.notification.values()].filter((row) => !isNotice(row.step)).length;
    if (rows > rowsMax) this.#report(`S14: ${rows} rows for ${tables.incident.size} incidents`);
    for (const incident of tables.incident.values())
      if (incident.timeline.length > TIMELINE_MAX)
        this.#report(`S14: ${incident.id} has a timeline of ${incident.timeline.length}`);
    for (const silence of tables.silence.values())
      if (silence.rounds.length > ROUNDS_MAX)
        this.#report(`S14: ${silence.serverId} keeps ${silence.rounds.length} rounds`);
  }

  /** S13: what the disk holds is what the process held, record for record. */
  replayed(state: State, disk: MemoryDisk): void {
    for (const table of durableTableNames) {
      if (table === "archive") continue;
      const living: ReadonlyMap<string, unknown> = state.tables[table];
      const stored = disk.tables.get(table);
      if (living.size !== stored?.size)
        this.#report(`S13: ${table} has ${living.size} records, and ${stored?.size ?? 0} on the disk`);
      for (const [key, value] of living)
        if (!sameRecord(stored?.get(key), value))
          this.#report(`S13: ${table} ${key} is not what is on the disk`);
    }
  }

  #report(sentence: string): void {
    const colon = sentence.indexOf(":");
    this.#world.oracle.report(sentence.slice(0, colon), null, sentence.slice(colon + 2));
  }

  /** S1: nobody is judged while a heartbeat of theirs can be read. */
  #checkWaiting(state: State, decision: Decision): void {
    for (const write of decision.commit) {
      if (write.table !== "detector" || write.value?.status !== "down") continue;
      const before = state.tables.detector.get(write.key)?.status;
      if (before !== "down" && before !== "recovering") this.#world.oracle.judged(write.key);
      const waiting = this.#world.serverOf(write.key)?.beatsWaiting ?? 0;
      if (waiting > 0 && (before === "up" || before === "suspect"))
        this.#world.oracle.report(
          "S1",
          write.key,
          `was judged while ${waiting} of its heartbeats waited to be read`,
        );
    }
  }

  /** S8, S9: what another session than the newest says writes nothing. */
  #checkSession(state: State, event: Event, decision: Decision): void {
    switch (event.type) {
      case "heartbeat_received":
      case "goodbye_received":
      case "inventory_received":
      case "agent_disconnected":
        if (decision.commit.length === 0 && decision.later.length === 0) return;
        if (state.tables.heard.get(event.serverId)?.sessionId !== event.sessionId)
          this.#world.oracle.report(
            "S8",
            event.serverId,
            `${event.type} of an old session changed something`,
          );
        return;
      default:
        return;
    }
  }

  /** Words as an old session, or a forger, would say them; and a beat of the present one said twice. */
  speakAsOldSession(server: SimulatedServer): void {
    const { collector } = this.#world;
    if (!collector.running) return;
    const serverId = server.id;
    const sessionId = "session-0";
    collector.push(
      { type: "heartbeat_received", serverId, sessionId, sequence: 1_000_000, health: null },
      null,
    );
    collector.push(
      {
        type: "goodbye_received",
        serverId,
        sessionId,
        sequence: 1_000_001,
        reason: "shutdown",
        awayForMs: null,
      },
      null,
    );
    collector.push({ type: "agent_disconnected", serverId, sessionId }, null);
    const { connection } = server.agent;
    if (connection?.phase !== "open" || connection.sequenceReceived === 0) return;
    collector.push(
      {
        type: "heartbeat_received",
        serverId,
        sessionId: connection.sessionId,
        sequence: connection.sequenceReceived,
        health: null,
      },
      null,
    );
  }
}

/** A record that was loaded is a copy of what is stored. */
function sameRecord(stored: unknown, living: unknown): boolean {
  return stored === living || JSON.stringify(stored) === JSON.stringify(living);
}
