/**
 * Scripted faults: what the fake does instead of, or after, an honest answer; one queue per method, or per method and chat.
 * Why `before` and `after`: whether the message was accepted is exactly what a client cannot see. Why by chat: one client
 * then meets a different fault in each of them at the same moment; and why holds: it can be killed while all are under way.
 * Must not: touch the ledger.
 */
import { envelope, refusal } from "./answer.ts";

export type Fault =
  /** 429. Without retryAfterSeconds the parameter is left out. */
  | { readonly kind: "too_many_requests"; readonly retryAfterSeconds?: number }
  | {
      readonly kind: "server_error";
      readonly when: "before" | "after";
      readonly status?: number;
      readonly body?: "json" | "html";
    }
  /** The connection is reset: before the request is looked at, or after it was accepted. */
  | { readonly kind: "drop"; readonly when: "before" | "after" }
  /** Accepted, then half of the answer and a closed connection. */
  | { readonly kind: "half_body" }
  /** Never answers. */
  | { readonly kind: "hang"; readonly when: "before" | "after" }
  /** 200 with a page of HTML: a captive portal, a proxy. */
  | { readonly kind: "html"; readonly when: "before" | "after" }
  /** 400 can't parse entities, whatever the text is. */
  | { readonly kind: "parse_error" }
  /** Any refusal: status, description and parameters of an honest envelope; nothing accepted. */
  | {
      readonly kind: "refusal";
      readonly status: number;
      readonly description: string;
      readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
    }
  /** A raw answer; nothing accepted. */
  | {
      readonly kind: "raw";
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** What goes over the wire in the end. */
export type Wire =
  | {
      readonly type: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly type: "drop" }
  | { readonly type: "half"; readonly body: string }
  | { readonly type: "hang" };

const JSON_HEADERS = { "content-type": "application/json" } as const;
const HTML_HEADERS = { "content-type": "text/html" } as const;

export function answerWire(status: number, body: string): Wire {
  return { type: "answer", status, headers: JSON_HEADERS, body };
}

/** Whether the method is carried out (and may accept) before the fault. */
export function actsFirst(fault: Fault): boolean {
  return fault.kind === "half_body" || ("when" in fault && fault.when === "after");
}

/** The fault on the wire; `honest` is the true answer when the method was carried out. */
export function faultWire(fault: Fault, honest: string): Wire {
  switch (fault.kind) {
    case "too_many_requests": {
      const seconds = fault.retryAfterSeconds;
      const parameters = seconds === undefined ? undefined : { retry_after: seconds };
      const text = `Too Many Requests: retry after ${seconds ?? 1}`;
      return answerWire(429, envelope(refusal(429, text, parameters)));
    }
    case "server_error": {
      const status = fault.status ?? 502;
      if (fault.body !== "html") return answerWire(status, envelope(refusal(status, "Bad Gateway")));
      return { type: "answer", status, headers: HTML_HEADERS, body: "<html><h1>Bad Gateway</h1></html>" };
    }
    case "drop":
      return { type: "drop" };
    case "half_body":
      return { type: "half", body: honest };
    case "hang":
      return { type: "hang" };
    case "html": {
      const body = "<html><body>Please log in to this network</body></html>";
      return { type: "answer", status: 200, headers: HTML_HEADERS, body };
    }
    case "parse_error": {
      const text = `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`;
      return answerWire(400, envelope(refusal(400, text)));
    }
    case "refusal":
      return answerWire(fault.status, envelope(refusal(fault.status, fault.description, fault.parameters)));
    case "raw":
      return { type: "answer", status: fault.status, headers: fault.headers ?? {}, body: fault.body };
  }
}

/** Calls that wait at the door. */
export interface Hold {
  /** Chats of which a call has come since. */
  readonly arrived: ReadonlySet<number>;
  /** Lets them all in, and whoever comes from now on. */
  release(): void;
}

export interface FaultQueues {
  /** Adds `times` (default 1) of a fault for a method, or `*` for any; with `chatId` only for calls about that chat. */
  add(method: string, fault: Fault, times?: number, chatId?: number): void;
  /** A chat's own fault goes before one of any chat, a method's before one of any method. */
  take(method: string, chatId?: number | null): Fault | null;
  /** Calls of `method` about these chats are read and then wait, neither accepted nor refused, until they are let in. */
  hold(method: string, chatIds: readonly number[]): Hold;
  /** Resolves when nothing holds such a call back. */
  passed(method: string, chatId: number | null): Promise<void>;
  clear(): void;
  readonly waiting: number;
}

export function createFaultQueues(): FaultQueues {
  const queues = new Map<string, Fault[]>();
  const holds = new Map<string, { readonly arrived: Set<number>; readonly released: Promise<void> }>();
  const keyOf = (method: string, chatId: number | null): string =>
    `${method.toLowerCase()}${chatId === null ? "" : ` ${chatId}`}`;
  const shift = (method: string, chatId: number | null) => queues.get(keyOf(method, chatId))?.shift() ?? null;
  return {
    add(method, fault, times = 1, chatId) {
      const key = keyOf(method, chatId ?? null);
      const queue = queues.get(key) ?? [];
      for (let count = 0; count < times; count += 1) queue.push(fault);
      queues.set(key, queue);
    },
    take(method, chatId = null) {
      const own = chatId === null ? null : (shift(method, chatId) ?? shift("*", chatId));
      return own ?? shift(method, null) ?? shift("*", null);
    },
    hold(method, chatIds) {
      const arrived = new Set<number>();
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const keys = chatIds.map((chatId) => keyOf(method, chatId));
      for (const key of keys) holds.set(key, { arrived, released });
      return {
        arrived,
        release() {
          for (const key of keys) if (holds.get(key)?.released === released) holds.delete(key);
          release();
        },
      };
    },
    async passed(method, chatId) {
      const held = chatId === null ? undefined : holds.get(keyOf(method, chatId));
      if (held === undefined || chatId === null) return;
      held.arrived.add(chatId);
      await held.released;
    },
    clear() {
      queues.clear();
    },
    get waiting() {
      return [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);
    },
  };
}
