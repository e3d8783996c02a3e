/**
 * Makes a text fit: names shorter and lists closer first, then what is needed least is left out.
 * Why one place: no theme has to know a limit, and none can be forgotten.
 * Must not: cut inside a line; a first line always stays.
 */
import { DENSITIES, type Body, type Density } from "./composition.ts";
import type { Line } from "./markup.ts";

export type Fits = (lines: readonly Line[]) => boolean;

export interface Fitted {
  readonly body: Body;
  /** The first line is the head. */
  readonly lines: readonly Line[];
}

/** `make` writes the text at a density, with what stands below it (a place, a number), the least needed first to go. */
export function fitted(
  make: (density: Density) => { readonly body: Body; readonly footer: readonly (Line | null)[] },
  fits: Fits,
): Fitted {
  let last: Fitted | null = null;
  for (const density of DENSITIES) {
    const { body, footer } = make(density);
    const lines = [body.head, ...body.lines, ...footer].filter((line) => line !== null);
    if (fits(lines)) return { body, lines };
    last = { body, lines: without(lines, [...body.spare, ...footer], fits) };
    if (fits(last.lines)) return last;
  }
  return last ?? { body: { head: [], lines: [], spare: [], withPlace: false }, lines: [] };
}

function without(lines: readonly Line[], spare: readonly (Line | null)[], fits: Fits): readonly Line[] {
  let shown = lines;
  for (const excess of spare) {
    if (fits(shown)) break;
    shown = shown.filter((line) => line !== excess);
  }
  return shown;
}
