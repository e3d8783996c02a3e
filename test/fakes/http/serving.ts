/**
 * An HTTP server on loopback that can be told to fail: what the fakes of webhooks and ntfy share.
 * Why: both are one POST, one answer, and the same faults (test/fakes/telegram/faults.ts, and two of the answer's body).
 * Must not: know what a request says; be reachable from outside this machine.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { actsFirst, type Fault } from "../telegram/faults.ts";
import { createWatch, openDoor } from "./door.ts";

export type HttpFault =
  | Fault
  /** Accepted; then the head of a 200 and a byte now and then, without end. */
  | { readonly kind: "slow_body" }
  /** Accepted; a 200 with so much of nothing. */
  | { readonly kind: "long_body"; readonly bytes: number };

export interface HonestAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRequestRecord {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the client got: an HTTP status, or nothing whole. */
  outcome: number | "pending" | "dropped" | "half" | "hung" | "endless";
  /** The service was asked and said yes. */
  accepted: boolean;
}

export interface Service {
  /** The true answer; what it accepts it keeps. */
  answer(request: HttpRequestRecord): HonestAnswer;
  /** A refusal in this service's own words. */
  refusal(status: number, description: string): HonestAnswer;
}

export interface Serving {
  readonly root: string;
  readonly port: number;
  readonly requests: readonly HttpRequestRecord[];
  /** For the next requests, in this order. */
  readonly faults: HttpFault[];
  /** Resolves when `condition` holds, looked at after each request and answer; rejects after `limitMs`. */
  waitUntil(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Closes the listening socket: connections are refused until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** More than that in a request is no message. */
const REQUEST_BYTES_MAX = 1_000_000;
const TRICKLE_MS = 20;

const HTML = "<html><body>Please log in to this network</body></html>";

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > REQUEST_BYTES_MAX) throw new Error("a request without end");
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A byte now and then, until the client has enough. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.write("{");
  const timer = setInterval(() => response.write(" "), TRICKLE_MS);
  response.once("close", () => clearInterval(timer));
}

function page(status: number, body: string): HonestAnswer {
  return { status, body, headers: { "content-type": "text/html" } };
}

export async function serve(service: Service): Promise<Serving> {
  const requests: HttpRequestRecord[] = [];
  const faults: HttpFault[] = [];
  const watch = createWatch(() => `requests: ${requests.map(({ outcome }) => String(outcome)).join(", ")}`);

  function put(response: ServerResponse, record: HttpRequestRecord, answer: HonestAnswer): void {
    record.outcome = answer.status;
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body);
  }

  /** The fault on the wire; `honest` is the true answer when the service was asked. */
  function fail(
    response: ServerResponse,
    record: HttpRequestRecord,
    fault: HttpFault,
    honest: HonestAnswer,
  ): void {
    switch (fault.kind) {
      case "too_many_requests": {
        const seconds = fault.retryAfterSeconds;
        const headers = seconds === undefined ? {} : { "retry-after": String(seconds) };
        put(response, record, { ...service.refusal(429, "limit reached: too many requests"), headers });
        break;
      }
      case "server_error": {
        const status = fault.status ?? 502;
        const html = page(status, "<html><h1>Bad Gateway</h1></html>");
        put(
          response,
          record,
          fault.body === "html" ? html : service.refusal(status, "internal server error"),
        );
        break;
      }
      case "drop":
        record.outcome = "dropped";
        response.socket?.resetAndDestroy();
        break;
      case "half_body":
        record.outcome = "half";
        response.writeHead(honest.status, { "content-length": Buffer.byteLength(honest.body) });
        response.write(honest.body.slice(0, Math.floor(honest.body.length / 2)), () => {
          response.socket?.destroy();
        });
        break;
      case "hang":
        record.outcome = "hung";
        break;
      case "html":
        put(response, record, page(200, HTML));
        break;
      case "parse_error":
        put(response, record, service.refusal(400, "invalid request"));
        break;
      case "refusal":
        put(response, record, service.refusal(fault.status, fault.description));
        break;
      case "raw":
        put(response, record, {
          status: fault.status,
          body: fault.body,
          ...(fault.headers ? { headers: fault.headers } : {}),
        });
        break;
      case "slow_body":
        record.outcome = "endless";
        trickle(response);
        break;
      case "long_body":
        put(response, record, { status: 200, body: " ".repeat(fault.bytes) });
        break;
    }
  }

  const isAfter = (fault: HttpFault) =>
    fault.kind === "slow_body" || fault.kind === "long_body" || actsFirst(fault);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record: HttpRequestRecord = {
      index: requests.length + 1,
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: await bodyOf(request),
      outcome: "pending",
      accepted: false,
    };
    requests.push(record);
    const ask = (): HonestAnswer => {
      const honest = service.answer(record);
      record.accepted = honest.status < 300;
      return honest;
    };
    const fault = faults.shift();
    if (!fault) put(response, record, ask());
    else fail(response, record, fault, isAfter(fault) ? ask() : { status: 0, body: "" });
    watch.changed();
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const { port, refuse, accept } = await openDoor(server);

  return {
    root: `http://127.0.0.1:${port}`,
    port,
    requests,
    faults,
    waitUntil: (condition, limitMs) => watch.until(condition, limitMs),
    refuse,
    accept,
    close: refuse,
  };
}
