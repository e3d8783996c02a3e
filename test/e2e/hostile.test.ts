/**
 * Misuse against a running collector: each gets its documented answer, and nothing else is touched. An honest agent lives
 * through all of it.
 */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAgentKeys, type AgentKeys } from "../../agent/keys.ts";
import { limits } from "../../shared/wire.ts";
import type { ServerAnswer } from "./api.ts";
import type { Program } from "./program.ts";
import { connect, enrollOf, openSession, proveOf, type Stranger } from "./stranger.ts";
import { until } from "./wait.ts";
import { built, createWorld, type World } from "./world.ts";

let world: World;
let url: string;
let honest: { readonly agent: Program; readonly server: ServerAnswer };
/** A second server, whose key the test holds. */
let keys: AgentKeys;
let serverId: string;

beforeAll(async () => {
  await built();
  world = await createWorld();
  url = world.collector.url;
  honest = await world.addAgent("toko-jujur");

  keys = createAgentKeys();
  const stranger = await connect(url);
  const { token } = await world.api.post<{ readonly token: string }>("enrollments", {});
  stranger.send(enrollOf(stranger, keys, token));
  ({ serverId } = await stranger.wait("enrolled"));
  stranger.end();
}, 120_000);
afterAll(() => world.close());

/** Connects, misbehaves, and expects this close. */
async function expectClose(
  code: number,
  misbehave: (stranger: Stranger) => void | Promise<void>,
): Promise<void> {
  const stranger = await connect(url);
  try {
    await misbehave(stranger);
    expect(await stranger.closed()).toMatchObject({ code });
  } finally {
    stranger.end();
  }
}
const statusOf = (path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("upgrade", (_answer, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on("error", reject);
    asked.end();
  });

describe("before the socket", () => {
  it("[P1] another path is 404", async () => {
    expect(await statusOf("/agent?token=x", { "sec-websocket-protocol": "detak.v1" })).toBe(404);
  });
  it("[P2] a browser is 403", async () => {
    const headers = { origin: "https://example.com", "sec-websocket-protocol": "detak.v1" };
    expect(await statusOf("/agent", headers)).toBe(403);
  });
  it("[P1] another protocol is 426", async () => {
    expect(await statusOf("/agent", { "sec-websocket-protocol": "detak.v9" })).toBe(426);
  });
});

describe("before the proof", () => {
  it("[P8] garbage is closed with 4400", () =>
    expectClose(4400, ({ socket }) => socket.send("\u0000\u0001 not JSON {")));

  it("[P17] a heartbeat out of turn is closed with 4400", () =>
    expectClose(4400, (stranger) => stranger.send({ type: "beat", sequence: 1 })));

  it("[P5] a binary frame is closed with 1003", () =>
    expectClose(1003, ({ socket }) => socket.send(Buffer.from([1, 2, 3]), { binary: true })));

  it("[P6] a message over 65,536 bytes is closed with 1009", () =>
    expectClose(1009, ({ socket }) => socket.send("x".repeat(limits.messageBytesMax + 1))));

  it("[P7] more than 16 fragments are closed with 1008", () =>
    expectClose(1008, ({ socket }) => {
      for (let part = 0; part <= limits.fragmentsMax; part += 1) socket.send(" ", { fin: false });
    }));

  it("[P15] an unknown key is closed with 4403", () =>
    expectClose(4403, (stranger) => stranger.send(proveOf(stranger, createAgentKeys()))));

  it("[P15] a pinned key with another's signature is closed with 4401", () =>
    expectClose(4401, (stranger) =>
      stranger.send({ ...proveOf(stranger, createAgentKeys()), agentKey: keys.agentKey }),
    ));

  it("[P15] a proof recorded on another socket is closed with 4401", async () => {
    const first = await connect(url);
    const recorded = proveOf(first, keys);
    first.send(recorded);
    await first.wait("welcome");
    await expectClose(4401, (stranger) => stranger.send(recorded));
    expect(first.socket.readyState).toBe(first.socket.OPEN);
    first.end();
  });

  it("[P12] a join token that does not exist, or is used up, is closed with 4404", async () => {
    await expectClose(4404, (stranger) =>
      stranger.send(enrollOf(stranger, createAgentKeys(), "nosuchtoken.nosuchsecretnosuchsecretnosuch")),
    );
    const { token } = await world.api.post<{ readonly token: string }>("enrollments", {});
    const first = await connect(url);
    first.send(enrollOf(first, createAgentKeys(), token));
    await first.wait("enrolled");
    first.end();
    await expectClose(4404, (stranger) => stranger.send(enrollOf(stranger, createAgentKeys(), token)));
  });

  it("[P11] silence is closed with 4408", () => expectClose(4408, () => undefined));
});

describe("in an open session", () => {
  const expectSessionClose = async (code: number, misbehave: (stranger: Stranger) => void): Promise<void> => {
    const stranger = await openSession(url, keys);
    misbehave(stranger);
    expect(await stranger.closed()).toMatchObject({ code });
  };

  it("[P8] a health sample out of range is closed with 4400", () =>
    expectSessionClose(4400, (stranger) => stranger.send({ type: "beat", sequence: 1, health: { cpu: 7 } })));

  it("[P17] a second proof is closed with 4400", () =>
    expectSessionClose(4400, (stranger) => stranger.send(proveOf(stranger, keys))));

  it("[P26] a flood is closed with 4429", () =>
    expectSessionClose(4429, (stranger) => {
      for (let sequence = 1; sequence <= 40; sequence += 1) stranger.send({ type: "beat", sequence });
    }));

  it("[P18] the newer of two sessions wins: the older is closed with 4409, its heartbeats and its goodbye count for nothing", async () => {
    const older = await openSession(url, keys);
    older.send({ type: "beat", sequence: 1 });
    await older.wait("ack");
    const newer = await openSession(url, keys);
    newer.send({ type: "beat", sequence: 1 });
    await newer.wait("ack");
    if (older.socket.readyState === older.socket.OPEN)
      older.send({ type: "goodbye", sequence: 2, reason: "shutdown" });
    expect(await older.closed()).toMatchObject({ code: 4409 });
    expect((await world.api.server(serverId)).status).toBe("up");
    newer.end();
  });
});

describe("after all of it", () => {
  it("the honest agent was heard all the time in its one session, and nobody was told anything about it", async () => {
    const before = Date.now();
    await until("the honest agent beats on", 15_000, async () => {
      const { lastHeartbeatAt } = await world.api.server(honest.server.id);
      return lastHeartbeatAt !== null && Date.parse(lastHeartbeatAt) > before;
    });
    expect((await world.api.server(honest.server.id)).status).toBe("up");
    const opened = honest.agent.output.filter((line) => line.includes('"session_opened"'));
    expect(opened).toHaveLength(1);
    const incidents = await world.api.incidents();
    expect(incidents.filter((incident) => incident.serverId === honest.server.id)).toEqual([]);
    expect(world.collector.program.end).toBeNull();
  });
});
