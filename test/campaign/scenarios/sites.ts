/**
 * Whole branches: links in both directions and one, local networks, power, paths.
 */
import { en } from "../../../collector/notify/texts/en.ts";
import type { Scenario, SitePlan } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  branchToldOnce,
  lasting,
  lastingUntilOpen,
  linkCut,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  toldOnce,
  untilOpen,
  untilTold,
} from "./company.ts";

/** A branch of five, and two others that are fine and can be witnesses. */
const branchOfFive: readonly SitePlan[] = [
  {
    name: "bandung",
    hosts: ["bdg-1", "bdg-2", "bdg-3", "bdg-4", "bdg-5"].map((name) => ({ name })),
  },
  { name: "garut", hosts: [{ name: "grt-kasir" }] },
  { name: "solo", hosts: [{ name: "slo-kasir" }] },
];
const five = branchOfFive[0]?.hosts.map(({ name }) => name) ?? [];
const two = ["bdg-kasir", "bdg-berkas"];

/** An agent that hears nothing goes on beating until its wait for an ack ends, 8/3 η later; and one heartbeat before that. */
const DEAF_SECONDS = 4;

const linkOrPower = { variants: ["link_or_power"] } as const;

export const sites: readonly Scenario[] = [
  {
    name: "site-link-cut",
    rule: "site link cut, 5 servers → one site_down, one recovery; journals: gateway fine, internet failed: the link",
    sites: branchOfFive,
    steps: linkCut("bandung", "both", 6),
    expected: branchToldOnce("bandung", five, "cut", {
      site: { ...linkOrPower, causes: ["site_link_or_power"], finalCauses: ["site_link"] },
      back: { contains: en.cause.site_link },
    }),
  },
  {
    name: "site-cable-cut",
    rule: "branch link: all silent, gateway dead from everywhere (routers say unreachable) → link or power",
    sites: threeBranches,
    steps: linkCut("bandung", "cable", 3),
    expected: branchToldOnce("bandung", two, "cut", { site: { ...linkOrPower, finalCauses: ["site_link"] } }),
  },
  {
    name: "site-deaf",
    rule: "one direction only: packets towards the branch are lost → site_down, one recovery",
    sites: threeBranches,
    steps: linkCut("bandung", "towards", 3),
    expected: branchToldOnce("bandung", two, "cut", {
      site: { ...linkOrPower, finalCauses: ["site_link"] },
      all: { trailing: DEAF_SECONDS },
    }),
  },
  {
    name: "site-mute",
    rule: "one direction only: packets from the branch are lost → site_down, one recovery",
    sites: threeBranches,
    steps: linkCut("bandung", "from", 3),
    expected: branchToldOnce("bandung", two, "cut", { site: { ...linkOrPower, finalCauses: ["site_link"] } }),
  },
  {
    name: "site-link-back-one-died",
    rule: "link back but one server died meanwhile → site recovers, that server down ≤ 120 s later (8 s here)",
    sites: threeBranches,
    steps: [
      { do: "cut_link", site: "bandung", way: "both", mark: "cut" },
      { do: "pass", seconds: 5 },
      { do: "cut_power", host: "bdg-kasir" },
      untilOpen(3),
      { do: "mend_link", site: "bandung", mark: "mended" },
      untilTold(3),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [
        outage("site:bandung", ["site_down"], "cut", linkOrPower),
        outage("bdg-berkas", ["host_down"], "cut", { groupedUnder: "site:bandung" }),
        outage("bdg-kasir", ["host_down"], "cut"),
      ],
      messages: [
        toldDown("site:bandung", ["site_down"], "cut"),
        toldBack("site:bandung"),
        // T/2 after the first came back, and its redial, and a busy machine.
        { step: "down", about: "bdg-kasir", after: { mark: "mended", seconds: [0, 8 + 12] } },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "gateway-mutes-ping",
    rule: "gateway stops answering ICMP only → nothing",
    sites: threeBranches,
    steps: [{ do: "learn" }, { do: "mute_gateway", site: "bandung" }],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "site-lan-down",
    rule: "branch LAN: gateway alive, all silent → site_down/lan; journals: gateway failed, boot ids same",
    sites: threeBranches,
    steps: [
      { do: "learn" },
      ...lastingUntilOpen(
        3,
        { do: "cut_lan", site: "bandung", mark: "cut" },
        { do: "mend_lan", site: "bandung" },
      ),
    ],
    expected: branchToldOnce("bandung", two, "cut", {
      site: { variants: ["lan"], causes: ["site_lan"], finalCauses: ["site_lan"] },
      back: { contains: en.cause.site_lan },
    }),
  },
  {
    name: "site-power-cut",
    rule: "branch power: say link or power; two or more new boot ids within 5 min: it was power",
    sites: threeBranches,
    steps: [
      { do: "cut_site_power", site: "bandung", mark: "cut" },
      untilOpen(3),
      { do: "restore_site_power", site: "bandung" },
    ],
    expected: branchToldOnce("bandung", two, "cut", {
      site: { ...linkOrPower, causes: ["site_link_or_power"], finalCauses: ["site_power"] },
      back: { contains: en.cause.site_power },
    }),
  },
  {
    name: "site-path-cut",
    rule: "path: dead from here, witnesses of other sites reach it → site_down/path; journals: internet fine",
    sites: threeBranches,
    steps: lastingUntilOpen(
      3,
      { do: "cut_path", site: "bandung", mark: "cut" },
      { do: "mend_path", site: "bandung" },
    ),
    expected: branchToldOnce("bandung", two, "cut", {
      site: { variants: ["path"], causes: ["path_or_provider"], finalCauses: ["path_or_provider"] },
      back: { contains: en.cause.path_or_provider },
      all: { trailing: DEAF_SECONDS },
    }),
  },
  {
    name: "path-to-one-server",
    rule: "dead from here, alive for witnesses → path_down",
    sites: [
      { name: "bandung", gatewayKnown: false, hosts: [{ name: "bdg-kasir" }] },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
      { name: "solo", hosts: [{ name: "slo-kasir" }] },
    ],
    steps: lasting({ do: "cut_path", site: "bandung", mark: "cut" }, { do: "mend_path", site: "bandung" }),
    expected: toldOnce("bdg-kasir", ["path_down"], "cut", {
      causes: ["path_or_provider"],
      finalCauses: ["path_or_provider"],
      trailing: DEAF_SECONDS,
    }),
  },
  {
    name: "lonely-server-link-cut",
    rule: "one server at its site and the gateway that used to answer is dead → site_down",
    sites: threeBranches,
    steps: [{ do: "learn" }, ...linkCut("garut", "both", 2)],
    expected: branchToldOnce("garut", ["grt-kasir"], "cut", { site: linkOrPower }),
  },
  {
    name: "site-agents-killed",
    rule: "all servers of the site silent, the hosts prove alive → site_down/agents",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      { do: "kill_agent", host: "bdg-berkas" },
      untilOpen(3),
      { do: "start_agent", host: "bdg-kasir" },
      { do: "start_agent", host: "bdg-berkas" },
    ],
    expected: branchToldOnce("bandung", two, "killed", {
      site: {
        variants: ["agents"],
        finalCauses: ["agent_stopped"],
      },
    }),
  },
];
