/**
 * A strict ntfy server: publishing as JSON, with the real one's limits, codes and words (server.go and errors.go of ntfy 2).
 * Why: "nothing lost, nothing doubled" is asserted on what the server accepted, never on what the client believes.
 * Must not: be kinder than ntfy. In one thing it is stricter: it refuses fields that it does not know.
 */
import { serve, type HonestAnswer, type HttpRequestRecord, type Serving } from "../http/serving.ts";

export const FAKE_TOKEN = "tk_FAKEtokenForTests0123456789abcd";
export const FAKE_TOPIC = "kantor-pusat-9f3k2";

const MESSAGE_BYTES_MAX = 4_096;
const FIELDS = new Set(["topic", "title", "message", "priority", "tags", "click"]);
/** Names that ntfy keeps for itself. */
const DISALLOWED = new Set([
  "docs",
  "static",
  "file",
  "app",
  "metrics",
  "account",
  "settings",
  "signup",
  "login",
]);

export interface AcceptedMessage {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click: string | null;
  /** Too long for a message: people get a file. */
  readonly isAttachment: boolean;
}

export interface FakeNtfy extends Serving {
  /** The address of a topic here. */
  topicUrl(topic?: string): string;
  readonly ledger: readonly AcceptedMessage[];
  /** The token that is right now; null: everybody may publish. */
  token: string | null;
}

/** ntfy's own code is the status and two digits. */
function refused(status: number, error: string, digits = 1): HonestAnswer {
  return { status, body: JSON.stringify({ code: status * 100 + digits, http: status, error }) };
}

function publish(body: string, id: string): AcceptedMessage | HonestAnswer {
  if (Buffer.byteLength(body) > 2 * MESSAGE_BYTES_MAX) return refused(413, "JSON body too large", 3);
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return refused(400, "invalid request: request body must be message JSON", 17);
  }
  const strange = Object.keys(fields).filter((name) => !FIELDS.has(name));
  if (strange.length > 0) return refused(400, `a field of the fake's own refusal: ${strange.join()}`, 17);
  const { topic, title = "", message = "", priority = 3, tags = [], click = "" } = fields;
  if (typeof topic !== "string" || !/^[-_A-Za-z0-9]{1,64}$/.test(topic))
    return refused(400, "invalid request: topic invalid", 9);
  if (DISALLOWED.has(topic)) return refused(400, "invalid request: topic name is disallowed", 10);
  if (typeof priority !== "number" || ![1, 2, 3, 4, 5].includes(priority))
    return refused(400, "invalid priority parameter", 7);
  const texts = [title, message, click].every((text) => typeof text === "string");
  if (!texts || !Array.isArray(tags) || !tags.every((tag) => typeof tag === "string"))
    return refused(400, "invalid request: request body must be message JSON", 17);
  const isAttachment = Buffer.byteLength(message as string) > MESSAGE_BYTES_MAX;
  return {
    id,
    topic,
    title: title as string,
    message: isAttachment ? "You received a file: attachment.txt" : (message as string) || "triggered",
    priority,
    tags,
    click: (click as string) || null,
    isAttachment,
  };
}

export async function startFakeNtfy(options: { readonly token?: string | null } = {}): Promise<FakeNtfy> {
  const ledger: AcceptedMessage[] = [];
  let token = options.token === undefined ? FAKE_TOKEN : options.token;

  function answer(request: HttpRequestRecord): HonestAnswer {
    const given = request.headers.authorization;
    if (given !== undefined && given !== `Bearer ${token ?? ""}`) return refused(401, "unauthorized");
    if (request.path !== "/") return refused(404, "page not found");
    if (request.method !== "POST" && request.method !== "PUT") return refused(404, "page not found");
    if (token !== null && given === undefined) return refused(403, "forbidden");
    const result = publish(request.body, `m${String(ledger.length + 1).padStart(11, "0")}`);
    if ("status" in result) return result;
    ledger.push(result);
    return { status: 200, body: JSON.stringify({ event: "message", time: 1_700_000_000, ...result }) };
  }

  const serving = await serve({ answer, refusal: refused });
  return {
    ...serving,
    topicUrl: (topic = FAKE_TOPIC) => `${serving.root}/${topic}`,
    ledger,
    get token() {
      return token;
    },
    set token(next: string | null) {
      token = next;
    },
  };
}
