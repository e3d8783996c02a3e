/**
 * A decision in the making: reads see what was already decided in the same step, writes are collected.
 * Why: one event may settle many things (a tick with fifty verdicts is one commit), and `decide` must not touch the state.
 * Must not: apply anything; the last write of a record wins, and writes come out table by table.
 */
import { draw } from "../../shared/rng.ts";
import { volatileTables } from "./state.ts";
import type { State } from "./state.ts";
import type { Decision, Effect, RefusalCode, Reply, Topic } from "./types/effects.ts";
import type { Incident } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";
import type { Meta, TableName, Tables, Write } from "./types/tables.ts";
import type { Notification } from "./types/telling.ts";
import type { Instant } from "./types/time.ts";

export const accepted: Reply = { ok: true };

type Pending = { [K in TableName]?: Map<string, Tables[K] | null> };

export class Draft {
  readonly state: State;
  readonly at: Instant;
  /** The core's line of time at this event. */
  readonly nowMs: number;
  /** Servers that turned suspect in this decision: many at once are another matter (mass.ts). */
  suspicions = 0;
  /** Incidents that servers joined in this decision: what was told of them is shown anew once, at its end. */
  readonly joined = new Set<string>();
  /** By table, made when first written: one event touches few of them. */
  readonly #writes: Pending = {};
  readonly #touched: TableName[] = [];
  readonly #effects: Effect[] = [];
  readonly #published = new Map<Topic, Set<string>>();
  readonly #created: string[] = [];
  readonly #opened: string[] = [];
  readonly #openedShared: string[] = [];

  constructor(state: State, at: Instant, nowMs: number) {
    this.state = state;
    this.at = at;
    this.nowMs = nowMs;
  }

  get<K extends TableName>(table: K, key: string): Tables[K] | undefined {
    const pending = this.#writes[table]?.get(key);
    if (pending !== undefined) return pending ?? undefined;
    return this.state.tables[table].get(key);
  }

  /** Puts a record (null removes). The table says whether it is durable. */
  put<K extends TableName>(table: K, key: string, value: Tables[K] | null): void {
    let writes: Map<string, Tables[K] | null> | undefined = this.#writes[table];
    if (!writes) this.#touched.push(table);
    if (!writes) this.#writes[table] = (writes = new Map()) as Pending[K];
    writes.set(key, value);
  }

  /** All records of a table as this decision leaves them. */
  *all<K extends TableName>(table: K): Generator<Tables[K]> {
    const writes: ReadonlyMap<string, Tables[K] | null> | undefined = this.#writes[table];
    const living: ReadonlyMap<string, Tables[K]> = this.state.tables[table];
    for (const [key, value] of living) {
      const pending = writes?.get(key);
      if (pending === undefined) yield value;
      else if (pending !== null) yield pending;
    }
    if (writes) for (const [key, value] of writes) if (value !== null && !living.has(key)) yield value;
  }

  /** A new row of the outbox; `created` remembers it, since the state's index does not know it yet. */
  create(row: Notification): void {
    this.put("notification", row.id, row);
    this.#created.push(row.id);
  }

  get created(): readonly string[] {
    return this.#created;
  }

  /** A new incident; it is remembered for the same reason. */
  open(incident: Incident): void {
    this.put("incident", incident.id, incident);
    (incident.serverId === null ? this.#openedShared : this.#opened).push(incident.id);
  }

  /** New incidents of single servers. */
  get opened(): readonly string[] {
    return this.#opened;
  }

  /** New incidents of no single server. */
  get openedShared(): readonly string[] {
    return this.#openedShared;
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  publish(topic: Topic, id: string): void {
    let ids = this.#published.get(topic);
    if (!ids) this.#published.set(topic, (ids = new Set()));
    if (ids.has(id)) return;
    ids.add(id);
    this.#effects.push({ type: "publish", topic, id });
  }

  /** A draw from [0, 1) of the generator inside the state. */
  random(): number {
    const meta = this.meta();
    const drawn = draw(meta.random);
    this.put("meta", "", { ...meta, random: drawn.state });
    return drawn.value;
  }

  meta(): Meta {
    return (
      this.get("meta", "") ?? {
        nextIncidentNumber: 1,
        nextNotificationSequence: 1,
        random: 1,
        startedCoreMs: 0,
        stoppedCoreMs: null,
        refusedChannels: [],
      }
    );
  }

  server(id: string): Server | undefined {
    return this.get("server", id);
  }

  /** The decision as it stands. */
  done(reply: Reply = accepted): Decision {
    const commit: Write[] = [];
    const later: Write[] = [];
    // In the order in which tables were first written; one event touches few of the many.
    for (const table of this.#touched) {
      const writes = this.#writes[table];
      if (!writes) continue;
      const list = volatileTables.has(table) ? later : commit;
      for (const [key, value] of writes) list.push({ table, key, value } as Write);
    }
    return { commit, later, effects: this.#effects, reply };
  }
}

/** Nothing happens but the answer. */
export function refusal(code: RefusalCode): Decision {
  return { commit: [], later: [], effects: [], reply: { ok: false, code } };
}
