/**
 * The agent's entry: bundled to dist/agent.cjs, run as `node dist/agent.cjs run` or `tsx agent/main.ts run`.
 * Why so short: nobody may import a main.ts, so everything that is worth a test is elsewhere.
 * Must not: import anything before compilers-off.
 */
import "./compilers-off.ts";
import { run } from "./cli.ts";

void run(process.argv.slice(2));
