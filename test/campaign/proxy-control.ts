/**
 * Switches the fault of a proxy that runs as a program.
 * Must not: be used before the program said that it listens.
 */
import type { Program } from "../e2e/program.ts";
import { until } from "../e2e/wait.ts";
import { BEGIN_LIMIT_MS } from "./crew.ts";
import type { ProxyFault } from "./scenario.ts";

/** Resolves when the fault holds. */
export async function setFault(proxy: Program, fault: ProxyFault): Promise<void> {
  const before = proxy.output.length;
  proxy.write(JSON.stringify(fault));
  await until("the proxy took the fault", BEGIN_LIMIT_MS, () => proxy.output.length > before, 10);
}
