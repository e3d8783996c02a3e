/**
 * What staff do meanwhile: maintenance, edits, deletions, planned absences; and servers that come and go.
 */
import { DOWN_AFTER_SECONDS, type Scenario, type Step } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  killed,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  toldOnce,
  untilOpen,
  untilTold,
  untilUp,
} from "./company.ts";

const wait = (seconds: number): Step => ({ do: "pass", seconds });

export const staff: readonly Scenario[] = [
  {
    name: "maintenance-covers-it",
    rule: "maintenance mutes notifications, never detection: closed within the window → never told",
    sites: threeBranches,
    steps: [
      { do: "maintain", site: "bandung", forSeconds: 60 },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: { incidents: [outage("bdg-kasir", ["agent_down"], "killed")], messages: [] },
    watchSeconds: 6,
  },
  {
    name: "maintenance-ends-too-early",
    rule: "what is still down when the window ends is told then",
    sites: threeBranches,
    steps: [{ do: "maintain", host: "bdg-kasir", forSeconds: 22, mark: "window" }, ...killed("bdg-kasir")],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [
        { step: "down", about: "bdg-kasir", after: { mark: "window", seconds: [21, 30] } },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "paused-in-an-outage",
    rule: "paused by staff: the open incident is closed without a message",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      untilTold(1),
      { do: "pause", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [toldDown("bdg-kasir", ["agent_down"], "killed")],
      statuses: { "bdg-kasir": "paused" },
    },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "deleted-in-an-outage",
    rule: "alert during delete: the incident closes, nothing more is told, and nothing of it comes back",
    sites: threeBranches,
    steps: killed("bdg-kasir", { do: "delete", host: "bdg-kasir" }),
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [toldDown("bdg-kasir", ["agent_down"], "killed")],
    },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "renamed-in-an-outage",
    rule: "alert during edit: the recovery is told all the same",
    sites: threeBranches,
    steps: killed("bdg-kasir", { do: "rename", host: "bdg-kasir", name: "bdg-kasir-lama" }),
    // The name it was told down by: the recovery refers to it.
    expected: toldOnce("bdg-kasir", ["agent_down"], "killed"),
  },
  {
    name: "renamed-while-suspect",
    rule: "alert during edit: an edit between the last heartbeat and the verdict changes neither",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      wait(8),
      { do: "rename", host: "bdg-kasir", name: "bdg-kasir-baru" },
      untilOpen(),
      untilTold(1),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: toldOnce("bdg-kasir-baru", ["agent_down"], "killed"),
  },
  {
    name: "clean-reboot",
    rule: "goodbye {reboot} and back with another boot id → nothing, a line in the log",
    sites: threeBranches,
    steps: [
      { do: "stop_agent", host: "bdg-kasir", reason: "reboot" },
      { do: "cut_power", host: "bdg-kasir" },
      wait(DOWN_AFTER_SECONDS + 6),
      { do: "restore_power", host: "bdg-kasir" },
      untilUp,
    ],
    expected: { ...nothing, log: { "bdg-kasir": ["goodbye", "rebooted"] } },
  },
  {
    name: "reboot-that-never-returns",
    rule: "clean reboot that never returns → not_back",
    sites: threeBranches,
    steps: [
      { do: "kill_agent", host: "bdg-kasir" },
      {
        do: "speak_as",
        host: "bdg-kasir",
        beats: 3,
        goodbye: { reason: "reboot", awayForSeconds: 6 },
        mark: "said",
      },
      { do: "cut_power", host: "bdg-kasir" },
      untilOpen(),
      untilTold(1),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [
        {
          about: "bdg-kasir",
          kinds: ["not_back"],
          silence: false,
          finalCauses: ["planned", "host_crash_or_power"],
        },
      ],
      messages: [
        // Two heartbeats, then the six seconds it promised.
        { step: "down", about: "bdg-kasir", kinds: ["not_back"], after: { mark: "said", seconds: [8, 20] } },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "agent-stopped-by-staff",
    rule: "goodbye {agent_stopped} → planned, nothing is told",
    sites: threeBranches,
    steps: [{ do: "stop_agent", host: "bdg-kasir", reason: "agent_stopped" }],
    expected: { ...nothing, statuses: { "bdg-kasir": "planned" }, log: { "bdg-kasir": ["goodbye"] } },
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "agent-stopped-then-host-dies",
    rule: "agent_stopped keeps probing: if the host dies later it escalates",
    sites: threeBranches,
    steps: [
      { do: "stop_agent", host: "bdg-kasir", reason: "agent_stopped" },
      wait(DOWN_AFTER_SECONDS / 3 + 4),
      { do: "cut_power", host: "bdg-kasir" },
      untilOpen(),
      untilTold(1),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [
        {
          about: "bdg-kasir",
          kinds: ["host_down"],
          silence: false,
          // Staff stopped the agent; nobody planned that its host dies.
          finalCauses: ["host_crash_or_power", "unknown"],
        },
      ],
      messages: [{ step: "down", about: "bdg-kasir", kinds: ["host_down"] }, toldBack("bdg-kasir")],
    },
  },
  {
    name: "forged-goodbye",
    rule: "forged goodbye → refused, and the outage that follows is told",
    sites: threeBranches,
    steps: [{ do: "forge_goodbye" }, ...killed("bdg-kasir")],
    expected: toldOnce("bdg-kasir", ["agent_down"], "killed"),
  },
  {
    name: "agent-clock-a-day-off",
    rule: "agent clock a day off → nothing",
    sites: [
      {
        name: "bandung",
        hosts: [{ name: "bdg-kasir", clockOffsetSeconds: -86_400 }, { name: "bdg-berkas" }],
      },
      { name: "garut", hosts: [{ name: "grt-kasir", clockOffsetSeconds: 86_400 }] },
    ],
    needs: ["libfaketime"],
    steps: [
      { do: "cut_link", site: "garut", way: "both" },
      wait(5),
      { do: "mend_link", site: "garut" },
      untilUp,
    ],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "two-machines-one-identity",
    rule: "two live sessions of one identity → one alert; neither masks the other for good",
    sites: [
      {
        name: "bandung",
        hosts: [{ name: "bdg-kasir" }, { name: "bdg-klon", mode: "ping", registered: false }],
      },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: [
      { do: "clone_agent", from: "bdg-kasir", host: "bdg-klon" },
      untilTold(1, 60),
      { do: "kill_agent", host: "bdg-klon" },
      untilTold(2, 60),
    ],
    expected: {
      incidents: [],
      messages: [
        { step: "duplicate", about: "bdg-kasir" },
        { step: "duplicate_over", about: "bdg-kasir" },
      ],
      log: { "bdg-kasir": ["duplicate", "duplicate_over"] },
    },
  },
  {
    name: "flapping",
    rule: "≥ 3 incidents in 60 min → one message, then none of its own",
    sites: threeBranches,
    steps: [
      // Down and back, twice: two messages each.
      ...[2, 4].flatMap((told): readonly Step[] => [
        { do: "kill_agent", host: "bdg-kasir" },
        untilOpen(),
        { do: "start_agent", host: "bdg-kasir" },
        untilTold(told),
        untilUp,
      ]),
      { do: "kill_agent", host: "bdg-kasir" },
      untilOpen(),
      untilTold(5),
      { do: "start_agent", host: "bdg-kasir" },
      untilUp,
    ],
    expected: {
      incidents: [{ about: "bdg-kasir", kinds: ["agent_down"], count: 3 }],
      messages: [
        { step: "down", about: "bdg-kasir", count: 2 },
        { step: "recovered", about: "bdg-kasir", count: 2 },
        { step: "flapping", about: "bdg-kasir" },
      ],
      log: { "bdg-kasir": ["flapping"] },
    },
  },
];
