/**
 * English, with the same keys and the same tone as Indonesian.
 * Tone: short, kind, exact; readable on a phone at three at night.
 * Must not: hold what belongs to a theme; those are in en/.
 */
import { enAnswers } from "./en/answers.ts";
import { enEvidence } from "./en/evidence.ts";
import { enHandling } from "./en/handling.ts";
import { enMeasures } from "./en/measures.ts";
import { enNotices } from "./en/notices.ts";
import { enOutage } from "./en/outage.ts";
import { enSummary } from "./en/summary.ts";
import { enUsers } from "./en/users.ts";
import type { Texts } from "./texts.ts";

export const en: Texts = {
  ...enOutage,
  ...enNotices,
  ...enMeasures,
  evidence: enEvidence,
  handling: enHandling,
  users: enUsers,
  summary: enSummary,
  answers: enAnswers,
  linked: "✅ Linked. News about servers will come here.",
  alreadyLinked: "This chat is linked already; nothing has changed.",
  codeRefused: "That code is not valid or has expired. Please ask for a new one in the panel.",
};
