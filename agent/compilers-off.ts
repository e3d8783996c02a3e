/**
 * Switches V8's optimizing compilers off, as the program's first statement.
 * Why: over hours they cost 6 to 12 MB of memory for 0.05 s of CPU an hour saved (agent/README.md).
 * Must not: be imported by anything but main.ts, or after any other module.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--no-opt");
// Known to V8 since 11.x (Node 20); an older one would complain on stderr.
if (Number.parseInt(process.versions.v8, 10) >= 11) setFlagsFromString("--no-maglev");
