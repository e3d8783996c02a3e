/**
 * One server falls silent, or seems to.
 */
import { en } from "../../../collector/notify/texts/en.ts";
import type { Scenario } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  killed,
  lasting,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  toldOnce,
  untilOpen,
  untilTold,
} from "./company.ts";

/** Delivered as it is, whatever a channel makes of its signs. */
const markup = "toko <b>&amp;</i> *_kasir_* [x](y)";

export const oneServer: readonly Scenario[] = [
  {
    name: "power-cut",
    rule: "power cut → host_down, back with another boot id: crash or power",
    sites: threeBranches,
    steps: [
      { do: "learn" },
      ...lasting(
        { do: "cut_power", host: "bdg-kasir", mark: "cut" },
        { do: "restore_power", host: "bdg-kasir" },
      ),
    ],
    expected: {
      ...toldOnce(
        "bdg-kasir",
        ["host_down"],
        "cut",
        { confidences: ["high"], causes: ["host_crash_or_power"], finalCauses: ["host_crash_or_power"] },
        { contains: en.cause.host_crash_or_power },
      ),
      log: { "bdg-kasir": ["rebooted"] },
    },
  },
  {
    name: "panic-with-quick-reboot",
    rule: "panic with quick reboot → no alert, a reboot event",
    sites: threeBranches,
    steps: [
      { do: "cut_power", host: "bdg-kasir" },
      { do: "pass", seconds: 3 },
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: { ...nothing, log: { "bdg-kasir": ["rebooted"] } },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "agent-killed",
    rule: "agent stopped or crashed: ping and banner alive → agent_down",
    sites: threeBranches,
    steps: killed("bdg-kasir"),
    expected: toldOnce(
      "bdg-kasir",
      ["agent_down"],
      "killed",
      { causes: ["agent_stopped"], finalCauses: ["agent_stopped"] },
      { contains: en.cause.agent_stopped, lacks: "stood still" },
    ),
  },
  {
    name: "agent-killed-and-restarted",
    rule: "agent killed and restarted in 5 s → nothing",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir" },
      { do: "pass", seconds: 4 },
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: { ...nothing, log: { "bdg-kasir": ["agent_restarted"] } },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "agent-frozen",
    rule: "agent frozen (TCP stays open) → agent_down",
    sites: threeBranches,
    steps: lasting(
      { do: "freeze_agent", host: "bdg-kasir", mark: "frozen" },
      { do: "thaw_agent", host: "bdg-kasir" },
    ),
    expected: toldOnce("bdg-kasir", ["agent_down"], "frozen", {
      causes: ["agent_stopped"],
      finalCauses: ["agent_stopped"],
    }),
  },
  {
    name: "agent-killed-then-host-dies",
    rule: "down, evidence changes for the worse: the same incident, one more notification",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      untilTold(1),
      { do: "cut_power", host: "bdg-kasir" },
      untilTold(2),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["host_down"], "killed")],
      messages: [
        toldDown("bdg-kasir", ["agent_down"], "killed"),
        { step: "worse", about: "bdg-kasir", kinds: ["host_down"] },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "host-frozen",
    rule: "host frozen, ICMP alive → host_hung",
    sites: threeBranches,
    steps: [
      { do: "learn" },
      ...lasting(
        { do: "freeze_host", host: "bdg-kasir", mark: "frozen" },
        { do: "thaw_host", host: "bdg-kasir" },
      ),
    ],
    expected: toldOnce("bdg-kasir", ["host_hung"], "frozen", {
      causes: ["host_hung"],
      finalCauses: ["host_hung"],
    }),
  },
  {
    name: "cable-pulled",
    rule: "cable, NIC, switch port: only this host dead; afterwards the same boot id, ticks without a gap",
    sites: threeBranches,
    steps: [
      { do: "learn" },
      ...lasting({ do: "unplug", host: "bdg-kasir", mark: "pulled" }, { do: "plug", host: "bdg-kasir" }),
    ],
    expected: toldOnce(
      "bdg-kasir",
      ["host_down"],
      "pulled",
      { confidences: ["high"], causes: ["host_crash_or_power"], finalCauses: ["host_network"] },
      { contains: en.cause.host_network },
    ),
  },
  {
    name: "ping-blocked",
    rule: "ICMP blocked → host_down low",
    sites: [
      { name: "bandung", hosts: [{ name: "bdg-kasir" }, { name: "bdg-berkas" }] },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: [
      { do: "mute_ping", host: "bdg-kasir" },
      { do: "pass", seconds: 2 },
      ...lasting(
        { do: "cut_power", host: "bdg-kasir", mark: "cut" },
        { do: "restore_power", host: "bdg-kasir" },
      ),
    ],
    expected: toldOnce("bdg-kasir", ["host_down"], "cut", { confidences: ["low", "medium"] }),
  },
  {
    name: "markup-in-names",
    rule: "markup in names → delivered",
    sites: [
      { name: "bandung", hosts: [{ name: markup }, { name: "bdg-berkas" }] },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: killed(markup),
    expected: toldOnce(markup, ["agent_down"], "killed"),
  },
];
