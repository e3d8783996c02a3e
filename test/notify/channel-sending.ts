/**
 * Sends as the tests of the Telegram channel need them: what a message says, how it is told, to whom.
 * Must not: know a fault, or what becomes of a send.
 */
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import type { SendRequest, Telling } from "../../collector/notify/channel.ts";
import { recipient, telling } from "./fixtures.ts";

export interface How extends Partial<Omit<Telling, "message">> {
  readonly to?: Partial<Recipient>;
  readonly silent?: boolean;
}

/** One message to one chat. The telling's step is the message's, unless it is said. */
export function sending(
  says: Partial<Message> = {},
  { to = {}, silent = false, ...how }: How = {},
): SendRequest {
  return { tellings: [{ ...telling(says), ...how }], recipient: recipient(to), silent };
}

/** Several in one message, each with a number of its own. */
export function sendingSeveral(
  all: readonly [Partial<Message>, ...Partial<Message>[]],
  how: How = {},
): SendRequest {
  const { to = {}, silent = false, ...told } = how;
  const [first, ...others] = all.map((says, at) => ({
    ...telling({ incidentNumber: at + 1, ...says }),
    ...told,
  }));
  return { tellings: [first!, ...others], recipient: recipient(to), silent };
}

export const HANDLED = { acknowledgedBy: null, quiet: null, checked: null, announced: false } as const;
export const TAKEN: Message["handling"] = { ...HANDLED, acknowledgedBy: "Sari" };
