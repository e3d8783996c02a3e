/**
 * A decision in the making: reads see what was already decided in the same step, writes are collected.
 * Why: one event may settle many things (a tick with fifty verdicts is one commit), and `decide` must not touch the state.
 * Must not: apply anything; the last write of a record wins.
 */
import { draw } from "../../shared/rng.ts";
import { volatileTables } from "./state.ts";
import type { State } from "./state.ts";
import type {
  Decision,
  Effect,
  Instant,
  Meta,
  Notification,
  RefusalCode,
  Reply,
  Server,
  TableName,
  Tables,
  Write,
} from "./types.ts";

export const accepted: Reply = { ok: true };

export class Draft {
  readonly state: State;
  readonly at: Instant;
  /** The core's line of time at this event. */
  readonly nowMs: number;
  readonly #writes = new Map<string, Write>();
  readonly #effects: Effect[] = [];
  readonly #created: string[] = [];

  constructor(state: State, at: Instant, nowMs: number) {
    this.state = state;
    this.at = at;
    this.nowMs = nowMs;
  }

  get<K extends TableName>(table: K, key: string): Tables[K] | undefined {
    const pending = this.#writes.get(`${table} ${key}`);
    if (pending) return (pending.value ?? undefined) as Tables[K] | undefined;
    return this.state.tables[table].get(key);
  }

  /** Puts a record (null removes). The table says whether it is durable. */
  put<K extends TableName>(table: K, key: string, value: Tables[K] | null): void {
    const name = `${table} ${key}`;
    this.#writes.delete(name);
    this.#writes.set(name, { table, key, value } as Write);
  }

  /** All records of a table as this decision leaves them. */
  *all<K extends TableName>(table: K): Generator<Tables[K]> {
    for (const [key, value] of this.state.tables[table]) {
      const pending = this.#writes.get(`${table} ${key}`);
      if (!pending) yield value;
      else if (pending.value !== null) yield pending.value as Tables[K];
    }
    for (const write of this.#writes.values())
      if (write.table === table && write.value !== null && !this.state.tables[table].has(write.key))
        yield write.value as Tables[K];
  }

  /** A new row of the outbox; `created` remembers it, since the state's index does not know it yet. */
  create(row: Notification): void {
    this.put("notification", row.id, row);
    this.#created.push(row.id);
  }

  get created(): readonly string[] {
    return this.#created;
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  publish(topic: Extract<Effect, { type: "publish" }>["topic"], id: string): void {
    if (
      !this.#effects.some((effect) => effect.type === "publish" && effect.topic === topic && effect.id === id)
    )
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
    for (const write of this.#writes.values()) (volatileTables.has(write.table) ? later : commit).push(write);
    return { commit, later, effects: this.#effects, reply };
  }
}

/** Nothing happens but the answer. */
export function refusal(code: RefusalCode): Decision {
  return { commit: [], later: [], effects: [], reply: { ok: false, code } };
}
