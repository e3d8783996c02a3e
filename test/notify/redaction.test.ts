/**
 * The token never leaves, wherever it is quoted.
 * Why over any text: what quotes it (a proxy's page, a stack) is written by nobody of us.
 */
import fc from "fast-check";
import { NetworkError, ParseError, TelegramApiError } from "node-telegram-bot-api";
import { describe, expect, it } from "vitest";
import { describeError } from "../../collector/notify/http/error-text.ts";
import { createRedactor } from "../../collector/notify/telegram/redaction.ts";

const character = fc.constantFrom(
  ...Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
);
const secrets = fc.array(character, { minLength: 30, maxLength: 40 }).map((all) => all.join(""));
const tokens = fc.tuple(fc.integer({ min: 1_000_000, max: 9_999_999_999 }), secrets);

describe("redaction", () => {
  it("takes the token out of any text around it, in any form it is quoted", () => {
    fc.assert(
      fc.property(tokens, fc.string(), fc.string(), fc.nat(4), ([number, secret], before, after, form) => {
        const token = `${number}:${secret}`;
        const quoted = [
          token,
          `https://api.telegram.org/bot${token}/sendMessage`,
          encodeURIComponent(token),
          secret,
          `bot${token}bot${token}`,
        ][form];
        const clean = createRedactor(token)(`${before}${quoted}${after}`);
        expect(clean).not.toContain(secret);
        expect(clean).not.toContain(token);
      }),
      { numRuns: 500 },
    );
  });

  it("takes out tokens of others too", () => {
    fc.assert(
      fc.property(tokens, tokens, ([number, secret], [otherNumber, otherSecret]) => {
        const redact = createRedactor(`${otherNumber}:${otherSecret}`);
        expect(redact(`GET /bot${number}:${secret}/getMe`)).not.toContain(secret);
      }),
    );
  });

  it("describes an error by its messages, its causes and no token, in one bounded line", () => {
    fc.assert(
      fc.property(tokens, fc.string(), fc.nat(3), ([number, secret], noise, kind) => {
        const token = `${number}:${secret}`;
        const text = `${noise} https://x/bot${token}/getMe\n${noise}`;
        const inner = Object.assign(new Error(text), { code: "ECONNRESET" });
        const errors = [
          new NetworkError("Network request failed", {
            cause: Object.assign(new TypeError(text), { cause: inner }),
          }),
          new ParseError(text, { responseText: text }),
          new TelegramApiError(400, text),
          text,
        ];
        const line = describeError(errors[kind], createRedactor(token));
        expect(line).not.toContain(secret);
        expect(line).not.toContain("\n");
        expect(line.length).toBeLessThanOrEqual(301);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves ordinary text alone", () => {
    const redact = createRedactor("123456789:abcdefghijklmnopqrstuvwxyzABCDEF");
    const text = "connect ECONNREFUSED 127.0.0.1:8443 at 10:02:15, robot123 said 400: Bad Request";
    expect(redact(text)).toBe(text);
  });

  it("does not hang on an error that is its own cause", () => {
    const error = new Error("round");
    error.cause = error;
    expect(describeError(error, (text) => text)).toBe("round");
  });
});
