/**
 * Bahasa Indonesia: the first language of the people who are woken by these messages.
 * Tone: short, kind, exact; readable on a phone at three at night.
 * Must not: hold what belongs to a theme; those are in id/.
 */
import { idAnswers } from "./id/answers.ts";
import { idEvidence } from "./id/evidence.ts";
import { idHandling } from "./id/handling.ts";
import { idMeasures } from "./id/measures.ts";
import { idNotices } from "./id/notices.ts";
import { idOutage } from "./id/outage.ts";
import { idSummary } from "./id/summary.ts";
import { idUsers } from "./id/users.ts";
import type { Texts } from "./texts.ts";

export const id: Texts = {
  ...idOutage,
  ...idNotices,
  ...idMeasures,
  evidence: idEvidence,
  handling: idHandling,
  users: idUsers,
  summary: idSummary,
  answers: idAnswers,
  linked: "✅ Terhubung. Kabar tentang server akan datang ke sini.",
  alreadyLinked: "Chat ini memang sudah terhubung; tidak ada yang berubah.",
  codeRefused: "Kode itu tidak berlaku atau sudah kedaluwarsa. Mintalah kode baru dari panel.",
};
