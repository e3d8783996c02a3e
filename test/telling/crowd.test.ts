/**
 * 500 servers of 50 sites lost at the same moment: a phone rings soon, and not five hundred times.
 * Why real: 500 sockets with an agent's session each, one process; its SIGKILL is what they all fall silent by.
 * Must not: ask the collector what it told.
 */
import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { root, startProgram, type Program } from "../e2e/program.ts";
import { until } from "../e2e/wait.ts";
import { built, createWorld, type World } from "../e2e/world.ts";

const SITES = 50;
const PER_SITE = 10;
const SERVERS = SITES * PER_SITE;
/** From the verdicts to the first message (L1 of the outbox; 2 s of it are the commit's). */
const FIRST_WITHIN_MS = 5_000;
const LIMIT_MS = 120_000;
const GROUP = -1_001_000_005_000;

async function areAll({ api }: World, status: string): Promise<boolean> {
  const servers = await api.servers();
  return servers.length === SERVERS && servers.every((server) => server.status === status);
}

describe("500 servers of 50 sites, lost at once", () => {
  it(
    "[R8] [V1] at most a message a site and two more, the first within 5 s of the verdicts",
    { timeout: 400_000 },
    async () => {
      await built();
      const world = await createWorld({
        settings: { DETAK_HEARTBEAT_SECONDS: "2", DETAK_DOWN_AFTER_SECONDS: "24" },
      });
      let crowd: Program | null = null;
      try {
        await world.telegram.addChat({ id: GROUP, type: "supergroup", title: "Semua cabang" });
        await world.api.post("recipients", {
          channel: "telegram",
          address: String(GROUP),
          name: "Semua cabang",
          language: "en",
        });
        const tokens: string[] = [];
        for (let index = 0; index < SITES; index += 1) {
          const { id } = await world.api.post<{ readonly id: string }>("sites", {
            name: `Cabang ${String(index + 1).padStart(2, "0")}`,
          });
          const { token } = await world.api.post<{ readonly token: string }>("enrollments", {
            siteId: id,
            uses: PER_SITE,
          });
          tokens.push(token);
        }
        const words = ["--import", "tsx", join(root, "test/campaign/crowd.ts"), world.collector.url];
        const program = startProgram([...words, String(PER_SITE), ...tokens]);
        crowd = program;
        await until("500 agents beat", LIMIT_MS, () => {
          if (program.end !== null) throw new Error(`it ended: ${program.errors.slice(-5).join(" | ")}`);
          return program.output.includes("gathered");
        });
        await until("500 servers are up", LIMIT_MS, () => areAll(world, "up"));
        await crowd.kill();
        await until("500 servers are down", LIMIT_MS, () => areAll(world, "down"));
        const incidents = await world.api.incidents();
        // The verdicts of all 500 lie within seconds; what waits for its turn in a group takes 3 s each.
        await until(
          "everything is told",
          LIMIT_MS,
          async () => {
            const found = await Promise.all(incidents.map(({ id }) => world.api.notificationStatuses(id)));
            return found.flat().every((status) => status === "sent");
          },
          2_000,
        );
        const ledger = await world.telegram.ledger();
        const verdictMs = Math.min(...incidents.map(({ detectedAt }) => Date.parse(detectedAt)));
        for (const chatId of new Set(ledger.map((message) => message.chatId))) {
          const told = ledger.filter((message) => message.chatId === chatId);
          expect(told.length).toBeLessThanOrEqual(SITES + 2);
          expect((told[0]?.atMs ?? Infinity) - verdictMs).toBeLessThanOrEqual(FIRST_WITHIN_MS);
        }
        expect(new Set(ledger.map(({ chatId }) => chatId)).size).toBe(2);
        process.stdout.write(
          `500 servers of 50 sites lost at once: ${incidents.length} incidents, ${ledger.length} messages to two chats, ` +
            `the first ${((ledger[0]?.atMs ?? Infinity) - verdictMs) / 1_000} s after the first verdict: ` +
            `${ledger[0]?.text.split("\n")[0]}\n`,
        );
      } finally {
        await crowd?.kill();
        await world.close();
      }
    },
  );
});
