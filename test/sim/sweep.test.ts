/**
 * The sweep measures what it says: stories with known figures, worlds that stay the same, tables and arguments.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Fault } from "./plan-faults.ts";
import { MINUTE, planOf, SECOND } from "./scenario.ts";
import { parseSweepArguments } from "./sweep-arguments.ts";
import { addMeasured, newMeasured, type Measured } from "./sweep-figures.ts";
import { measure } from "./sweep-measure.ts";
import { Sweeper } from "./sweep-run.ts";
import { settings, type Value } from "./sweep-settings.ts";
import { quantile, tableOf } from "./sweep-tables.ts";
import { familySentences, sweepPlan, type Family } from "./sweep-worlds.ts";
import { realCore, type Core } from "./world.ts";

const AT = 40 * MINUTE;
const TODAY: Value = { name: "today", today: true };

/** A value of a setting, by the names in the table. */
function valueOf(key: string, name: string): Value {
  const value = settings.find((one) => one.key === key)?.values.find((one) => one.name === name);
  if (!value) throw new Error(`assertion failed: ${key} has no value ${name}`);
  return value;
}

/** The same story with one value. */
function told(faults: readonly Fault[], value: Value = TODAY): Measured {
  const plan = planOf({ faults, seed: 3, hours: 1.5 });
  return measure(value.plan?.(plan) ?? plan, value.options);
}

function cut(seconds: number, atMs = AT): Fault {
  return { kind: "path_cut", atMs, server: 0, forMs: seconds * SECOND, direction: "both" };
}

describe("what is measured", () => {
  test("a power cut is told T after the last heartbeat, which came up to 4/3 η before it, with one alert and one end", () => {
    const one = told([{ kind: "power_cut", atMs: AT, server: 0, forMs: 20 * MINUTE }]);
    expect(one).toMatchObject({
      outages: 1,
      apart: 1,
      untold: 0,
      messages: 2,
      recoveries: 1,
      broken: [],
      bugs: [],
    });
    expect(one.alerts).toEqual({ outage: 1, short: 0, nothing: 0, collector: 0 });
    expect(one.detectionMs).toHaveLength(1);
    expect(one.detectionMs[0]).toBeGreaterThanOrEqual((180 - 20) * SECOND);
    expect(one.detectionMs[0]).toBeLessThanOrEqual(182 * SECOND);
    expect(one.recoveryMs[0]).toBeGreaterThan(10 * SECOND);
    expect(one.recoveryMs[0]).toBeLessThan(MINUTE);
  });

  test("detection follows T", () => {
    for (const seconds of [90, 360]) {
      const [ms] = told([cut(1_200)], valueOf("down_after", `${seconds} s`)).detectionMs;
      expect(ms).toBeGreaterThanOrEqual((seconds - 20) * SECOND);
      expect(ms).toBeLessThanOrEqual((seconds + 2) * SECOND);
    }
  });

  test("a cut of 100 s is no alert today, and one about less than three minutes with T = 90 s", () => {
    expect(told([cut(100)])).toMatchObject({
      alertsUnder3: 0,
      absences: [0, 1, 0, 0, 0, 0],
      told: [0, 0, 0, 0, 0, 0],
    });
    const short = told([cut(100)], valueOf("down_after", "90 s"));
    expect(short).toMatchObject({ alertsUnder3: 1, told: [0, 1, 0, 0, 0, 0], outages: 1, untold: 0 });
    // With that T it is an outage, as people set it.
    expect(short.alerts).toEqual({ outage: 1, short: 0, nothing: 0, collector: 0 });
  });

  test("an outage that nobody is told of counts as untold", () => {
    const decide: Core["decide"] = (state, event) => {
      const decision = realCore.decide(state, event);
      return event.type === "sockets_drained" ? { ...decision, commit: [], effects: [] } : decision;
    };
    const mute = { ...TODAY, options: { core: { ...realCore, decide } } };
    expect(told([cut(400)], mute)).toMatchObject({ apart: 1, untold: 1, untoldInTrouble: 0, messages: 0 });
  });

  test("without a grace after a start a server that comes back just then is an alert of the collector's doing", () => {
    const faults: Fault[] = [
      { kind: "collector_killed", atMs: AT, forMs: 150 * SECOND, boundary: "now" },
      cut(70, AT + 130 * SECOND),
    ];
    expect(told(faults).alerts).toEqual({ outage: 0, short: 0, nothing: 0, collector: 0 });
    const hasty = told(faults, valueOf("grace_start", "0 s"));
    expect(hasty.alerts).toEqual({ outage: 0, short: 0, nothing: 0, collector: 1 });
    expect(hasty.serversOfCollector).toBe(1);
    expect(hasty.broken.join()).toContain("S1");
  });

  test("an outage across a restart is told a grace and one fresh round after it", () => {
    const faults: Fault[] = [
      cut(1_800),
      { kind: "collector_killed", atMs: AT + MINUTE, forMs: 5 * MINUTE, boundary: "now" },
    ];
    const after = (value: Value): number => told(faults, value).latenessMs[0] ?? Number.NaN;
    expect(after(TODAY)).toBeGreaterThan(119 * SECOND);
    expect(after(TODAY)).toBeLessThan(123 * SECOND);
    expect(after(valueOf("grace_start", "180 s")) - after(TODAY)).toBeGreaterThan(85 * SECOND);
  });

  test("back for one heartbeat ends an outage only where one is enough", () => {
    const faults = [cut(300), cut(300, AT + 310 * SECOND)];
    const ends = (name: string): Measured => told(faults, valueOf("recovery", name));
    expect(ends("1")).toMatchObject({ recoveries: 2, falseRecoveries: 1, messages: 4 });
    expect(ends("2")).toMatchObject({ recoveries: 1, falseRecoveries: 0, messages: 2 });
    const [one, two, three] = ["1", "2", "3"].map((name) => ends(name).recoveryMs.at(-1) ?? Number.NaN) as [
      number,
      number,
      number,
    ];
    expect(two - one).toBeGreaterThanOrEqual(9 * SECOND);
    expect(three - two).toBeGreaterThanOrEqual(9 * SECOND);
  });

  test("a line of our own that is cut is trouble told as our own, and no server's", () => {
    const one = told([{ kind: "uplink_cut", atMs: AT, forMs: 10 * MINUTE, direction: "both" }]);
    expect(one).toMatchObject({ ownCuts: 1, ownCutsTold: 1, troubleWithoutCut: 0, serversOfCollector: 0 });
  });

  test("three that fall by chance are many with a share of 10 %, and not today; five of fourteen are", () => {
    const servers = Array.from({ length: 14 }, (_, index) => ({ site: index % 7 }));
    const fallen = (count: number, name: string): Measured => {
      const faults = Array.from({ length: count }, (_, index) => ({
        kind: "power_cut" as const,
        atMs: AT + index * 5 * SECOND,
        server: index,
        forMs: 10 * MINUTE,
      }));
      return measure(planOf({ servers, faults, hours: 1.5 }), valueOf("mass_share", name).options);
    };
    expect(fallen(3, "10 %")).toMatchObject({ massByChance: 1, alerts: { outage: 1 } });
    expect(fallen(3, "30 %")).toMatchObject({ massByChance: 0, alerts: { outage: 3 } });
    expect(fallen(5, "30 %")).toMatchObject({ massByChance: 1, alerts: { outage: 1 } });
  });

  test("three more rounds of sentinels tell a cut of our own line later, by three η at most", () => {
    const faults: Fault[] = [{ kind: "uplink_cut", atMs: AT, forMs: 10 * MINUTE, direction: "both" }];
    const after = (name: string): number =>
      told(faults, valueOf("sentinels", name)).ownCutMs[0] ?? Number.NaN;
    expect(after("2")).toBeLessThan(70 * SECOND);
    expect(after("5") - after("2")).toBeGreaterThan(25 * SECOND);
    expect(after("5") - after("2")).toBeLessThan(50 * SECOND);
  });

  test("figures of worlds add up", () => {
    const sum = newMeasured();
    const one = told([cut(1_200)]);
    addMeasured(sum, one);
    addMeasured(sum, one);
    expect(sum).toMatchObject({ worlds: 2, outages: 2, messages: 4, told: [0, 0, 0, 0, 0, 2] });
    expect(sum.detectionMs).toEqual([...one.detectionMs, ...one.detectionMs]);
  });
});

describe("its worlds", () => {
  const size = { hours: 3, servers: 5 };

  test("each family's world is the same each time, and comes to rest with today's values and nothing broken", () => {
    for (const family of Object.keys(familySentences) as Family[]) {
      const plan = sweepPlan(family, 7, size);
      expect(sweepPlan(family, 7, size)).toEqual(plan);
      expect(sweepPlan(family, 8, size).faults).not.toEqual(plan.faults);
      expect(plan).toMatchObject({ heartbeatIntervalMs: 15_000, downAfterMs: 180_000 });
      const { broken, bugs } = measure(plan);
      expect([...broken, ...bugs], family).toEqual([]);
    }
  });

  test("every setting has today's value once, and today's figures are run once", () => {
    for (const setting of settings) expect(setting.values.filter((value) => value.today)).toHaveLength(1);
    const sweeper = new Sweeper({ hours: 3, servers: 4 });
    const [first, second] = ["grace_start", "grace_gap"].map((key) => {
      const setting = settings.find((one) => one.key === key)!;
      const today = setting.values.filter((value) => value.today);
      const { rows } = sweeper.sweep({ ...setting, values: today }, "collector", [1, 2]);
      return [...rows.values()][0];
    });
    expect(first?.worlds).toBe(2);
    expect(second).toEqual(first);
  });
});

describe("its tables and its command", () => {
  test("median, 95 % and the longest", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([51, 96, 100]);
    expect(quantile([], 0.5)).toBeNull();
  });

  test("a table has a row for each value and today's in bold", () => {
    const setting = settings.find((one) => one.key === "recovery")!;
    const measured = { ...newMeasured(), worlds: 1, recoveryMs: [20_000, 21_000, 60_000], recoveries: 3 };
    const rows = new Map(setting.values.map((value) => [value.name, measured]));
    const lines = tableOf(setting, "returns", rows);
    expect(lines.filter((line) => line.startsWith("| "))).toHaveLength(2 + setting.values.length);
    expect(lines).toContainEqual(
      expect.stringMatching(/^\| \*\*2\*\* \| 21 \/ 60 \/ 60 \| 0 of 3 \(0 %\) \|/),
    );
  });

  test.each([
    [["--settings", "eta"], '--settings knows no "eta"'],
    [["--seeds", "9..1"], "--seeds 9..1 counts backwards"],
    [["--seeds", "1-4"], '--seeds must look like 1..10, not "1-4"'],
    [["--seeds", "1..20000"], "--seeds 1..20000 is more than 10000"],
    [["--hours", "1"], '--hours must be a whole number from 3 to 720, not "1"'],
    [["--speed", "1"], "Unknown option '--speed'"],
  ])("%j is refused: %s", (words, mistake) => {
    const parsed = parseSweepArguments(words);
    expect(parsed.ok ? "" : parsed.mistake).toContain(mistake);
  });

  test("one setting over two small worlds is a table, and a wrong argument is exit code 2", async () => {
    const words = ["--settings", "recovery", "--seeds", "1..2", "--hours", "3", "--servers", "4"];
    const [{ code, out }, wrong] = await Promise.all([sweep(...words), sweep("--settings", "eta")]);
    expect(out).toMatch(/^\| \*\*2\*\* \| \d+ \/ \d+ \/ \d+ \|/m);
    expect(out).not.toContain("failed");
    expect(code).toBe(0);
    expect(wrong.code).toBe(2);
  });
});

function sweep(...words: string[]): Promise<{ readonly code: number; readonly out: string }> {
  const program = fileURLToPath(new URL("sweep.ts", import.meta.url));
  const loader = fileURLToPath(new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [loader, program, ...words], { timeout: 60_000 }, (error, out) => {
      resolve({ code: error === null ? 0 : Number(error.code), out });
    });
  });
}
