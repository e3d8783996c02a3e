/**
 * Makes sure that what package-lock.json names is installed: the first step of every npm script.
 * Why: `npm start` and `npm test` must work on a fresh clone by themselves, and cost nothing when all is there.
 * Must not: import a package, or anything at all before the Node version is known to do (see node-version.mjs).
 */
import "./node-version.mjs";

const { install } = await import("./installation.mjs");
process.exitCode = await install();
