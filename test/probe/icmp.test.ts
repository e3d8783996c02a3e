/**
 * The ICMP probe with the real programs of this machine, and with programs that misbehave.
 * Each real program that is missing is skipped by name; `.ci/run` installs ping and fping.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askIcmp, findPingProgram, type PingProgram } from "../../shared/probe/icmp.ts";
import { createNamespace, namespaceObstacle, type Namespace } from "./namespace.ts";
import { createProgramFolder, installed, isRunning, type ProgramFolder } from "./programs.ts";

const obstacle = await namespaceObstacle();
const busybox = await installed("busybox");
const real = [
  { name: "ping", file: await installed("ping") },
  { name: "fping", file: await installed("fping") },
  { name: "busybox ping", file: busybox },
];

let folder: ProgramFolder;
let namespace: Namespace | null = null;
beforeAll(async () => {
  folder = await createProgramFolder();
  if (busybox !== null) await folder.link("ping", busybox);
  if (obstacle === null) namespace = await createNamespace();
});
afterAll(async () => {
  await folder.close();
  await namespace?.close();
});

for (const { name, file } of real)
  describe.skipIf(file === null)(`${name}${file === null ? " (not installed here)" : ""}`, () => {
    let program: PingProgram;
    beforeAll(async () => {
      const files = [name === "busybox ping" ? join(folder.path, "ping") : (file ?? "")];
      const ability = await findPingProgram({ files });
      if (ability.type !== "ok") throw new Error(`${name} is installed, but: ${ability.type}`);
      program = ability.program;
    });

    it("is recognized", () => {
      expect(["fping", "iputils", "plain"]).toContain(program.manner);
    });

    it.each(["127.0.0.1", "127.0.0.9"])("%s answers", async (address) => {
      const answer = (await askIcmp([address], { program, limitMs: 3_250 })).get(address);
      expect(answer).toMatchObject({ verdict: "alive", detail: "reply" });
      expect(answer?.roundTripMs).toBeGreaterThan(0);
    });

    it.skipIf(obstacle !== null)("a silent address is dead, not before its time and not after", async () => {
      const address = namespace?.silentAddress ?? "";
      const startedMs = performance.now();
      const answers = await askIcmp([address], { program, limitMs: 1_250 });
      expect(answers.get(address)).toEqual({ verdict: "dead", detail: "timeout", roundTripMs: null });
      expect(performance.now() - startedMs).toBeGreaterThan(900);
      expect(performance.now() - startedMs).toBeLessThan(2_250);
    });

    it.skipIf(obstacle !== null)("a router's unreachable is dead", async () => {
      const address = namespace?.unreachableAddress ?? "";
      const answers = await askIcmp([address], { program, limitMs: 1_250 });
      // busybox keeps what the router said to itself.
      const detail = name === "busybox ping" ? "timeout" : "unreachable";
      expect(answers.get(address)).toEqual({ verdict: "dead", detail, roundTripMs: null });
    });

    it("cancelled, it says nothing of the host", async () => {
      const cancel = new AbortController();
      const asked = askIcmp(["127.0.0.1"], { program, limitMs: 3_250, signal: cancel.signal });
      cancel.abort();
      expect((await asked).get("127.0.0.1")).toMatchObject({ verdict: "none", detail: "cancelled" });
    });
  });

describe("a machine that cannot ping", () => {
  it("without a program: no evidence, and the ability says so", async () => {
    const path = join(folder.path, "empty");
    expect(await findPingProgram({ files: ["fping", "ping"], path })).toEqual({ type: "no_program" });
    const program: PingProgram = { manner: "iputils", file: "ping", path };
    const answers = await askIcmp(["127.0.0.1"], { program, limitMs: 1_000 });
    expect(answers.get("127.0.0.1")).toMatchObject({ verdict: "none", detail: "no_program" });
  });

  it("without the permission: no evidence, and the ability says so", async () => {
    const file = await folder.script("refused", "echo 'ping: socket: Operation not permitted' >&2", "exit 2");
    expect(await findPingProgram({ files: [file] })).toEqual({ type: "no_permission" });
    const program: PingProgram = { manner: "plain", file, path: undefined };
    const answers = await askIcmp(["127.0.0.1"], { program, limitMs: 1_000 });
    expect(answers.get("127.0.0.1")).toMatchObject({ verdict: "none", detail: "no_permission" });
  });

  it.skipIf(busybox === null)("the second program is used when the first may not", async () => {
    const file = await folder.script("fping", "echo 'fping: must run as root?' >&2", "exit 4");
    const ability = await findPingProgram({ files: [file, join(folder.path, "ping")] });
    expect(ability).toMatchObject({ type: "ok", program: { manner: "plain" } });
  });
});

describe("a program that misbehaves", () => {
  it("one that hangs and ignores the interrupt is killed at the limit: no evidence, no process left", async () => {
    const pidFile = join(folder.path, "hanging.pid");
    const file = await folder.script("hanging", `echo $$ > ${pidFile}`, "trap '' INT", "exec sleep 600");
    const program: PingProgram = { manner: "iputils", file, path: undefined };
    const answers = await askIcmp(["127.0.0.1"], { program, limitMs: 1_000 });
    expect(answers.get("127.0.0.1")).toMatchObject({ verdict: "none", detail: "local_error" });
    expect(isRunning(Number(await readFile(pidFile, "utf8")))).toBe(false);
  });

  it("one that is cancelled is gone when the answer is there", async () => {
    const pidFile = join(folder.path, "cancelled.pid");
    const file = await folder.script("cancelled", `echo $$ > ${pidFile}`, "exec sleep 600");
    const program: PingProgram = { manner: "iputils", file, path: undefined };
    const cancel = new AbortController();
    const asked = askIcmp(["127.0.0.1"], { program, limitMs: 60_000, signal: cancel.signal });
    await expect.poll(() => readFile(pidFile, "utf8").catch(() => ""), { timeout: 10_000 }).toMatch(/\d\n/);
    cancel.abort();
    expect((await asked).get("127.0.0.1")).toMatchObject({ detail: "cancelled" });
    expect(isRunning(Number(await readFile(pidFile, "utf8")))).toBe(false);
  });

  it("one that never stops printing is bounded and ended", async () => {
    const file = await folder.script(
      "flood",
      "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
    );
    const program: PingProgram = { manner: "iputils", file, path: undefined };
    const answers = await askIcmp(["127.0.0.1"], { program, limitMs: 1_000 });
    expect(answers.get("127.0.0.1")).toMatchObject({ verdict: "none" });
  });

  it("an answer for one of several from elsewhere: each is asked again until it is clear whose it was", async () => {
    // Speaks like fping 5.1: everybody is alive, but for 10.0.0.9 another address answered.
    const file = await folder.script(
      "fping",
      'for word in "$@"; do case $word in',
      '  10.0.0.9) printf " [<- 10.0.0.1]" >&2; echo "$word is alive (0.01 ms)";;',
      '  10.*) echo "$word is alive (0.02 ms)";;',
      "esac; done",
    );
    const program: PingProgram = { manner: "fping", file, path: undefined };
    const addresses = Array.from({ length: 20 }, (_, index) => `10.0.0.${index + 1}`);
    const answers = await askIcmp(addresses, { program, limitMs: 3_250 });
    expect(answers.get("10.0.0.9")).toMatchObject({ verdict: "dead", detail: "other_address" });
    for (const address of addresses.filter((one) => one !== "10.0.0.9"))
      expect(answers.get(address), address).toMatchObject({ verdict: "alive" });
  });
});
