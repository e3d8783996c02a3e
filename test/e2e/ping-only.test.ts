/**
 * A device without an agent appears and disappears on a real network: a namespace at the other end of a cable.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNamespace, namespaceObstacle, type Namespace } from "../probe/namespace.ts";
import { STORY, STORY_LIMIT_MS, downIncident, recovered, silenceSeconds, told } from "./story.ts";
import { DOWN_AFTER_SECONDS, built, inWorld } from "./world.ts";
import { until } from "./wait.ts";

const obstacle = await namespaceObstacle();

describe.skipIf(obstacle !== null)(`a ping-only server${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  let namespace: Namespace;
  beforeAll(async () => {
    await built();
    namespace = await createNamespace();
  });
  afterAll(() => namespace.close());

  it("comes, goes and comes back: one message for its going and one for its return", STORY, () =>
    inWorld(async (world) => {
      const address = namespace.spareAddress;
      const saved = await world.api.post<{ readonly id: string }>("servers", {
        name: "kamera-gudang",
        mode: "ping",
        address,
        // Refused where the address exists, silent where not.
        probePorts: [9],
      });
      expect((await world.api.server(saved.id)).status).toBe("new");

      await namespace.addAddress(address);
      await until(
        "it is seen",
        STORY_LIMIT_MS,
        async () => (await world.api.server(saved.id)).status === "up",
      );

      await namespace.removeAddress(address);
      const incident = await downIncident(world, saved.id);
      expect(incident.kind).toBe("host_down");
      expect(silenceSeconds(incident)).toBeGreaterThanOrEqual(DOWN_AFTER_SECONDS);
      const [message] = await told(world, 1);
      expect(message?.text).toContain("kamera-gudang");

      await namespace.addAddress(address);
      await recovered(world, saved.id);
      const messages = await told(world, 2);
      expect(messages[1]?.replyTo).toBe(messages[0]?.messageId);
    }),
  );
});
