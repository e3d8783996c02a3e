/**
 * The close codes against PROTOCOL.md, and the agent's duty for each. Must not: repeat the list by hand.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fullJitterMs } from "../../shared/backoff.ts";
import {
  closeCodes,
  closeDuty,
  closeName,
  type CloseCode,
  type CloseName,
} from "../../shared/close-codes.ts";

const protocol = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
const rows = [...protocol.matchAll(/^\| (\d{4})\s+\| (\w+)\s+\| (retry|fatal|done)\s+\|/gm)].map((match) => ({
  code: Number(match[1]),
  name: match[2] ?? "",
  duty: match[3] ?? "",
}));
const entries = Object.entries(closeCodes) as [CloseName, CloseCode][];

describe("close codes", () => {
  test("[P31] PROTOCOL.md lists exactly these codes, names and duties, in this order", () => {
    expect(rows).toEqual(entries.map(([name, { code, duty }]) => ({ code, name, duty })));
  });

  test("[P31] each code stands once, is one that may be sent, and its name fits a close frame", () => {
    expect(new Set(entries.map(([, { code }]) => code)).size).toBe(entries.length);
    for (const [name, { code }] of entries) {
      expect([1000, 1002, 1003, 1007, 1008, 1009].includes(code) || (code >= 4400 && code < 4600)).toBe(true);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(123);
      expect(closeName(code)).toBe(name);
    }
  });

  test("[P31] an unknown code and a socket without one mean retry", () => {
    expect([1001, 1005, 1006, 1011, 1012, 4000, 4402, 4999].map(closeDuty)).toEqual(Array(8).fill("retry"));
    expect(closeName(1006)).toBeNull();
  });

  test("[P31] only what staff must put right is fatal", () => {
    expect(entries.filter(([, { duty }]) => duty === "fatal").map(([name]) => name)).toEqual([
      "bad_proof",
      "unknown_agent",
      "token_refused",
      "version_unsupported",
      "key_taken",
      "removed",
    ]);
  });

  test("each code has a sentence in both languages, and they differ", () => {
    for (const [, { id, en }] of entries) {
      expect(id).toMatch(/^[A-Z].*\.$/);
      expect(en).toMatch(/^[A-Z].*\.$/);
      expect(id).not.toBe(en);
    }
  });

  test("[P23] the wait before redialling doubles from one second up to two heartbeat intervals", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => fullJitterMs(attempt, 1_000, 30_000, 1));
    expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(fullJitterMs(5, 1_000, 30_000, 0)).toBe(0);
    expect(fullJitterMs(5, 1_000, 30_000, 0.5)).toBe(8_000);
  });
});
