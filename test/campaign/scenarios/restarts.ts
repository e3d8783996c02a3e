/**
 * The collector is killed, stopped and started again, in each phase of an outage.
 */
import { DOWN_AFTER_SECONDS, type Scenario } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  branchesOfOne,
  grouped,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  toldOnce,
  untilHearing,
  untilOpen,
  untilTold,
  untilUp,
} from "./company.ts";

/** Graces of T/2 after a start push a verdict back, by the start of a Node program and more. */
const RESTARTED_SILENCE = [DOWN_AFTER_SECONDS - 0.05, 2 * DOWN_AFTER_SECONDS + 8] as const;

export const restarts: readonly Scenario[] = [
  {
    name: "collector-restart",
    rule: "collector restart 20 s → nothing",
    sites: threeBranches,
    steps: [{ do: "kill_collector" }, { do: "pass", seconds: 1.5 }, { do: "start_collector" }, untilHearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "collector-off-three-die",
    rule: "off 1 h while 3 servers die → 3 alerts ≤ 120 s after start (8 s here, and the start), no others",
    sites: [
      { name: "bandung", hosts: [{ name: "bdg-kasir" }, { name: "bdg-berkas" }] },
      { name: "garut", hosts: [{ name: "grt-kasir" }, { name: "grt-berkas" }] },
      { name: "solo", hosts: [{ name: "slo-kasir" }, { name: "slo-berkas" }] },
    ],
    steps: [
      { do: "stop_collector" },
      { do: "pass", seconds: 4 },
      { do: "cut_power", host: "bdg-kasir" },
      { do: "pass", seconds: 3 },
      { do: "cut_power", host: "grt-kasir" },
      { do: "pass", seconds: 3 },
      { do: "kill_agent", host: "slo-kasir" },
      { do: "pass", seconds: 12 },
      { do: "start_collector", mark: "started" },
      untilOpen(3),
      untilTold(3),
      { do: "restore_power", host: "bdg-kasir" },
      { do: "restore_power", host: "grt-kasir" },
      { do: "start_agent", host: "slo-kasir" },
    ],
    expected: {
      incidents: [
        { about: "bdg-kasir", kinds: ["host_down"], silence: false },
        { about: "grt-kasir", kinds: ["host_down"], silence: false },
        { about: "slo-kasir", kinds: ["agent_down"], silence: false },
      ],
      messages: ["bdg-kasir", "grt-kasir", "slo-kasir"].flatMap((about) => [
        // T/2 of grace, 2 η, and the start of a Node program on a busy machine.
        { step: "down" as const, about, after: { mark: "started", seconds: [0, 8 + 10] as const } },
        toldBack(about),
      ]),
    },
  },
  {
    name: "collector-restart-while-down",
    rule: "restart while a server is down → no repeat, recovery later told",
    sites: threeBranches,
    steps: [
      { do: "cut_power", host: "bdg-kasir", mark: "cut" },
      untilOpen(),
      untilTold(1),
      // Telegram's answer is in the books: killed before, its fate would be unknown.
      { do: "pass", seconds: 2 },
      { do: "kill_collector" },
      { do: "start_collector" },
      untilHearing,
      { do: "pass", seconds: DOWN_AFTER_SECONDS },
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: toldOnce("bdg-kasir", ["host_down"], "cut"),
  },
  {
    name: "collector-host-reboots",
    rule: "the collector's machine reboots (another boot id) → nothing",
    sites: threeBranches,
    steps: [
      { do: "kill_collector" },
      { do: "reboot_collector_host" },
      { do: "pass", seconds: 8 },
      { do: "start_collector" },
      untilHearing,
      untilUp,
    ],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "collector-killed-before-sending",
    rule: "kill −9 at a send boundary: between the commit and the sending → told once, after the start",
    sites: threeBranches,
    steps: [
      { do: "telegram_refuse" },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      { do: "kill_collector" },
      { do: "telegram_accept" },
      { do: "start_collector" },
      untilTold(1, 100),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      // Killed in the very moment of an attempt, its fate is unknown: then it comes a minute later and carries the mark.
      messages: [{ step: "down", about: "bdg-kasir", repeats: [0, 1] }, toldBack("bdg-kasir")],
    },
  },
  {
    name: "restart-in-a-site-outage",
    rule: "a restart in the middle of a branch's outage: still one site_down, one recovery",
    sites: threeBranches,
    steps: [
      { do: "cut_link", site: "bandung", way: "both", mark: "cut" },
      { do: "pass", seconds: 6 },
      { do: "kill_collector" },
      { do: "start_collector" },
      untilOpen(3),
      { do: "pass", seconds: 3 },
      { do: "mend_link", site: "bandung" },
    ],
    expected: {
      incidents: [
        outage("site:bandung", ["site_down"], "cut", { silence: RESTARTED_SILENCE }),
        ...grouped(["bdg-kasir", "bdg-berkas"], "site:bandung", "cut", { silence: RESTARTED_SILENCE }, [
          "host_down",
        ]),
      ],
      messages: [{ step: "down", about: "site:bandung" }, toldBack("site:bandung")],
    },
  },
  {
    name: "restart-in-a-mass-outage",
    rule: "a restart in the middle of a mass outage: still one mass_outage, one end",
    sites: branchesOfOne(["bandung", "garut", "solo", "tegal", "kudus"]),
    steps: [
      { do: "cut_link", site: "bandung", way: "both", mark: "cut" },
      { do: "cut_link", site: "garut", way: "both" },
      { do: "cut_link", site: "solo", way: "both" },
      { do: "pass", seconds: 6 },
      { do: "kill_collector" },
      { do: "start_collector" },
      untilOpen(4),
      { do: "pass", seconds: 3 },
      { do: "mend_link", site: "bandung" },
      { do: "mend_link", site: "garut" },
      { do: "mend_link", site: "solo" },
    ],
    expected: {
      incidents: [
        outage("mass", ["mass_outage"], "cut", { silence: RESTARTED_SILENCE }),
        ...grouped(
          ["bandung-kasir", "garut-kasir", "solo-kasir"],
          "mass",
          "cut",
          { silence: RESTARTED_SILENCE },
          ["host_down"],
        ),
      ],
      messages: [{ step: "down", about: "mass" }, toldBack("mass")],
    },
  },
  {
    name: "torn-state-file",
    rule: "torn state file → recover: the copy before is used, the open incident is not forgotten",
    sites: threeBranches,
    steps: [
      { do: "cut_power", host: "bdg-kasir", mark: "cut" },
      untilOpen(),
      untilTold(1),
      // Telegram's answer is in the books by then, in the newest copy.
      { do: "pass", seconds: 2 },
      { do: "kill_collector" },
      { do: "tear_state" },
      { do: "start_collector" },
      untilHearing,
      { do: "restore_power", host: "bdg-kasir" },
      untilTold(2, 100),
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["host_down"], "cut")],
      messages: [
        toldDown("bdg-kasir", ["host_down"], "cut"),
        // The copy before does not know that the first was accepted: its fate is unknown, so it comes once more, marked.
        { step: "told_late", about: "bdg-kasir", repeats: [1] },
      ],
      // Unless something else was committed since, and the copy before knows all of it.
      orMessages: [toldDown("bdg-kasir", ["host_down"], "cut"), toldBack("bdg-kasir")],
    },
  },
];
