/**
 * One alert for many servers that have more in common than a branch: a mass outage, a hypervisor.
 */
import { DOWN_AFTER_SECONDS, type Scenario, type Step } from "../scenario.ts";
import {
  branchesOfOne,
  grouped,
  outage,
  toldBack,
  toldDown,
  untilOpen,
  untilTold,
  untilUp,
} from "./company.ts";

const sixBranches = branchesOfOne(["bandung", "garut", "solo", "tegal", "kudus", "jepara"]);

/** A verdict is held at most T/3, and the machine may be busy. */
const heldSilence = [DOWN_AFTER_SECONDS - 0.05, DOWN_AFTER_SECONDS * (4 / 3) + 5] as const;
const vms = ["vm-1", "vm-2", "vm-3"];
const cutOff = ["host_down", "path_down"] as const;

export const groups: readonly Scenario[] = [
  {
    name: "half-of-the-sites-cut",
    rule: "half of the sites silent → one mass_outage",
    sites: sixBranches,
    steps: [
      { do: "cut_link", site: "bandung", way: "both", mark: "cut" },
      { do: "cut_link", site: "garut", way: "both" },
      { do: "cut_link", site: "solo", way: "cable" },
      untilOpen(4),
      { do: "pass", seconds: 3 },
      { do: "mend_link", site: "bandung" },
      { do: "mend_link", site: "garut" },
      { do: "mend_link", site: "solo" },
    ],
    expected: {
      incidents: [
        // Held while the sentinels' answer is open.
        outage("mass", ["mass_outage"], "cut", { silence: heldSilence }),
        ...grouped(
          ["bandung-kasir", "garut-kasir", "solo-kasir"],
          "mass",
          "cut",
          { silence: heldSilence },
          cutOff,
        ),
      ],
      messages: [toldDown("mass", ["mass_outage"], "cut"), toldBack("mass")],
    },
  },
  {
    name: "mass-outage-one-stays",
    rule: "a server that is still down when its group recovers gets its own alert",
    sites: sixBranches,
    steps: [
      { do: "cut_link", site: "bandung", way: "both", mark: "cut" },
      { do: "cut_link", site: "garut", way: "both" },
      { do: "cut_power", host: "solo-kasir" },
      untilOpen(4),
      { do: "mend_link", site: "bandung" },
      { do: "mend_link", site: "garut" },
      untilTold(3),
      { do: "restore_power", host: "solo-kasir" },
    ],
    expected: {
      incidents: [
        outage("mass", ["mass_outage"], "cut"),
        ...grouped(["bandung-kasir", "garut-kasir"], "mass", "cut", {}, cutOff),
        outage("solo-kasir", ["host_down"], "cut"),
      ],
      messages: [
        toldDown("mass", ["mass_outage"], "cut"),
        toldBack("mass"),
        { step: "down", about: "solo-kasir" },
        toldBack("solo-kasir"),
      ],
    },
  },
  {
    name: "hypervisor-power-cut",
    rule: "hypervisor with VMs: its servers are grouped under it",
    sites: [
      {
        name: "bandung",
        hosts: [
          { name: "bdg-hv", hypervisor: true },
          ...vms.map((name) => ({ name, inside: "bdg-hv" })),
          { name: "bdg-berkas" },
        ],
      },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
      { name: "solo", hosts: [{ name: "slo-kasir" }] },
    ],
    steps: [
      { do: "cut_power", host: "bdg-hv", mark: "cut" },
      ...vms.map((host): Step => ({ do: "cut_power", host })),
      untilOpen(4),
      { do: "restore_power", host: "bdg-hv" },
      { do: "pass", seconds: 1 },
      ...vms.map((host): Step => ({ do: "restore_power", host })),
    ],
    expected: {
      incidents: [
        outage("bdg-hv", ["host_down"], "cut"),
        // Held while the hypervisor's own verdict is due within T/3.
        ...grouped(vms, "bdg-hv", "cut", { silence: heldSilence }, ["host_down"]),
      ],
      messages: [toldDown("bdg-hv", ["host_down"], "cut"), toldBack("bdg-hv")],
    },
  },
  {
    name: "hypervisor-back-one-vm-not",
    rule: "the parent recovered: who is still down T/2 later is told by itself",
    sites: [
      {
        name: "bandung",
        hosts: [
          { name: "bdg-hv", hypervisor: true },
          { name: "vm-1", inside: "bdg-hv" },
          { name: "bdg-berkas" },
        ],
      },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: [
      { do: "cut_power", host: "bdg-hv", mark: "cut" },
      { do: "cut_power", host: "vm-1" },
      untilOpen(2),
      { do: "restore_power", host: "bdg-hv" },
      untilTold(3),
      { do: "restore_power", host: "vm-1" },
      untilUp,
    ],
    expected: {
      incidents: [
        outage("bdg-hv", ["host_down"], "cut"),
        outage("vm-1", ["host_down"], "cut", { silence: false }),
      ],
      messages: [
        toldDown("bdg-hv", ["host_down"], "cut"),
        toldBack("bdg-hv"),
        { step: "down", about: "vm-1" },
        toldBack("vm-1"),
      ],
    },
  },
];
