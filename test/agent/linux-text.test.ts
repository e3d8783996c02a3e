/**
 * The parsers of /proc and /sys, over the texts of several kernels and containers.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  busyShare,
  chooseInterfaces,
  hottestCelsius,
  networkRates,
  parseInterfaces,
  parseLoad,
  parseLocalMounts,
  parseMemory,
  parseProcessorTimes,
} from "../../agent/health/linux-text.ts";
import { centos6, debian, docker, lxc, pools, sandbox } from "./linux-fixtures.ts";

describe("processors", () => {
  test("the busy share is what was not idle and not waiting, guests not counted twice", () => {
    const before = parseProcessorTimes(debian.stat);
    const later = parseProcessorTimes(debian.later);
    expect(before).toEqual({ busy: 143_662, total: 658_209 });
    // 100 user and 50 system of 500 jiffies: 300 idle, 50 waiting.
    expect(busyShare(before!, later!)).toBeCloseTo(0.3, 10);
  });

  test("an old kernel with fewer columns is understood", () => {
    expect(parseProcessorTimes(centos6.stat)).toEqual({ busy: 150, total: 1_000 });
  });

  test("counters that stand still or go back give no share", () => {
    const now = parseProcessorTimes(lxc.stat)!;
    const before = parseProcessorTimes(lxc.earlier)!;
    expect(busyShare(now, now)).toBeUndefined();
    expect(busyShare(before, now)).toBeUndefined();
  });

  test("a text without the line gives nothing", () => {
    expect(parseProcessorTimes("cpu0 1 2 3 4\n")).toBeUndefined();
    expect(parseProcessorTimes("cpu  1 2\n")).toBeUndefined();
    expect(parseProcessorTimes("cpu  a b c d\n")).toBeUndefined();
  });
});

describe("load and memory", () => {
  test("the three averages are read", () => {
    expect(parseLoad(debian.load)).toEqual([3.52, 3.22, 2.21]);
    expect(parseLoad("")).toBeUndefined();
    expect(parseLoad("a b c")).toBeUndefined();
  });

  test("memory is total less available, in bytes", () => {
    expect(parseMemory(debian.memory)).toEqual({
      totalBytes: 24_684_092 * 1024,
      availableBytes: 23_934_756 * 1024,
      swapTotalBytes: 2_097_148 * 1024,
      swapFreeBytes: 2_000_000 * 1024,
    });
  });

  test("a kernel without MemAvailable counts free, buffers and cache as available", () => {
    expect(parseMemory(centos6.memory)?.availableBytes).toBe(500_000 * 1024);
  });

  test("a container that has more available than total has all of it available", () => {
    expect(parseMemory(lxc.memory)).toMatchObject({ availableBytes: 524_288 * 1024, swapTotalBytes: 0 });
  });

  test("no total, no memory", () => {
    expect(parseMemory("MemFree: 5 kB\n")).toBeUndefined();
    expect(parseMemory("MemTotal: 0 kB\nMemFree: 0 kB\n")).toBeUndefined();
  });
});

describe("mounts", () => {
  test("real local disks are listed once each; networks, images, RAM and user-space file systems are not", () => {
    expect(parseLocalMounts(debian.mounts)).toEqual(["/", "/boot", "/boot/efi", "/srv/data disk"]);
  });

  test("a container shows its root and its volumes, not the files of the host that were bound into it", () => {
    expect(parseLocalMounts(docker.mounts)).toEqual(["/", "/data"]);
  });

  test("in the agent's own sandbox each disk still has its own name", () => {
    expect(parseLocalMounts(sandbox.mounts)).toEqual(["/", "/home"]);
  });

  test("one name for a pool's disk, each data set of ZFS, and nothing for a place that a network mount hides", () => {
    expect(parseLocalMounts(pools.mounts)).toEqual(["/", "/tank", "/tank/vm"]);
  });
});

describe("network", () => {
  test("bytes are read with and without a space after the colon", () => {
    expect(parseInterfaces(debian.interfaces).get("ens18")).toEqual({
      receivedBytes: 806_527_128,
      sentBytes: 1_520_041,
    });
    expect(parseInterfaces(centos6.interfaces).get("eth0")).toEqual({
      receivedBytes: 3_000_000_000,
      sentBytes: 2_000,
    });
    expect([...parseInterfaces(debian.interfaces).keys()]).toEqual(["lo", "ens18", "docker0"]);
  });

  test("interfaces with hardware count; where none has, those that are not virtual by name", () => {
    const names = ["lo", "eth0", "docker0", "br-1a2b", "veth12", "tun0", "wg0", "bond0"];
    expect(chooseInterfaces(names, (name) => name === "eth0")).toEqual(["eth0"]);
    expect(chooseInterfaces(names, () => false)).toEqual(["eth0"]);
    expect(chooseInterfaces([...parseInterfaces(docker.interfaces).keys()], () => false)).toEqual(["eth0"]);
  });

  test("rates are per second; a counter that went back and an interface that is new are left out", () => {
    const before = new Map([
      ["a", { receivedBytes: 1_000, sentBytes: 500 }],
      ["b", { receivedBytes: 4_294_967_000, sentBytes: 10 }],
    ]);
    const now = new Map([
      ["a", { receivedBytes: 3_000, sentBytes: 600 }],
      ["b", { receivedBytes: 100, sentBytes: 20 }],
      ["c", { receivedBytes: 9_999_999, sentBytes: 9_999_999 }],
    ]);
    expect(networkRates(before, now, 2_000)).toEqual({
      receivedBytesPerSecond: 1_000,
      sentBytesPerSecond: 50,
    });
    expect(networkRates(before, now, 0)).toBeUndefined();
    expect(networkRates(new Map(), now, 1_000)).toBeUndefined();
  });
});

test("the hottest believable sensor counts", () => {
  expect(hottestCelsius(["45000\n", "61500\n", "-274000\n", "0\n", "255000\n", "", "N/A\n"])).toBe(61.5);
  expect(hottestCelsius(["0\n", "-128000\n"])).toBeUndefined();
  expect(hottestCelsius([])).toBeUndefined();
});

test("no text makes a parser throw", () => {
  const pieces = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .constantFrom(debian.mounts, debian.stat, debian.memory, debian.interfaces)
      .chain((text) =>
        fc.nat(text.length).chain((start) => fc.nat(text.length).map((end) => text.slice(start, end))),
      ),
  );
  fc.assert(
    fc.property(pieces, (text) => {
      parseProcessorTimes(text);
      parseLoad(text);
      parseMemory(text);
      parseLocalMounts(text);
      parseInterfaces(text);
      hottestCelsius([text]);
    }),
    { numRuns: 2_000 },
  );
});
