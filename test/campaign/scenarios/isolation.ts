/**
 * The collector cannot hear: its own link or cable is cut. That is told once, and no server's alert follows from it.
 */
import { DOWN_AFTER_SECONDS, type ExpectedMessage, type Scenario, type Step } from "../scenario.ts";
import {
  WHOLE_VERDICT_SECONDS,
  threeBranches,
  toldBack,
  untilHearing,
  untilTold,
  untilUp,
} from "./company.ts";

const isolated: Step = { do: "until", what: { type: "hearing", state: "isolated" }, withinSeconds: 30 };
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

/** The collector is cut off for longer than any verdict takes. */
const isolatedFor = (name: string, rule: string, variant: string, fault: Step, mend: Step): Scenario => ({
  name,
  rule,
  sites: threeBranches,
  steps: [fault, isolated, { do: "pass", seconds: DOWN_AFTER_SECONDS + 4 }, mend, untilUp, untilHearing],
  expected: {
    incidents: [
      {
        about: "collector",
        kinds: ["collector_trouble"],
        variants: [variant],
        causes: ["collector"],
        silence: false,
      },
    ],
    ...toldOfTrouble,
  },
  watchSeconds: WHOLE_VERDICT_SECONDS,
});

export const isolation: readonly Scenario[] = [
  isolatedFor(
    "own-uplink-cut",
    "own uplink cut → one collector_trouble, and no server's alert",
    "uplink",
    { do: "cut_uplink", way: "both", mark: "cut" },
    { do: "mend_uplink" },
  ),
  isolatedFor(
    "own-cable-pulled",
    "the collector's own network is gone → one collector_trouble/network, and no server's alert",
    "network",
    { do: "unplug_collector" },
    { do: "plug_collector" },
  ),
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
      untilHearing,
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
];
