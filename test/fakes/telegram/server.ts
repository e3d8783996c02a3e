/**
 * A strict Bot API server for tests: real HTTP on loopback, a ledger of accepted messages, a log of every request, and
 * scripted faults.
 * Why: "nothing lost, nothing doubled" is asserted on what Telegram accepted, never on what the client believes.
 * Must not: be kinder than Telegram, or be reachable from outside this machine.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createWatch, openDoor } from "../http/door.ts";
import { envelope, refusal, type MethodAnswer } from "./answer.ts";
import { readParameters } from "./body.ts";
import {
  actsFirst,
  answerWire,
  createFaultQueues,
  faultWire,
  type FaultQueues,
  type Wire,
} from "./faults.ts";
import { integer, type MethodContext } from "./call.ts";
import { createCommandLists, type BotCommand, type CommandLists } from "./command-lists.ts";
import { callMethod } from "./methods.ts";
import { createPeople, type People } from "./people.ts";
import { createQueries, type Queries } from "./queries.ts";
import { createUpdateQueue, type UpdateQueue } from "./updates.ts";
import { snapshotOf, type Snapshot } from "./snapshot.ts";
import { createWorld, type StoredMessage, type World } from "./world.ts";

export const FAKE_TOKEN = "7000000001:FAKE-token_for_tests-0123456789abcdef";

export interface RequestRecord {
  readonly index: number;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly atMs: number;
  /** What the client got: an HTTP status, or nothing whole. */
  outcome: number | "pending" | "dropped" | "half" | "hung";
  /** The world was asked and said yes. */
  accepted: boolean;
}

export interface FakeTelegramOptions {
  readonly port?: number;
  readonly token?: string;
  readonly botUsername?: string;
  readonly now?: () => number;
  readonly enforceQuota?: boolean;
  /** As BotFather was told; off, as a bot begins. */
  readonly inlineMode?: boolean;
  /** In groups the bot gets only commands and answers to itself; on, as a bot begins. */
  readonly privacyMode?: boolean;
  /** Paths under `/control/` go here instead of being a method. */
  readonly control?: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;
}

export interface FakeTelegram {
  readonly apiRoot: string;
  readonly port: number;
  /** The token that is right now; change it to revoke. */
  token: string;
  readonly world: World;
  readonly people: People;
  readonly updates: UpdateQueue;
  readonly faults: FaultQueues;
  /** Messages of the bot that were accepted, in order. */
  readonly ledger: readonly StoredMessage[];
  readonly requests: readonly RequestRecord[];
  /** Presses and inline queries, each with what the bot answered. */
  readonly queries: Queries;
  readonly commandLists: CommandLists;
  /** Every command of every list that stands. */
  readonly commands: readonly BotCommand[];
  readonly settings: { inlineMode: boolean; privacyMode: boolean };
  /** Everything people could have seen, for `pageOf` or a file. */
  snapshot(): Snapshot;
  setWebhook(url: string): void;
  requestsOf(method: string): readonly RequestRecord[];
  /** Resolves when `condition` holds, looked at after each change; rejects after `limitMs` with what there is. */
  waitUntil(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Closes the listening socket: connections are refused until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

export async function startFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const now = options.now ?? Date.now;
  const world = createWorld();
  const faults = createFaultQueues();
  const requests: RequestRecord[] = [];
  const watch = createWatch(() => {
    const last = requests.slice(-5).map((request) => `${request.method} ${request.outcome}`);
    return `${world.ledger.length} accepted, last requests ${last.join(", ")}`;
  });
  const { changed } = watch;
  const updates = createUpdateQueue(now, changed);
  const queries = createQueries();
  const commandLists = createCommandLists();
  const settings = { inlineMode: options.inlineMode ?? false, privacyMode: options.privacyMode ?? true };
  const bot = { id: 7_000_000_001, username: options.botUsername ?? "detak_uji_bot", name: "Detak" };
  const requestIndex = () => requests.length;
  const people = createPeople({ world, updates, queries, bot, settings, now, requestIndex, changed });
  let token = options.token ?? FAKE_TOKEN;
  let webhookUrl = "";

  /** Puts an answer, or what a fault made of it, on the wire. */
  function put(response: ServerResponse, record: RequestRecord, wire: Wire): void {
    switch (wire.type) {
      case "answer":
        record.outcome = wire.status;
        response.writeHead(wire.status, wire.headers);
        response.end(wire.body);
        break;
      case "drop":
        record.outcome = "dropped";
        response.socket?.resetAndDestroy();
        break;
      case "half":
        record.outcome = "half";
        response.writeHead(200, { "content-length": Buffer.byteLength(wire.body) });
        response.write(wire.body.slice(0, Math.floor(wire.body.length / 2)), () => {
          response.socket?.destroy();
        });
        break;
      case "hang":
        record.outcome = "hung";
        break;
    }
    changed();
  }

  async function ask(
    method: string,
    parameters: Awaited<ReturnType<typeof readParameters>>,
    record: RequestRecord,
    response: ServerResponse,
  ): Promise<MethodAnswer> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const context: MethodContext = {
      world,
      updates,
      queries,
      commandLists,
      bot,
      inlineMode: settings.inlineMode,
      get webhookUrl() {
        return webhookUrl;
      },
      set webhookUrl(url: string) {
        webhookUrl = url;
      },
      now,
      enforceQuota: options.enforceQuota ?? false,
      requestIndex: record.index,
      gone: gone.signal,
    };
    const result = await callMethod(method, parameters, context);
    record.accepted = result.status === 200;
    return result;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (options.control && url.pathname.startsWith("/control/")) {
      return options.control(request, response, url);
    }
    const path = /^\/bot([^/]*)\/([A-Za-z]+)$/.exec(url.pathname);
    const method = path?.[2] ?? "";
    const record: RequestRecord = {
      index: requests.length + 1,
      method,
      parameters: {},
      atMs: now(),
      outcome: "pending",
      accepted: false,
    };
    requests.push(record);
    const given = decodeURIComponent(path?.[1] ?? "");
    const refuseWith = (status: number, text: string) => {
      put(response, record, answerWire(status, envelope(refusal(status, text))));
    };
    // The real server answers 404 to what does not look like a token, 401 to one it does not know.
    if (!/^\d{6,}:[A-Za-z0-9_-]{30,}$/.test(given)) {
      refuseWith(404, "Not Found");
      return;
    }
    if (given !== token) {
      refuseWith(401, "Unauthorized");
      return;
    }
    const parameters = await readParameters(request, url.searchParams);
    Object.assign(record.parameters, Object.fromEntries(parameters.values));
    for (const [key, { name, bytes }] of parameters.files) {
      Object.assign(record.parameters, { [key]: `(file ${name}, ${bytes.length} bytes)` });
    }
    const chatId = integer(parameters, "chat_id");
    await faults.passed(method, chatId);
    const fault = faults.take(method, chatId);
    if (fault) {
      const honest = actsFirst(fault) ? envelope(await ask(method, parameters, record, response)) : "";
      put(response, record, faultWire(fault, honest));
      return;
    }
    const result = await ask(method, parameters, record, response);
    if (!response.destroyed) put(response, record, answerWire(result.status, envelope(result)));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(400, { "content-type": "application/json" });
      response.end(envelope(refusal(400, `Bad Request: ${String(error)}`)));
    });
  });
  const { port, refuse, accept } = await openDoor(server, options.port);

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    port,
    get token() {
      return token;
    },
    set token(next: string) {
      token = next;
    },
    world,
    people,
    updates,
    faults,
    get ledger() {
      return world.ledger;
    },
    requests,
    queries,
    commandLists,
    get commands() {
      return commandLists.all.flatMap((list) => list.commands);
    },
    settings,
    snapshot() {
      const { presses, inline } = queries;
      return snapshotOf({ world, bot, presses, inline, commands: commandLists.all });
    },
    setWebhook(url) {
      webhookUrl = url;
    },
    requestsOf(method) {
      return requests.filter((request) => request.method.toLowerCase() === method.toLowerCase());
    },
    waitUntil: (condition, limitMs) => watch.until(condition, limitMs),
    refuse,
    accept,
    async close() {
      updates.close();
      await refuse();
    },
  };
}
