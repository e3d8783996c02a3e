/**
 * Telegram fails in its own ways: nothing is lost, nothing is doubled without a mark, and the order holds.
 */
import { DOWN_AFTER_SECONDS, type Scenario } from "../scenario.ts";
import { killed, outage, threeBranches, toldBack, untilOpen, untilTold, untilUp } from "./company.ts";

export const telegram: readonly Scenario[] = [
  {
    name: "telegram-down",
    rule: "Telegram down 30 min → told with the original time, once",
    sites: threeBranches,
    steps: [
      { do: "telegram_refuse" },
      { do: "cut_power", host: "bdg-kasir", mark: "cut" },
      untilOpen(),
      { do: "pass", seconds: 6 },
      { do: "telegram_accept", mark: "accepted" },
      untilTold(1, 60),
      { do: "restore_power", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["host_down"], "cut")],
      messages: [
        // Delivered within 60 s of Telegram being reachable.
        { step: "down", about: "bdg-kasir", after: { mark: "accepted", seconds: [0, 60] } },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "dies-and-recovers-untold",
    rule: "dies and recovers meanwhile → one merged message",
    sites: threeBranches,
    steps: [
      { do: "telegram_refuse" },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      { do: "start_agent", host: "bdg-kasir" },
      untilUp,
      { do: "pass", seconds: 2 },
      { do: "telegram_accept" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [{ step: "told_late", about: "bdg-kasir", kinds: ["agent_down"] }],
    },
  },
  {
    name: "telegram-too-many-requests",
    rule: "429 → honoured, in order",
    sites: threeBranches,
    steps: [
      {
        do: "telegram_fault",
        method: "sendMessage",
        fault: { kind: "too_many_requests", retryAfterSeconds: 4 },
        times: 2,
      },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      untilTold(1, 40),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [
        {
          step: "down",
          about: "bdg-kasir",
          // Twice four seconds later than usual.
          after: { mark: "killed", seconds: [DOWN_AFTER_SECONDS + 5, DOWN_AFTER_SECONDS + 22] },
        },
        toldBack("bdg-kasir"),
      ],
    },
  },
  {
    name: "telegram-silent-after-accepting",
    rule: "timeout after accept → at most one marked repeat",
    sites: threeBranches,
    steps: [
      { do: "telegram_fault", method: "sendMessage", fault: { kind: "drop", when: "after" }, times: 1 },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      untilTold(2, 100),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [{ step: "down", about: "bdg-kasir", count: 2, repeats: [1] }, toldBack("bdg-kasir")],
    },
  },
  {
    name: "telegram-server-errors",
    rule: "5xx, a page of HTML, a connection cut before it was accepted → once in the end, or once more, marked",
    sites: threeBranches,
    steps: [
      {
        do: "telegram_fault",
        method: "sendMessage",
        fault: { kind: "too_many_requests", retryAfterSeconds: 1 },
        times: 1,
      },
      { do: "telegram_fault", method: "sendMessage", fault: { kind: "html", when: "before" }, times: 1 },
      { do: "kill_agent", host: "bdg-kasir", mark: "killed" },
      untilOpen(),
      untilTold(1, 110),
      { do: "start_agent", host: "bdg-kasir" },
    ],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      // A page of HTML says nothing of the fate: what comes in the end carries the mark.
      messages: [{ step: "down", about: "bdg-kasir", repeats: [1] }, toldBack("bdg-kasir")],
    },
  },
  {
    name: "telegram-blocked-by-one",
    rule: "403 → that recipient is switched off, the others are told of it and of the outage",
    sites: threeBranches,
    recipients: ["Siaga", "Kepala IT"],
    steps: [{ do: "telegram_membership", to: "Siaga", membership: "blocked" }, ...killed("bdg-kasir")],
    expected: {
      incidents: [outage("bdg-kasir", ["agent_down"], "killed")],
      messages: [
        { step: "down", about: "bdg-kasir", to: "Kepala IT" },
        { step: "recipient_lost", about: "chat:Siaga", to: "Kepala IT" },
        toldBack("bdg-kasir", { to: "Kepala IT" }),
      ],
    },
  },
];
