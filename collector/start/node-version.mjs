/**
 * Refuses a Node that is too old, in one clear line.
 * Why apart and without imports: an old Node must get as far as this line; it would stumble over anything newer first.
 * Must not: import anything.
 */
/* global process, console */

/** The same as `engines` in package.json; test/tidy.test.ts compares them. */
export const nodeNeeded = "20.19";

var have = process.versions.node.split(".").map(Number);
var needed = nodeNeeded.split(".").map(Number);
if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  console.error(
    "Detak needs Node " +
      nodeNeeded +
      " or newer; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      ").",
  );
  process.exit(1);
}
