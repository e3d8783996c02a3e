/**
 * What worlds of the sweep showed, as figures that add up.
 * Why apart: the measuring fills them, the tables print them.
 * Must not: judge.
 */

/** What an alert was about. */
export type About =
  /** It was away for T or longer. */
  | "outage"
  /** It was away, for less than T. */
  | "short"
  /** It was not away at all: a redial, or packets lost. */
  | "nothing"
  /** Less than T or nothing, and the collector had been in trouble itself. */
  | "collector";

/** Absences by their length, s: from each to the next. The last is open. */
export const LENGTHS_S: readonly number[] = [0, 60, 120, 180, 240, 360];

export interface Measured {
  worlds: number;
  serverYears: number;
  /** From the begin of a long outage to its incident, ms; the collector was fine all the while. */
  detectionMs: number[];
  /** The collector was not: how much later than T after its begin it was told, or than the collector's return. */
  latenessMs: number[];
  /** Absences of T + 10 s or longer. */
  outages: number;
  /** Of them: with no other near; those that nobody was told of; the collector fine, or in trouble meanwhile. */
  apart: number;
  untold: number;
  untoldInTrouble: number;
  /** By length, while the collector was fine: how many there were, how many became an incident. */
  absences: number[];
  told: number[];
  /** Alerts: an incident that stands by itself, or a group's. */
  alerts: Record<About, number>;
  /** Of all but the collector's: about an absence under three minutes, or none. */
  alertsUnder3: number;
  /** Servers that were told as down, each, by itself or in a group, because of the collector's trouble. */
  serversOfCollector: number;
  messages: number;
  /** From the end of an absence to the end of its incident, ms; the collector was fine. */
  recoveryMs: number[];
  recoveries: number;
  /** Gone again within two minutes, for a minute or longer. */
  falseRecoveries: number;
  /** Lines to several sites cut for T + 10 s or longer, and the alerts that each gave. */
  sharedCuts: number;
  sharedCutAlerts: number;
  /** Power cuts of machines with guests, for T + 10 s or longer, and the alerts that each gave. */
  hostCuts: number;
  hostCutAlerts: number;
  /** Mass outages with one cause, and of machines that fell together by chance. */
  massOfOneCause: number;
  massByChance: number;
  /** The collector's own cuts of T + 10 s or longer; how many were told as its own; and such words without a cut. */
  ownCuts: number;
  ownCutsTold: number;
  /** From the cut to those words, ms. */
  ownCutMs: number[];
  troubleWithoutCut: number;
  kindRight: number;
  kindWrong: number;
  /** What the program itself did wrong: a sweep with one of these shows nothing. */
  bugs: string[];
  /** Rules that the oracle saw broken: rightly with another value, and a failure with today's. */
  broken: string[];
}

export function newMeasured(): Measured {
  return {
    worlds: 0,
    serverYears: 0,
    detectionMs: [],
    latenessMs: [],
    outages: 0,
    apart: 0,
    untold: 0,
    untoldInTrouble: 0,
    absences: LENGTHS_S.map(() => 0),
    told: LENGTHS_S.map(() => 0),
    alerts: { outage: 0, short: 0, nothing: 0, collector: 0 },
    alertsUnder3: 0,
    serversOfCollector: 0,
    messages: 0,
    recoveryMs: [],
    recoveries: 0,
    falseRecoveries: 0,
    sharedCuts: 0,
    sharedCutAlerts: 0,
    hostCuts: 0,
    hostCutAlerts: 0,
    massOfOneCause: 0,
    massByChance: 0,
    ownCuts: 0,
    ownCutsTold: 0,
    ownCutMs: [],
    troubleWithoutCut: 0,
    kindRight: 0,
    kindWrong: 0,
    bugs: [],
    broken: [],
  };
}

const counts = [
  "worlds",
  "serverYears",
  "outages",
  "apart",
  "untold",
  "untoldInTrouble",
  "alertsUnder3",
  "serversOfCollector",
  "messages",
  "recoveries",
  "falseRecoveries",
  "sharedCuts",
  "sharedCutAlerts",
  "hostCuts",
  "hostCutAlerts",
  "massOfOneCause",
  "massByChance",
  "ownCuts",
  "ownCutsTold",
  "troubleWithoutCut",
  "kindRight",
  "kindWrong",
] as const satisfies readonly (keyof Measured)[];

export function addMeasured(to: Measured, one: Measured): void {
  for (const name of counts) to[name] += one[name];
  for (const about of Object.keys(to.alerts) as About[]) to.alerts[about] += one.alerts[about];
  for (const [index, count] of one.absences.entries()) to.absences[index] = (to.absences[index] ?? 0) + count;
  for (const [index, count] of one.told.entries()) to.told[index] = (to.told[index] ?? 0) + count;
  to.detectionMs.push(...one.detectionMs);
  to.latenessMs.push(...one.latenessMs);
  to.recoveryMs.push(...one.recoveryMs);
  to.ownCutMs.push(...one.ownCutMs);
  to.bugs.push(...one.bugs);
  to.broken.push(...one.broken);
}
