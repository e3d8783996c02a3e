/**
 * The fake Bot API as a process beside the collector: what it accepted is the truth about what people were told.
 * Must not: ask the collector what it believes it sent.
 */
import { join } from "node:path";
import { root, startProgram, type Program } from "./program.ts";
import { until } from "./wait.ts";

export interface AcceptedMessage {
  readonly chatId: number;
  readonly messageId: number;
  readonly method: string;
  readonly atMs: number;
  /** As it arrived: what a phone showed when it rang. */
  readonly text: string;
  /** As it is shown now, after its edits. */
  readonly shownText: string;
  readonly replyTo: number | null;
}

export interface Telegram {
  readonly apiRoot: string;
  readonly token: string;
  /** Accepted messages in their order. */
  ledger(): Promise<readonly AcceptedMessage[]>;
  addChat(chat: { readonly id: number; readonly type: string; readonly title: string }): Promise<void>;
  /** The next `times` (default 1) calls of `method` fail in this way. */
  fault(method: string, fault: Readonly<Record<string, unknown>>, times?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** What the bot is in a chat from now on, in the Bot API's words: `member`, `kicked`, … */
  setMembership(chatId: number, membership: string): Promise<void>;
  /** Closes the Bot API's port: connections are refused until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** The bot's token from now on, as @BotFather changes it; calls with another are refused. */
  setToken(token: string): Promise<void>;
  /** A person of a private chat blocks the bot, or lets it in again; the bot is told. */
  block(chatId: number): Promise<void>;
  unblock(chatId: number): Promise<void>;
  /** How often a method was called, accepted or not. */
  calls(method: string): Promise<number>;
}

/** Starts a fake Bot API on loopback. */
export async function createTelegram(started: (program: Program) => Program): Promise<Telegram> {
  const words = [
    "--import",
    "tsx",
    join(root, "test/fakes/telegram/main.ts"),
    "--port",
    "0",
    "--control-port",
    "0",
  ];
  return telegramAt(await telegramDoors(started(startProgram(words))));
}

/** What a fake Bot API says when it listens. */
export interface TelegramDoors {
  readonly apiRoot: string;
  readonly control: string;
  readonly token: string;
}

export async function telegramDoors(program: Program): Promise<TelegramDoors> {
  const line = await until("the fake Bot API listens", 40_000, () => {
    if (program.end !== null) throw new Error(`it ended: ${program.errors.slice(-5).join(" | ")}`);
    return program.output.find((text) => text.startsWith("{"));
  });
  return JSON.parse(line) as TelegramDoors;
}

/** A fake Bot API that runs, by its control door. */
export function telegramAt({ apiRoot, control, token }: TelegramDoors): Telegram {
  const call = async (method: string, action: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${control}/${action}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`fake Bot API, ${action}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    apiRoot,
    token,
    async ledger() {
      const ledger = (await call("GET", "ledger")) as (Omit<AcceptedMessage, "shownText"> & {
        readonly edits: readonly { readonly text: string }[];
      })[];
      return ledger.map(({ edits, ...message }) => ({
        ...message,
        text: edits[0]?.text ?? message.text,
        shownText: message.text,
      }));
    },
    async addChat(chat) {
      await call("POST", "chats", chat);
    },
    async fault(method, fault, times = 1) {
      await call("POST", "faults", { method, fault, times });
    },
    async clearFaults() {
      await call("POST", "faults/clear", {});
    },
    async setMembership(chatId, membership) {
      await call("POST", "membership", { chatId, membership });
    },
    async refuse() {
      await call("POST", "refuse", {});
    },
    async accept() {
      await call("POST", "accept", {});
    },
    async setToken(next) {
      await call("POST", "token", { token: next });
    },
    async block(chatId) {
      await call("POST", "block", { chatId });
    },
    async unblock(chatId) {
      await call("POST", "unblock", { chatId });
    },
    async calls(method) {
      const requests = (await call("GET", "requests")) as readonly { readonly method: string }[];
      return requests.filter((request) => request.method === method).length;
    },
  };
}
