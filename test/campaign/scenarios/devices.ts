/**
 * Devices without an agent: probed, and judged by the same machine.
 */
import { DOWN_AFTER_SECONDS, type Scenario } from "../scenario.ts";
import { outage, toldBack, untilOpen, untilTold, withSsh } from "./company.ts";

export const devices: readonly Scenario[] = [
  {
    name: "ping-only-device",
    rule: "ping-only servers go through the same machine: off and on again",
    sites: [
      {
        name: "bandung",
        hosts: [{ name: "bdg-kasir" }, { name: "kamera", mode: "ping" }, withSsh("bdg-berkas")],
      },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: [
      { do: "cut_power", host: "kamera", mark: "cut" },
      untilOpen(),
      untilTold(1),
      { do: "restore_power", host: "kamera" },
    ],
    expected: {
      incidents: [
        outage("kamera", ["host_down"], "cut", {
          // Heard each T/3 while fine: "since" is the last successful probe.
          leading: DOWN_AFTER_SECONDS / 3 + 1,
        }),
      ],
      messages: [{ step: "down", about: "kamera", kinds: ["host_down"] }, toldBack("kamera")],
    },
  },
  {
    name: "web-service-sick",
    rule: "HTTP checks for ping-only servers: alive but not as expected → agent_down/service",
    sites: [
      {
        name: "bandung",
        hosts: [
          { name: "bdg-kasir" },
          {
            name: "gudang-web",
            mode: "ping",
            speaks: [{ says: "http", port: 80 }],
            check: {
              type: "http",
              url: "http://10.1.0.11/",
              expectedStatus: 200,
              expectedText: "gudang siap",
            },
          },
        ],
      },
      { name: "garut", hosts: [{ name: "grt-kasir" }] },
    ],
    steps: [
      { do: "serve_status", host: "gudang-web", status: 503, mark: "sick" },
      untilOpen(),
      untilTold(1),
      { do: "serve_status", host: "gudang-web", status: 200 },
    ],
    expected: {
      incidents: [
        {
          about: "gudang-web",
          kinds: ["agent_down"],
          variants: ["service"],
          causes: ["unknown"],
          finalCauses: ["unknown"],
        },
      ],
      messages: [{ step: "down", about: "gudang-web", kinds: ["agent_down"] }, toldBack("gudang-web")],
    },
  },
];
