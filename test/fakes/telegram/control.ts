/**
 * The control door of a stand-alone fake: what tests call directly, as JSON over HTTP, for tests with real processes.
 * Must not: be part of the Bot API; its paths begin with `/control/`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { transcriptOf } from "../transcript.ts";
import type { Fault } from "./faults.ts";
import type { PressInput, SayInput } from "./people.ts";
import type { FakeTelegram } from "./server.ts";
import type { ChatInput, Membership } from "./world.ts";

/** A wait is bounded, whatever was asked. */
const WAIT_MS_MAX = 300_000;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

type Answer = { readonly status: number; readonly value: unknown } | { readonly text: string };

const DONE: Answer = { status: 200, value: { ok: true } };

async function wait(fake: FakeTelegram, query: URLSearchParams): Promise<Answer> {
  const count = Number(query.get("count") ?? 1);
  const contains = query.get("contains") ?? "";
  const limitMs = Math.min(Number(query.get("timeoutMs") ?? 60_000), WAIT_MS_MAX);
  const found = () => fake.ledger.filter((message) => message.text.includes(contains)).length >= count;
  try {
    await fake.waitUntil(found, limitMs);
  } catch {
    return { status: 504, value: fake.ledger };
  }
  return { status: 200, value: fake.ledger };
}

async function act(fake: FakeTelegram, action: string, body: unknown, url: URL): Promise<Answer> {
  switch (action) {
    case "GET ledger":
      return { status: 200, value: fake.ledger };
    case "GET requests":
      return { status: 200, value: fake.requests };
    case "GET transcript":
      return { text: transcriptOf(fake.ledger, (id) => fake.world.chat(id)?.title ?? String(id)) };
    case "GET wait":
      return wait(fake, url.searchParams);
    case "POST faults": {
      const { method, fault, times } = body as { method: string; fault: Fault; times?: number };
      fake.faults.add(method, fault, times);
      return DONE;
    }
    case "POST faults/clear":
      fake.faults.clear();
      return DONE;
    case "POST chats":
      fake.world.addChat(body as ChatInput);
      return DONE;
    case "POST membership": {
      const { chatId, membership } = body as { chatId: number; membership: Membership };
      const chat = fake.world.chat(chatId);
      if (!chat) return { status: 404, value: { ok: false, error: "no such chat" } };
      chat.membership = membership;
      return DONE;
    }
    case "POST say":
      return { status: 200, value: { ok: true, updateId: fake.people.say(body as SayInput) } };
    case "POST press":
      return { status: 200, value: { ok: true, id: fake.people.press(body as PressInput) } };
    case "POST upgrade": {
      const { fromId, toId } = body as { fromId: number; toId: number };
      fake.people.upgrade(fromId, toId);
      return DONE;
    }
    case "POST token":
      fake.token = (body as { token: string }).token;
      return DONE;
    case "POST refuse":
      // Only of use when the control door has its own port.
      await fake.refuse();
      return DONE;
    case "POST accept":
      await fake.accept();
      return DONE;
    default:
      return { status: 404, value: { ok: false, error: `no such control: ${action}` } };
  }
}

/** Answers one request of the control door. */
export async function control(
  fake: FakeTelegram,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const action = `${request.method ?? "GET"} ${url.pathname.slice("/control/".length)}`;
  const body = request.method === "POST" ? await bodyOf(request) : {};
  const answer = await act(fake, action, body, url);
  const isText = "text" in answer;
  response.writeHead(isText ? 200 : answer.status, {
    "content-type": `${isText ? "text/plain" : "application/json"}; charset=utf-8`,
  });
  response.end(isText ? answer.text : JSON.stringify(answer.value));
}
