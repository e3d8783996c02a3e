/**
 * The rhythm derived from one number, and the limits as PROTOCOL.md states them. Must not: open sockets.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { createCollectorKeys } from "../../collector/ingest/keys.ts";
import { ingestLimits, rhythmOf } from "../../collector/ingest/limits.ts";
import { attachIngest } from "../../collector/ingest/server.ts";
import { limits as wireLimits } from "../../shared/wire.ts";
import { createHost } from "./host.ts";

const protocol = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
const rule = (id: string): string => protocol.split(`**[${id}]**`)[1]?.split("\n\n")[0] ?? "";

describe("limits", () => {
  test("[P21] [P22] two of the slowest beats fit into the ack timeout, and the agent gives up before the collector", () => {
    for (const intervalMs of [100, 101, 250, 1_000, 14_999, 15_000, 900_000]) {
      const rhythm = rhythmOf(intervalMs);
      const slowestBeatMs = (intervalMs * 4) / 3;
      expect(Math.abs(rhythm.ackTimeoutMs - 2 * slowestBeatMs)).toBeLessThanOrEqual(0.5);
      expect(rhythm.idleMs).toBeGreaterThan(rhythm.ackTimeoutMs);
      expect(rhythm.idleMs).toBeGreaterThan(2 * slowestBeatMs);
      expect(rhythm.healthIntervalMs).toBe(4 * intervalMs);
    }
    expect(rhythmOf(15_000)).toEqual({
      heartbeatIntervalMs: 15_000,
      ackTimeoutMs: 40_000,
      healthIntervalMs: 60_000,
      idleMs: 50_000,
    });
  });

  test("[P26] [P38] an agent that beats and tells its journal as fast as it may stays far below the limit", () => {
    // Every 2/3 of an interval: at most two beats begin within one. A journal each quarter: five. Then prove, inventory, goodbye.
    expect(ingestLimits.messagesPerIntervalMax).toBeGreaterThanOrEqual(2 * (2 + 5 + 3));
  });

  test.each([
    ["P4", ingestLimits.pendingMax.toLocaleString("en")],
    ["P4", ingestLimits.pendingPerAddressMax.toString()],
    ["P6", ingestLimits.messageBytesMax.toLocaleString("en")],
    ["P7", `${ingestLimits.fragmentsMax} fragments`],
    ["P7", `${ingestLimits.bufferedChunksMax} pieces`],
    ["P11", `${ingestLimits.handshakeMs / 1_000} s`],
    ["P26", `${ingestLimits.messagesPerIntervalMax} messages`],
    ["P34", `${wireLimits.probeRoundsOpenMax} rounds`],
    ["P35", `${wireLimits.probeLateMs / 1_000} s`],
    ["P28", `${ingestLimits.bufferedBytesMax.toLocaleString("en")} bytes`],
    ["P30", `${ingestLimits.closeMs / 1_000} s`],
  ])("[%s] PROTOCOL.md says %s", (id, said) => {
    expect(rule(id)).toContain(said);
  });

  test.each([99, 900_001, 150.5, Number.NaN])(
    "a heartbeat interval of %d ms is a bug of the caller",
    (intervalMs) => {
      const { keys } = createCollectorKeys();
      expect(() => attachIngest(createServer(), keys, createHost(intervalMs))).toThrow("assertion failed");
    },
  );
});
