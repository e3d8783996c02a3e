/**
 * How the ways to a channel's receivers are, from the newest send to each.
 * Why by recipient: one receiver that works must not hide another one that does not.
 * Must not: hold a secret; details come in redacted.
 */
import type { ChannelHealth } from "../channel.ts";

/** What one send says of the way; `ok`: somebody answered as the other side does, even if to refuse. */
export type WayState = Exclude<ChannelHealth["state"], "off" | "starting" | "other_poller">;

/**
 * A failure that nobody has seen again for so long is forgotten: its recipient was removed, or its rows were given up.
 * Twice the longest wait between two tries.
 */
export const FORGET_MS = 60 * 60_000;

export interface WaysHealth {
  saw(recipientId: string, state: WayState, detail: string | null): void;
  /** The newest failure; `ok` when there is none. */
  current(): ChannelHealth;
}

export function createWaysHealth(now: () => number): WaysHealth {
  /** Failing ways, the newest last; as many as there are recipients. */
  const failing = new Map<string, ChannelHealth & { readonly seenWallMs: number }>();
  let okSinceWallMs = now();

  function drop(recipientId: string): void {
    if (failing.delete(recipientId) && failing.size === 0) okSinceWallMs = now();
  }

  function forget(): void {
    for (const [recipientId, { seenWallMs }] of failing)
      if (now() - seenWallMs > FORGET_MS) drop(recipientId);
  }

  return {
    saw(recipientId, state, detail) {
      forget();
      if (state === "ok") {
        drop(recipientId);
        return;
      }
      const before = failing.get(recipientId);
      const seenWallMs = now();
      const sinceWallMs = before?.state === state ? before.sinceWallMs : seenWallMs;
      failing.delete(recipientId);
      failing.set(recipientId, { state, detail, sinceWallMs, seenWallMs });
    },
    current() {
      forget();
      const newest = [...failing.values()].at(-1);
      if (!newest) return { state: "ok", detail: null, sinceWallMs: okSinceWallMs };
      return { state: newest.state, detail: newest.detail, sinceWallMs: newest.sinceWallMs };
    },
  };
}
