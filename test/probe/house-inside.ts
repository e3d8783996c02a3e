/**
 * The prober that lives in the namespace of test/probe/house.ts: reads orders, one JSON a line, and answers each with
 * a line. All its settings are the usual ones.
 * Must not: be started outside a namespace of a test; it asks well-known addresses of the internet.
 */
import { createInterface } from "node:readline";
import type { ProbeRequest } from "../../collector/core/types/evidence.ts";
import { createProber } from "../../collector/probe/prober.ts";
import { createSentinels } from "../../collector/probe/sentinels.ts";
import { findDefaultGateways } from "../../shared/probe/default-gateway.ts";

export type Order =
  | { readonly type: "run"; readonly requests: readonly ProbeRequest[] }
  | { readonly type: "ask_sentinels" }
  | { readonly type: "gateways" }
  | { readonly type: "forward"; readonly passedMs: number };

let forwardMs = 0;
const now = (): number => performance.now() + forwardMs;
const prober = createProber({ now });
const sentinels = createSentinels({
  list: "usual",
  telegramApiRoot: "https://149.154.167.220",
  prober,
  now,
});

async function answerTo(order: Order): Promise<unknown> {
  switch (order.type) {
    case "run":
      return prober.run(order.requests, 8_000);
    case "ask_sentinels":
      return sentinels.ask(5_000);
    case "gateways":
      return findDefaultGateways();
    case "forward":
      forwardMs += order.passedMs;
      return null;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answerTo(JSON.parse(line) as Order)));
