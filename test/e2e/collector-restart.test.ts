/**
 * The collector is killed (SIGKILL) and started again in each phase of an outage: what people are told stays exact.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { STORY, STORY_LIMIT_MS, downIncident, recovered, stillFine, told, toldAndSettled } from "./story.ts";
import { DOWN_AFTER_SECONDS, built, inWorld, type World } from "./world.ts";
import { until } from "./wait.ts";

const restart = async (world: World): Promise<void> => {
  await world.collector.program.kill();
  await world.startCollector();
};
/** The collector hears again: its grace after the start is over. */
const hearing = (world: World): Promise<unknown> =>
  until("the collector hears", STORY_LIMIT_MS, async () => {
    const answer = await fetch(new URL("/readyz", world.collector.url));
    return ((await answer.json()) as { readonly hearing: string }).hearing === "hearing";
  });

beforeAll(built);

describe.concurrent("the collector is killed and started again", () => {
  it("while the server is up: nothing is told", STORY, () =>
    inWorld(async (world) => {
      const { server } = await world.addAgent("toko-garut");
      await restart(world);
      await stillFine(world, server.id);
    }),
  );

  it("while the server is suspect: told once, with the time of the last heartbeat", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-jepara");
      await agent.kill();
      const killedMs = Date.now();
      await until(
        "the server is suspect",
        STORY_LIMIT_MS,
        async () => (await world.api.server(server.id)).status === "suspect",
      );
      await restart(world);

      const incident = await downIncident(world, server.id);
      expect(Math.abs(Date.parse(incident.startedAt) - killedMs)).toBeLessThan(3_000);
      await told(world, 1);
      world.startAgent("toko-jepara");
      await recovered(world, server.id);
      await told(world, 2);
      expect(await world.api.incidents()).toHaveLength(1);
    }),
  );

  it("while the server is down: not told again, its recovery is", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-kudus");
      await agent.kill();
      const incident = await downIncident(world, server.id);
      await toldAndSettled(world, incident, 1);
      await restart(world);
      await hearing(world);
      // A fresh verdict, were there one, would be due by now: grace is over and a round of probes has passed.
      const dueMs = Date.parse(incident.detectedAt) + (DOWN_AFTER_SECONDS * 2 + 4) * 1_000;
      await until("time for another verdict has passed", STORY_LIMIT_MS, () => Date.now() > dueMs);
      await told(world, 1);
      expect(await world.api.incidents()).toMatchObject([{ id: incident.id, endedAt: null }]);

      world.startAgent("toko-kudus");
      await recovered(world, server.id);
      const messages = await told(world, 2);
      expect(messages[1]?.replyTo).toBe(messages[0]?.messageId);
    }),
  );

  it("between the commit and the sending: told once, after the start", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-malang");
      await world.telegram.refuse();
      await agent.kill();
      const incident = await downIncident(world, server.id);
      expect(await world.telegram.ledger()).toEqual([]);
      await world.collector.program.kill();
      await world.telegram.accept();
      await world.startCollector();

      const [message] = await told(world, 1);
      expect(message?.text).toContain("toko-malang");
      expect(await world.api.incidents()).toMatchObject([{ id: incident.id }]);
      world.startAgent("toko-malang");
      await recovered(world, server.id);
      await told(world, 2);
    }),
  );

  it("after Telegram accepted, before it answered: at most once more, and marked", STORY, () =>
    inWorld(async (world) => {
      const { agent, server } = await world.addAgent("toko-nabire");
      await world.telegram.fault("sendMessage", { kind: "hang", when: "after" });
      await agent.kill();
      await downIncident(world, server.id);
      const [first] = await told(world, 1);
      await restart(world);

      // Its fate is unknown: a minute later it is sent once more, with a mark, and then never again.
      const messages = await told(world, 2, 60_000 + STORY_LIMIT_MS);
      expect(messages[1]?.text).not.toBe(first?.text);
      world.startAgent("toko-nabire");
      await recovered(world, server.id);
      await told(world, 3);
    }),
  );
});
