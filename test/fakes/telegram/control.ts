/**
 * The control door of a stand-alone fake: what tests call directly, as JSON over HTTP, for tests with real processes.
 * Must not: be part of the Bot API; its paths begin with `/control/`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { transcriptOf } from "../transcript.ts";
import type { AddInput, ComingInput, RightsInput } from "./comings.ts";
import type { Fault } from "./faults.ts";
import { PAGE_ZONE, pageOf } from "./page.ts";
import type { InlineInput, PressInput, ReactInput, SayInput } from "./people.ts";
import type { FakeTelegram } from "./server.ts";
import type { BotRights, ChatInput, Membership } from "./world.ts";

/** A wait is bounded, whatever was asked. */
const WAIT_MS_MAX = 300_000;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

type Answer =
  | { readonly status: number; readonly value: unknown }
  | { readonly text: string; readonly type: "text/plain" | "text/html" };

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

function setMembership(fake: FakeTelegram, body: unknown): Answer {
  const { chatId, membership, ...rights } = body as {
    chatId: number;
    membership?: Membership;
  } & BotRights;
  const chat = fake.world.chat(chatId);
  if (!chat) return { status: 404, value: { ok: false, error: "no such chat" } };
  if (membership !== undefined) chat.membership = membership;
  const { canPin, canDelete, administrator } = rights;
  if (canPin !== undefined) chat.canPin = canPin;
  if (canDelete !== undefined) chat.canDelete = canDelete;
  if (administrator !== undefined) chat.administrator = administrator;
  return DONE;
}

type Act = (fake: FakeTelegram, body: unknown, url: URL) => Answer | Promise<Answer>;

const json = (value: unknown): Answer => ({ status: 200, value });
const updated = (updateId: number): Answer => json({ ok: true, updateId });

/** What people do, by name; `inline` and `press` give the query's id, the others the update's (0: the bot got none). */
const PEOPLE: Readonly<Record<string, Act>> = {
  "POST say": (fake, body) => updated(fake.people.say(body as SayInput)),
  "POST press": (fake, body) => json({ ok: true, id: fake.people.press(body as PressInput) }),
  "POST react": (fake, body) => updated(fake.people.react(body as ReactInput)),
  "POST inline": (fake, body) => json({ ok: true, id: fake.people.inline(body as InlineInput) }),
  "POST block": (fake, body) => updated(fake.people.blockBot(body as ComingInput)),
  "POST unblock": (fake, body) => updated(fake.people.unblockBot(body as ComingInput)),
  "POST add": (fake, body) => updated(fake.people.addBot(body as AddInput)),
  "POST kick": (fake, body) => updated(fake.people.kickBot(body as ComingInput)),
  "POST promote": (fake, body) => updated(fake.people.promoteBot(body as RightsInput)),
  "POST upgrade": (fake, body) => {
    const { fromId, toId } = body as { fromId: number; toId: number };
    fake.people.upgrade(fromId, toId);
    return DONE;
  },
};

const ACTS: Readonly<Record<string, Act>> = {
  ...PEOPLE,
  "GET ledger": (fake) => json(fake.ledger),
  "GET world": (fake) => json(fake.snapshot()),
  "GET requests": (fake) => json(fake.requests),
  "GET presses": (fake) => json(fake.queries.presses),
  "GET inline": (fake) => json(fake.queries.inline),
  "GET commands": (fake) => json(fake.commandLists.all),
  "GET transcript": (fake, _body, url) => {
    const messages = url.searchParams.has("all") ? fake.world.messages : fake.ledger;
    const text = transcriptOf(messages, (id) => fake.world.chat(id)?.title ?? String(id));
    return { text, type: "text/plain" };
  },
  "GET page": (fake, _body, url) => {
    const zone = url.searchParams.get("zone") ?? PAGE_ZONE;
    return { text: pageOf(fake.snapshot(), { zone }), type: "text/html" };
  },
  "GET wait": (fake, _body, url) => wait(fake, url.searchParams),
  "POST faults": (fake, body) => {
    const { method, fault, times, chatId } = body as {
      method: string;
      fault: Fault;
      times?: number;
      chatId?: number;
    };
    fake.faults.add(method, fault, times, chatId);
    return DONE;
  },
  "POST faults/clear": (fake) => {
    fake.faults.clear();
    return DONE;
  },
  "POST chats": (fake, body) => {
    fake.world.addChat(body as ChatInput);
    return DONE;
  },
  "POST membership": setMembership,
  "POST settings": (fake, body) => {
    const { inlineMode, privacyMode } = body as { inlineMode?: boolean; privacyMode?: boolean };
    if (inlineMode !== undefined) fake.settings.inlineMode = inlineMode;
    if (privacyMode !== undefined) fake.settings.privacyMode = privacyMode;
    return DONE;
  },
  "POST token": (fake, body) => {
    fake.token = (body as { token: string }).token;
    return DONE;
  },
  // Only of use when the control door has its own port.
  "POST refuse": async (fake) => {
    await fake.refuse();
    return DONE;
  },
  "POST accept": async (fake) => {
    await fake.accept();
    return DONE;
  },
};

/** Answers one request of the control door. */
export async function control(
  fake: FakeTelegram,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const action = `${request.method ?? "GET"} ${url.pathname.slice("/control/".length)}`;
  const body = request.method === "POST" ? await bodyOf(request) : {};
  const act = Object.hasOwn(ACTS, action) ? ACTS[action] : undefined;
  const answer: Answer = act
    ? await act(fake, body, url)
    : { status: 404, value: { ok: false, error: `no such control: ${action}` } };
  const isText = "text" in answer;
  response.writeHead(isText ? 200 : answer.status, {
    "content-type": `${isText ? answer.type : "application/json"}; charset=utf-8`,
  });
  response.end(isText ? answer.text : JSON.stringify(answer.value));
}
