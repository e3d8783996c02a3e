/**
 * An outage told once and its end told once, with real processes and real time (η = 1 s, T = 12 s).
 * Must not: look inside the collector; the API and the ledger of the fake Bot API are what people see.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { DOWN_AFTER_SECONDS, built, inWorld } from "./world.ts";
import { STORY, downIncident, recovered, silenceSeconds, stillFine, told } from "./story.ts";

/** The verdict is committed within 2 s after T (design: commit tolerance). */
const TOLERANCE_SECONDS = 2;
/** Each stall of a busy test machine over η/3 (0.33 s here, 5 s unscaled) adds a drain of 4/3 η; two of them fit. */
const BUSY_SECONDS = 3;

beforeAll(built);

describe.concurrent("an agent falls silent", () => {
  it("killed: agent_down at T, one message, and one when it is back", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-bandung");
      await agent.kill();
      const killedMs = Date.now();

      const incident = await downIncident(world, server.id);
      expect(incident.kind).toBe("agent_down");
      expect(silenceSeconds(incident)).toBeGreaterThanOrEqual(DOWN_AFTER_SECONDS);
      expect(silenceSeconds(incident)).toBeLessThanOrEqual(
        DOWN_AFTER_SECONDS + TOLERANCE_SECONDS + BUSY_SECONDS,
      );
      // The last heartbeat was heard at most η and a third before the kill; the API does not say so, the clock does.
      expect(Date.parse(incident.detectedAt) - killedMs).toBeGreaterThan((DOWN_AFTER_SECONDS - 1.5) * 1_000);

      const [message] = await told(world, 1);
      expect(message?.text).toContain("toko-bandung");
      expect(message?.text).toContain("AGENT STOPPED");

      world.startAgent("toko-bandung");
      await recovered(world, server.id);
      const messages = await told(world, 2);
      expect(messages[1]?.text).toContain("RECOVERED");
      expect(messages[1]?.replyTo).toBe(messages[0]?.messageId);
    }),
  );

  it("frozen, its TCP connection open: agent_down at T and no sooner", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-cirebon");
      agent.signal("SIGSTOP");

      const incident = await downIncident(world, server.id);
      expect(incident.kind).toBe("agent_down");
      expect(silenceSeconds(incident)).toBeGreaterThanOrEqual(DOWN_AFTER_SECONDS);
      expect(silenceSeconds(incident)).toBeLessThanOrEqual(
        DOWN_AFTER_SECONDS + TOLERANCE_SECONDS + BUSY_SECONDS,
      );
      await told(world, 1);

      agent.signal("SIGCONT");
      await recovered(world, server.id);
      const messages = await told(world, 2);
      expect(messages[1]?.replyTo).toBe(messages[0]?.messageId);
    }),
  );

  it("killed and started again within 5 s: nothing", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-depok");
      await agent.kill();
      world.startAgent("toko-depok");
      await stillFine(world, server.id);
    }),
  );
});
