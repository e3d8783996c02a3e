/**
 * Mistakes about telling: whom, next steps, repeats, stand-ins, several at once, messages shown anew.
 */
import { mistake, type Mistake } from "./mistake.ts";
import { pressedAndStillDown } from "./stories.ts";

const claiming = "collector/core/claiming.ts";
const telling = "collector/core/telling.ts";
const handling = "collector/core/handling.ts";

export const mistakesOfTelling: readonly Mistake[] = [
  mistake(
    "whoever takes an incident is told again and again all the same",
    handling,
    "acknowledgedBy: event.by, pursuits: [] });",
    "acknowledgedBy: event.by });",
  ),
  mistake(
    "the next recipients are told at once",
    telling,
    "if (step && pursuit.toldCoreMs + step.afterMs <= draft.nowMs) {",
    "if (step) {",
  ),
  mistake(
    "quiet that staff asked for holds nothing back",
    telling,
    "if (isQuiet(draft, incident) || inMaintenance(draft, incident)) continue;",
    "if (inMaintenance(draft, incident)) continue;",
    pressedAndStillDown,
  ),
  mistake(
    "a stand-in is told of everything",
    "collector/core/routes.ts",
    "? !route.fallbackRecipientIds.includes(recipient.id)",
    "? true",
  ),
  mistake(
    "a stand-in is told that it is down after it is over",
    telling,
    'const step = isOver ? "told_late" : row.step;',
    "const step = row.step;",
  ),
  mistake(
    "a message of several drops one of them",
    claiming,
    "return foldable.slice(0, traitsOf(first.channel).foldMax);",
    'return foldable.slice(0, traitsOf(first.channel).foldMax).map((row, at) => (at === 1 ? { ...row, id: foldable[0]?.id ?? "" } : row));',
  ),
  mistake(
    "two are told by one message",
    claiming,
    "export const FOLD_FROM = 4;",
    "export const FOLD_FROM = 2;",
  ),
  mistake(
    "it is said to go on after it is over",
    "collector/core/outbox.ts",
    "supersedeRepeats(draft, incident.id, recipient.id);",
    "void supersedeRepeats;",
  ),
  mistake(
    "an edit is told as news",
    "collector/core/channels.ts",
    'return step === "edit" || step === "pin" || step === "board";',
    'return step === "pin" || step === "board";',
  ),
];
