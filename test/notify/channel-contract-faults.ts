/**
 * The faults that every channel is put before, and what is usually known of a message after each.
 * Why data: a channel that judges otherwise says so by the fault's name (`differs`).
 */
import type { ChannelHealth } from "../../collector/notify/channel.ts";
import type { DeliveryOutcome } from "../../collector/core/types/telling.ts";
import type { HttpFault } from "../fakes/http/serving.ts";

export interface Expected {
  readonly outcome: DeliveryOutcome["type"];
  readonly scope?: "recipient" | "message";
  readonly retryAfterMs?: number | null;
  /** What the other side's ledger holds. */
  readonly accepted: 0 | 1;
  readonly health: ChannelHealth["state"];
}

interface FaultRow {
  readonly fault: HttpFault;
  readonly usual: Expected;
}

export const sent = (accepted: 0 | 1): Expected => ({ outcome: "sent", accepted, health: "ok" });
export const retried = (health: ChannelHealth["state"], retryAfterMs: number | null = null): Expected => ({
  outcome: "retry",
  retryAfterMs,
  accepted: 0,
  health,
});
export const refused = (scope: "recipient" | "message"): Expected => ({
  outcome: "rejected",
  scope,
  accepted: 0,
  health: "ok",
});
const lost = (accepted: 0 | 1, health: ChannelHealth["state"] = "failing"): Expected => ({
  outcome: "unknown",
  accepted,
  health,
});

const refusal = (status: number, description: string): HttpFault => ({
  kind: "refusal",
  status,
  description,
});
const proxy = (status: number, headers: Readonly<Record<string, string>> = {}): HttpFault => ({
  kind: "raw",
  status,
  body: "<html>blocked</html>",
  headers: { "content-type": "text/html", ...headers },
});
const empty = (status: number): HttpFault => ({ kind: "raw", status, body: "" });

export const FAULTS = {
  "429 with a time": {
    fault: { kind: "too_many_requests", retryAfterSeconds: 7 },
    usual: retried("ok", 7_000),
  },
  "429 for days": {
    fault: { kind: "too_many_requests", retryAfterSeconds: 400_000 },
    usual: retried("ok", 1_800_000),
  },
  "429 for no time at all": {
    fault: { kind: "too_many_requests", retryAfterSeconds: 0 },
    usual: retried("ok", 1_000),
  },
  "429 without a time": { fault: { kind: "too_many_requests" }, usual: retried("ok") },
  "502 before accepting": { fault: { kind: "server_error", when: "before" }, usual: lost(0) },
  "500 after accepting": { fault: { kind: "server_error", when: "after", status: 500 }, usual: lost(1) },
  "504 in HTML after accepting": {
    fault: { kind: "server_error", when: "after", status: 504, body: "html" },
    usual: lost(1),
  },
  "503 without a time": { fault: { kind: "server_error", when: "before", status: 503 }, usual: lost(0) },
  "503 with a time": { fault: proxy(503, { "retry-after": "30" }), usual: lost(0) },
  "a reset before accepting": { fault: { kind: "drop", when: "before" }, usual: lost(0, "unreachable") },
  "a reset after accepting": { fault: { kind: "drop", when: "after" }, usual: lost(1, "unreachable") },
  "half an answer": { fault: { kind: "half_body" }, usual: lost(1) },
  "no answer, not accepted": { fault: { kind: "hang", when: "before" }, usual: lost(0, "unreachable") },
  "no answer, accepted": { fault: { kind: "hang", when: "after" }, usual: lost(1, "unreachable") },
  "an answer that never ends": { fault: { kind: "slow_body" }, usual: lost(1) },
  "an answer of two megabytes": { fault: { kind: "long_body", bytes: 2_000_000 }, usual: lost(1) },
  "HTML with 200, not accepted": { fault: { kind: "html", when: "before" }, usual: lost(0) },
  "HTML with 200, accepted": { fault: { kind: "html", when: "after" }, usual: lost(1) },
  "an empty 200": { fault: empty(200), usual: lost(0) },
  "200 with null": { fault: { kind: "raw", status: 200, body: "null" }, usual: lost(0) },
  "204": { fault: empty(204), usual: lost(0) },
  "a redirect, not followed": { fault: proxy(307, { location: "/elsewhere" }), usual: retried("failing") },
  "400": { fault: refusal(400, "invalid request"), usual: refused("message") },
  "400 can't parse": { fault: { kind: "parse_error" }, usual: refused("message") },
  "401": { fault: refusal(401, "unauthorized"), usual: retried("unauthorized") },
  "403": { fault: refusal(403, "forbidden"), usual: retried("unauthorized") },
  "404": { fault: refusal(404, "page not found"), usual: refused("recipient") },
  "409": { fault: refusal(409, "conflict"), usual: retried("failing") },
  "410": { fault: refusal(410, "gone"), usual: retried("failing") },
  "413": { fault: refusal(413, "too large"), usual: refused("message") },
  "half a refusal": { fault: proxy(409, { "content-length": "5000" }), usual: retried("failing") },
  "a proxy's 400": { fault: proxy(400), usual: retried("failing") },
  "a proxy's 403": { fault: proxy(403), usual: retried("unauthorized") },
  "a proxy's 404": { fault: proxy(404), usual: retried("failing") },
  // fetch hides this one: it is an error without a status.
  "a proxy's 407": { fault: proxy(407), usual: lost(0, "unreachable") },
  "a proxy's 413": { fault: proxy(413), usual: retried("failing") },
} as const satisfies Readonly<Record<string, FaultRow>>;

export type FaultName = keyof typeof FAULTS;
