/**
 * What came to `detak.v1` after its first agents were in the field: features, probes on request, the journal. Old and new
 * must go on speaking with each other.
 * Must not: know how the schemas are written; ranges are said again here, from PROTOCOL.md.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { journalBatch, journalEntriesOf, type JournalEntry } from "../../shared/journal.ts";
import { proveTranscript, welcomeTranscript } from "../../shared/proof.ts";
import * as wire from "../../shared/wire.ts";

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"));
const fromAgent = (message: object): boolean => wire.parse(wire.agentMessage, JSON.stringify(message)).ok;
const fromCollector = (message: object): boolean =>
  wire.parse(wire.collectorMessage, JSON.stringify(message)).ok;

const hello = golden("hello") as wire.Hello;
const prove = golden("prove") as wire.Prove;
const proveNow = golden("prove-with-features") as wire.Prove;
const welcome = golden("welcome") as wire.Welcome;
const welcomeNow = golden("welcome-with-features") as wire.Welcome;
const probe = golden("probe") as wire.Probe;
const probed = golden("probed") as wire.Probed;
const journal = golden("journal") as wire.Journal;

describe("features", () => {
  test("[P33] a peer of before drops the list and reads the rest as ever", () => {
    const { features: fromProve, ...proveBefore } = proveNow;
    const { features: fromWelcome, ...welcomeBefore } = welcomeNow;
    expect([proveBefore, welcomeBefore]).toEqual([prove, welcome]);
    expect([fromProve, fromWelcome]).toEqual([
      ["witness", "journal"],
      ["witness", "journal"],
    ]);
  });

  test("[P33] features change no transcript, so signatures of either age fit", () => {
    expect(proveTranscript(hello, proveNow)).toEqual(proveTranscript(hello, prove));
    expect(welcomeTranscript(hello, prove, welcomeNow)).toEqual(welcomeTranscript(hello, prove, welcome));
  });

  test("[P33] unknown words are ignored, repeated ones count once, no list is none", () => {
    expect(wire.featuresOf(["telepathy", "journal", "journal", "witness"])).toEqual(["witness", "journal"]);
    expect(wire.featuresOf(["journal"])).toEqual(["journal"]);
    expect(wire.featuresOf(["Witness", "witness_"])).toEqual([]);
    expect(wire.featuresOf(undefined)).toEqual([]);
  });

  test.each([
    [[], true],
    [["a"], true],
    [Array<string>(16).fill("witness"), true],
    [Array<string>(17).fill("witness"), false],
    [["a".repeat(32)], true],
    [["a".repeat(33)], false],
    [[""], false],
    [["Witness"], false],
    [["witness 2"], false],
    [["witness\n"], false],
    [[1], false],
    ["witness", false],
    [{}, false],
  ])("[P33] features %j: accepted %s", (features, accepted) => {
    expect(wire.parse(wire.agentOpening, JSON.stringify({ ...prove, features })).ok).toBe(accepted);
    expect(fromCollector({ ...welcome, features })).toBe(accepted);
  });
});

describe("probe and probed", () => {
  const request = { kind: "banner", host: "10.0.4.2", port: 22 };
  test.each([
    [{ roundId: "r".repeat(128) }, true],
    [{ roundId: "r".repeat(129) }, false],
    [{ roundId: "" }, false],
    [{ requests: [] }, false],
    [{ requests: Array(16).fill(request) }, true],
    [{ requests: Array(17).fill(request) }, false],
    [{ requests: [{ kind: "icmp", host: "10.0.4.2" }] }, true],
    [{ requests: [{ kind: "tcp", host: "10.0.4.2" }] }, false],
    [{ requests: [{ kind: "http", host: "10.0.4.2", port: 80 }] }, false],
    [{ requests: [{ ...request, port: 0 }] }, false],
    [{ requests: [{ ...request, port: 65_535 }] }, true],
    [{ requests: [{ ...request, port: 65_536 }] }, false],
    [{ requests: [{ ...request, port: null }] }, false],
    [{ requests: [{ ...request, host: "h".repeat(255) }] }, true],
    [{ requests: [{ ...request, host: "h".repeat(256) }] }, false],
    [{ requests: [{ ...request, host: "a\nb" }] }, false],
    [{ timeLimitMs: 99 }, false],
    [{ timeLimitMs: 100 }, true],
    [{ timeLimitMs: 60_000 }, true],
    [{ timeLimitMs: 60_001 }, false],
    [{ timeLimitMs: 100.5 }, false],
  ])("[P34] probe with %j: accepted %s", (change, accepted) => {
    expect(fromCollector({ ...probe, ...change })).toBe(accepted);
  });

  const result = probed.results[2];
  test.each([
    [{ results: [] }, true],
    [{ results: Array(16).fill(result) }, true],
    [{ results: Array(17).fill(result) }, false],
    [{ results: [{ ...result, kind: "http" }] }, false],
    [{ results: [{ ...result, verdict: "sleepy" }] }, false],
    [{ results: [{ ...result, detail: "not_allowed" }] }, true],
    [{ results: [{ ...result, detail: "Not allowed" }] }, false],
    [{ results: [{ ...result, detail: "d".repeat(33) }] }, false],
    [{ results: [{ ...result, roundTripMs: -1 }] }, false],
    [{ results: [{ ...result, roundTripMs: null }] }, false],
    [{ results: [{ ...result, banner: "b".repeat(120) }] }, true],
    [{ results: [{ ...result, banner: "b".repeat(121) }] }, false],
    [{ results: [{ ...result, banner: "" }] }, false],
    [{ results: [{ ...result, banner: "SSH\r\n" }] }, false],
    [{ results: [{ ...result, target: "t".repeat(271) }] }, false],
  ])("[P35] probed with %j: accepted %s", (change, accepted) => {
    expect(fromAgent({ ...probed, ...change })).toBe(accepted);
  });

  test("[P35] a result names its request by the host as asked and the port", () => {
    expect(probe.requests.map(wire.witnessTarget)).toEqual(probed.results.map(({ target }) => target));
  });

  test("[P35] a probe and its answer of the greatest size fit into one message, however their characters are spelled", () => {
    const host = "\u{ffff}".repeat(255);
    const greatest: wire.Probe = {
      type: "probe",
      roundId: "\u{ffff}".repeat(128),
      requests: Array<wire.WitnessRequest>(16).fill({ kind: "banner", host, port: 65_535 }),
      timeLimitMs: 60_000,
    };
    const answer: wire.Probed = {
      type: "probed",
      roundId: greatest.roundId,
      results: greatest.requests.map((asked) => ({
        kind: asked.kind,
        target: wire.witnessTarget(asked),
        verdict: "alive",
        detail: "d".repeat(32),
        roundTripMs: 1 / 3,
        banner: "\u{ffff}".repeat(120),
      })),
    };
    expect([fromCollector(greatest), fromAgent(answer)]).toEqual([true, true]);
    expect(Buffer.byteLength(wire.encode(greatest)) * wire.limits.probeRoundsOpenMax).toBeLessThan(262_144);
    expect(Buffer.byteLength(wire.encode(answer))).toBeLessThanOrEqual(wire.limits.messageBytesMax);
  });
});

describe("journal", () => {
  const line = journal.entries[0];
  const lines = (count: number): object[] =>
    Array.from({ length: count }, (_, index) => ({ ...line, sequence: index + 1 }));
  test.each([
    [{ entries: [] }, false],
    [{ entries: lines(200) }, true],
    [{ entries: lines(201) }, false],
    [{ entries: [{ ...line, boot: 1 }] }, true],
    [{ entries: [{ ...line, boot: 2 }] }, false],
    [{ entries: [{ ...line, boot: -1 }] }, false],
    [{ entries: [{ ...line, sequence: 0 }] }, false],
    [{ entries: lines(2).reverse() }, false],
    [{ entries: [line, line] }, false],
    [{ entries: [{ ...line, event: "nap" }] }, false],
    [{ entries: [{ ...line, ageMs: -1 }] }, false],
    [{ entries: [{ ...line, ageMs: 1e16 }] }, false],
    [{ entries: [{ ...line, ageMs: "1" }] }, false],
    [{ entries: [{ ...line, lateMs: -0.1 }] }, false],
    [{ entries: [{ ...line, sleptMs: null }] }, false],
    [{ entries: [{ ...line, gateway: "unknown" }] }, false],
    [{ entries: [{ ...line, collector: "angry" }] }, false],
    [{ entries: [[]] }, false],
    [{ bootIds: [] }, false],
    [{ bootIds: Array(16).fill("b") }, true],
    [{ bootIds: Array(17).fill("b") }, false],
    [{ bootIds: ["b", "a\u0000"] }, false],
    [{ more: 1 }, false],
  ])("[P37] journal with %j: accepted %s", (change, accepted) => {
    expect(fromAgent({ ...journal, ...change })).toBe(accepted);
  });

  const reached = fc.constantFrom("ok", "failed", "unknown");
  const reach = fc.constantFrom<JournalEntry["collector"][]>(
    "ok",
    "timeout",
    "refused",
    "unreachable",
    "name",
    "certificate",
    "proxy",
    "rejected",
    "unknown",
  );
  const durationMs = fc.double({ min: 0, max: 1e15, noNaN: true }).map((value) => value + 0);
  const entry = fc.record({
    bootId: fc.constantFrom("boot-a", "boot-b", "\u{ffff}".repeat(128)),
    ageMs: durationMs,
    event: fc.constantFrom("tick", "start", "stop"),
    lateMs: durationMs,
    sleptMs: durationMs,
    link: fc.constantFrom("up", "down", "unknown"),
    gateway: reached,
    dns: reached,
    internet: reached,
    collector: reach,
  });
  const entries = (found: readonly Omit<JournalEntry, "sequence">[]): JournalEntry[] =>
    found.map((own, index) => ({ ...own, sequence: index + 5 }));

  test("[P37] entries come out of their messages as they went in, in order, with none lost", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 450 }), (found) => {
        const told = entries(found);
        const read: JournalEntry[] = [];
        for (let at = 0; at < told.length;) {
          const { message, taken } = journalBatch(told.slice(at));
          expect(taken).toBeGreaterThan(0);
          const text = wire.encode(message);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(wire.limits.messageBytesMax);
          const parsed = wire.parse(wire.journal, text);
          if (!parsed.ok) throw new Error(parsed.problem);
          at += taken;
          expect(parsed.message.more).toBe(at < told.length);
          read.push(...journalEntriesOf(parsed.message));
        }
        expect(read).toEqual(told);
      }),
      { numRuns: 50 },
    );
  });

  test("[P37] a message takes 200 entries and 16 boots, and says that more follow", () => {
    const own = { ...journalEntriesOf(journal)[0]!, bootId: "b" };
    const many = Array.from({ length: 201 }, (_, index) => ({ ...own, sequence: index + 1 }));
    expect(journalBatch(many).taken).toBe(200);
    expect(journalBatch(many).message.more).toBe(true);
    expect(journalBatch(many.slice(0, 200)).message.more).toBe(false);
    expect(journalBatch(many.slice(0, 200), true).message.more).toBe(true);
    const boots = many.map((one) => ({ ...one, bootId: `boot-${one.sequence}` }));
    expect(journalBatch(boots).taken).toBe(16);
    expect(() => journalBatch([])).toThrow("assertion failed");
  });

  test("[P37] the greatest message there can be fits into 64 KiB", () => {
    // No number that is allowed is written with more characters.
    const longest = 2.2250738585072014e-308;
    const own: JournalEntry = {
      sequence: 0,
      ageMs: longest,
      bootId: "",
      event: "start",
      lateMs: longest,
      sleptMs: longest,
      link: "down",
      gateway: "failed",
      dns: "failed",
      internet: "failed",
      collector: "unreachable",
    };
    const greatest = Array.from({ length: 200 }, (_, index) => ({
      ...own,
      sequence: Number.MAX_SAFE_INTEGER - 200 + index,
      bootId: `${String(index % 16).padStart(2, "0")}${"\u{ffff}".repeat(126)}`,
    }));
    const { message, taken } = journalBatch(greatest);
    expect(taken).toBe(200);
    const text = wire.encode(message);
    expect(wire.parse(wire.journal, text).ok).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(wire.limits.messageBytesMax);
  });

  test("[P37] the core's entry and the wire's are one type", () => {
    const read: JournalEntry[] = journalEntriesOf(journal);
    const back: JournalEntry[] = read;
    expect(back.map(({ bootId }) => bootId)).toEqual([
      journal.bootIds[0],
      journal.bootIds[0],
      journal.bootIds[1],
    ]);
    expect(back[0]).toMatchObject({ lateMs: 0, sleptMs: 0, link: "unknown", gateway: "unknown" });
  });
});
