/**
 * The collector's machine: it stalls, sleeps, its disk is full, its wall clock steps.
 */
import { DOWN_AFTER_SECONDS, type Scenario, type Step } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  nothing,
  outage,
  threeBranches,
  toldBack,
  toldDown,
  untilHearing,
  untilOpen,
  untilTold,
  untilUp,
} from "./company.ts";

const stall = (seconds: number): readonly Step[] => [
  { do: "freeze_collector" },
  { do: "pass", seconds },
  { do: "thaw_collector" },
  { do: "pass", seconds: 4 },
];

export const collector: readonly Scenario[] = [
  {
    name: "collector-suspended",
    rule: "collector suspended 2 h (20 s here, far longer than T) → nothing for servers",
    sites: threeBranches,
    steps: [...stall(20), untilUp, untilHearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "collector-stalls",
    rule: "stalls of 4, 60, 170 s (0.27, 4, 11.3 s here) → nothing",
    sites: threeBranches,
    steps: [...stall(0.27), ...stall(4), ...stall(11.3), untilUp, untilHearing],
    expected: nothing,
    watchSeconds: WHOLE_VERDICT_SECONDS,
  },
  {
    name: "disk-full",
    rule: "disk full 5 min → no server alert, nothing lost",
    sites: threeBranches,
    diskBytes: 8 * 1024 * 1024,
    steps: [{ do: "fill_disk" }, { do: "pass", seconds: 18 }, { do: "free_disk" }, untilUp, untilHearing],
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
