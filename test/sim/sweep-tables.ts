/**
 * What the sweep measured, as tables for a person (Markdown).
 * Why each family has its own columns: a column that cannot change in such worlds only hides the others.
 * Must not: run anything, or judge.
 */
import { SECOND_MS } from "./draws.ts";
import { LENGTHS_S, type Measured } from "./sweep-figures.ts";
import type { Setting } from "./sweep-settings.ts";
import { familySentences, type Family } from "./sweep-worlds.ts";

interface Column {
  readonly head: string;
  readonly cell: (measured: Measured) => string;
}

/** The value below which a share of them lies; null: there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

const NONE = "–";

/** Median, 95 % and the longest, s. */
function times(values: readonly number[]): string {
  if (values.length === 0) return NONE;
  return [0.5, 0.95, 1].map((share) => ((quantile(values, share) ?? 0) / SECOND_MS).toFixed(0)).join(" / ");
}

function percent(part: number, whole: number): string {
  return whole === 0 ? NONE : `${((100 * part) / whole).toFixed(part === 0 || part === whole ? 0 : 1)} %`;
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? NONE : (part / whole).toFixed(2);
}

function lengthHead(index: number): string {
  const from = (LENGTHS_S[index] ?? 0) / 60;
  const to = LENGTHS_S[index + 1];
  return to === undefined ? `told of > ${from} min` : `told of ${from}–${to / 60} min`;
}

const detection: Column = { head: "detected after, s", cell: (one) => times(one.detectionMs) };
const untold: Column = {
  head: "outages untold",
  cell: (one) => `${one.untold} of ${one.apart}`,
};
const untoldInTrouble: Column = {
  head: "outages untold: ours fine / in trouble",
  cell: (one) => `${one.untold} / ${one.untoldInTrouble} of ${one.apart}`,
};
const late: Column = {
  head: "told later than T, or than our return, s",
  cell: (one) => times(one.latenessMs),
};
const perOutage: Column = { head: "messages per outage", cell: (one) => ratio(one.messages, one.outages) };
const perYear: Column = {
  head: "messages per server-year",
  cell: (one) => (one.serverYears === 0 ? NONE : (one.messages / one.serverYears).toFixed(0)),
};
const byLength: readonly Column[] = LENGTHS_S.map((_, index) => ({
  head: lengthHead(index),
  cell: (one) => percent(one.told[index] ?? 0, one.absences[index] ?? 0),
}));
const short: Column = { head: "alerts: away < T", cell: (one) => `${one.alerts.short}` };
const nothing: Column = { head: "alerts: never away", cell: (one) => `${one.alerts.nothing}` };
const real: Column = { head: "alerts: outages", cell: (one) => `${one.alerts.outage}` };
const byCollector: Column = {
  head: "alerts: the collector's doing",
  cell: (one) => `${one.alerts.collector}`,
};
const collectorServers: Column = {
  head: "servers told for it",
  cell: (one) => `${one.serversOfCollector}`,
};

const ownCutColumns: readonly Column[] = [
  { head: "own cuts told as own", cell: (one) => `${one.ownCutsTold} of ${one.ownCuts}` },
  { head: "after, s", cell: (one) => times(one.ownCutMs) },
  { head: "trouble told without a cut", cell: (one) => `${one.troubleWithoutCut}` },
];

const manyColumns: readonly Column[] = [
  detection,
  { head: "alerts per cut of several sites", cell: (one) => ratio(one.sharedCutAlerts, one.sharedCuts) },
  {
    head: "mass outages: one cause / by chance",
    cell: (one) => `${one.massOfOneCause} / ${one.massByChance}`,
  },
  ...ownCutColumns,
  real,
  byCollector,
  collectorServers,
  untoldInTrouble,
  perOutage,
];

const columns: Readonly<Record<Family, readonly Column[]>> = {
  mixed: [detection, ...byLength.slice(0, 5), real, short, nothing, byCollector, untold, perOutage, perYear],
  cuts: [
    detection,
    ...byLength,
    { head: "alerts about < 3 min", cell: (one) => `${one.alertsUnder3}` },
    short,
    nothing,
    untold,
    perOutage,
    perYear,
  ],
  collector: [late, detection, real, short, byCollector, collectorServers, untoldInTrouble, perOutage],
  many: manyColumns,
  few: manyColumns,
  hub: [late, ...ownCutColumns, real, byCollector, untoldInTrouble, perOutage],
  guests: [
    { head: "alerts per host with guests", cell: (one) => ratio(one.hostCutAlerts, one.hostCuts) },
    detection,
    real,
    untold,
    perOutage,
  ],
  returns: [
    { head: "end told after, s", cell: (one) => times(one.recoveryMs) },
    {
      head: "ends that were none",
      cell: (one) =>
        `${one.falseRecoveries} of ${one.recoveries} (${percent(one.falseRecoveries, one.recoveries)})`,
    },
    detection,
    perOutage,
    perYear,
  ],
  witnesses: [
    {
      head: "kinds right",
      cell: (one) => `${one.kindRight} (${percent(one.kindRight, one.kindRight + one.kindWrong)})`,
    },
    { head: "kinds wrong", cell: (one) => `${one.kindWrong}` },
    detection,
    real,
    perOutage,
  ],
};

/** One table: a row for each value, today's in bold. */
export function tableOf(setting: Setting, family: Family, rows: ReadonlyMap<string, Measured>): string[] {
  const shown = columns[family];
  const worlds = [...rows.values()].reduce((most, one) => Math.max(most, one.worlds), 0);
  const years = [...rows.values()].reduce((most, one) => Math.max(most, one.serverYears), 0);
  const lines = [
    `**${setting.title}** — \`${family}\`, ${worlds} worlds, ${years.toFixed(1)} server-years for each value`,
    "",
    `| value | ${shown.map((column) => column.head).join(" | ")} |`,
    `| --- | ${shown.map(() => "---").join(" | ")} |`,
  ];
  for (const value of setting.values) {
    const one = rows.get(value.name);
    if (!one) continue;
    const name = value.today ? `**${value.name}**` : value.name;
    lines.push(`| ${name} | ${shown.map((column) => column.cell(one)).join(" | ")} |`);
  }
  return [...lines, ""];
}

/** What the families are. */
export function familyLines(families: readonly Family[]): string[] {
  return families.map((family) => `- \`${family}\`: ${familySentences[family]}.`);
}
