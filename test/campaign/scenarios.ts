/**
 * All scenarios of the campaign, in the order of the table.
 * Must not: hold one itself; each theme has a file in scenarios/.
 */
import type { Scenario } from "./scenario.ts";
import { collector } from "./scenarios/collector.ts";
import { networkTrouble } from "./scenarios/network-trouble.ts";
import { oneServer } from "./scenarios/one-server.ts";
import { sites } from "./scenarios/sites.ts";
import { staff } from "./scenarios/staff.ts";
import { telegram } from "./scenarios/telegram.ts";

export const scenarios: readonly Scenario[] = [
  ...oneServer,
  ...sites,
  ...networkTrouble,
  ...collector,
  ...telegram,
  ...staff,
];
