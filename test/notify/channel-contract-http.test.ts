/**
 * The parts that channels over HTTP share: waits that are asked for, secrets, health of many ways, what was never written.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_BYTES_MAX, exchange } from "../../collector/notify/http/exchange.ts";
import { createWaysHealth, FORGET_MS } from "../../collector/notify/http/health.ts";
import { wasNeverWritten } from "../../collector/notify/http/never-written.ts";
import { redactorOf } from "../../collector/notify/http/redaction.ts";
import {
  RETRY_AFTER_MS_MAX,
  RETRY_AFTER_MS_MIN,
  retryAfterMs,
} from "../../collector/notify/http/retry-after.ts";
import { serve } from "../fakes/http/serving.ts";

describe("Retry-After", () => {
  const NOW_MS = Date.UTC(2026, 10, 22, 2, 5);

  it("is seconds or a date", () => {
    expect(retryAfterMs("7", NOW_MS)).toBe(7_000);
    expect(retryAfterMs(" 120 ", NOW_MS)).toBe(120_000);
    expect(retryAfterMs("Sun, 22 Nov 2026 02:06:30 GMT", NOW_MS)).toBe(90_000);
    expect(retryAfterMs("Sunday, 22-Nov-26 02:06:30 GMT", NOW_MS)).toBe(90_000);
  });

  it("is nothing when it says nothing usable", () => {
    for (const header of [null, "", "soon", "-1", "1.5", "+7", "Sun, 99 Nov 2026", "NaN", "1e3"])
      expect(retryAfterMs(header, NOW_MS), String(header)).toBeNull();
  });

  it("is bounded, whatever it says", () => {
    expect(retryAfterMs("0", NOW_MS)).toBe(RETRY_AFTER_MS_MIN);
    expect(retryAfterMs("Sun, 22 Nov 2020 02:06:30 GMT", NOW_MS)).toBe(RETRY_AFTER_MS_MIN);
    expect(retryAfterMs("9".repeat(400), NOW_MS)).toBe(RETRY_AFTER_MS_MAX);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.nat().map(String)), (header) => {
        const wait = retryAfterMs(header, NOW_MS);
        if (wait !== null) expect(wait).toBeGreaterThanOrEqual(RETRY_AFTER_MS_MIN);
        if (wait !== null) expect(wait).toBeLessThanOrEqual(RETRY_AFTER_MS_MAX);
      }),
    );
  });
});

describe("redaction of a recipient", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_-]{12,30}$/);

  it("takes the key and the path out of any text around them, in any form they are quoted", () => {
    fc.assert(
      fc.property(word, word, word, fc.string(), fc.nat(6), (secret, segment, query, noise, form) => {
        const address = `https://hooks.example.test/services/${segment}?key=${query}`;
        const redact = redactorOf({ address, secret: `whsec_${secret}` });
        const quoted = [
          `whsec_${secret}`,
          secret,
          address,
          `/services/${segment}?key=${query}`,
          `GET /services/${segment} HTTP/1.1`,
          `${address}${address}`,
          encodeURIComponent(`whsec_${secret}`),
        ][form];
        const clean = redact(`${noise}${quoted ?? ""}${noise}`);
        for (const hidden of [secret, segment, query]) expect(clean).not.toContain(hidden);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves the host and other words as they are", () => {
    const redact = redactorOf({ address: "https://hooks.example.test/v1/hook", secret: null });
    expect(redact("connect ECONNREFUSED hooks.example.test:443")).toBe(
      "connect ECONNREFUSED hooks.example.test:443",
    );
    expect(redactorOf({ address: "a", secret: null })("a text")).toBe("a text");
  });
});

describe("health of many ways", () => {
  it("is ok at first, the newest failure while there is one, and says since when", () => {
    let nowMs = 1_000;
    const health = createWaysHealth(() => nowMs);
    expect(health.current()).toEqual({ state: "ok", detail: null, sinceWallMs: 1_000 });
    nowMs = 2_000;
    health.saw("a", "failing", "HTTP 502");
    nowMs = 3_000;
    health.saw("b", "ok", null);
    health.saw("a", "failing", "HTTP 500");
    expect(health.current()).toEqual({ state: "failing", detail: "HTTP 500", sinceWallMs: 2_000 });
    nowMs = 4_000;
    health.saw("b", "unreachable", "reset");
    expect(health.current()).toEqual({ state: "unreachable", detail: "reset", sinceWallMs: 4_000 });
    health.saw("b", "ok", null);
    expect(health.current().state).toBe("failing");
    nowMs = 5_000;
    health.saw("a", "ok", null);
    expect(health.current()).toEqual({ state: "ok", detail: null, sinceWallMs: 5_000 });
  });

  it("forgets a failure that nobody sees again", () => {
    let nowMs = 0;
    const health = createWaysHealth(() => nowMs);
    health.saw("removed", "unreachable", "reset");
    nowMs = FORGET_MS;
    expect(health.current().state).toBe("unreachable");
    nowMs = FORGET_MS + 1;
    expect(health.current()).toMatchObject({ state: "ok", sinceWallMs: FORGET_MS + 1 });
  });
});

describe("an exchange", () => {
  it("reads no more than the limit of an answer, and its first bytes as they are", async () => {
    const page = { status: 200, body: `é${"x".repeat(3 * ANSWER_BYTES_MAX)}` };
    const side = await serve({ answer: () => page, refusal: () => page });
    try {
      const post = { url: new URL(side.root), headers: {}, body: "{}" };
      const result = await exchange(post, AbortSignal.timeout(20_000), (text) => text);
      const body = result.type === "answered" ? result.answer.body : "";
      expect(Buffer.byteLength(body)).toBe(ANSWER_BYTES_MAX);
      expect(page.body.startsWith(body)).toBe(true);
      expect(side.requests[0]?.headers.connection).toBe("close");
    } finally {
      await side.close();
    }
  });
});

describe("what was never written", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const wrapped = (cause: Error) => new TypeError("fetch failed", { cause });

  it("is known from the flight, and from the error's name only when fetch did not say", () => {
    expect(wasNeverWritten(wrapped(refused), { written: true, status: null })).toBe(false);
    expect(wasNeverWritten(wrapped(new Error("?")), { written: false, status: null })).toBe(true);
    const silent = { written: null, status: null };
    expect(wasNeverWritten(wrapped(refused), silent)).toBe(true);
    expect(wasNeverWritten(wrapped(new Error("bad port")), silent)).toBe(true);
    expect(wasNeverWritten(wrapped(new Error("other side closed")), silent)).toBe(false);
    expect(wasNeverWritten("a text", silent)).toBe(false);
  });

  it("does not hang on an error that is its own cause", () => {
    const circle = new Error("circle");
    circle.cause = circle;
    expect(wasNeverWritten(circle, { written: null, status: null })).toBe(false);
  });
});
