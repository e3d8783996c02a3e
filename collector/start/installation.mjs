/**
 * Compares node_modules with package-lock.json and runs `npm ci` when they differ.
 * Why not `npm ci` each time: it takes a minute and empties node_modules under whatever runs.
 * Must not: import a package; write to package-lock.json or name a registry (npm's own settings do).
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneAtATime } from "./one-at-a-time.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lockFile = join(root, "package-lock.json");
/** What npm itself notes down about what it installed. */
const noteOfNpm = join(root, "node_modules", ".package-lock.json");
/** What was asked for here, and on which machine, when an installation succeeded. */
const stamp = join(root, "node_modules", ".detak-installed");
const OUTPUT_LINES_SHOWN = 25;

/** Resolves with the exit code: 0 when everything is installed. */
export async function install() {
  if (missing() === null) return 0;
  try {
    return await oneAtATime(join(root, "dist", ".installing"), installUnlessDone, () =>
      process.stderr.write("another installation is under way here; waiting for it\n"),
    );
  } catch (error) {
    process.stderr.write(`installation failed: ${error.message}\n`);
    return 1;
  }
}

async function installUnlessDone() {
  if (missing() === null) return 0;
  const code = await runNpm();
  if (code !== 0) return 1;
  await writeFile(stamp, identity());
  const still = missing();
  if (still === null) return 0;
  process.stderr.write(`npm says it is done, but ${still}\n`);
  return 1;
}

/** The first thing that is missing or of another version, as half a sentence; null: nothing. */
function missing() {
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  let present;
  try {
    present = JSON.parse(readFileSync(noteOfNpm, "utf8")).packages;
  } catch {
    return "node_modules is missing or unfinished";
  }
  let optionalMissing = null;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link === true || !isForThisMachine(entry)) continue;
    // Optional and for no machine in particular: mostly what the programs of other machines need. npm leaves it out.
    if (entry.optional === true && entry.os === undefined && entry.cpu === undefined) continue;
    const found = present[path];
    const same =
      found !== undefined &&
      found.version === entry.version &&
      found.integrity === entry.integrity &&
      existsSync(join(root, path, "package.json"));
    if (same) continue;
    const what = `${path} ${found === undefined ? "is missing" : "differs"}`;
    if (entry.optional !== true) return what;
    optionalMissing = what;
  }
  // npm goes on without an optional package that it could not install. Once tried here, that is settled.
  return optionalMissing !== null && readStamp() !== identity() ? optionalMissing : null;
}

function isForThisMachine(entry) {
  return (
    allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && allows(entry.libc, libraryOfC())
  );
}

/** npm's rule: `["linux"]` only these, `["!win32"]` all but these. */
function allows(list, value) {
  if (list === undefined || value === null) return true;
  if (list.includes(`!${value}`)) return false;
  const named = list.filter((item) => !item.startsWith("!"));
  return named.length === 0 || named.includes("any") || named.includes(value);
}

let foundLibrary;
function libraryOfC() {
  if (process.platform !== "linux") return null;
  // Asked once: the report takes some milliseconds.
  foundLibrary ??= readLibraryOfC();
  return foundLibrary;
}
function readLibraryOfC() {
  const loader = process.arch === "x64" ? "/lib/ld-musl-x86_64.so.1" : "/lib/ld-musl-aarch64.so.1";
  return existsSync(loader) && !existsSync("/lib64/ld-linux-x86-64.so.2") ? "musl" : "glibc";
}

function identity() {
  const lock = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return `${lock} ${process.platform} ${process.arch}\n`;
}
function readStamp() {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return null;
  }
}

function runNpm() {
  // Under `npm start` npm says where it is; called by hand, it lies beside Node or in PATH.
  const beside = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const script = [process.env.npm_execpath, beside].find(
    (file) => file !== undefined && /npm-cli\.js$/.test(file) && existsSync(file),
  );
  const words = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const child =
    script === undefined
      ? spawn("npm", words, {
          cwd: root,
          stdio: ["ignore", "pipe", "pipe"],
          shell: process.platform === "win32",
        })
      : spawn(process.execPath, [script, ...words], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });

  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-100_000);
    });

  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const line = () => `installing what package-lock.json names … ${seconds()} s`;
  const terminal = process.stderr.isTTY === true;
  const show = () => process.stderr.write(terminal ? `\r${line()}` : `${line()}\n`);
  show();
  // In a log a line each second would be noise.
  const ticker = setInterval(show, terminal ? 1_000 : 10_000);
  // Ctrl-C reaches npm as well; wait for it, so that nothing is left half done without a word.
  const forward = () => child.kill("SIGTERM");
  process.once("SIGTERM", forward);
  process.once("SIGINT", forward);

  return new Promise((resolve) => {
    const end = (code, problem) => {
      clearInterval(ticker);
      process.removeListener("SIGTERM", forward);
      process.removeListener("SIGINT", forward);
      process.stderr.write(`${terminal ? "\r" : ""}${line()}${code === 0 ? ", done" : ", failed"}\n`);
      if (code !== 0) {
        const tail = output.trim().split("\n").slice(-OUTPUT_LINES_SHOWN).join("\n");
        process.stderr.write(
          `${problem ?? tail}\nnpm could not install the packages. Is the network there, and may npm write here?\n`,
        );
      }
      resolve(code);
    };
    child.on("error", (error) => end(1, `npm could not be started: ${error.message}`));
    child.on("close", (code) => end(code ?? 1));
  });
}
