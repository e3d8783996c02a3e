/**
 * Counts, percentages and shares as people read them.
 * Why by hand: a share of 99.999 % must never read "100 %", and hostile numbers must not break a message.
 * Must not: know a language; its marks come with the texts.
 */
import type { Texts } from "./texts.ts";

/** `1234` → `1.234` or `1,234`. What is no number counts as 0. */
export function counter(locale: string): (value: number) => string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return (value) =>
    format.format(
      Number.isFinite(value)
        ? Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
        : 0,
    );
}

/** A share of 0 to 1 as a whole percentage: "37 %". */
export function percentInWords(texts: Texts, share: number): string {
  return texts.percent(String(Math.round(100 * bounded(share))));
}

/**
 * Availability, cut and never rounded up: "99.87 %". Two decimals are four minutes of a month; above 99.99 % a third
 * tells them apart from nothing at all. "100 %" only when it is that.
 */
export function availabilityInWords(texts: Texts, share: number): string {
  const whole = bounded(share);
  if (whole === 1) return texts.percent("100");
  const digits = whole > 0.9999 ? 3 : 2;
  const scale = 10 ** (digits + 2);
  // 0.9987 × 10,000 is 9986.999…: what lies that near is meant.
  const cut = Math.min(Math.floor(whole * scale + 1e-6), scale - 1);
  const [units, decimals] = (cut / 10 ** digits).toFixed(digits).split(".");
  return texts.percent(`${units ?? "0"}${texts.decimalMark}${decimals ?? ""}`);
}

function bounded(share: number): number {
  return Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
}
