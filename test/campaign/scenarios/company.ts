/**
 * The companies that most scenarios happen to, and the expectations that most of them share.
 * Must not: hold a scenario.
 */
import type { IncidentKind } from "../../../collector/core/types/incident.ts";
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
  type Way,
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

/** One outage of one server: told once, and once when it is back. */
export const toldOnce = (
  about: Subject,
  kinds: readonly IncidentKind[],
  since: string,
  more: Partial<ExpectedIncident> = {},
  back: Partial<ExpectedMessage> = {},
): Expected => ({
  incidents: [outage(about, kinds, since, more)],
  messages: [toldDown(about, kinds, since), toldBack(about, back)],
});

/** The incidents of servers that another one speaks for. */
export const grouped = (
  names: readonly string[],
  under: Subject,
  since: string,
  more: Partial<ExpectedIncident> = {},
  kinds: readonly IncidentKind[] = ["host_down", "agent_down", "path_down", "host_hung"],
): ExpectedIncident[] => names.map((name) => outage(name, kinds, since, { groupedUnder: under, ...more }));

/** One outage of a whole branch: told once for all its servers, and once when it is back. */
export const branchToldOnce = (
  branch: string,
  names: readonly string[],
  since: string,
  more: {
    readonly site?: Partial<ExpectedIncident>;
    /** Of the site's incident and of each server's. */
    readonly all?: Partial<ExpectedIncident>;
    readonly back?: Partial<ExpectedMessage>;
  },
): Expected => {
  const about: Subject = `site:${branch}`;
  return {
    incidents: [
      outage(about, ["site_down"], since, { ...more.site, ...more.all }),
      ...grouped(names, about, since, more.all),
    ],
    messages: [toldDown(about, ["site_down"], since), toldBack(about, more.back)],
  };
};

/** A fault lasts until it was told. */
export const lasting = (fault: Step, mend: Step): readonly Step[] => [fault, untilOpen(), untilTold(1), mend];

/** An agent is killed and stays so until it was told; and `meanwhile`. */
export const killed = (host: string, ...meanwhile: readonly Step[]): readonly Step[] => [
  { do: "kill_agent", host, mark: "killed" },
  untilOpen(),
  untilTold(1),
  ...meanwhile,
  { do: "start_agent", host },
];

/** A fault of many lasts until so many incidents are open, and a moment for what would follow them. */
export const lastingUntilOpen = (count: number, fault: Step, mend: Step): readonly Step[] => [
  fault,
  untilOpen(count),
  { do: "pass", seconds: 3 },
  mend,
];

/** A branch's link, cut. */
export const linkCut = (site: string, way: Way, incidents: number): readonly Step[] =>
  lastingUntilOpen(incidents, { do: "cut_link", site, way, mark: "cut" }, { do: "mend_link", site });

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
