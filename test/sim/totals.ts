/**
 * Adds up what many worlds showed.
 * Must not: print.
 */
import { edgeNames } from "./edges.ts";
import { faultKinds } from "./fault-drawing.ts";
import type { Summary } from "./run.ts";

const WRONG_SHOWN_MAX = 8;

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
  causeRight: number;
  causeWrong: number;
  causeUnknown: number;
  causeUnsure: number;
  recoveries: number;
  messages: number;
  repeats: number;
  toldLate: number;
  delayMinMs: number;
  delayMaxMs: number;
  processorMs: number;
  readonly injected: Map<string, number>;
  readonly edges: Map<string, number>;
  readonly byKind: Map<string, number>;
  /** Wrong kinds and causes: what was said, and what was so. */
  readonly wrong: Map<string, number>;
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
    causeRight: 0,
    causeWrong: 0,
    causeUnknown: 0,
    causeUnsure: 0,
    recoveries: 0,
    messages: 0,
    repeats: 0,
    toldLate: 0,
    delayMinMs: Number.POSITIVE_INFINITY,
    delayMaxMs: Number.NEGATIVE_INFINITY,
    processorMs: 0,
    injected: new Map(),
    edges: new Map(),
    byKind: new Map(),
    wrong: new Map(),
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
    "causeRight",
    "causeWrong",
    "causeUnknown",
    "causeUnsure",
    "recoveries",
  ] as const)
    totals[name] += figures[name];
  totals.delayMinMs = Math.min(totals.delayMinMs, figures.delayMinMs);
  totals.delayMaxMs = Math.max(totals.delayMaxMs, figures.delayMaxMs);
  for (const [kind, count] of summary.injected)
    totals.injected.set(kind, (totals.injected.get(kind) ?? 0) + count);
  for (const [name, count] of summary.edges) totals.edges.set(name, (totals.edges.get(name) ?? 0) + count);
  for (const [name, count] of figures.wrong) totals.wrong.set(name, (totals.wrong.get(name) ?? 0) + count);
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
    `kind           ${shares(totals.kindRight, totals.kindWrong, 0)}; nobody could tell ${totals.kindUnsure}`,
    `cause          ${shares(totals.causeRight, totals.causeWrong, totals.causeUnknown)}; nobody could tell ${totals.causeUnsure}`,
    ...wrongOf(totals),
    `never met      ${faultKinds.filter((kind) => !totals.injected.has(kind)).join(", ") || "none"}`,
    edgesOf(totals),
    `messages       ${totals.messages} accepted, ${totals.repeats} marked repeats, ${totals.toldLate} told late`,
    `violations     ${totals.violations}`,
    `speed          ${speed} server-years per hour and core`,
  ];
}

/** How many of the edges between statuses and events were met, and which were not. */
function edgesOf(totals: Totals): string {
  const missing = edgeNames.filter((name) => !totals.edges.has(name));
  const never = missing.length === 0 ? "" : `; never: ${missing.join(", ")}`;
  return `edges met      ${edgeNames.length - missing.length} of ${edgeNames.length}${never}`;
}

/** Right and wrong of those that were named, and "unknown" of all that could have been. */
function shares(right: number, wrong: number, unknown: number): string {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
  const named = right + wrong;
  const said = `right ${right} (${percent(right, named)}), wrong ${wrong} (${percent(wrong, named)})`;
  return unknown === 0 ? said : `${said}, unknown ${unknown} (${percent(unknown, named + unknown)})`;
}

/** The most frequent wrong names. */
function wrongOf(totals: Totals): string[] {
  return [...totals.wrong]
    .sort(([, a], [, b]) => b - a)
    .slice(0, WRONG_SHOWN_MAX)
    .map(([name, count]) => `               ${count} × ${name}`);
}
