/**
 * The readers behind tidy.test.ts, against small sources that break each rule: a rule that cannot fail keeps nothing.
 */
import { describe, expect, it } from "vitest";
import { readSource, type SourceFile } from "./house.ts";
import { importProblem } from "./import-table.ts";
import { definedRuleIds, namedRuleIds } from "./rule-ids.ts";
import { readTree } from "./tree.ts";

const source = (path: string, text: string): SourceFile => readSource({ path, text });
const problemOf = (path: string, text: string): string | null => {
  const [found] = source(path, text).imports;
  if (found === undefined) throw new Error(`no import in: ${text}`);
  return importProblem(path, found);
};

describe("the table of rooms", () => {
  it.each([
    ["collector/core/decide.ts", `import { x } from "./apply.ts";`],
    ["collector/core/decide.ts", `import { draw } from "../../shared/rng.ts";`],
    ["collector/ingest/server.ts", `import type { Event } from "../core/types/events.ts";`],
    ["collector/storage/lowdb.ts", `import { apply } from "../core/apply.ts";`],
    ["collector/probe/prober.ts", `import { askTcp } from "../../shared/probe/tcp.ts";`],
    ["collector/main.ts", `import { createPanel } from "../web/panel.tsx";`],
    ["collector/panel-source.ts", `import type { PanelSource } from "../web/source.ts";`],
    ["web/panel.tsx", `import { Hono } from "hono";`],
    ["web/panel.tsx", `import { jsx } from "hono/jsx";`],
    ["web/islands/panel.ts", `import type { HealthSample } from "../../shared/health.ts";`],
    ["agent/health/system-child.ts", `const x = await import("systeminformation");`],
    ["test/core/decide.test.ts", `import { decide } from "../../collector/core/decide.ts";`],
  ])("%s may: %s", (path, text) => {
    expect(problemOf(path, text)).toBeNull();
  });

  it.each([
    ["collector/core/decide.ts", `import { readFile } from "node:fs/promises";`],
    ["collector/core/decide.ts", `import { nanoid } from "nanoid";`],
    ["collector/core/decide.ts", `import { encode } from "../../shared/wire.ts";`],
    ["collector/core/decide.ts", `import type { Storage } from "../storage/storage.ts";`],
    ["collector/ingest/server.ts", `import { decide } from "../core/decide.ts";`],
    ["collector/ingest/server.ts", `import { type Event } from "../core/types/events.ts";`],
    ["collector/ingest/server.ts", `import type { Storage } from "../storage/storage.ts";`],
    ["collector/notify/worker.ts", `import { apply } from "../core/apply.ts";`],
    ["collector/loop.ts", `import { openLowdbStorage } from "./storage/lowdb.ts";`],
    ["collector/panel-source.ts", `import { page } from "../web/page.tsx";`],
    ["shared/wire.ts", `import { createHash } from "node:crypto";`],
    ["shared/wire.ts", `import { askTcp } from "./probe/tcp.ts";`],
    ["shared/probe/tcp.ts", `import type { ProbeResult } from "../../collector/core/types/evidence.ts";`],
    ["agent/session.ts", `import type { Event } from "../collector/core/types/events.ts";`],
    ["agent/health/reader.ts", `import si from "systeminformation";`],
    ["web/panel.tsx", `import type { State } from "../collector/core/state.ts";`],
    ["web/panel.tsx", `import { build } from "esbuild";`],
    ["web/islands/panel.ts", `import { join } from "node:path";`],
    ["web/islands/panel.ts", `import { healthSample } from "../../shared/health.ts";`],
    ["web/islands/panel.ts", `import { page } from "../page.tsx";`],
    ["collector/main.ts", `import { fake } from "../test/fakes/telegram/server.ts";`],
    ["collector/start/build.mjs", `import { build } from "esbuild";`],
    ["somewhere/else.ts", `import { x } from "./y.ts";`],
  ])("%s may not: %s", (path, text) => {
    expect(problemOf(path, text)).not.toBeNull();
  });
});

describe("what the core may not use", () => {
  it.each([
    "const x = Date.now();",
    "const x = new Date(0);",
    "const x = Math.random();",
    "async function x() {}",
    "const x = async () => 1;",
    "function x(): Promise<void> {}",
    "setTimeout(x, 1);",
    "const { setImmediate: later } = globals; setImmediate(later);",
    "const x = process.env;",
    "const x = performance.now();",
  ])("%s is found", (text) => {
    expect(source("collector/core/x.ts", text).forbiddenInCore).not.toEqual([]);
  });

  it.each([
    "const x = Math.max(1, 2);",
    "const x = record.process;",
    "const x = { Date: 1 };",
    "// async Date Promise",
  ])("%s is something else", (text) => {
    expect(source("collector/core/x.ts", text).forbiddenInCore).toEqual([]);
  });
});

describe("default exports and barrels", () => {
  it.each(["export default 1;", "export default function x() {}", "export { x as default };"])(
    "%s is found",
    (text) => {
      expect(source("web/x.ts", text).defaultExport).toBe(true);
    },
  );

  it("a file of nothing but re-exports is a barrel", () => {
    const file = source("web/x.ts", `export { a } from "./a.ts";\nexport * from "./b.ts";`);
    expect(file.reExports).toBe(file.statements);
  });
});

describe("rule ids", () => {
  it("are defined in bold and cited at the beginning of a name", () => {
    expect(
      definedRuleIds("- **[ST1]** What … see **[ST2]**.\n**[P12a]** x\n | 503 | **[D3]** x | and **[D4]** |"),
    ).toEqual(["ST1", "P12a", "D3"]);
    const file = source(
      "test/x.test.ts",
      'it("[P1][P2] a name", f); it(`[D3] of ${x}`, f); it("not [S4]", f);',
    );
    expect(namedRuleIds(file)).toEqual(["P1", "P2", "D3"]);
  });
});

describe("the tree in the README", () => {
  it("is read with whole paths and with indentation", () => {
    const tree = (lines: readonly string[]): string => ["text", "```", ...lines, "```", ""].join("\n");
    const expected = ["shared", "shared/wire.ts", "collector", "collector/core", "package.json"];
    expect(
      readTree(
        tree([
          "shared/  both ends",
          "  wire.ts  messages",
          "collector/  centre",
          "  core/  pure",
          "package.json  x",
        ]),
      ),
    ).toEqual(expected);
    expect(
      readTree(
        tree(["shared/  x", "shared/wire.ts  x", "collector/  x", "collector/core/  x", "package.json"]),
      ),
    ).toEqual(expected);
    expect(
      readTree(
        tree(["├── shared/", "│   └── wire.ts", "├── collector/", "│   └── core/", "└── package.json"]),
      ),
    ).toEqual(expected);
  });

  it("is another block when it names neither room", () => {
    expect(readTree("```\nnpm start\n```\n")).toEqual([]);
  });
});
