/**
 * Whether the store took the effect of an update.
 * Why: an update whose effect was not kept must be asked for again; one that was refused for a reason is handled.
 */
import type { Reply } from "../../core/types/effects.ts";

/** The store did not take the effect; the update must be asked for again. */
export class NotTaken extends Error {}

/** The core's answer; rejects with `NotTaken` when the store refused and nothing was done. */
export async function committed(pushing: Promise<Reply>): Promise<Reply> {
  const reply = await pushing;
  if (!reply.ok && reply.code === "store_failing") throw new NotTaken("the store did not take an update");
  return reply;
}
