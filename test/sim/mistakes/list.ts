/**
 * All mistakes put in on purpose.
 */
import type { Mistake } from "./mistake.ts";
import { mistakesOfDelivery } from "./of-delivery.ts";
import { mistakesOfDetection } from "./of-detection.ts";
import { mistakesOfEvidence } from "./of-evidence.ts";
import { mistakesOfGroups } from "./of-groups.ts";
import { mistakesOfHearing } from "./of-hearing.ts";
import { mistakesOfQuiet } from "./of-quiet.ts";
import { mistakesOfStorage } from "./of-storage.ts";
import { mistakesOfTelling } from "./of-telling.ts";

export const mistakes: readonly Mistake[] = [
  ...mistakesOfHearing,
  ...mistakesOfDetection,
  ...mistakesOfEvidence,
  ...mistakesOfGroups,
  ...mistakesOfQuiet,
  ...mistakesOfDelivery,
  ...mistakesOfTelling,
  ...mistakesOfStorage,
];
