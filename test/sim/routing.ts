/**
 * Whom a world tells: routes, next steps, repeats, a fallback, and a chat of users; drawn from the seed alone.
 * Why apart from the plan's own draws: worlds that once failed must stay the worlds they were.
 * Must not: draw from the plan's or the world's generator.
 */
import { generator } from "../../shared/rng.ts";
import { recipientFrom, wishesUsual } from "../../collector/core/recipients.ts";
import { DEFAULT_ROUTE_ID, REPEATS_USUAL } from "../../collector/core/routes.ts";
import type { Recipient, Route } from "../../collector/core/types/registry.ts";
import type { Plan } from "./plan.ts";

const MINUTE_MS = 60_000;
/** So that it is another stream than the plan's and the world's. */
const SALT = 0x70ad5;

export interface Routing {
  readonly recipients: readonly Recipient[];
  readonly route: Route;
  /** Told at once, when they can be told. */
  readonly firstIds: ReadonlySet<string>;
  readonly fallbackId: string | null;
}

export function routingOf(plan: Pick<Plan, "seed" | "recipients">): Routing {
  const random = generator(plan.seed ^ SALT);
  for (let warm = 0; warm < 4; warm += 1) random();
  const all = plan.recipients.map(({ address }, index) => staff(index, address));
  const isUsual = random() < 0.4;
  const fallback =
    !isUsual && random() < 0.6 ? { ...staff(all.length, "ntfy"), channel: "ntfy" as const } : null;
  const users = random() < 0.4 ? { ...staff(all.length + 1, "7777"), audience: "users" as const } : null;
  const later = !isUsual && all.length > 1 && random() < 0.6 ? all.slice(1) : [];
  const first = all.filter((one) => !later.includes(one));
  const repeats = [[], REPEATS_USUAL, [5 * MINUTE_MS, 20 * MINUTE_MS], [15 * MINUTE_MS]];
  const route: Route = {
    id: DEFAULT_ROUTE_ID,
    name: "all",
    enabled: true,
    siteIds: [],
    tags: [],
    kinds: [],
    steps: [
      { afterMs: 0, to: later.length === 0 ? "everyone" : first.map(({ id }) => id) },
      ...later.map(({ id }, index) => ({ afterMs: (index + 1) * 7 * MINUTE_MS, to: [id] })),
    ],
    repeatMs: isUsual ? REPEATS_USUAL : (repeats[Math.floor(random() * repeats.length)] ?? []),
    fallbackRecipientIds: fallback ? [fallback.id] : [],
    createdWallMs: 0,
  };
  return {
    recipients: [...all, ...(fallback ? [fallback] : []), ...(users ? [users] : [])],
    route,
    firstIds: new Set(first.map(({ id }) => id)),
    fallbackId: fallback?.id ?? null,
  };
}

function staff(index: number, address: string): Recipient {
  const language = index % 2 === 0 ? "id" : "en";
  return recipientFrom(
    `r${index}`,
    wishesUsual({ channel: "telegram", address, name: `chat ${index}`, language }),
    0,
  );
}
