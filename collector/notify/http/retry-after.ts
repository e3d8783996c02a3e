/**
 * `Retry-After` as a wait: seconds, or a date (RFC 9110, 10.2.3).
 * Why bounded: the header belongs to somebody else, and what it asks for is not tried in between.
 */

/** The longest wait that the outbox itself takes between two tries (core/channels.ts). */
export const RETRY_AFTER_MS_MAX = 30 * 60_000;
/** "At once" is no wait: without this a receiver that says 0 would be asked without a pause. */
export const RETRY_AFTER_MS_MIN = 1_000;

/** null: there is none, or it says nothing usable. */
export function retryAfterMs(header: string | null, nowWallMs: number): number | null {
  const text = header?.trim() ?? "";
  // A date has letters; anything else that Date.parse would take (`-1`, `1.5`) is not one.
  const asked = /^\d+$/.test(text)
    ? Number(text) * 1_000
    : /^[A-Za-z]{3,9},? /.test(text)
      ? Date.parse(text) - nowWallMs
      : NaN;
  return Number.isNaN(asked) ? null : Math.min(RETRY_AFTER_MS_MAX, Math.max(RETRY_AFTER_MS_MIN, asked));
}
