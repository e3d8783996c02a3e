/**
 * Networks that lose, hold, delay and forget: as long as heartbeats come through now and then, nobody is told anything.
 */
import type { ProxyFault, Scenario } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  behindProxy,
  nothing,
  outage,
  toldBack,
  toldDown,
  untilOpen,
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

export const networkTrouble: readonly Scenario[] = [
  harmless("nat-forgets", "NAT forgets the mapping → redial, nothing", { type: "forget" }, 1),
  harmless(
    "proxy-half-open",
    "half-open for 6 s: the agent's own wait for an ack ends it → nothing",
    { type: "half_open" },
    6,
  ),
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
  {
    name: "proxy-broken",
    rule: "name, certificate, proxy: hosts alive, agents cannot log in → one alert of the site's agents",
    sites: behindProxy,
    steps: [
      { do: "proxy", site: "bandung", fault: { type: "refuse" }, mark: "broken" },
      untilOpen(3),
      { do: "pass", seconds: 3 },
      { do: "proxy", site: "bandung", fault: { type: "pass" } },
    ],
    expected: {
      incidents: [
        outage("site:bandung", ["site_down"], "broken", {
          variants: ["agents"],
          finalCauses: ["name_certificate_or_proxy", "path_or_provider", "unknown"],
        }),
        ...["bdg-kasir", "bdg-berkas"].map((name) =>
          outage(name, ["agent_down"], "broken", { groupedUnder: "site:bandung" }),
        ),
      ],
      messages: [toldDown("site:bandung", ["site_down"], "broken"), toldBack("site:bandung")],
    },
  },
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
