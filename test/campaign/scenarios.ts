/**
 * All scenarios of the campaign, in the order of the table.
 * Must not: hold one itself; each theme has a file in scenarios/.
 */
import type { Scenario } from "./scenario.ts";
import { collector } from "./scenarios/collector.ts";
import { devices } from "./scenarios/devices.ts";
import { groups } from "./scenarios/groups.ts";
import { isolation } from "./scenarios/isolation.ts";
import { networkTrouble } from "./scenarios/network-trouble.ts";
import { oneServer } from "./scenarios/one-server.ts";
import { restarts } from "./scenarios/restarts.ts";
import { sites } from "./scenarios/sites.ts";
import { staff } from "./scenarios/staff.ts";
import { telegram } from "./scenarios/telegram.ts";

export const scenarios: readonly Scenario[] = [
  ...oneServer,
  ...devices,
  ...sites,
  ...groups,
  ...networkTrouble,
  ...isolation,
  ...collector,
  ...restarts,
  ...telegram,
  ...staff,
];
