/**
 * Every English text of the panel, by section: each section has the keys of its Indonesian one, checked by the compiler.
 * Must not: hold a text itself, or markup; what is put in is escaped where it is rendered.
 */
import { enArranging } from "./en/arranging.ts";
import { enFrame } from "./en/frame.ts";
import { enStates } from "./en/states.ts";
import { enStory } from "./en/story.ts";
import { enTelling } from "./en/telling.ts";
import { enWatching } from "./en/watching.ts";
import type { Texts } from "./id.ts";

export const en: Texts = {
  ...enFrame,
  ...enStates,
  ...enStory,
  ...enWatching,
  ...enArranging,
  ...enTelling,
};
