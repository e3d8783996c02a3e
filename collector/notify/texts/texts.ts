/**
 * The shape of what a channel says, the same in every language: the compiler refuses a missing key, kind or cause.
 * Why by theme: what is read together is worded together (shapes/, id/, en/).
 * Must not: hold markup, escape anything, or know Telegram.
 */
import type { AnswerTexts } from "./shapes/answers.ts";
import type { EvidenceTexts } from "./shapes/evidence.ts";
import type { HandlingTexts } from "./shapes/handling.ts";
import type { MeasureTexts } from "./shapes/measures.ts";
import type { NoticeTexts } from "./shapes/notices.ts";
import type { OutageTexts } from "./shapes/outage.ts";
import type { SummaryTexts } from "./shapes/summary.ts";
import type { UserTexts } from "./shapes/users.ts";

export interface Texts extends OutageTexts, NoticeTexts, MeasureTexts {
  readonly evidence: EvidenceTexts;
  readonly handling: HandlingTexts;
  readonly users: UserTexts;
  readonly summary: SummaryTexts;
  readonly answers: AnswerTexts;
  readonly linked: string;
  readonly alreadyLinked: string;
  readonly codeRefused: string;
}
