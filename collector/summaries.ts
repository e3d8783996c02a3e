/**
 * Looks now and then whether a digest or a report is due for somebody, and hands its figures to the core.
 * Why a timer here: a calendar is no business of the core; what was given is in its state, so a missed look is made up for.
 * Must not: give one itself, or stop over one that failed.
 */
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { Recipient } from "./core/types/registry.ts";
import type { OutageHistory } from "./outage-history.ts";
import { summaryPastOf } from "./report/outages.ts";
import { summariesDue } from "./report/rhythm.ts";

/** Often enough for a minute of the day. */
const LOOK_MS = 20_000;

export interface SummaryParts {
  readonly recipients: () => Iterable<Recipient>;
  readonly timeZone: string;
  readonly history: Pick<OutageHistory, "of">;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly now: () => number;
  readonly onProblem: (error: unknown) => void;
}

/** Every summary that is due now; resolves when all of them were handed in. */
export async function giveSummaries(parts: SummaryParts): Promise<void> {
  for (const recipient of [...parts.recipients()])
    for (const { step, given, period, span } of summariesDue(recipient, parts.timeZone, parts.now()))
      try {
        const past = summaryPastOf(await parts.history.of(span));
        await parts.push({ type: "summary_due", recipientId: recipient.id, step, given, period, past });
      } catch (error) {
        parts.onProblem(error);
      }
}

/** Returns the way to stop. */
export function startSummaries(parts: SummaryParts): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void giveSummaries(parts).finally(() => (busy = false));
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
