/** Whose minutes an outage is: the same as the core says when it closes one. */
import { describe, expect, it } from "vitest";
import { minutesOf } from "../../collector/core/causes.ts";
import type { Cause } from "../../collector/core/types/incident.ts";
import { allMinutes, mainShare, NO_MINUTES, sharesOf } from "../../collector/report/shares.ts";

/** Every cause; the compiler refuses one that is missing. */
const CAUSES: Readonly<Record<Cause, true>> = {
  host_crash_or_power: true,
  host_rebooted: true,
  host_hung: true,
  host_suspended: true,
  agent_stopped: true,
  host_network: true,
  site_lan: true,
  site_link: true,
  site_power: true,
  site_link_or_power: true,
  path_or_provider: true,
  collector: true,
  connection: true,
  name_certificate_or_proxy: true,
  planned: true,
  unknown: true,
};

describe("whose minutes an outage is", () => {
  it.each(Object.keys(CAUSES) as Cause[])(
    "open with cause %s: the same as the core would say now",
    (cause) => {
      const said = minutesOf(cause, 600_000, null);
      const shares = sharesOf({ minutes: null, cause, finalCause: null });
      expect(mainShare(shares)).toBe(mainShare(said));
      expect(shares[mainShare(said)]).toBe(1);
      expect(allMinutes(shares)).toBe(1);
    },
  );

  it("closed: as its minutes say, whatever the cause", () => {
    const minutes = { server: 15, link: 45, planned: 0, collector: 0 };
    expect(sharesOf({ minutes, cause: "planned", finalCause: "planned" })).toEqual({
      ...NO_MINUTES,
      server: 0.25,
      link: 0.75,
    });
  });

  it("closed after two seconds, which is no tenth of a minute: as its final cause says", () => {
    expect(sharesOf({ minutes: NO_MINUTES, cause: "unknown", finalCause: "site_link" }).link).toBe(1);
  });
});
