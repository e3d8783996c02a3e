/**
 * A second voice with a host's own key: what a clone, a replayed program or a careless script would say.
 * Why the e2e stranger: it speaks the protocol as it is told to, not as an agent would.
 * Must not: use the agent's session code.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { loadIdentity } from "../../agent/identity.ts";
import { createAgentKeys } from "../../agent/keys.ts";
import type { GoodbyeReason } from "../../collector/core/types/server.ts";
import { closeCodes } from "../../shared/close-codes.ts";
import { connect, openSession, proveOf, type Stranger } from "../e2e/stranger.ts";
import { until } from "../e2e/wait.ts";
import type { Host } from "./host.ts";
import { HEARTBEAT_SECONDS } from "./scenario.ts";
import type { World } from "./world.ts";

const ANSWER_LIMIT_MS = 15_000;

async function sessionAs(world: World, host: Host): Promise<Stranger> {
  const identity = await loadIdentity(host.stateFolder, () => undefined);
  if (identity === null) throw new Error(`${host.plan.name} has no identity`);
  return openSession(world.doorUrl, identity.keys, `boot-${randomUUID()}`);
}

function acknowledged(stranger: Stranger, sequence: number): Promise<unknown> {
  return until(`${sequence} is acknowledged`, ANSWER_LIMIT_MS, () =>
    stranger.received.some((message) => message.type === "ack" && message.sequence >= sequence),
  );
}

/** Opens a session, beats each η, says goodbye if asked to, and is gone. */
export async function speakAs(
  world: World,
  host: Host,
  words: {
    readonly beats: number;
    readonly goodbye?: { readonly reason: GoodbyeReason; readonly awayForSeconds: number };
  },
): Promise<void> {
  const stranger = await sessionAs(world, host);
  for (let sequence = 1; sequence <= words.beats; sequence += 1) {
    if (sequence > 1) await delay(HEARTBEAT_SECONDS * 1_000);
    stranger.send({ type: "beat", sequence });
    await acknowledged(stranger, sequence);
  }
  if (words.goodbye !== undefined) {
    const { reason, awayForSeconds } = words.goodbye;
    const sequence = words.beats + 1;
    stranger.send({ type: "goodbye", sequence, reason, awayForMs: awayForSeconds * 1_000 });
    await acknowledged(stranger, sequence);
  }
  stranger.end();
}

/** A goodbye in the host's name by somebody who has not its key: before any proof, and behind one with a key of their own. */
export async function forgeGoodbye(world: World): Promise<void> {
  const unproven = await connect(world.doorUrl);
  unproven.send({ type: "goodbye", sequence: 1, reason: "shutdown" });
  await expectClose(unproven, closeCodes.bad_message.code);
  const unknown = await connect(world.doorUrl);
  unknown.send(proveOf(unknown, createAgentKeys()));
  await expectClose(unknown, closeCodes.unknown_agent.code);
}

async function expectClose(stranger: Stranger, expected: number): Promise<void> {
  const { code } = await stranger.closed();
  if (code !== expected) throw new Error(`closed with ${code}, not ${expected}`);
}
