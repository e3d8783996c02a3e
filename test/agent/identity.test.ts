/**
 * What the agent keeps: its identity, the pending key, the lock, the boot id, the status file.
 */
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keptBootId, readBootId } from "../../agent/boot.ts";
import { AgentFailure } from "../../agent/failure.ts";
import { loadIdentity, pendingKeys, storeIdentity, type Identity } from "../../agent/identity.ts";
import {
  createAgentKeys,
  enrolledIsRight,
  makeEnroll,
  makeProve,
  parseJoinToken,
  welcomeIsRight,
} from "../../agent/keys.ts";
import { lockHolder, lockStateDir } from "../../agent/lock.ts";
import { stateDirOf } from "../../agent/state-dir.ts";
import { openStatus, readStatus, statusLimits, type AgentStatus } from "../../agent/status.ts";
import { agentOpening, type Hello, type Welcome } from "../../shared/wire.ts";
import { newFolder } from "./agent-process.ts";

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

const url = "ws://127.0.0.1:7373/agent";
function newIdentity(): Identity {
  return { serverId: "server_1", collectorUrl: url, collectorKey: "A".repeat(43), keys: createAgentKeys() };
}
const ignore = (): void => undefined;

describe("the identity", () => {
  test("what is stored is loaded again, and nothing else is left in the folder", async () => {
    const identity = newIdentity();
    await pendingKeys(folder, "token_1", url);
    await storeIdentity(folder, identity);
    expect(await loadIdentity(folder, ignore)).toEqual(identity);
    expect(await readdir(folder)).toEqual(["identity.json"]);
    expect((await stat(join(folder, "identity.json"))).mode & 0o777).toBe(0o600);
  });

  test("a folder without one has none", async () => {
    expect(await loadIdentity(folder, ignore)).toBeNull();
    expect(await loadIdentity(join(folder, "missing"), ignore)).toBeNull();
  });

  test("one that others could read is mended and told", async () => {
    await storeIdentity(folder, newIdentity());
    await chmod(join(folder, "identity.json"), 0o644);
    const warnings: string[] = [];
    await loadIdentity(folder, (event) => warnings.push(event));
    expect(warnings).toEqual(["identity_was_readable_by_others"]);
    expect((await stat(join(folder, "identity.json"))).mode & 0o777).toBe(0o600);
  });

  test("torn at any length it is refused in one sentence and left as it is", async () => {
    await storeIdentity(folder, newIdentity());
    const path = join(folder, "identity.json");
    const whole = await readFile(path, "utf8");
    for (let length = 0; length < whole.length - 2; length += 7) {
      await writeFile(path, whole.slice(0, length));
      await expect(loadIdentity(folder, ignore)).rejects.toBeInstanceOf(AgentFailure);
      expect(await readFile(path, "utf8")).toBe(whole.slice(0, length));
    }
  });

  test("a private key that does not belong to the public one is refused", async () => {
    const identity = newIdentity();
    await storeIdentity(folder, {
      ...identity,
      keys: { ...identity.keys, agentKey: createAgentKeys().agentKey },
    });
    await expect(loadIdentity(folder, ignore)).rejects.toThrow("damaged");
  });

  test("a folder that cannot be written is one sentence", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(storeIdentity(join(folder, "file"), newIdentity())).rejects.toBeInstanceOf(AgentFailure);
  });
});

describe("the pending key", () => {
  test("the same token and collector get the same key again, any other a new one", async () => {
    const keys = await pendingKeys(folder, "token_1", url);
    expect(await pendingKeys(folder, "token_1", url)).toEqual(keys);
    const other = await pendingKeys(folder, "token_2", url);
    expect(other.agentKey).not.toBe(keys.agentKey);
    expect((await pendingKeys(folder, "token_2", "ws://other/agent")).agentKey).not.toBe(other.agentKey);
    expect((await stat(join(folder, "pending-identity.json"))).mode & 0o777).toBe(0o600);
  });

  test("a damaged pending file is replaced", async () => {
    await writeFile(join(folder, "pending-identity.json"), "{");
    const keys = await pendingKeys(folder, "token_1", url);
    expect(await pendingKeys(folder, "token_1", url)).toEqual(keys);
  });
});

describe("proofs", () => {
  const token = parseJoinToken("token_1.secret.with.dots")!;
  const hello: Hello = {
    type: "hello",
    versionMin: 1,
    versionCurrent: 1,
    collectorKey: createAgentKeys().agentKey,
    collectorNonce: "B".repeat(42) + "A",
  };

  test("a token is its id, and a secret that may hold dots", () => {
    expect(token.tokenId).toBe("token_1");
    expect(token.secretHash).toHaveLength(32);
    for (const wrong of ["", "nodot", ".secret", "id.", "i d.secret", `${"x".repeat(65)}.s`]) {
      expect(parseJoinToken(wrong)).toBeNull();
    }
  });

  test("what is sent fits the wire, with a fresh nonce each time", () => {
    const facts = { keys: createAgentKeys(), token, hostName: "branch-1", agentVersion: "0.1.0" };
    const first = makeEnroll(hello, 1, facts);
    expect(agentOpening.safeParse(first).success).toBe(true);
    expect(makeEnroll(hello, 1, facts).agentNonce).not.toBe(first.agentNonce);
    const prove = makeProve(hello, 1, {
      keys: facts.keys,
      bootId: "boot",
      agentVersion: "0.1.0",
      agentStartedBootMs: 5,
      features: ["journal"],
    });
    expect(agentOpening.safeParse(prove).success).toBe(true);
  });

  test("a wrong mac and a wrong signature are wrong, also from a key that is none", () => {
    const facts = { keys: createAgentKeys(), token, hostName: "branch-1", agentVersion: "0.1.0" };
    const asked = makeEnroll(hello, 1, facts);
    const mac = "C".repeat(42) + "A";
    expect(enrolledIsRight(hello, asked, { type: "enrolled", serverId: "server_1", mac }, token)).toBe(false);
    const prove = makeProve(hello, 1, {
      keys: facts.keys,
      bootId: "boot",
      agentVersion: "0.1.0",
      agentStartedBootMs: 5,
      features: ["journal"],
    });
    const welcome: Welcome = {
      type: "welcome",
      sessionId: "s",
      signature: "D".repeat(85) + "A",
      heartbeatIntervalMs: 15_000,
      ackTimeoutMs: 40_000,
      healthIntervalMs: 60_000,
    };
    expect(welcomeIsRight(hello.collectorKey, hello, prove, welcome)).toBe(false);
    expect(welcomeIsRight("not a key", hello, prove, welcome)).toBe(false);
  });
});

describe("the lock", () => {
  test("a second holder is refused by name, and may have it when the first is gone", async () => {
    const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const pid = holder.pid ?? 0;
    await writeFile(join(folder, "agent.lock"), JSON.stringify({ pid, bootId: "boot_1", startedTicks: "" }));
    expect(() => lockStateDir(folder, "boot_1")).toThrow(`pid ${pid}`);
    expect(lockHolder(folder, "boot_1")).toBe(pid);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(lockHolder(folder, "boot_1")).toBeNull();
    lockStateDir(folder, "boot_1").close();
  });

  test("a lock of another boot, of a dead process or of nonsense is healed", async () => {
    const path = join(folder, "agent.lock");
    const living = process.ppid;
    const dead = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
    await once(dead, "exit");
    for (const content of [
      JSON.stringify({ pid: living, bootId: "boot_0", startedTicks: "" }),
      JSON.stringify({ pid: dead.pid, bootId: "boot_1", startedTicks: "" }),
      // The number is in use again, by a process that started at another time.
      ...(process.platform === "linux"
        ? [JSON.stringify({ pid: living, bootId: "boot_1", startedTicks: "1" })]
        : []),
      JSON.stringify({ pid: process.pid, bootId: "boot_1", startedTicks: "" }),
      "",
      "[]",
      '{"pid":-5}',
    ]) {
      await writeFile(path, content);
      const lock = lockStateDir(folder, "boot_1");
      expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid, bootId: "boot_1" });
      lock.close();
      lock.close();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test("a folder that cannot be written is one sentence", () => {
    expect(() => lockStateDir(join(folder, "missing"), "boot_1")).toThrow(AgentFailure);
  });
});

describe("the boot id", () => {
  test.runIf(process.platform === "linux")("on Linux it is the kernel's", async () => {
    const kernel = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    expect(await readBootId(folder)).toBe(kernel);
  });

  test("elsewhere it is kept while the boot time is the same, whatever NTP mends, and new after a reboot", async () => {
    const first = await keptBootId(folder, 1_700_000_000_000);
    expect(await keptBootId(folder, 1_700_000_060_000)).toBe(first);
    expect(await keptBootId(folder, 1_700_003_600_000)).not.toBe(first);
  });

  test("a folder that cannot be written still gets one", async () => {
    expect(await keptBootId(join(folder, "missing"), 5)).not.toBe("");
  });
});

describe("the status file", () => {
  const status: AgentStatus = {
    pid: 1,
    agentVersion: "0.1.0",
    collectorUrl: url,
    serverId: "server_1",
    writtenAt: "2026-01-01T00:00:00.000Z",
    connectedSince: null,
    lastAckAt: null,
    redialAt: null,
    problem: null,
    lastProblem: null,
    lastProblemAt: null,
  };

  /** The file is there and its writer is done; turns of the event loop, since the timers stand still. */
  async function written(): Promise<void> {
    while (!(await readdir(folder)).includes("status.json")) await new Promise(setImmediate);
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  }

  test("news is written at once, more news at most each 10 s, and acks at most each minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    let composed = 0;
    const writer = openStatus(
      folder,
      () => {
        composed += 1;
        return status;
      },
      () => performance.now(),
      ignore,
    );
    writer.changed(false);
    expect(composed).toBe(0);
    writer.changed(true);
    expect(composed).toBe(1);
    await written();
    writer.changed(true);
    writer.changed(true);
    await vi.advanceTimersByTimeAsync(statusLimits.leastBetweenMs - 1);
    expect(composed).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(composed).toBe(2);
    vi.useRealTimers();
    await writer.close();
    expect(composed).toBe(3);
    expect(await readStatus(folder)).toEqual(status);
  });

  test("a folder that cannot be written is told once and troubles nobody", async () => {
    const warnings: string[] = [];
    const writer = openStatus(
      join(folder, "missing"),
      () => status,
      () => performance.now(),
      (detail) => warnings.push(detail),
    );
    writer.changed(true);
    await writer.close();
    await writer.close();
    expect(warnings).toHaveLength(1);
  });

  test("nonsense in it is no status", async () => {
    expect(await readStatus(folder)).toBeNull();
    await mkdir(join(folder, "x"));
    await writeFile(join(folder, "status.json"), '{"pid":"one"}');
    expect(await readStatus(folder)).toBeNull();
  });
});

test("the state folder is the platform's own, and DETAK_STATE_DIR goes before it", () => {
  const facts = { platform: "linux", isRoot: true, home: "/home/budi", environment: {} } as const;
  expect(stateDirOf(facts)).toBe("/var/lib/detak-agent");
  expect(stateDirOf({ ...facts, isRoot: false })).toBe("/home/budi/.local/state/detak-agent");
  expect(stateDirOf({ ...facts, isRoot: false, environment: { XDG_STATE_HOME: "/s" } })).toBe(
    "/s/detak-agent",
  );
  expect(stateDirOf({ ...facts, environment: { DETAK_STATE_DIR: "/elsewhere" } })).toBe("/elsewhere");
  expect(stateDirOf({ ...facts, platform: "darwin" })).toBe("/Library/Application Support/detak-agent");
  expect(
    stateDirOf({ ...facts, platform: "win32", environment: { ProgramData: "C:\\ProgramData" } }),
  ).toContain("Detak Agent");
});
