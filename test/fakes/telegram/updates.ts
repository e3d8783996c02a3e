/**
 * The queue of updates and the one long poll that may wait on it: offsets confirm, a second poller takes over with 409,
 * updates are kept 24 hours.
 * Must not: know what an update says.
 */
import { refusal, type MethodAnswer } from "./answer.ts";

/** As the real server: an update that nobody fetched is dropped after a day. */
const UPDATE_KEPT_MS = 24 * 3_600_000;
/** One getUpdates answers at most so many. */
const UPDATES_PER_ANSWER_MAX = 100;
/** Given only to who asks for them by name. */
const ONLY_WHEN_ASKED: readonly string[] = ["chat_member", "message_reaction", "message_reaction_count"];

interface Queued {
  readonly id: number;
  readonly kind: string;
  readonly atMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface PollRequest {
  readonly offset: number | null;
  readonly limit: number | null;
  readonly timeoutSeconds: number;
  readonly allowed: readonly string[] | null;
}

export interface UpdateQueue {
  /** Queues an update and wakes the waiting poll; the update's id. */
  push(kind: string, content: unknown): number;
  poll(request: PollRequest, gone: AbortSignal): Promise<MethodAnswer>;
  /** Updates nobody has confirmed yet. */
  readonly unconfirmed: readonly { readonly id: number; readonly kind: string }[];
  /** The next update gets this id: the real server draws a new number after a quiet week. */
  renumber(nextId: number): void;
  /** True while a long poll waits. */
  readonly polled: boolean;
  close(): void;
}

const CONFLICT =
  "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

export function createUpdateQueue(now: () => number, changed: () => void): UpdateQueue {
  let nextId = 700_000_001;
  let queue: Queued[] = [];
  let allowed: readonly string[] | null = null;
  let waiting: { wake: () => void; conflict: () => void } | null = null;

  function ready(request: PollRequest): Queued[] {
    queue = queue.filter((update) => now() - update.atMs < UPDATE_KEPT_MS);
    const limit = Math.min(Math.max(request.limit ?? UPDATES_PER_ANSWER_MAX, 1), UPDATES_PER_ANSWER_MAX);
    const wanted = (kind: string) => allowed?.includes(kind) ?? !ONLY_WHEN_ASKED.includes(kind);
    return queue.filter((update) => wanted(update.kind)).slice(0, limit);
  }

  function confirm(offset: number | null): void {
    if (offset === null || offset === 0) return;
    if (offset < 0) queue = queue.slice(offset);
    // An offset beyond what was ever given out confirms nothing of a new numbering.
    else if (offset <= nextId) queue = queue.filter((update) => update.id >= offset);
  }

  return {
    push(kind, content) {
      const id = nextId;
      nextId += 1;
      queue.push({ id, kind, atMs: now(), body: { update_id: id, [kind]: content } });
      waiting?.wake();
      changed();
      return id;
    },
    poll(request, gone) {
      waiting?.conflict();
      if (request.allowed !== null) allowed = request.allowed.length === 0 ? null : request.allowed;
      confirm(request.offset);
      const answer = (): MethodAnswer => ({
        status: 200,
        result: ready(request).map((update) => update.body),
      });
      if (ready(request).length > 0 || request.timeoutSeconds <= 0) return Promise.resolve(answer());
      return new Promise((resolve) => {
        const finish = (result: MethodAnswer) => {
          if (waiting !== mine) return;
          waiting = null;
          clearTimeout(timer);
          changed();
          resolve(result);
        };
        const mine = {
          wake: () => {
            if (ready(request).length > 0) finish(answer());
          },
          conflict: () => finish(refusal(409, CONFLICT)),
        };
        const timer = setTimeout(() => finish(answer()), request.timeoutSeconds * 1000);
        gone.addEventListener("abort", () => finish(answer()), { once: true });
        waiting = mine;
        changed();
      });
    },
    get unconfirmed() {
      return queue.map(({ id, kind }) => ({ id, kind }));
    },
    renumber(next) {
      nextId = next;
    },
    get polled() {
      return waiting !== null;
    },
    close() {
      waiting?.conflict();
    },
  };
}
