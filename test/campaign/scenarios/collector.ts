/**
 * The collector itself: restarts, stalls, its own network, its disk, its clock.
 */
import { DOWN_AFTER_SECONDS, type ExpectedMessage, type Scenario, type Step } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  untilOpen,
  untilTold,
  untilUp,
} from "./company.ts";

const isolated: Step = { do: "until", what: { type: "hearing", state: "isolated" }, withinSeconds: 30 };
const hearing: Step = { do: "until", what: { type: "hearing", state: "hearing" }, withinSeconds: 40 };
/** Graces of T/2 after a start push a verdict back, by the start of a Node program and more. */
const RESTARTED_SILENCE = [DOWN_AFTER_SECONDS - 0.05, 2 * DOWN_AFTER_SECONDS + 8] as const;
/** 5/12 T of grace, 2 η of fresh probes, the sentinels' next round, and a busy machine. */
const toldSoon: readonly ExpectedMessage[] = [
  { step: "down", about: "bdg-kasir", after: { mark: "mended", seconds: [0, 5 + 2 + 1 + 6] } },
  toldBack("bdg-kasir"),
];
/** Telegram lies behind the same link: told late, as one; or the attempt under way arrives just when the link is back. */
const toldOfTrouble = {
  messages: [{ step: "told_late", about: "collector", kinds: ["collector_trouble"] }],
  orMessages: [{ step: "down", about: "collector" }, toldBack("collector")],
} as const;
const stall = (seconds: number): readonly Step[] => [
  { do: "freeze_collector" },
  { do: "pass", seconds },
  { do: "thaw_collector" },
  { do: "pass", seconds: 4 },
];

export const collector: readonly Scenario[] = [
  {
    name: "collector-restart",
    rule: "collector restart 20 s → nothing",
    sites: threeBranches,
    steps: [{ do: "kill_collector" }, { do: "pass", seconds: 1.5 }, { do: "start_collector" }, hearing],
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
      { do: "kill_collector" },
      { do: "start_collector" },
      hearing,
      { do: "pass", seconds: DOWN_AFTER_SECONDS },
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["host_down"], "cut")],
      messages: [toldDown("bdg-kasir", ["host_down"], "cut"), toldBack("bdg-kasir")],
    },
  },
  {
    name: "collector-suspended",
    rule: "collector suspended 2 h (20 s here, far longer than T) → nothing for servers",
    sites: threeBranches,
    steps: [...stall(20), untilUp, hearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "collector-stalls",
    rule: "stalls of 4, 60, 170 s (0.27, 4, 11.3 s here) → nothing",
    sites: threeBranches,
    steps: [...stall(0.27), ...stall(4), ...stall(11.3), untilUp, hearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
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
      hearing,
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
      untilTold(1, 60),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [{ step: "down", about: "bdg-kasir" }, toldBack("bdg-kasir")],
    },
  },
  {
    name: "own-uplink-cut",
    rule: "own uplink cut → one collector_trouble, and no server's alert",
    sites: threeBranches,
    steps: [
      { do: "cut_uplink", way: "both", mark: "cut" },
      isolated,
      { do: "pass", seconds: DOWN_AFTER_SECONDS + 4 },
      { do: "mend_uplink" },
      untilUp,
      hearing,
    ],
    expected: {
      incidents: [
        {
          about: "collector",
          kinds: ["collector_trouble"],
          variants: ["uplink"],
          causes: ["collector"],
          silence: false,
        },
      ],
      ...toldOfTrouble,
    },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "own-cable-pulled",
    rule: "the collector's own network is gone → one collector_trouble/network, and no server's alert",
    sites: threeBranches,
    steps: [
      { do: "unplug_collector" },
      isolated,
      { do: "pass", seconds: DOWN_AFTER_SECONDS + 4 },
      { do: "plug_collector" },
      untilUp,
      hearing,
    ],
    expected: {
      incidents: [
        {
          about: "collector",
          kinds: ["collector_trouble"],
          variants: ["network"],
          causes: ["collector"],
          silence: false,
        },
      ],
      ...toldOfTrouble,
    },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "server-dies-while-isolated",
    rule: "leaving isolation: a server that was already silent before gets its verdict soon, not another full T",
    sites: threeBranches,
    steps: [
      { do: "cut_uplink", way: "both" },
      isolated,
      { do: "cut_power", host: "bdg-kasir" },
      { do: "pass", seconds: DOWN_AFTER_SECONDS },
      { do: "mend_uplink", mark: "mended" },
      { do: "until", what: { type: "status", host: "bdg-kasir", status: "down" }, withinSeconds: 30 },
      { do: "pass", seconds: 3 },
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [
        { about: "collector", kinds: ["collector_trouble"], silence: false },
        { about: "bdg-kasir", kinds: ["host_down"], silence: false },
      ],
      messages: [...toldOfTrouble.messages, ...toldSoon],
      orMessages: [...toldOfTrouble.orMessages, ...toldSoon],
    },
  },
  {
    name: "isolated-over-a-restart",
    rule: "own uplink cut and the collector restarted meanwhile → still one collector_trouble, and no server's alert",
    sites: threeBranches,
    steps: [
      { do: "cut_uplink", way: "both" },
      isolated,
      { do: "pass", seconds: 4 },
      { do: "kill_collector" },
      { do: "start_collector" },
      isolated,
      { do: "pass", seconds: DOWN_AFTER_SECONDS },
      { do: "mend_uplink" },
      untilUp,
      hearing,
      untilTold(1, 100),
    ],
    expected: {
      incidents: [{ about: "collector", kinds: ["collector_trouble"], variants: ["uplink"], silence: false }],
      // Killed while it was being sent, its fate may be unknown: then the late message waits a minute and carries the mark.
      messages: [{ step: "told_late", about: "collector", kinds: ["collector_trouble"], repeats: [0, 1] }],
      orMessages: toldOfTrouble.orMessages,
    },
    watchSeconds: WHOLE_VERDICT_SECONDS,
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
        ...["bdg-kasir", "bdg-berkas"].map((name) =>
          outage(name, ["host_down"], "cut", { groupedUnder: "site:bandung", silence: RESTARTED_SILENCE }),
        ),
      ],
      messages: [{ step: "down", about: "site:bandung" }, toldBack("site:bandung")],
    },
  },
  {
    name: "restart-in-a-mass-outage",
    rule: "a restart in the middle of a mass outage: still one mass_outage, one end",
    sites: ["bandung", "garut", "solo", "tegal", "kudus"].map((name) => ({
      name,
      hosts: [{ name: `${name}-kasir` }],
    })),
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
        ...["bandung-kasir", "garut-kasir", "solo-kasir"].map((name) =>
          outage(name, ["host_down"], "cut", { groupedUnder: "mass", silence: RESTARTED_SILENCE }),
        ),
      ],
      messages: [{ step: "down", about: "mass" }, toldBack("mass")],
    },
  },
  {
    name: "disk-full",
    rule: "disk full 5 min → no server alert, nothing lost",
    sites: threeBranches,
    diskBytes: 8 * 1024 * 1024,
    steps: [{ do: "fill_disk" }, { do: "pass", seconds: 18 }, { do: "free_disk" }, untilUp, hearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "disk-full-while-a-server-dies",
    rule: "disk full: what happens meanwhile is told once the disk takes it",
    sites: threeBranches,
    diskBytes: 8 * 1024 * 1024,
    steps: [
      { do: "fill_disk" },
      { do: "cut_power", host: "bdg-kasir", mark: "cut" },
      { do: "pass", seconds: DOWN_AFTER_SECONDS + 6 },
      { do: "free_disk", mark: "freed" },
      untilOpen(),
      untilTold(1),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [
        outage("bdg-kasir", ["host_down"], "cut", { silence: [DOWN_AFTER_SECONDS, DOWN_AFTER_SECONDS + 14] }),
      ],
      messages: [
        { step: "down", about: "bdg-kasir", after: { mark: "freed", seconds: [0, 8] } },
        toldBack("bdg-kasir"),
      ],
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
      { do: "kill_collector" },
      { do: "tear_state" },
      { do: "start_collector" },
      hearing,
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
    },
  },
  {
    name: "wall-clock-steps",
    rule: "wall clock ±1 h, 1970, DST → nothing",
    sites: threeBranches,
    needs: ["libfaketime"],
    steps: [3_600, -3_600, 0, -1_700_000_000, 7_200, 0].flatMap((seconds): readonly Step[] => [
      { do: "step_clock", seconds },
      { do: "pass", seconds: 4 },
    ]),
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "wall-clock-steps-in-an-outage",
    rule: "wall-clock steps change nothing but displayed times: the verdict comes at T",
    sites: threeBranches,
    needs: ["libfaketime"],
    steps: [
      { do: "cut_power", host: "bdg-kasir", mark: "cut" },
      { do: "pass", seconds: 3 },
      { do: "step_clock", seconds: 3_600 },
      { do: "pass", seconds: 4 },
      { do: "step_clock", seconds: -86_400 },
      untilOpen(),
      untilTold(1),
      { do: "step_clock", seconds: 0 },
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [{ about: "bdg-kasir", kinds: ["host_down"], silence: false }],
      messages: [toldDown("bdg-kasir", ["host_down"], "cut"), toldBack("bdg-kasir")],
    },
  },
];
