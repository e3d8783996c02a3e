/**
 * What a message is made of before it is marked up: a first line, the lines below, and what of them may be left out.
 * Why apart: each theme writes its lines and knows no limit; one place makes them fit.
 * Must not: know a channel's markup.
 */
import type { Recipient } from "../../core/types/registry.ts";
import type { Telling } from "../channel.ts";
import type { Texts } from "../texts/texts.ts";
import type { Line } from "./markup.ts";

/** What is rendered of a telling: the rest of it is the channel's. */
export type Told = Pick<Telling, "message" | "reason" | "repeat" | "queuedWallMs">;

/** How closely it is written: names of so many characters, so many rows of a list. */
export interface Density {
  readonly nameMax: number;
  readonly rowsMax: number;
}

/** For whom, and how closely. */
export interface Setting extends Density {
  readonly texts: Texts;
  readonly recipient: Recipient;
  /** There are buttons below, and it can send commands. */
  readonly canAct: boolean;
}

export interface Body {
  /** State, server, site: all that a locked phone shows. */
  readonly head: Line;
  /** In order; a `null` is left out. */
  readonly lines: readonly (Line | null)[];
  /** Those of `lines` that are left out first when the message would be too long. */
  readonly spare: readonly (Line | null)[];
  /** The place on the map belongs to it. */
  readonly withPlace: boolean;
}

/** From roomy to close. Twenty messages in one fit before the last. */
export const DENSITIES: readonly Density[] = [
  { nameMax: 40, rowsMax: 30 },
  { nameMax: 28, rowsMax: 30 },
  { nameMax: 20, rowsMax: 30 },
  { nameMax: 14, rowsMax: 20 },
  { nameMax: 9, rowsMax: 15 },
  { nameMax: 6, rowsMax: 8 },
  { nameMax: 3, rowsMax: 4 },
  // Never reached by what is folded together: of each message only what happened and its number.
  { nameMax: 0, rowsMax: 4 },
];

export function isShort({ recipient }: Setting): boolean {
  return recipient.detail === "short";
}
