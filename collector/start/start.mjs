/**
 * `npm start`: installs, builds, then runs the collector and this machine's own agent until Ctrl-C.
 * Why: a fresh clone must show a living server within a minute, with one command and nothing to prepare.
 * Must not: import a package or this folder's other parts before the Node version is known to do.
 */
import "./node-version.mjs";

const { install } = await import("./installation.mjs");
const installed = await install();
if (installed !== 0) process.exit(installed);

const { build, readable } = await import("./build.mjs");
try {
  let announced = false;
  await build(() => {
    if (!announced) process.stdout.write("building …\n");
    announced = true;
  });
} catch (error) {
  process.stderr.write(`${await readable(error)}\n`);
  process.exit(1);
}

const { run } = await import("./running.mjs");
process.exit(await run(process.argv.slice(2)));
