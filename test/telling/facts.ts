/**
 * What people read in a chat, as facts: of a message of its own one, of several in one a line each.
 * Why from the text: the ledger is what people got. Words come from the language file, so that they may be improved.
 * Must not: ask the collector what it meant. What it cannot read is a fact of its own, which nobody expects.
 */
import type { Situation } from "../../collector/notify/texts/situation.ts";
import { en } from "../../collector/notify/texts/en.ts";

/** `repeat 2`: the second reminder. */
export interface Fact {
  readonly what: string;
  /** The incident's number; 0: it is about none. */
  readonly incident: number;
  /** It says that it may have been told before. */
  readonly marked: boolean;
  /** All that is said of it. */
  readonly text: string;
}

const steps: ReadonlyMap<string, string> = new Map([
  ...(Object.keys(en.situation) as Situation[]).flatMap((situation): [string, string][] => {
    const { state, late, over, still } = en.situation[situation];
    return [
      [state, "down"],
      [still, "repeat"],
      [en.stateWorse(state), "worse"],
      [late, "told_late"],
      ...(over === null ? [] : ([[over, "recovered"]] as [string, string][])),
    ];
  }),
  [en.stateRecovered, "recovered"],
  [en.lost.state, "lost"],
]);

function whatOf(head: string): string {
  const state = (head.split(" · ")[0] ?? "").replace(/^\P{L}+/u, "");
  return steps.get(state) ?? `"${head}"`;
}

/** Of a message in English, as it was when it was accepted. */
export function factsOf(text: string): readonly Fact[] {
  const [head = "", ...lines] = text.split("\n").filter((line) => line !== "");
  const many = lines.filter((line) => / · #\d+( · |$)/.test(line));
  if (head.includes(en.summary.several.head(many.length)))
    return many.map((line) => ({
      what: whatOf(line),
      incident: Number(/ · #(\d+)( · |$)/.exec(line)?.[1]),
      marked: line.includes(en.summary.several.repeat),
      text: line,
    }));
  const reminder = /\(reminder (\d+)\)/.exec(text)?.[1];
  const number = lines.flatMap((line) => /^Incident #(\d+)$/.exec(line)?.[1] ?? []);
  return [
    {
      what: `${whatOf(head)}${reminder === undefined ? "" : ` ${reminder}`}`,
      incident: Number(number[0] ?? 0),
      marked: lines.includes(en.repeat),
      text,
    },
  ];
}
