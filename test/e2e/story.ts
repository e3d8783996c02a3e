/**
 * What happens to a server in these tests, as conditions to wait for.
 */
import { expect } from "vitest";
import type { IncidentAnswer } from "./api.ts";
import type { AcceptedMessage } from "./telegram.ts";
import { DOWN_AFTER_SECONDS, type World } from "./world.ts";
import { until } from "./wait.ts";

/**
 * A condition of a story holds within this, or never will. Waiting ends at once when it holds, so the bound costs nothing:
 * it only has to outlast the stalls of a loaded machine (30 s proved too short). How late a verdict came is read from the
 * incident, not from here.
 */
export const STORY_LIMIT_MS = 90_000;
/** T, and the grace after a start of the collector (T/2), before that. */
const VERDICT_LIMIT_MS = DOWN_AFTER_SECONDS * 1.5 * 1_000 + STORY_LIMIT_MS;
/** A whole story: more than its longest waits together, so that the one that failed is named. */
export const STORY = { timeout: 600_000 };

/** The one incident of the server, once it is down. */
export async function downIncident(world: World, serverId: string): Promise<IncidentAnswer> {
  const incident = await until("an incident is open", VERDICT_LIMIT_MS, async () => {
    const all = await world.api.incidents();
    return all.find((one) => one.serverId === serverId && one.endedAt === null);
  });
  expect((await world.api.server(serverId)).status).toBe("down");
  return incident;
}

/** Up again, and its incidents closed. */
export async function recovered(world: World, serverId: string): Promise<void> {
  await until("the server is up again", STORY_LIMIT_MS, async () => {
    const { status } = await world.api.server(serverId);
    return status === "up";
  });
  const open = (await world.api.incidents()).filter((incident) => incident.endedAt === null);
  expect(open).toEqual([]);
}

/** From the last heartbeat to the verdict, as the collector says it. */
export function silenceSeconds(incident: IncidentAnswer): number {
  return (Date.parse(incident.detectedAt) - Date.parse(incident.startedAt)) / 1_000;
}

/** Exactly so many messages were accepted: waits for them, then looks whether there are more. */
export async function told(
  world: World,
  count: number,
  limitMs = STORY_LIMIT_MS,
): Promise<readonly AcceptedMessage[]> {
  const ledger = await until(`${count} messages were accepted`, limitMs, async () => {
    const messages = await world.telegram.ledger();
    return messages.length >= count && messages;
  });
  expect(ledger.map((message) => message.text)).toHaveLength(count);
  return ledger;
}

/**
 * Exactly so many messages were accepted, and the collector has written down that they were. Accepted alone is not
 * enough before a kill: a collector that is killed between the two repeats the message a minute later, marked, and
 * rightly so (a test of collector-restart failed by that on a loaded machine).
 */
export async function toldAndSettled(
  world: World,
  incident: IncidentAnswer,
  count: number,
): Promise<readonly AcceptedMessage[]> {
  const ledger = await told(world, count);
  await until("the collector knows what was accepted", STORY_LIMIT_MS, async () => {
    const statuses = await world.api.notificationStatuses(incident.id);
    return statuses.length === count && statuses.every((status) => status === "sent");
  });
  return ledger;
}

/** Watches until the server has been heard for longer than a verdict could take, from now; nothing was told. */
export async function stillFine(world: World, serverId: string): Promise<void> {
  const fromMs = Date.now();
  const watchedMs = (DOWN_AFTER_SECONDS + 4) * 1_000;
  await until("the server was heard past any verdict", watchedMs + VERDICT_LIMIT_MS, async () => {
    const { lastHeartbeatAt } = await world.api.server(serverId);
    return lastHeartbeatAt !== null && Date.parse(lastHeartbeatAt) >= fromMs + watchedMs;
  });
  expect((await world.api.server(serverId)).status).toBe("up");
  expect(await world.api.incidents()).toEqual([]);
  expect(await world.telegram.ledger()).toEqual([]);
}
