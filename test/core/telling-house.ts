/**
 * What stories of telling share: a house of servers and recipients, how a channel answers, and what was told to whom.
 * Must not: expect anything of a story's own.
 */
import { expect } from "vitest";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { DeliveryOutcome } from "../../collector/core/types/telling.ts";
import { minute, routeOf, second } from "./records.ts";
import { createHearingStage } from "./stage.ts";
import type { SendRule, Stage, StageOptions } from "./stage.ts";

export const sent: DeliveryOutcome = { type: "sent", externalId: "m1" };
export const refused: DeliveryOutcome = { type: "retry", error: "connection refused", retryAfterMs: null };
export const unknown: DeliveryOutcome = { type: "unknown", error: "timeout" };
export const gone: DeliveryOutcome = { type: "rejected", error: "blocked", scope: "recipient" };

/** Servers x0, x1, … that beat, and recipients. */
export function houseWith(
  recipients: Readonly<Record<string, Partial<Recipient>>>,
  servers = 1,
  options: StageOptions = {},
): Stage {
  const stage = createHearingStage(options);
  for (const [id, changes] of Object.entries(recipients)) stage.link(id, changes);
  for (let index = 0; index < servers; index += 1) stage.add(`x${index}`);
  for (let index = 0; index < servers; index += 1) stage.playAgent(`x${index}`);
  stage.pass(5 * minute);
  return stage;
}

export function fall(stage: Stage, ...serverIds: string[]): void {
  for (const id of serverIds) stage.stopAgent(id);
  stage.pass(184 * second);
  for (const id of serverIds) expect(stage.status(id)).toBe("down");
}

export function rise(stage: Stage, ...serverIds: string[]): void {
  for (const id of serverIds) stage.playAgent(id);
  stage.pass(20 * second);
}

/** `step recipient`, in order. */
export const told = (stage: Stage) => stage.sent().map(({ step, recipientId }) => `${step} ${recipientId}`);
export const only = (recipientId: string, outcome: DeliveryOutcome | null): SendRule => {
  return (_row, recipient) => (recipient.id === recipientId ? outcome : sent);
};

export function reasons(stage: Stage, serverId = "x0"): string[] {
  return stage
    .incident(serverId)
    .timeline.flatMap(({ what }) =>
      what.type === "notify" ? [`${what.recipientName ?? "nobody"} ${what.reason} ${what.send}`] : [],
    );
}

export function route(stage: Stage, id: string, changes: Parameters<typeof routeOf>[1]): void {
  expect(stage.push({ type: "route_saved", route: routeOf(id, changes) }).reply.ok).toBe(true);
}
