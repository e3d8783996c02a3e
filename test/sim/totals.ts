/**
 * Adds up what many worlds showed.
 * Must not: print.
 */
import type { Summary } from "./run.ts";

export interface Totals {
  worlds: number;
  failed: number[];
  serverYears: number;
  incidents: number;
  falseAlarms: number;
  missed: number;
  early: number;
  late: number;
  violations: number;
  kindRight: number;
  kindWrong: number;
  kindUnsure: number;
  recoveries: number;
  messages: number;
  repeats: number;
  toldLate: number;
  delayMinMs: number;
  delayMaxMs: number;
  processorMs: number;
  readonly injected: Map<string, number>;
  readonly byKind: Map<string, number>;
}

export function newTotals(): Totals {
  return {
    worlds: 0,
    failed: [],
    serverYears: 0,
    incidents: 0,
    falseAlarms: 0,
    missed: 0,
    early: 0,
    late: 0,
    violations: 0,
    kindRight: 0,
    kindWrong: 0,
    kindUnsure: 0,
    recoveries: 0,
    messages: 0,
    repeats: 0,
    toldLate: 0,
    delayMinMs: Number.POSITIVE_INFINITY,
    delayMaxMs: Number.NEGATIVE_INFINITY,
    processorMs: 0,
    injected: new Map(),
    byKind: new Map(),
  };
}

export function add(totals: Totals, summary: Summary, processorMs: number): void {
  const { figures } = summary;
  totals.worlds += 1;
  if (summary.violationCount > 0) totals.failed.push(summary.seed);
  totals.serverYears += summary.serverYears;
  totals.violations += summary.violationCount;
  totals.messages += summary.messages;
  totals.repeats += summary.repeats;
  totals.toldLate += summary.toldLate;
  totals.processorMs += processorMs;
  for (const name of [
    "incidents",
    "falseAlarms",
    "missed",
    "early",
    "late",
    "kindRight",
    "kindWrong",
    "kindUnsure",
    "recoveries",
  ] as const)
    totals[name] += figures[name];
  totals.delayMinMs = Math.min(totals.delayMinMs, figures.delayMinMs);
  totals.delayMaxMs = Math.max(totals.delayMaxMs, figures.delayMaxMs);
  for (const [kind, count] of summary.injected)
    totals.injected.set(kind, (totals.injected.get(kind) ?? 0) + count);
  for (const [kind, count] of figures.byKind) totals.byKind.set(kind, (totals.byKind.get(kind) ?? 0) + count);
}

/** Lines for a person. */
export function linesOf(totals: Totals): string[] {
  const hours = totals.processorMs / 3_600_000;
  const speed = hours > 0 ? Math.round(totals.serverYears / hours) : 0;
  const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : "–");
  const counts = (map: ReadonlyMap<string, number>): string =>
    [...map]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  return [
    `worlds         ${totals.worlds} (${totals.failed.length} failed), ${totals.serverYears.toFixed(2)} server-years`,
    `faults         ${counts(totals.injected)}`,
    `verdicts       ${totals.incidents} (${counts(totals.byKind)}), ${totals.recoveries} recoveries`,
    `               false ${totals.falseAlarms}, missed ${totals.missed}, early ${totals.early}, late ${totals.late}`,
    `undisturbed    committed ${seconds(totals.delayMinMs)} to ${seconds(totals.delayMaxMs)} s after T`,
    `kind           right ${totals.kindRight}, wrong ${totals.kindWrong}, could not be told ${totals.kindUnsure}`,
    `messages       ${totals.messages} accepted, ${totals.repeats} marked repeats, ${totals.toldLate} told late`,
    `violations     ${totals.violations}`,
    `speed          ${speed} server-years per hour and core`,
  ];
}
