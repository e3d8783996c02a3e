/**
 * Presses and inline queries that wait for the bot's answer, and what was answered: what people saw for it.
 * Why kept: a toast is gone after seconds in a real chat; here tests and the page can still read it.
 * Must not: forget one, or answer one.
 */
import type { Entity } from "./entities.ts";
import type { Button, Person } from "./world.ts";

/** A press on a button may be answered so long. */
export const PRESS_KEPT_MS = 150_000;
/** An inline query is given up sooner: the person types on. Measured by others as about ten seconds. */
export const INLINE_KEPT_MS = 10_000;

export interface PressAnswer {
  readonly atMs: number;
  readonly text: string;
  /** A box that must be closed, instead of a toast. */
  readonly alert: boolean;
  readonly url: string | null;
}

export interface Press {
  readonly id: string;
  readonly atMs: number;
  readonly chatId: number;
  readonly messageId: number;
  readonly by: Person;
  readonly button: string;
  readonly callbackData: string;
  answer: PressAnswer | null;
}

export interface InlineResult {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** What would be sent into the chat when it is chosen. */
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly buttons: readonly (readonly Button[])[];
}

export interface InlineAnswer {
  readonly atMs: number;
  readonly results: readonly InlineResult[];
  readonly cacheSeconds: number;
  readonly isPersonal: boolean;
  readonly nextOffset: string;
}

export interface InlineQuery {
  readonly id: string;
  readonly atMs: number;
  readonly order: number;
  readonly by: Person;
  readonly query: string;
  readonly offset: string;
  /** Telegram answered from its cache; the bot heard nothing. */
  readonly fromCache: boolean;
  answer: InlineAnswer | null;
}

export interface Queries {
  readonly presses: readonly Press[];
  readonly inline: readonly InlineQuery[];
  addPress(press: Omit<Press, "id" | "answer">): Press;
  addInline(query: Omit<InlineQuery, "id" | "answer" | "fromCache">): InlineQuery;
  press(id: string): Press | null;
  inlineQuery(id: string): InlineQuery | null;
}

export function createQueries(): Queries {
  const presses: Press[] = [];
  const inline: InlineQuery[] = [];
  let count = 0;
  /** The real server's are 64-bit numbers written as text. */
  const nextId = () => {
    count += 1;
    return String(1_710_000_000_000_000n + BigInt(count) * 7_919n);
  };

  /** The answer that Telegram still has for the same question. */
  function cached(query: Omit<InlineQuery, "id" | "answer" | "fromCache">): InlineAnswer | null {
    const earlier = inline.findLast((one) => {
      if (!one.answer || one.query !== query.query || one.offset !== query.offset) return false;
      if (one.answer.isPersonal && one.by.id !== query.by.id) return false;
      return query.atMs - one.answer.atMs < one.answer.cacheSeconds * 1000;
    });
    return earlier?.answer ?? null;
  }

  return {
    presses,
    inline,
    addPress(press) {
      const kept: Press = { ...press, id: nextId(), answer: null };
      presses.push(kept);
      return kept;
    },
    addInline(query) {
      const answer = cached(query);
      const kept: InlineQuery = { ...query, id: nextId(), fromCache: answer !== null, answer };
      inline.push(kept);
      return kept;
    },
    press(id) {
      return presses.find((press) => press.id === id) ?? null;
    },
    inlineQuery(id) {
      return inline.find((query) => query.id === id) ?? null;
    },
  };
}
