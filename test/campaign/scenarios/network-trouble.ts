/**
 * Networks that lose, hold, delay and forget: as long as heartbeats come through now and then, nobody is told anything.
 */
import type { Cause } from "../../../collector/core/types/incident.ts";
import type { ProxyFault, Scenario } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  behindProxy,
  grouped,
  lastingUntilOpen,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  untilUp,
} from "./company.ts";

/** A fault for so long, then as usual: nothing comes of it. */
const harmless = (name: string, rule: string, fault: ProxyFault, seconds: number): Scenario => ({
  name,
  rule,
  sites: behindProxy,
  steps: [
    { do: "proxy", site: "bandung", fault },
    { do: "pass", seconds },
    { do: "proxy", site: "bandung", fault: { type: "pass" } },
  ],
  expected: nothing,
  watchSeconds: WHOLE_VERDICT_SECONDS,
});

/** A fault that outlasts T: one alert for all agents behind it. */
const broken = (name: string, rule: string, fault: ProxyFault, finalCauses: readonly Cause[]): Scenario => ({
  name,
  rule,
  sites: behindProxy,
  steps: lastingUntilOpen(
    3,
    { do: "proxy", site: "bandung", fault, mark: "broken" },
    { do: "proxy", site: "bandung", fault: { type: "pass" } },
  ),
  expected: {
    incidents: [
      outage("site:bandung", ["site_down"], "broken", { variants: ["agents"], finalCauses }),
      ...grouped(["bdg-kasir", "bdg-berkas"], "site:bandung", "broken", { finalCauses }, ["agent_down"]),
    ],
    messages: [toldDown("site:bandung", ["site_down"], "broken"), toldBack("site:bandung")],
  },
});

export const networkTrouble: readonly Scenario[] = [
  harmless("nat-forgets", "NAT forgets the mapping → redial, nothing", { type: "forget" }, 1),
  {
    ...harmless(
      "proxy-half-open",
      "half-open for 6 s: the agent's own wait for an ack ends it → nothing",
      { type: "half_open" },
      6,
    ),
    // An agent gives a dial that nobody answers 10 s, whatever η is; T must leave room for that, as 180 s do.
    settings: { DETAK_DOWN_AFTER_SECONDS: "30" },
    watchSeconds: 34,
  },
  harmless(
    "proxy-holds-back",
    "a proxy holds everything back for 5 s, then lets it go → nothing",
    { type: "buffer" },
    5,
  ),
  harmless(
    "proxy-cuts-idle",
    "proxy cuts idle connections → nothing",
    { type: "cut_idle", afterMs: 1_100 },
    25,
  ),
  harmless("proxy-cuts-old", "proxy cuts old connections → nothing", { type: "cut_old", afterMs: 3_000 }, 25),
  harmless(
    "slow-and-jittery",
    "jitter 300 ms for long → nothing",
    { type: "delay", forMs: 250, jitterMs: 300 },
    25,
  ),
  harmless(
    "proxy-refuses-briefly",
    "connections reset and refused for 5 s → redial, nothing",
    { type: "refuse" },
    5,
  ),
  {
    name: "lossy-link",
    rule: "loss 10 % for long → nothing",
    sites: threeBranches,
    needs: ["nftables"],
    steps: [
      { do: "lose_packets", site: "bandung", percent: 10 },
      { do: "pass", seconds: 40 },
      { do: "lose_packets", site: "bandung", percent: 0 },
    ],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "link-flickers",
    rule: "a link that is gone for 4 s, three times: suspicions that end well are nobody's alert, but an unstable link",
    sites: behindProxy,
    steps: [1, 2, 3].flatMap((): Scenario["steps"] => [
      { do: "cut_link", site: "bandung", way: "both" },
      { do: "pass", seconds: 5 },
      { do: "mend_link", site: "bandung" },
      untilUp,
      { do: "pass", seconds: 3 },
    ]),
    expected: { ...nothing, log: { "bdg-kasir": ["unstable_link"] } },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  broken(
    "proxy-answers-itself",
    "name, certificate, proxy: hosts alive, agents cannot log in → one alert of the site's agents",
    { type: "answer", status: 502 },
    ["name_certificate_or_proxy"],
  ),
  broken(
    "connections-are-reset",
    "hosts alive and the internet fine, only the way to the collector is cut → path or provider",
    { type: "refuse" },
    ["path_or_provider"],
  ),
  {
    name: "crowd-redials",
    rule: "1,000 agents redial at once (150 here) → nothing, all back ≤ 60 s",
    sites: behindProxy,
    steps: [
      { do: "gather_crowd", site: "bandung", count: 150 },
      untilUp,
      { do: "proxy", site: "bandung", fault: { type: "refuse" } },
      { do: "pass", seconds: 2 },
      { do: "proxy", site: "bandung", fault: { type: "pass" } },
      untilUp,
    ],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
];
