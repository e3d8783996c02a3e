/**
 * The scenarios as data: what they name must be there, or a typing error would make an expectation that is never met
 * or never looked at.
 */
import { describe, expect, it } from "vitest";
import { SITES_MAX } from "./network.ts";
import { scenarios } from "./scenarios.ts";
import type { Scenario, Subject } from "./scenario.ts";

const hostsOf = ({ sites }: Scenario): string[] =>
  sites.flatMap(({ hosts }) => hosts.map(({ name }) => name));
const sitesOf = ({ sites }: Scenario): string[] => sites.map(({ name }) => name);
/** What `found` names and `known` does not hold, for every scenario. */
const strangers = (
  found: (scenario: Scenario) => readonly string[],
  known: (scenario: Scenario) => readonly string[],
): string[] =>
  scenarios.flatMap((scenario) =>
    found(scenario)
      .filter((name) => !known(scenario).includes(name))
      .map((name) => `${scenario.name}: ${name}`),
  );
const subjectsOf = ({ expected }: Scenario): Subject[] => [
  ...expected.incidents.flatMap(({ about, groupedUnder }) => [about, groupedUnder ?? about]),
  ...expected.messages.map(({ about }) => about),
  ...Object.keys(expected.statuses ?? {}),
  ...Object.keys(expected.log ?? {}),
];

describe("the campaign's scenarios", () => {
  it("are at least 30, each with a name of its own", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(30);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  it("expect something of hosts, sites and recipients that are there", () => {
    const renamed = ({ steps }: Scenario): string[] =>
      steps.flatMap((step) => (step.do === "rename" ? [step.name] : []));
    expect(
      strangers(subjectsOf, (scenario) => [
        ...hostsOf(scenario),
        ...renamed(scenario),
        ...sitesOf(scenario).map((name) => `site:${name}`),
        ...(scenario.recipients ?? []).map((name) => `chat:${name}`),
        "mass",
        "collector",
      ]),
    ).toEqual([]);
    expect(
      strangers(
        ({ expected }) => expected.messages.flatMap(({ to }) => to ?? []),
        ({ recipients }) => recipients ?? ["Siaga"],
      ),
    ).toEqual([]);
  });

  it("do something to hosts and sites that are there, and look at moments that are marked", () => {
    expect(
      strangers(
        ({ steps }) =>
          steps.flatMap((step) => [
            ...("host" in step ? [step.host] : []),
            ...("from" in step ? [step.from] : []),
            ...("site" in step ? [step.site] : []),
          ]),
        (scenario) => [...hostsOf(scenario), ...sitesOf(scenario)],
      ),
    ).toEqual([]);
    expect(
      strangers(
        ({ expected }) => [
          ...expected.incidents.flatMap(({ since }) => since ?? []),
          ...expected.messages.flatMap(({ after }) => after?.mark ?? []),
        ],
        ({ steps }) => steps.flatMap(({ mark }) => mark ?? []),
      ),
    ).toEqual([]);
  });

  it("give every host and site a name of its own; hosts inside another come after it", () => {
    for (const scenario of scenarios) {
      const names = [...hostsOf(scenario), ...sitesOf(scenario)];
      expect(new Set(names).size, scenario.name).toBe(names.length);
      expect(scenario.sites.length).toBeLessThanOrEqual(SITES_MAX);
      for (const { hosts } of scenario.sites)
        for (const [index, { name, inside }] of hosts.entries())
          if (inside !== undefined)
            expect(
              hosts.slice(0, index).some((host) => host.name === inside && host.hypervisor === true),
              name,
            ).toBe(true);
    }
  });

  it("end what they begin where everybody is to be up in the end", () => {
    const pairs: readonly (readonly [readonly string[], readonly string[]])[] = [
      [["cut_link"], ["mend_link"]],
      [["cut_lan"], ["mend_lan"]],
      [["cut_path"], ["mend_path"]],
      [["unplug"], ["plug"]],
      [["freeze_collector"], ["thaw_collector"]],
      [["kill_collector", "stop_collector"], ["start_collector"]],
      [["fill_disk"], ["free_disk"]],
      [
        ["cut_uplink", "unplug_collector"],
        ["mend_uplink", "plug_collector"],
      ],
      [["telegram_refuse"], ["telegram_accept"]],
    ];
    for (const { name, steps, expected } of scenarios)
      if (expected.statuses === undefined)
        for (const [begin, end] of pairs) {
          const count = (words: readonly string[]): number =>
            steps.filter((step) => words.includes(step.do)).length;
          expect(count(begin), `${name}: ${begin.join(", ")}`).toBe(count(end));
        }
  });
});
