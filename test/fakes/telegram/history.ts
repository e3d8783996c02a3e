/**
 * What happened to a message after it was sent, in order: what a person saw change, and what they did with it.
 * Why in the ledger: an edit, a toast or a pin is as much told to people as a new message.
 * Must not: know how any of it is shown.
 */
import type { Entity } from "./entities.ts";
import type { Button, Person } from "./world.ts";

export type HappenedToMessage =
  /** Text, caption or keyboard changed; `before` is what stood there until then. */
  | {
      readonly kind: "edited";
      readonly what: "text" | "caption" | "keyboard";
      readonly before: {
        readonly text: string;
        readonly entities: readonly Entity[];
        readonly buttons: readonly (readonly Button[])[];
      };
    }
  | { readonly kind: "pinned"; readonly silent: boolean }
  | { readonly kind: "unpinned" }
  /** `by` is null for the bot; an empty list takes the reaction away. */
  | { readonly kind: "reacted"; readonly by: Person | null; readonly emoji: readonly string[] }
  | {
      readonly kind: "pressed";
      readonly by: Person;
      readonly pressId: string;
      readonly button: string;
      readonly callbackData: string;
    }
  /** The bot answered a press: a toast when there is a text, a box to close when `alert`. */
  | {
      readonly kind: "answered";
      readonly pressId: string;
      readonly text: string;
      readonly alert: boolean;
      readonly url: string | null;
    }
  | { readonly kind: "deleted" };

/** `order` counts everything that happens in the world: two things in the same millisecond still have one. */
export type HistoryEntry = { readonly atMs: number; readonly order: number } & HappenedToMessage;
