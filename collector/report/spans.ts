/**
 * Stretches of time as half-open spans in Unix ms: clip, merge, take away, add up.
 * Why apart: outages, watching and days of a calendar are all such stretches.
 * Must not: know what a stretch means.
 */

/** From `fromMs` up to, not including, `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The part of `span` inside `frame`; null: none. */
export function clippedSpan<T extends Span>(span: T, frame: Span): T | null {
  const fromMs = Math.max(span.fromMs, frame.fromMs);
  const toMs = Math.min(span.toMs, frame.toMs);
  return fromMs < toMs ? { ...span, fromMs, toMs } : null;
}

/** Ascending; what overlaps or touches is one. Empty spans are left out. */
export function mergedSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs >= toMs) continue;
    const last = merged.at(-1);
    if (last && fromMs <= last.toMs) merged[merged.length - 1] = { ...last, toMs: Math.max(last.toMs, toMs) };
    else merged.push({ fromMs, toMs });
  }
  return merged;
}

/** What is left of `frame` without the holes, ascending. */
export function withoutSpans(frame: Span, holes: readonly Span[]): Span[] {
  const left: Span[] = [];
  let fromMs = frame.fromMs;
  for (const hole of mergedSpans(holes)) {
    if (hole.fromMs >= frame.toMs) break;
    if (hole.fromMs > fromMs) left.push({ fromMs, toMs: hole.fromMs });
    fromMs = Math.max(fromMs, hole.toMs);
  }
  if (fromMs < frame.toMs) left.push({ fromMs, toMs: frame.toMs });
  return left;
}

/** Of spans that do not overlap. */
export function lengthMs(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}
