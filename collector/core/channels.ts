/**
 * What the outbox must know of each channel: its pace, and what it can do.
 * Why data: the outbox decides when and how often; a channel only makes one attempt.
 * Must not: name a host, or decide anything.
 */
import type { ChannelName } from "./types/registry.ts";
import type { Step } from "./types/telling.ts";

interface ChannelTraits {
  /** The other side knows a message by its id: sent twice it is one. An unknown fate may be tried again unmarked. */
  readonly isIdempotent: boolean;
  /** An accepted message can be shown anew in its place. */
  readonly canEdit: boolean;
  /** Rows that one message may tell; 1: each its own. */
  readonly foldMax: number;
  /** Messages under way at one time; whose turn it is beyond them waits untried. */
  readonly atOnceMax: number;
  /** The longest wait before another try; null: as for people, who are told soon (`times.retryCapMs`). */
  readonly retryCapMs: number | null;
  /** What could not be delivered for so long is given up; null: never, it is told late. */
  readonly giveUpMs: number | null;
  /** The least time between two messages to one address. */
  readonly paceMs: (address: string) => number;
}

const MINUTE_MS = 60_000;

const traits: Readonly<Record<ChannelName, ChannelTraits>> = {
  telegram: {
    isIdempotent: false,
    canEdit: true,
    // Twenty lines of a title, a place and a time stay below a chat's 4,096 characters.
    foldMax: 20,
    // It takes about 30 messages a second of a bot; more would only wait for 429.
    atOnceMax: 30,
    retryCapMs: null,
    giveUpMs: null,
    // At most 1 message a second and chat, 20 a minute and group (whose ids are negative).
    paceMs: (address) => (address.startsWith("-") ? 3_000 : 1_000),
  },
  webhook: {
    isIdempotent: true,
    canEdit: false,
    foldMax: 1,
    atOnceMax: 30,
    retryCapMs: 30 * MINUTE_MS,
    giveUpMs: 24 * 60 * MINUTE_MS,
    paceMs: () => 0,
  },
  ntfy: {
    isIdempotent: false,
    canEdit: false,
    foldMax: 10,
    atOnceMax: 30,
    retryCapMs: null,
    giveUpMs: null,
    paceMs: () => 1_000,
  },
};

export function traitsOf(channel: ChannelName): ChannelTraits {
  return traits[channel];
}

/** Steps whose loss would leave somebody in the dark: told again when their fate is unknown, and by a fallback. */
const news: ReadonlySet<Step> = new Set<Step>([
  "down",
  "worse",
  "recovered",
  "told_late",
  "announced",
  "announced_over",
  "never_came",
  "flapping",
  "flapping_digest",
  "flapping_over",
  "duplicate",
  "duplicate_over",
  "channel_lost",
  "channel_back",
]);

/** False: it may wait for the next change, and is not repeated when its fate is unknown. */
export function isNews(step: Step): boolean {
  return news.has(step);
}

/** Steps that one message may tell together with others. */
export function isFoldable(step: Step): boolean {
  return (news.has(step) && step !== "announced" && step !== "announced_over") || step === "repeat";
}

/** Steps about which a fallback must not stay in the dark: they tell of an outage. */
export function tellsOutage(step: Step): boolean {
  return step === "down" || step === "worse" || step === "told_late" || step === "flapping";
}

/** Steps that show a message anew, or add to one: no turn of their own in the order of news, and always behind it. */
export function isBeside(step: Step): boolean {
  return step === "edit" || step === "pin" || step === "board";
}
