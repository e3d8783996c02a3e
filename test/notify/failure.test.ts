/**
 * What a failure means, as a table: known not accepted or unknown, by what was seen of the request.
 * Why without a server: codes that no fake can bring about (a certificate, a route) are judged here too.
 */
import { NetworkError, ParseError, TelegramApiError, TimeoutError } from "node-telegram-bot-api";
import { describe, expect, it } from "vitest";
import { failureOf } from "../../collector/notify/telegram/failure.ts";
import { createRedactor } from "../../collector/notify/telegram/redaction.ts";

const redact = createRedactor("123456789:abcdefghijklmnopqrstuvwxyzABCDEF");

function network(code: string): NetworkError {
  const inner = Object.assign(new Error(`something ${code}`), { code });
  return new NetworkError("Network request failed: sendMessage", {
    cause: Object.assign(new TypeError("fetch failed"), { cause: inner }),
  });
}

function outcomeOf(error: unknown, written: boolean | null, status: number | null = null): string {
  const failure = failureOf(error, { written, status }, redact);
  return failure.type === "again" ? failure.form : failure.outcome.type;
}

describe("what was seen of the request decides before the error's name", () => {
  for (const code of [
    "ECONNRESET",
    "ECONNREFUSED",
    "UND_ERR_SOCKET",
    "EPIPE",
    "ETIMEDOUT",
    "EPROTO",
    "WHATEVER",
  ]) {
    it(`${code}: retry when never written, unknown when written`, () => {
      expect(outcomeOf(network(code), false)).toBe("retry");
      expect(outcomeOf(network(code), true)).toBe("unknown");
    });
  }

  it("a time-out before anything was written is known not sent", () => {
    expect(outcomeOf(new TimeoutError(), false)).toBe("retry");
    expect(outcomeOf(new TimeoutError(), true)).toBe("unknown");
    expect(outcomeOf(new TimeoutError(), null)).toBe("unknown");
  });
});

describe("when fetch did not say, the innermost code decides", () => {
  for (const code of [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "CERT_HAS_EXPIRED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_INVALID_URL",
  ]) {
    it(`${code} is known not sent`, () => expect(outcomeOf(network(code), null)).toBe("retry"));
  }
  for (const code of ["ECONNRESET", "UND_ERR_SOCKET", "EPIPE", "UND_ERR_BODY_TIMEOUT"]) {
    it(`${code} is unknown`, () => expect(outcomeOf(network(code), null)).toBe("unknown"));
  }
  it("something that is no error at all is unknown", () => {
    expect(outcomeOf(undefined, null)).toBe("unknown");
    expect(outcomeOf("text", null)).toBe("unknown");
  });
});

describe("Telegram's own refusals", () => {
  const refusals: readonly (readonly [number, string, string])[] = [
    [400, "Bad Request: can't parse entities: Unsupported start tag", "plain"],
    [400, "Bad Request: message is too long", "plain"],
    [400, "Bad Request: message thread not found", "without_thread"],
    [400, "Bad Request: TOPIC_CLOSED", "without_thread"],
    [400, "Bad Request: chat not found", "rejected"],
    [400, "Bad Request: PEER_ID_INVALID", "rejected"],
    [400, "Bad Request: not enough rights to send text messages to the chat", "rejected"],
    [400, "Bad Request: have no rights to send a message", "rejected"],
    [401, "Unauthorized", "retry"],
    [403, "Forbidden: bot was blocked by the user", "rejected"],
    [403, "Forbidden: bot can't initiate conversation with a user", "rejected"],
    [404, "Not Found", "retry"],
    [409, "Conflict", "retry"],
    [420, "FLOOD_WAIT", "retry"],
    [429, "Too Many Requests", "retry"],
  ];
  for (const [status, description, expected] of refusals) {
    it(`${status} ${description}: ${expected}`, () => {
      expect(outcomeOf(new TelegramApiError(status, description), true, status)).toBe(expected);
    });
  }

  it("a group that moved gives the new id as the address", () => {
    const error = new TelegramApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: -1001234567890,
    });
    const failure = failureOf(error, { written: true, status: 400 }, redact);
    expect(failure).toMatchObject({ outcome: { type: "moved", address: "-1001234567890" } });
  });

  it("a time to wait that is no number is left to the outbox", () => {
    for (const retryAfter of [NaN, -1, "7", null]) {
      const error = new TelegramApiError(429, "Too Many Requests", { retry_after: retryAfter as number });
      const failure = failureOf(error, { written: true, status: 429 }, redact);
      expect(failure).toMatchObject({ outcome: { type: "retry", retryAfterMs: null } });
    }
  });

  it("an answer of 5xx is unknown whatever its body claims", () => {
    expect(outcomeOf(new TelegramApiError(403, "Forbidden"), true, 502)).toBe("unknown");
    expect(outcomeOf(new TelegramApiError(429, "Too Many Requests"), true, 500)).toBe("unknown");
  });

  it("a page that is not JSON is unknown with 200 and known not taken with a refusal", () => {
    expect(outcomeOf(new ParseError("Invalid JSON"), true, 200)).toBe("unknown");
    for (const status of [301, 302, 403, 407, 451]) {
      expect(outcomeOf(new ParseError("Invalid JSON"), true, status), String(status)).toBe("retry");
    }
  });
});
