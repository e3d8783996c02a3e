/**
 * A strict receiver of webhooks, as a company would write one from collector/notify/webhook/README.md: real HTTP on
 * loopback, signatures checked by the library, each `webhook-id` accepted once.
 * Why: "nothing lost, nothing doubled" is asserted on what the receiver accepted, never on what the client believes.
 * Must not: be kinder than the README says a receiver may be.
 */
import { Webhook } from "standardwebhooks";
import { serve, type HonestAnswer, type HttpRequestRecord, type Serving } from "../http/serving.ts";

/** 32 bytes, as the panel makes them. */
export const FAKE_SECRET = `whsec_${Buffer.from("a key of thirty-two bytes, 32 B!").toString("base64")}`;
/** The path is a key too, at many receivers. */
export const FAKE_PATH = "/hooks/T024F8PATH/b-very-secret-path";

export interface AcceptedWebhook {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly isSigned: boolean;
}

export interface FakeWebhook extends Serving {
  readonly url: string;
  /** Each id once, in the order they came. */
  readonly ledger: readonly AcceptedWebhook[];
  /** Ids that came again, once for each time. */
  readonly duplicates: readonly string[];
  /** The key that is right now; null: signatures are not asked for. */
  secret: string | null;
  /** It wants no more: 410. */
  gone: boolean;
}

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function header(request: HttpRequestRecord, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

/** The message, or what is wrong with it. */
function parse(body: string): Pick<AcceptedWebhook, "type" | "version" | "timestamp" | "data"> | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "not JSON";
  }
  const { type, version, timestamp, data, ...rest } = value as Record<string, unknown>;
  if (typeof type !== "string" || !/^[a-z_]+(\.[a-z_]+)+$/.test(type)) return "no type";
  if (version !== 1) return "another version";
  if (typeof timestamp !== "string" || !RFC_3339_UTC.test(timestamp)) return "no timestamp";
  if (typeof data !== "object" || data === null) return "no data";
  if (Object.keys(rest).length > 0) return "more than the README says";
  return { type, version, timestamp, data: { ...data } };
}

export async function startFakeWebhook(
  options: { readonly secret?: string | null } = {},
): Promise<FakeWebhook> {
  const ledger: AcceptedWebhook[] = [];
  const duplicates: string[] = [];
  let secret = options.secret === undefined ? FAKE_SECRET : options.secret;
  let gone = false;
  const refusal = (status: number, error: string): HonestAnswer => ({
    status,
    body: JSON.stringify({ error }),
  });

  function answer(request: HttpRequestRecord): HonestAnswer {
    if (request.path !== FAKE_PATH) return refusal(404, "no such hook");
    if (request.method !== "POST") return refusal(405, "POST only");
    if (gone) return refusal(410, "not wanted any more");
    if (header(request, "content-type") !== "application/json") return refusal(415, "JSON only");
    const id = header(request, "webhook-id");
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) return refusal(400, "no webhook-id");
    if (!/^\d{10}$/.test(header(request, "webhook-timestamp"))) return refusal(400, "no webhook-timestamp");
    const isSigned = header(request, "webhook-signature") !== "";
    if (secret !== null) {
      try {
        // Checks the time as well: five minutes.
        new Webhook(secret).verify(request.body, {
          "webhook-id": id,
          "webhook-timestamp": header(request, "webhook-timestamp"),
          "webhook-signature": header(request, "webhook-signature"),
        });
      } catch (error) {
        return refusal(401, String(error));
      }
    }
    const message = parse(request.body);
    if (typeof message === "string") return refusal(400, message);
    if (ledger.some((one) => one.id === id)) duplicates.push(id);
    else ledger.push({ id, isSigned, ...message });
    return { status: 200, body: '{"taken":true}' };
  }

  const serving = await serve({ answer, refusal });
  return {
    ...serving,
    url: `${serving.root}${FAKE_PATH}`,
    ledger,
    duplicates,
    get secret() {
      return secret;
    },
    set secret(next: string | null) {
      secret = next;
    },
    get gone() {
      return gone;
    },
    set gone(next: boolean) {
      gone = next;
    },
  };
}
