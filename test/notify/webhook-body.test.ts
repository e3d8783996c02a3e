/**
 * The JSON of each step: what a receiver is promised in collector/notify/webhook/README.md.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { webhookBody } from "../../collector/notify/webhook/body.ts";
import { isShownAnew, messageToTell, STEPS, SUMMARY, tellingOf } from "./channel-contract-fixtures.ts";
import { DETECTED_MS, STARTED_MS } from "./fixtures.ts";

const readme = readFileSync(new URL("../../collector/notify/webhook/README.md", import.meta.url), "utf8");
const HOUR_MS = 3_600_000;

/** Names of all fields, at any depth. */
function fieldsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}

/** A message in which everything is there. */
const FULL = messageToTell({
  variant: "lan",
  kind: "site_down",
  serverName: "",
  endedWallMs: STARTED_MS + HOUR_MS,
  durationMs: HOUR_MS,
  finalCause: "site_lan",
  members: [{ serverName: "srv-a", siteName: "" }],
  memberCount: 31,
  siteCount: 2,
  handling: {
    acknowledgedBy: "sari",
    quiet: { by: "budi", untilWallMs: DETECTED_MS },
    checked: { by: "sari", wallMs: DETECTED_MS, evidence: [] },
    announced: true,
  },
  repeat: { count: 2, silentMs: 7_200_000 },
  flapping: { incidents: 5, sinceWallMs: STARTED_MS, downNow: true },
  addresses: ["10.0.0.1", "10.9.9.9"],
  summary: SUMMARY,
  lost: { recipientName: "Grup IT", reason: "HTTP 410" },
});

describe("the body of a webhook", () => {
  it("of each step has a type of its own, which the README names with every field", () => {
    const types = new Set<string>();
    for (const step of STEPS) {
      const body = webhookBody(tellingOf({ step, message: FULL }));
      if (isShownAnew(step)) {
        expect(body, step).toBeNull();
        continue;
      }
      expect(body, step).toMatchObject({ version: 1, timestamp: "2026-11-22T02:05:15.000Z" });
      types.add(body?.type ?? "");
      expect(body?.type).toMatch(/^[a-z]+\.[a-z_]+$/);
      for (const name of [body?.type ?? "", ...fieldsOf(body?.data)]) expect(readme, step).toContain(name);
    }
    expect(types.size).toBe(STEPS.filter((step) => !isShownAnew(step)).length);
  });

  it("says times in UTC, durations in seconds, and null for what there is not", () => {
    const body = webhookBody(
      tellingOf({ step: "recovered", message: FULL, reason: "recovered", repeat: true }),
    );
    expect(body?.data).toMatchObject({
      variant: "lan",
      serverName: null,
      startedAt: "2026-11-22T02:02:15.000Z",
      endedAt: "2026-11-22T03:02:15.000Z",
      durationSeconds: 3_600,
      finalCause: "site_lan",
      members: [{ serverName: "srv-a", siteName: null }],
      memberCount: 31,
      siteCount: 2,
      handling: {
        acknowledgedBy: "sari",
        quiet: { by: "budi", until: "2026-11-22T02:05:15.000Z" },
        checked: { by: "sari", at: "2026-11-22T02:05:15.000Z" },
        announced: true,
      },
      repeat: { count: 2, silentSeconds: 7_200 },
      flapping: { incidents: 5, since: "2026-11-22T02:02:15.000Z", downNow: true },
      reason: "recovered",
      maybeToldBefore: true,
    });
  });

  it("of a report counts outages in seconds", () => {
    const body = webhookBody(tellingOf({ step: "report", message: FULL }));
    expect(body?.data).toMatchObject({
      summary: {
        period: "2026-10",
        open: [{ incidentNumber: 12, startedAt: "2026-11-22T02:02:15.000Z" }],
        past: {
          availability: 0.9987,
          outageSeconds: { server: 5_400, link: 14_400, planned: 1_800, collector: 0 },
          worst: [{ name: "srv-kasir", incidents: 3, outageSeconds: 3_660 }],
        },
      },
    });
  });

  it("for users of a branch holds nothing of the inside", () => {
    for (const step of ["announced", "announced_over"] as const) {
      const message = { ...FULL, serverName: "srv-kasir" };
      const text = JSON.stringify(webhookBody(tellingOf({ step, message })));
      for (const inside of ["srv-", "sari", "budi", "10.0.0.1", "site_lan", "incidents/", "Yani"])
        expect(text).not.toContain(inside);
    }
  });

  it("with the most that a message holds stays below 20 kB", () => {
    const members = Array.from({ length: 30 }, (_, at) => ({
      serverName: `srv-${at}`.padEnd(120, "x"),
      siteName: "Cabang ".padEnd(120, "x"),
    }));
    const open = Array.from({ length: 30 }, () => ({ ...SUMMARY.open[0]!, serverName: "x".repeat(120) }));
    for (const step of ["down", "digest"] as const) {
      const message = { ...FULL, members, summary: { ...SUMMARY, open } };
      expect(JSON.stringify(webhookBody(tellingOf({ step, message }))).length).toBeLessThan(20_000);
    }
  });
});
