/**
 * The rules of the house as tests: who may import whom, what the core may not touch, what must be written down.
 * Why tests: a rule nobody checks is a wish. Each failure prints the rule's reason.
 * Must not: judge style (prettier, eslint) or types (tsc).
 */
import { describe, expect, it } from "vitest";
import { readHouse, type House, type ImportFound, type SourceFile } from "./tidy/house.ts";
import { importProblem } from "./tidy/import-table.ts";
import { definedRuleIds, namedRuleIds } from "./tidy/rule-ids.ts";
import { readTree } from "./tidy/tree.ts";

const house: House = readHouse();
const sources = house.sources;
const isTest = (path: string): boolean => path.startsWith("test/");
const at = (file: SourceFile, line: number): string => `${file.path}:${line}`;

/** Fails with one line for each problem and, once, the reason of the rule. */
function expectNone(problems: readonly string[], reason: string): void {
  if (problems.length > 0)
    expect.fail(`${problems.length} against the rule:\n${problems.join("\n")}\n\nWhy: ${reason}\n`);
}
const eachImport = function* (): Generator<readonly [SourceFile, ImportFound]> {
  for (const file of sources) for (const found of file.imports) yield [file, found];
};

describe("who imports whom", () => {
  it("every import is in the table of rooms", () => {
    const problems = [...eachImport()].flatMap(([file, found]) => {
      const problem = importProblem(file.path, found);
      return problem === null ? [] : [`${at(file, found.line)} imports ${found.specifier}: ${problem}`];
    });
    expectNone(
      problems,
      "rooms that know little of each other can be changed, tested and understood one at a time (architecture: who may import whom).",
    );
  });

  it("every relative import names a file that exists, with its extension", () => {
    const problems = [...eachImport()].flatMap(([file, found]) =>
      found.target !== null && !house.exists(found.target)
        ? [`${at(file, found.line)}: ${found.specifier}`]
        : [],
    );
    expectNone(problems, "sources run as they are, without a resolver that guesses.");
  });

  it("nobody imports a main.ts", () => {
    const problems = [...eachImport()].flatMap(([file, found]) =>
      found.target?.endsWith("/main.ts") === true ? [at(file, found.line)] : [],
    );
    expectNone(problems, "a main.ts starts a program; what others need from it belongs beside it.");
  });

  it("nobody outside test/ imports test/", () => {
    const problems = [...eachImport()].flatMap(([file, found]) =>
      found.target !== null && isTest(found.target) && !isTest(file.path) ? [at(file, found.line)] : [],
    );
    expectNone(problems, "what ships must not lean on what only tests need.");
  });

  it("every file is used by another, or is an entry", () => {
    const problems = sources
      .filter((file) => !house.isEntry(file) && !house.isUsed(file))
      .map((file) => file.path);
    expectNone(problems, "a file that nobody imports is forgotten, and rots unseen.");
  });

  it("every package that is imported is in package.json, and every one in package.json is used", () => {
    const listed = new Set([...house.dependencies, ...house.devDependencies]);
    const imported = new Set<string>();
    const problems: string[] = [];
    for (const [file, found] of eachImport()) {
      if (found.packageName === null) continue;
      imported.add(found.packageName);
      if (!listed.has(found.packageName))
        problems.push(`${at(file, found.line)} imports ${found.packageName}`);
      else if (
        !isTest(file.path) &&
        !found.typeOnly &&
        !found.dynamic &&
        !house.dependencies.has(found.packageName)
      )
        problems.push(`${at(file, found.line)}: ${found.packageName} is only a development dependency`);
    }
    for (const name of listed)
      if (!imported.has(name) && !name.startsWith("@types/") && !house.isTool(name))
        problems.push(`package.json lists ${name}, which nobody imports`);
    expectNone(problems, "what is installed is what is needed, and what is needed is installed.");
  });
});

describe("the core", () => {
  const core = sources.filter((file) => file.path.startsWith("collector/core/"));

  it("has no clock, no chance, no waiting and no timer of its own", () => {
    const problems = core.flatMap((file) =>
      file.forbiddenInCore.map(({ line, what }) => `${at(file, line)}: ${what}`),
    );
    expectNone(
      problems,
      "the same events must give the same decisions on every machine; time and randomness come in as data, waiting is a deadline in the state.",
    );
  });

  it("is there to be checked", () => {
    expect(core.length).toBeGreaterThan(5);
  });
});

describe("each file", () => {
  it("opens with what it is, why it exists and what it must not do", () => {
    const opening = /^(?:#!.*\n)?\/\*\*?\s/;
    const problems = sources.filter((file) => !opening.test(file.text)).map((file) => file.path);
    expectNone(
      problems,
      "whoever opens a file must know in three lines whether it is the one they look for.",
    );
  });

  it("exports by name", () => {
    const problems = sources.flatMap((file) =>
      file.defaultExport && !house.mayExportDefault(file) ? [file.path] : [],
    );
    expectNone(problems, "a thing has one name everywhere, so that it can be found by it.");
  });

  it("is no barrel", () => {
    const problems = sources.flatMap((file) =>
      file.reExports > 0 && file.reExports === file.statements ? [file.path] : [],
    );
    expectNone(problems, "a file that only passes on hides where things live and what they pull in.");
  });

  it("names no registry, and no path of the machine it was written on", () => {
    // Put together here, so that this file does not name them either.
    const registry = ["registry", "npmjs"].join(".");
    const machine = [house.root, ["", "work", ""].join("/")];
    const problems = house.texts.flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) =>
          [registry, ...machine].some((name) => line.includes(name))
            ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`]
            : [],
        ),
    );
    expectNone(problems, "the project must build anywhere, from any mirror.");
  });
});

describe("rule ids", () => {
  const documents = ["collector/core/SPEC.md", "shared/PROTOCOL.md", "collector/storage/storage.ts"];
  const documentsOfHouse = house.texts.filter(({ path }) => !isTest(path));

  it.each(documents)("%s defines rules", (path) => {
    const text = house.read(path);
    expect(text, `${path} is missing`).not.toBeNull();
    expect(definedRuleIds(text ?? "").length, `${path} defines no rule as **[X1]**`).toBeGreaterThan(0);
  });

  it("no id is defined twice", () => {
    const seen = new Map<string, string>();
    const problems: string[] = [];
    for (const { path, text } of documentsOfHouse)
      for (const id of definedRuleIds(text)) {
        const other = seen.get(id);
        if (other !== undefined) problems.push(`[${id}] in ${other} and in ${path}`);
        seen.set(id, path);
      }
    expectNone(problems, "a rule is cited by its id; the id must mean one thing.");
  });

  it("every rule is kept by a test whose name begins with its id, and no test cites a rule that is not there", () => {
    const defined = new Map(
      documentsOfHouse.flatMap(({ path, text }) => definedRuleIds(text).map((id) => [id, path] as const)),
    );
    const named = new Map(
      sources
        .filter((file) => isTest(file.path))
        .flatMap((file) => namedRuleIds(file).map((id) => [id, file.path])),
    );
    const problems = [
      ...[...defined].filter(([id]) => !named.has(id)).map(([id, path]) => `[${id}] of ${path} has no test`),
      ...[...named]
        .filter(([id]) => !defined.has(id))
        .map(([id, path]) => `${path} cites [${id}], which no document defines`),
    ];
    expectNone(problems, "a rule without a test is not kept; a test without its rule cannot be judged.");
  });
});

describe("documents", () => {
  it("every room has a README", () => {
    const problems = house.rooms.filter((room) => !house.exists(`${room}/README.md`));
    expectNone(
      problems,
      "a room says at its door what lives there, what may be touched, and the way in and out.",
    );
  });

  it("the tree in the README is the tree on the disk", () => {
    const readme = house.read("README.md");
    expect(readme, "README.md is missing").not.toBeNull();
    const tree = readTree(readme ?? "");
    expect(tree.length, "README.md holds no fenced tree with collector/ and shared/ in it").toBeGreaterThan(
      0,
    );
    const problems = [
      ...tree
        .filter((path) => !house.exists(path))
        .map((path) => `${path} is in the README, not on the disk`),
      ...[...house.topLevel, ...house.rooms]
        .filter((path) => !tree.includes(path))
        .map((path) => `${path} is on the disk, not in the README`),
    ];
    expectNone(problems, "the tree is the map of the house; a wrong map is worse than none.");
  });

  it("every dependency has a row in the README that says what for", () => {
    const rows = (house.read("README.md") ?? "").split("\n").filter((line) => line.startsWith("|"));
    const problems = [...house.dependencies, ...house.devDependencies].filter(
      (name) => !rows.some((row) => row.includes(`\`${name}\``)),
    );
    expectNone(problems, "each package is somebody else's code in the house; it needs a reason.");
  });

  it("the Node that the start refuses is the Node that package.json asks for", () => {
    const needed = /nodeNeeded = "([\d.]+)"/.exec(house.read("collector/start/node-version.mjs") ?? "")?.[1];
    expect(`>=${needed ?? ""}`).toBe(house.engine);
  });

  it("the lock file names no address", () => {
    const problems = (house.read("package-lock.json") ?? "")
      .split("\n")
      .filter((line) => line.includes('"resolved"'));
    expectNone(problems, "npm then asks the registry of whoever installs, and nobody else's.");
  });
});
