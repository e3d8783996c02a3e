/**
 * The readers, the sampler that runs them, the clipping, the child: nothing of it may hold a beat up or break one.
 */
import fc from "fast-check";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clippedSample } from "../../agent/health/clipped.ts";
import { composeInventory, parseOsReleaseName } from "../../agent/health/inventory.ts";
import { linuxReaders } from "../../agent/health/linux.ts";
import { portableReaders, uptimeReader } from "../../agent/health/portable.ts";
import type { HealthPart, HealthReader } from "../../agent/health/reader.ts";
import { samplerLimits, startSampler, type HealthTrouble } from "../../agent/health/sampler.ts";
import { askSystem, type SelfCommand } from "../../agent/health/system-child.ts";
import { healthSample, inventory } from "../../shared/health.ts";
import { newFolder } from "./agent-process.ts";
import { debian } from "./linux-fixtures.ts";

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

async function readAll(readers: readonly HealthReader[], nowMs: number): Promise<HealthPart> {
  const whole: HealthPart = {};
  for (const reader of readers) Object.assign(whole, await reader.read(nowMs));
  return whole;
}

describe("the Linux readers", () => {
  test("they read a whole sample, with rates from the second reading on", async () => {
    await put("proc/stat", debian.stat);
    await put("proc/loadavg", debian.load);
    await put("proc/meminfo", debian.memory);
    await put("proc/net/dev", debian.interfaces);
    await put("proc/self/mountinfo", `27 1 254:0 / ${folder} rw - ext4 /dev/sda1 rw\n`);
    await put("sys/class/net/ens18/device/vendor", "0x1af4\n");
    await put("sys/class/hwmon/hwmon0/temp1_input", "41000\n");
    await put("sys/class/hwmon/hwmon1/temp2_input", "52500\n");
    await put("sys/class/hwmon/hwmon1/temp2_max", "99000\n");
    const readers = linuxReaders(folder);
    const first = await readAll(readers, 0);
    expect(first.cpu).toBeUndefined();
    expect(first.networkReceivedBytesPerSecond).toBeUndefined();
    await put("proc/stat", debian.later);
    await put(
      "proc/net/dev",
      debian.interfaces.replace("806527128", "806537128").replace("163121405", "999999999"),
    );
    const second = await readAll(readers, 10_000);
    expect(second.cpu).toBeCloseTo(0.3, 10);
    expect(second.networkReceivedBytesPerSecond).toBe(1_000);
    expect(second.temperatureCelsius).toBe(52.5);
    expect(second.disks).toMatchObject([{ mount: folder }]);
    expect(second.disks?.[0]?.usedBytes).toBeLessThanOrEqual(second.disks?.[0]?.sizeBytes ?? 0);
    expect(healthSample.safeParse(clippedSample(second)).success).toBe(true);
  });

  test("thermal zones stand in where there is no hardware monitor", async () => {
    await put("sys/class/thermal/thermal_zone0/temp", "38000\n");
    const reader = linuxReaders(folder).find((one) => one.name === "temperature");
    expect(await reader?.read(0)).toEqual({ temperatureCelsius: 38 });
  });

  test.runIf(process.platform === "linux")(
    "on this machine every one of them ends within its limit",
    async () => {
      for (const reader of [...linuxReaders(), uptimeReader()]) {
        const startedAt = performance.now();
        await reader.read(startedAt);
        expect(performance.now() - startedAt).toBeLessThan(reader.timeLimitMs);
      }
    },
  );
});

describe("the readers of other platforms", () => {
  test("processors and memory come from Node, the rest from the child's answer", async () => {
    let receivedBytes = 1_000;
    const readers = portableReaders("win32", () =>
      Promise.resolve({
        ok: true as const,
        answer: {
          health: { disks: [{ mount: "C:", sizeBytes: 100, usedBytes: 60 }], temperatureCelsius: null },
          receivedBytes: (receivedBytes += 5_000),
          sentBytes: 0,
        },
      }),
    );
    await readAll(readers, 0);
    const part = await readAll(readers, 5_000);
    expect(part.networkReceivedBytesPerSecond).toBe(1_000);
    expect(part.memoryTotalBytes).toBeGreaterThan(0);
    expect(part.load).toBeUndefined();
    const sample = clippedSample(part);
    expect(sample?.disks).toEqual([{ mount: "C:", sizeBytes: 100, usedBytes: 60 }]);
    expect(sample?.temperatureCelsius).toBeUndefined();
  });

  test("a child without an answer is a failed reading", async () => {
    const readers = portableReaders("darwin", () =>
      Promise.resolve({ ok: false as const, problem: "no answer" }),
    );
    await expect(readAll(readers, 0)).rejects.toThrow("no answer");
  });
});

describe("the sampler", () => {
  interface Bench {
    readonly troubles: HealthTrouble[];
    readonly ready: ReturnType<typeof vi.fn<() => void>>;
    readonly sampler: ReturnType<typeof startSampler>;
  }

  function bench(...readers: readonly HealthReader[]): Bench {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const troubles: HealthTrouble[] = [];
    const ready = vi.fn<() => void>();
    const sampler = startSampler({
      readers,
      now: () => performance.now(),
      onReady: ready,
      onTrouble: (trouble) => troubles.push(trouble),
    });
    return { troubles, ready, sampler };
  }

  function reader(name: string, read: HealthReader["read"], rhythm = 1): HealthReader {
    return { name, rhythm, timeLimitMs: 5_000, read };
  }

  test("a reader that hangs costs its own field, is told once, and is not started again", async () => {
    const hung = vi.fn(() => new Promise<HealthPart>(() => undefined));
    const { sampler, troubles } = bench(
      reader("disks", hung),
      reader("load", () => ({ load: [1, 2, 3] })),
    );
    await vi.advanceTimersByTimeAsync(10 * samplerLimits.intervalMs);
    expect(sampler.newest()).toEqual({ load: [1, 2, 3] });
    expect(hung).toHaveBeenCalledTimes(1);
    expect(troubles).toEqual([{ reader: "disks", trouble: "too_slow", detail: "no answer within 5000 ms" }]);
    sampler.close();
  });

  test("a reader that throws is told once, tried again, and told anew after it had worked", async () => {
    let works = false;
    const { sampler, troubles } = bench(
      reader("memory", () => {
        if (works) return { memoryTotalBytes: 5 };
        throw new Error("no such file");
      }),
    );
    await vi.advanceTimersByTimeAsync(5 * samplerLimits.intervalMs);
    expect(troubles).toHaveLength(1);
    expect(sampler.newest()).toBeUndefined();
    works = true;
    await vi.advanceTimersByTimeAsync(samplerLimits.intervalMs);
    expect(sampler.newest()).toEqual({ memoryTotalBytes: 5 });
    works = false;
    await vi.advanceTimersByTimeAsync(samplerLimits.intervalMs);
    expect(troubles).toHaveLength(2);
    sampler.close();
  });

  test("a second reading follows after a second, and only then there is health to carry", async () => {
    const read = vi.fn(() => ({ cpu: 0.5 }));
    const { sampler, ready } = bench(reader("processor", read));
    await vi.advanceTimersByTimeAsync(samplerLimits.secondReadingMs - 1);
    expect(read).toHaveBeenCalledTimes(1);
    expect(ready).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(500);
    expect(read).toHaveBeenCalledTimes(2);
    expect(ready).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10 * samplerLimits.intervalMs);
    expect(read).toHaveBeenCalledTimes(12);
    expect(ready).toHaveBeenCalledTimes(1);
    sampler.close();
  });

  test("the rhythm of the welcome is taken over, and a slower reader keeps its multiple", async () => {
    const fast = vi.fn(() => ({}));
    const slow = vi.fn(() => ({}));
    const { sampler } = bench(reader("fast", fast), reader("slow", slow, 5));
    await vi.advanceTimersByTimeAsync(2_000);
    sampler.setInterval(10_000);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(fast).toHaveBeenCalledTimes(12);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(slow.mock.calls.length).toBeGreaterThan(1);
    expect(slow.mock.calls.length).toBeLessThan(fast.mock.calls.length / 4);
    sampler.close();
  });

  test("a value that is older than three rhythms is left out", async () => {
    let works = true;
    const { sampler } = bench(
      reader("processor", () => {
        if (!works) throw new Error("gone");
        return { cpu: 0.25 };
      }),
    );
    await vi.advanceTimersByTimeAsync(2_000);
    works = false;
    await vi.advanceTimersByTimeAsync(2 * samplerLimits.intervalMs);
    expect(sampler.newest()).toEqual({ cpu: 0.25 });
    await vi.advanceTimersByTimeAsync(2 * samplerLimits.intervalMs);
    expect(sampler.newest()).toBeUndefined();
    sampler.close();
  });

  test("after close nothing is read any more", async () => {
    const read = vi.fn(() => ({ cpu: 0 }));
    const { sampler } = bench(reader("processor", read));
    sampler.close();
    await vi.advanceTimersByTimeAsync(10 * samplerLimits.intervalMs);
    expect(read.mock.calls.length).toBeLessThanOrEqual(1);
  });
});

describe("clipping", () => {
  test("whatever the readers say, the sample is valid or absent", () => {
    const strange = fc.oneof(
      fc.double(),
      fc.constantFrom(-1, 2, Number.NaN, Infinity, 2 ** 60, null, "text", undefined, {}),
      fc.array(fc.double(), { maxLength: 4 }),
      fc.array(
        fc.record({ mount: fc.string({ maxLength: 300 }), sizeBytes: fc.double(), usedBytes: fc.double() }),
        {
          maxLength: 50,
        },
      ),
    );
    const fields = Object.keys(healthSample.shape);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields), strange), (part) => {
        const sample = clippedSample(part);
        if (sample !== undefined) expect(healthSample.strict().safeParse(sample).success).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a wrong field costs only itself", () => {
    expect(
      clippedSample({
        cpu: 1.2,
        temperatureCelsius: 5_000,
        uptimeSeconds: 12.7,
        disks: [
          { mount: "/", sizeBytes: 10, usedBytes: 5 },
          { mount: "x".repeat(300), sizeBytes: 99, usedBytes: 5 },
          { mount: "/big", sizeBytes: 20, usedBytes: -1 },
          { mount: "/home", sizeBytes: 30, usedBytes: 5 },
        ],
      }),
    ).toEqual({
      cpu: 1,
      uptimeSeconds: 13,
      disks: [
        { mount: "/home", sizeBytes: 30, usedBytes: 5 },
        { mount: "/", sizeBytes: 10, usedBytes: 5 },
      ],
    });
  });

  test("of more than 32 disks the largest are kept", () => {
    const disks = Array.from({ length: 50 }, (_, index) => ({
      mount: `/${index}`,
      sizeBytes: index,
      usedBytes: 0,
    }));
    const kept = clippedSample({ disks })?.disks ?? [];
    expect(kept).toHaveLength(32);
    expect(kept[0]?.mount).toBe("/49");
  });
});

describe("the child", () => {
  const never = new AbortController().signal;
  const script = (code: string): SelfCommand => ({ file: process.execPath, arguments: ["-e", code, "--"] });

  test("its JSON object is the answer", async () => {
    const answer = await askSystem(
      "inventory",
      script("console.log(JSON.stringify({ asked: process.argv.at(-1) }))"),
      never,
    );
    expect(answer).toEqual({ ok: true, answer: { asked: "inventory" } });
  });

  test("one that hangs is killed at its limit, with what it started", async () => {
    const pidFile = join(folder, "pid");
    const hang = script(
      `const c = require("node:child_process").spawn("sleep", ["300"]);
       require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(c.pid)); setInterval(() => {}, 1000)`,
    );
    const answer = await askSystem("inventory", hang, never, 1_500);
    expect(answer).toEqual({ ok: false, problem: "no answer within 1500 ms" });
    const pid = Number(await readFile(pidFile, "utf8"));
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000, interval: 20 });
  });

  test("one that shouts is cut off", async () => {
    const shout = script('for (;;) process.stdout.write("x".repeat(65536))');
    expect(await askSystem("figures", shout, never)).toEqual({ ok: false, problem: "answer too long" });
  });

  test.each([
    ["exit 3", "process.exit(3)", "ended with 3"],
    ["no JSON", 'console.log("hello")', "the answer is not a JSON object"],
    ["a list", 'console.log("[]")', "the answer is not a JSON object"],
  ])("one that answers with %s is no answer", async (_, code, problem) => {
    expect(await askSystem("figures", script(code), never)).toEqual({ ok: false, problem });
  });

  test("a program that is not there is no answer", async () => {
    const answer = await askSystem("figures", { file: join(folder, "none"), arguments: [] }, never);
    expect(answer.ok).toBe(false);
  });

  test("stopping the agent ends it", async () => {
    const controller = new AbortController();
    const asked = askSystem("figures", script("setInterval(() => {}, 1000)"), controller.signal);
    controller.abort();
    expect(await asked).toEqual({ ok: false, problem: "stopped" });
    expect(await askSystem("figures", script(""), controller.signal)).toEqual({
      ok: false,
      problem: "stopped",
    });
  });

  test("it gets none of the agent's settings", async () => {
    process.env["DETAK_ENROLL_TOKEN"] = "token.secret";
    try {
      const answer = await askSystem("figures", script("console.log(JSON.stringify(process.env))"), never);
      expect(JSON.stringify(answer)).not.toContain("token.secret");
      expect(answer.ok).toBe(true);
    } finally {
      delete process.env["DETAK_ENROLL_TOKEN"];
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the inventory", () => {
  test("without the child it already names the machine", () => {
    const found = composeInventory(null);
    expect(inventory.safeParse(found).success).toBe(true);
    expect(found.hostName).not.toBe("");
    expect(found.cpuCount).toBeGreaterThan(0);
    expect(found.manufacturer).toBeUndefined();
  });

  test("the child completes it, cleaned and cut; placeholders of firmware are left out", () => {
    const found = composeInventory({
      ok: true,
      answer: {
        manufacturer: "Dell\u0000Inc.\n",
        model: "To Be Filled By O.E.M.",
        virtual: false,
        osName: 7,
      },
    });
    expect(found).toMatchObject({ manufacturer: "Dell Inc.", virtual: false });
    expect(found.model).toBeUndefined();
    const long = composeInventory({ ok: true, answer: { model: "m".repeat(1_000) } });
    expect(long.model).toHaveLength(200);
  });

  test("PRETTY_NAME is read with and without quotes", () => {
    expect(parseOsReleaseName('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
      "Debian GNU/Linux 12 (bookworm)",
    );
    expect(parseOsReleaseName("PRETTY_NAME='Alpine \\$ Linux'\n")).toBe("Alpine $ Linux");
    expect(parseOsReleaseName("NAME=x\n")).toBeUndefined();
  });
});
