/**
 * The judge of the campaign: one thing more or less than expected, or at the wrong time, is a failure.
 */
import { describe, expect, it } from "vitest";
import type { IncidentAnswer } from "../e2e/api.ts";
import type { AcceptedMessage } from "../e2e/telegram.ts";
import { readMessage } from "./message-reading.ts";
import type { Expected } from "./scenario.ts";
import { problemsOf, type Facts } from "./verdict.ts";

const CUT_MS = Date.parse("2026-03-01T10:00:00.000Z");
const at = (seconds: number): string => new Date(CUT_MS + seconds * 1_000).toISOString();

const incident = (changes: Partial<IncidentAnswer> = {}): IncidentAnswer => ({
  id: "i1",
  number: 1,
  kind: "host_down",
  variant: null,
  serverId: "s1",
  serverName: "bdg-kasir",
  siteId: "b",
  siteName: "bandung",
  groupedUnder: null,
  startedAt: at(-0.5),
  detectedAt: at(11.6),
  endedAt: at(30),
  confidence: "high",
  cause: "unknown",
  finalCause: "host_crash_or_power",
  ...changes,
});
const message = (text: string, seconds: number, chatId = 1): AcceptedMessage => ({
  chatId,
  messageId: seconds,
  method: "sendMessage",
  atMs: CUT_MS + seconds * 1_000,
  text,
  shownText: text,
  replyTo: null,
});
const down = message("🔴 DOWN · bdg-kasir — bandung\nThere is no sign of life from this server.", 12);
const back = message("🟢 RECOVERED · bdg-kasir — bandung\nCause: …", 31);
const facts = (changes: Partial<Facts> = {}): Facts => ({
  incidents: [incident()],
  ledger: [down, back],
  marks: new Map([["cut", CUT_MS]]),
  hosts: ["bdg-kasir", "bdg-berkas"],
  sites: ["bandung"],
  chatIds: new Map([
    ["Siaga", 1],
    ["Kepala IT", 2],
  ]),
  statuses: new Map([["bdg-kasir", "up"]]),
  logs: new Map([["bdg-kasir", ["rebooted"]]]),
  ...changes,
});
const expected: Expected = {
  incidents: [
    { about: "bdg-kasir", kinds: ["host_down"], since: "cut", finalCauses: ["host_crash_or_power"] },
  ],
  messages: [
    { step: "down", about: "bdg-kasir", kinds: ["host_down"], after: { mark: "cut", seconds: [9, 20] } },
    { step: "recovered", about: "bdg-kasir" },
  ],
  log: { "bdg-kasir": ["rebooted"] },
};
const first = (changes: Partial<IncidentAnswer>): string | undefined =>
  problemsOf(expected, facts({ incidents: [incident(changes)] }))[0];

describe("the verdict", () => {
  it("finds nothing wrong with what came as expected", () => {
    expect(problemsOf(expected, facts())).toEqual([]);
  });

  it("finds an incident that is missing, and one too many", () => {
    expect(problemsOf(expected, facts({ incidents: [] }))).toEqual([
      "incidents of bdg-kasir (host_down): 0, expected 1",
    ]);
    const other = incident({ id: "i2", number: 2, serverName: "bdg-berkas", kind: "agent_down" });
    expect(problemsOf(expected, facts({ incidents: [incident(), other] }))).toEqual([
      "not expected: #2 bdg-berkas agent_down",
    ]);
    const twice = problemsOf(expected, facts({ incidents: [incident(), incident({ id: "i2", number: 2 })] }));
    expect(twice).toEqual(["not expected: #2 bdg-kasir host_down"]);
  });

  it("looks at kind, cause, end, beginning and the time of the verdict", () => {
    expect(first({ kind: "agent_down" })).toContain("kind is agent_down, expected host_down");
    expect(first({ finalCause: "unknown" })).toContain("final cause is unknown");
    expect(first({ endedAt: null })).toContain("it is still open");
    expect(first({ startedAt: at(-4), detectedAt: at(8.5) })).toContain('it began -4.00 s after "cut"');
    expect(first({ detectedAt: at(11) })).toContain("told after 11.50 s of silence");
    expect(first({ detectedAt: at(18) })).toContain("told after 18.50 s of silence");
  });

  it("tells an incident of a group from one that stands alone", () => {
    const site = incident({ id: "i9", number: 9, kind: "site_down", serverId: null, serverName: "" });
    const member = incident({ groupedUnder: "i9" });
    const problems = problemsOf(expected, facts({ incidents: [site, member] }));
    expect(problems).toContain("incidents of bdg-kasir (host_down): 0, expected 1");
    expect(problems).toContain("not expected: #1 bdg-kasir host_down under site:bandung");
    const group: Expected = {
      ...expected,
      incidents: [
        { about: "site:bandung", kinds: ["site_down"] },
        { about: "bdg-kasir", kinds: ["host_down"], groupedUnder: "site:bandung" },
      ],
    };
    expect(problemsOf(group, facts({ incidents: [site, member] }))).toEqual([]);
  });

  it("finds a message that is missing, one too many, one to somebody else, one too late, and a repeat", () => {
    const of = (ledger: readonly AcceptedMessage[]): readonly string[] =>
      problemsOf(expected, facts({ ledger }));
    expect(of([down])).toEqual(["recovered of bdg-kasir to Siaga: 0, expected 1"]);
    expect(of([down, back, { ...back }])).toEqual(["not expected to 1: 🟢 RECOVERED · bdg-kasir — bandung"]);
    expect(of([{ ...down, chatId: 2 }, back])[0]).toBe("down of bdg-kasir to Siaga: 0, expected 1");
    expect(of([{ ...down, atMs: CUT_MS + 30_000 }, back])[0]).toContain('accepted 30.00 s after "cut"');
    const repeat = { ...down, text: `${down.text}\nRepeat: the first was not confirmed.` };
    expect(of([repeat, back])).toEqual(["down of bdg-kasir to Siaga: 1 marked as repeat, expected 0"]);
  });

  it("finds a message that it cannot read", () => {
    const strange = message("Halo", 40);
    expect(problemsOf(expected, facts({ ledger: [down, back, strange] }))).toEqual([
      "not expected to 1: Halo",
    ]);
  });

  it("looks at the servers' statuses and logs", () => {
    expect(problemsOf(expected, facts({ statuses: new Map([["bdg-kasir", "down"]]) }))).toEqual([
      "bdg-kasir is down, expected up",
    ]);
    expect(problemsOf(expected, facts({ logs: new Map() }))[0]).toContain("lacks rebooted; it has nothing");
  });
});

describe("a message", () => {
  const names = { hosts: ["bdg-kasir", "<b>toko</b>"], sites: ["bandung"] };
  it("is read by its first line", () => {
    expect(readMessage("🟠 AGENT STOPPED · <b>toko</b> — bandung", names)).toEqual({
      step: "down",
      kind: "agent_down",
      about: "<b>toko</b>",
      repeat: false,
    });
    expect(readMessage("🔴 SITE DOWN · bandung · 5 servers", names)?.about).toBe("site:bandung");
    expect(readMessage("🔴 MASS OUTAGE · 48 servers at 12 sites", names)?.about).toBe("mass");
    expect(readMessage("🟢 MASS OUTAGE OVER", names)).toMatchObject({ step: "recovered", about: "mass" });
    expect(readMessage("🟢 RECOVERED · bandung · 5 servers", names)).toMatchObject({ about: "site:bandung" });
    expect(readMessage("🟠 COLLECTOR CUT OFF FROM OUTSIDE", names)?.about).toBe("collector");
    expect(readMessage("🟠 FLAPPING · bdg-kasir — bandung", names)?.step).toBe("flapping");
  });
  it("of a stranger, or in other words, is not read", () => {
    expect(readMessage("🔴 DOWN · kasir-lain — bandung", names)).toBeNull();
    expect(readMessage("Selamat pagi", names)).toBeNull();
  });
});
