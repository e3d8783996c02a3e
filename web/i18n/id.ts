/**
 * Every Indonesian text of the panel, by section. The shape of this object is the list of texts; `en.ts` has the same.
 * Why functions where numbers stand: word order and plurals are the language's, not the page's.
 * Must not: hold a text itself, or markup; what is put in is escaped where it is rendered.
 */
import { idArranging } from "./id/arranging.ts";
import { idFrame } from "./id/frame.ts";
import { idStates } from "./id/states.ts";
import { idStory } from "./id/story.ts";
import { idTelling } from "./id/telling.ts";
import { idWatching } from "./id/watching.ts";

export const id = {
  ...idFrame,
  ...idStates,
  ...idStory,
  ...idWatching,
  ...idArranging,
  ...idTelling,
};

export type Texts = typeof id;
