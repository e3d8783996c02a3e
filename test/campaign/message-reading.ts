/**
 * Reads what Telegram accepted as a person would: the first line says what happened and to whom.
 * Why from the text: the ledger is what people got. Words come from the language file, so that they may be improved.
 * Must not: ask the collector what it meant.
 */
import type { Situation } from "../../collector/notify/texts/situation.ts";
import { en } from "../../collector/notify/texts/en.ts";
import type { IncidentKind } from "../../collector/core/types/incident.ts";
import type { Step } from "../../collector/core/types/telling.ts";
import type { Subject } from "./scenario.ts";

export interface ReadMessage {
  readonly step: Step;
  /** The kind that it names; null where a message names none (recovered, flapping …). */
  readonly kind: IncidentKind | null;
  readonly about: Subject;
  readonly repeat: boolean;
}

interface Meaning {
  readonly step: Step;
  readonly situation: Situation | null;
}

/** Every first word there is. A text of another kind is not read, which the verdict says. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ...(Object.keys(en.situation) as Situation[]).flatMap((situation): [string, Meaning][] => {
    const { state, late, over, still } = en.situation[situation];
    return [
      [state, { step: "down", situation }],
      [still, { step: "repeat", situation }],
      [en.stateWorse(state), { step: "worse", situation }],
      [late, { step: "told_late", situation }],
      ...(over === null ? [] : ([[over, { step: "recovered", situation }]] as [string, Meaning][])),
    ];
  }),
  [en.stateRecovered, { step: "recovered", situation: null }],
  [en.stateNeverCame, { step: "never_came", situation: null }],
  [en.flapping.state, { step: "flapping", situation: null }],
  [en.flapping.stateStill, { step: "flapping_digest", situation: null }],
  [en.flapping.stateOver, { step: "flapping_over", situation: null }],
  [en.lost.state, { step: "recipient_lost", situation: null }],
  [en.duplicate.state, { step: "duplicate", situation: null }],
  [en.duplicate.stateOver, { step: "duplicate_over", situation: null }],
]);

/** `🔴 DOWN · kasir-1 — bandung`; a site's: `🔴 SITE DOWN · bandung · 5 servers`. Null: it cannot be read. */
export function readMessage(
  text: string,
  names: { readonly hosts: readonly string[]; readonly sites: readonly string[] },
): ReadMessage | null {
  const first = text.split("\n")[0] ?? "";
  const [head = "", second = ""] = first.split(" · ");
  const meaning = meanings.get(head.replace(/^\P{L}+/u, ""));
  if (meaning === undefined) return null;
  const kind = (meaning.situation?.split("/")[0] ?? null) as IncidentKind | null;
  const about =
    meaning.step === "recipient_lost"
      ? `chat:${second}`
      : subjectOf(kind, second.split(" — ")[0] ?? "", names);
  return about === null ? null : { step: meaning.step, kind, about, repeat: text.includes(en.repeat) };
}

function subjectOf(
  kind: IncidentKind | null,
  name: string,
  names: { readonly hosts: readonly string[]; readonly sites: readonly string[] },
): Subject | null {
  if (kind === "collector_trouble") return "collector";
  if (kind === "mass_outage") return "mass";
  if (names.hosts.includes(name)) return name;
  return names.sites.includes(name) ? `site:${name}` : null;
}
