/**
 * Why: as it was thought at the alert, and as it is known in the end.
 * Must not: judge; cause and confidence are the core's.
 */
import type { Cause } from "../../core/types/incident.ts";
import type { Message } from "../../core/types/telling.ts";
import { situationOf, type Situation } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";

/** Situations that already say the cause; saying it twice reads like a machine. */
const SAID: Readonly<Partial<Record<Situation, readonly Cause[]>>> = {
  agent_down: ["agent_stopped"],
  "agent_down/service": ["agent_stopped"],
  "site_down/lan": ["site_lan"],
  "site_down/agents": ["agent_stopped"],
  host_hung: ["host_hung"],
  collector_trouble: ["collector"],
  "collector_trouble/uplink": ["collector"],
  "collector_trouble/network": ["collector"],
  not_back: ["planned"],
  health: ["unknown"],
};

/** Empty: the situation says it. */
export function likelyCause(texts: Texts, message: Message): string {
  const said = SAID[situationOf(message)]?.includes(message.cause) ?? false;
  if (said) return message.confidence === "low" ? texts.evidenceThin : "";
  const cause = texts.cause[message.cause];
  return cause === "" ? texts.causeUnknown[message.confidence] : texts.causeLikely[message.confidence](cause);
}

export function finalCause(texts: Texts, message: Message): string {
  if (message.finalCause === null) {
    const cause = texts.cause[message.cause];
    return cause === "" ? texts.causeFinalUnknown : texts.causeLikely[message.confidence](cause);
  }
  const cause = texts.cause[message.finalCause];
  return cause === "" ? texts.causeFinalUnknown : texts.causeFinal(cause);
}
