/**
 * The companies that most scenarios happen to, and the expectations that most of them share.
 * Must not: hold a scenario.
 */
import type { IncidentKind } from "../../../collector/core/types.ts";
import {
  DOWN_AFTER_SECONDS,
  HEARTBEAT_SECONDS,
  type ExpectedIncident,
  type ExpectedMessage,
  type Expected,
  type HostPlan,
  type SitePlan,
  type Step,
  type Subject,
} from "../scenario.ts";

/** An agent on a machine with an SSH server: its userland can be told from its kernel. */
export const withSsh = (name: string): HostPlan => ({ name, speaks: [{ says: "ssh", port: 22 }] });

/** Two servers at one branch, one each at two more: neighbours and witnesses for every kind. */
export const threeBranches: readonly SitePlan[] = [
  { name: "bandung", hosts: [withSsh("bdg-kasir"), withSsh("bdg-berkas")] },
  { name: "garut", hosts: [{ name: "grt-kasir" }] },
  { name: "solo", hosts: [{ name: "slo-kasir" }] },
];

/** One server behind a TCP proxy, and one elsewhere. */
export const behindProxy: readonly SitePlan[] = [
  { name: "bandung", proxied: true, hosts: [withSsh("bdg-kasir"), withSsh("bdg-berkas")] },
  { name: "garut", hosts: [{ name: "grt-kasir" }] },
];

/** Branches of one server each, `<branch>-kasir`. */
export const branchesOfOne = (names: readonly string[]): readonly SitePlan[] =>
  names.map((name) => ({ name, hosts: [{ name: `${name}-kasir` }] }));

/** Nothing comes of it. */
export const nothing: Expected = { incidents: [], messages: [] };
/** As long as any verdict could take from the last step on. */
export const WHOLE_VERDICT_SECONDS = DOWN_AFTER_SECONDS + 4;

/** From the mark to the message: the last heartbeat may be η and a third older, the machine may be busy, sending takes a moment. */
const TOLD_SECONDS = [DOWN_AFTER_SECONDS - (4 / 3) * HEARTBEAT_SECONDS - 1, DOWN_AFTER_SECONDS + 8] as const;

export const outage = (
  about: Subject,
  kinds: readonly IncidentKind[],
  since: string,
  more: Partial<ExpectedIncident> = {},
): ExpectedIncident => ({ about, kinds, since, ...more });

export const toldDown = (
  about: Subject,
  kinds: readonly IncidentKind[],
  mark: string,
  more: Partial<ExpectedMessage> = {},
): ExpectedMessage => ({ step: "down", about, kinds, after: { mark, seconds: TOLD_SECONDS }, ...more });

export const toldBack = (about: Subject, more: Partial<ExpectedMessage> = {}): ExpectedMessage => ({
  step: "recovered",
  about,
  ...more,
});

/** T, the graces, and room for a busy machine. */
export const untilOpen = (count = 1): Step => ({
  do: "until",
  what: { type: "open_incidents", count },
  withinSeconds: 2 * DOWN_AFTER_SECONDS + 20,
});
export const untilTold = (count: number, withinSeconds = 30): Step => ({
  do: "until",
  what: { type: "told", count },
  withinSeconds,
});
/** The collector counts silence. */
export const untilHearing: Step = {
  do: "until",
  what: { type: "hearing", state: "hearing" },
  withinSeconds: 40,
};
export const untilUp: Step = { do: "until", what: { type: "all_up" }, withinSeconds: 60 };
