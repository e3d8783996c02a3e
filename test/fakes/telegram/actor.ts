/**
 * Who does something in the fake Telegram, and what the doing needs.
 * Must not: do anything.
 */
import type { BotIdentity } from "./message.ts";
import type { Queries } from "./queries.ts";
import type { UpdateQueue } from "./updates.ts";
import type { Chat, Person, World } from "./world.ts";

/** Who does it; in private it is the chat itself when nobody is named. */
export interface Actor {
  readonly fromId?: number;
  readonly fromName?: string;
  readonly username?: string;
  readonly languageCode?: string;
}

export interface PeopleParts {
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly queries: Queries;
  readonly bot: BotIdentity;
  /** As BotFather was told; both may change. */
  readonly settings: { readonly privacyMode: boolean; readonly inlineMode: boolean };
  readonly now: () => number;
  readonly requestIndex: () => number;
  readonly changed: () => void;
}

/** The person of an action, known by now under the name that was given. */
export function actorOf(world: World, input: Actor, chat: Chat | null): Person {
  const id = input.fromId ?? chat?.id ?? 0;
  const known = world.people.get(id);
  const name = input.fromName ?? known?.name ?? "Orang";
  const person = {
    id,
    name,
    ...(input.username === undefined ? {} : { username: input.username }),
    ...(input.languageCode === undefined ? {} : { languageCode: input.languageCode }),
  };
  return world.meet(person, chat ?? undefined);
}
