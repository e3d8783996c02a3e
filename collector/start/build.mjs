/**
 * Bundles: `dist/collector.js`, `dist/agent.cjs` and the panel's assets. Skips all of it when no source changed.
 * Why bundles: a branch server gets the agent as one file, and the collector starts in a fraction of the time.
 * Must not: be needed by tests that run sources; only real processes (test/e2e) and `npm start` use dist.
 */
import "./node-version.mjs";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { oneAtATime } from "./one-at-a-time.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");
const record = join(dist, "build.json");

/** A branch server downloads it over a poor link (design: budgets). */
const AGENT_BYTES_MAX = 600 * 1024;
const SOURCES = ["agent", "collector", "shared", "web"];
const SOURCE_KINDS = new Set([".ts", ".tsx", ".mjs", ".js", ".css", ".json", ".sh", ".ps1", ".svg"]);
const EXTRA_SOURCES = ["package.json", "package-lock.json", "tsconfig.json"];

/**
 * Builds what is not up to date. `say` gets one line for each file written. Resolves with true when it built.
 * Throws with a readable message when the sources do not build or the agent is over its budget.
 */
export async function build(say = () => {}) {
  return oneAtATime(
    join(dist, ".building"),
    async () => {
      const inputs = await hashOfSources();
      if (await isUpToDate(inputs)) return false;
      await buildAll(inputs, say);
      return true;
    },
    () => say("another build is under way here; waiting for it"),
  );
}

async function buildAll(inputs, say) {
  const { build: bundle } = await import("esbuild");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const common = {
    absWorkingDir: root,
    bundle: true,
    write: false,
    charset: "utf8",
    logLevel: "silent",
    tsconfig: join(root, "tsconfig.json"),
    // Told apart from running sources: what lies beside the program is then `dist`.
    define: { "process.env.DETAK_BUILT": '"yes"' },
  };
  const forNode = {
    ...common,
    platform: "node",
    target: "node20",
    // ws asks for the first two and does without; the panel asks for the third only where nothing was built; the last is native
    // code, loaded with the first picture (beside a bundle that lies elsewhere there are no pictures).
    external: ["bufferutil", "utf-8-validate", "esbuild", "@resvg/resvg-js"],
  };
  // Packages in CommonJS inside a module still ask for Node's parts by `require`.
  const banner = {
    js: `import { createRequire as detakRequire } from "node:module";\nconst require = detakRequire(import.meta.url);`,
  };
  const outputs = await Promise.all([
    bundle({
      ...forNode,
      format: "esm",
      banner,
      entryPoints: ["collector/main.ts"],
      outfile: "dist/collector.js",
    }),
    bundle({ ...forNode, format: "esm", entryPoints: ["collector/config.ts"], outfile: "dist/settings.js" }),
    bundle({
      ...forNode,
      format: "cjs",
      minify: true,
      entryPoints: ["agent/main.ts"],
      outfile: "dist/agent.cjs",
    }),
    ...(await assets(bundle, common)),
  ]);

  const files = outputs
    .flatMap((output) => output.outputFiles)
    .map((file) => ({ name: relative(dist, file.path).split(sep).join("/"), contents: file.contents }));
  const agent = files.find((file) => file.name === "agent.cjs");
  if (agent.contents.length > AGENT_BYTES_MAX)
    throw new Error(
      `dist/agent.cjs would have ${kilobytes(agent.contents)}, its budget is ${AGENT_BYTES_MAX / 1024} KB: nothing was written`,
    );

  await removeOld(new Set(files.map((file) => file.name)));
  const written = {};
  for (const { name, contents } of files) {
    await writeWhole(join(dist, name), contents);
    written[name] = { bytes: contents.length, sha256: sha256(contents) };
    say(`dist/${name}  ${kilobytes(contents)}`);
  }
  await writeWhole(record, `${JSON.stringify({ version, inputs, outputs: written }, null, 2)}\n`);
}

/** The panel's own files, by the list the panel itself keeps. */
async function assets(bundle, common) {
  const list = await bundle({
    ...common,
    platform: "node",
    format: "esm",
    external: ["esbuild"],
    entryPoints: ["web/assets.ts"],
  });
  const code = Buffer.from(list.outputFiles[0].contents).toString("base64");
  const { ASSET_SOURCES, ISLAND_BUILD } = await import(`data:text/javascript;base64,${code}`);
  return Object.entries(ASSET_SOURCES).map(async ([name, source]) => {
    const file = join(root, "web", source);
    const path = join(dist, "assets", name);
    // Neither script nor style (the icon): as it is.
    if (![".ts", ".css"].includes(extname(source)))
      return { outputFiles: [{ path, contents: await readFile(file) }] };
    return bundle({ ...ISLAND_BUILD, write: false, logLevel: "silent", entryPoints: [file], outfile: path });
  });
}

async function isUpToDate(inputs) {
  try {
    const last = JSON.parse(await readFile(record, "utf8"));
    if (last.inputs !== inputs) return false;
    for (const [name, { sha256: hash }] of Object.entries(last.outputs))
      if (sha256(await readFile(join(dist, name))) !== hash) return false;
    return true;
  } catch {
    return false;
  }
}

async function hashOfSources() {
  const names = [...EXTRA_SOURCES];
  for (const folder of SOURCES) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && SOURCE_KINDS.has(extname(entry.name)))
        names.push(relative(root, join(entry.parentPath ?? entry.path, entry.name)));
  }
  const hash = createHash("sha256").update(process.version);
  for (const name of names.sort()) {
    hash.update(`\0${name}\0`);
    hash.update(await readFile(join(root, name)));
  }
  return hash.digest("hex");
}

/** A reader, or a collector that starts just now, never sees half a file. */
async function writeWhole(file, contents) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, contents);
  await rename(`${file}.new`, file);
}

/** What an earlier build wrote and this one does not. */
async function removeOld(names) {
  if (!existsSync(record)) return;
  const last = await readFile(record, "utf8")
    .then(JSON.parse)
    .catch(() => ({ outputs: {} }));
  for (const name of Object.keys(last.outputs))
    if (!names.has(name)) await rm(join(dist, name), { force: true });
}

function sha256(contents) {
  return createHash("sha256").update(contents).digest("hex");
}
function kilobytes(contents) {
  return `${Math.round(contents.length / 1024)} KB`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const startedMs = performance.now();
  try {
    const built = await build((line) => process.stdout.write(`${line}\n`));
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(built ? `built in ${seconds} s\n` : "nothing changed since the last build\n");
  } catch (error) {
    process.stderr.write(`${await readable(error)}\n`);
    process.exitCode = 1;
  }
}

/** esbuild's errors carry the place in the source. */
export async function readable(error) {
  if (!Array.isArray(error.errors)) return `the build failed: ${error.message}`;
  const { formatMessages } = await import("esbuild");
  const lines = await formatMessages(error.errors, { kind: "error", color: process.stderr.isTTY === true });
  return `the build failed:\n${lines.join("\n")}`;
}
