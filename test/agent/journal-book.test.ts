/**
 * What the collector is owed: gaps, restarts, reboots, deliveries that were cut off.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collectorReach,
  nextRecord,
  openBook,
  problemReach,
  reachWithName,
  withDebt,
  withDelivery,
  type JournalBook,
  type JournalFacts,
} from "../../agent/journal-book.ts";
import type { JournalRecord } from "../../agent/journal-record.ts";
import type { Problem, ProblemCode, SessionState } from "../../agent/session-types.ts";
import { record } from "./journal-fixtures.ts";
import { driven, nowMs, serving, started, states } from "./session-fixtures.ts";

const intervalMs = 15_000;

/** A host with its journal kept in memory: what a simulator does, and what the store does on a disk. */
class Host {
  readonly kept: JournalRecord[] = [];
  atMs = 0;
  bootedAtMs = 0;
  boot = 1;
  book: JournalBook = openBook("boot-1", { newest: null, acknowledged: null });

  constructor() {
    this.write("start", "unknown");
  }

  private get bootMs(): number {
    return this.atMs - this.bootedAtMs;
  }

  private write(event: JournalFacts["event"], collector: JournalFacts["collector"]): void {
    const { book, record: written } = nextRecord(this.book, {
      event,
      bootMs: this.bootMs,
      wallMs: this.atMs,
      lateMs: 0,
      sleptMs: 0,
      link: "up",
      gateway: "unknown",
      dns: "unknown",
      internet: "unknown",
      collector,
    });
    this.book = book;
    this.kept.push(written);
  }

  ticks(count: number, collector: JournalFacts["collector"]): this {
    for (let tick = 0; tick < count; tick += 1) {
      this.atMs += intervalMs;
      this.write("tick", collector);
    }
    return this;
  }

  away(forMs: number): this {
    this.atMs += forMs;
    return this;
  }

  /** The program again, on the same boot or another. */
  start(reboots: boolean): this {
    if (reboots) {
      this.boot += 1;
      this.bootedAtMs = this.atMs;
    }
    this.book = openBook(`boot-${this.boot}`, {
      newest: this.kept.at(-1) ?? null,
      acknowledged: this.kept.findLast((one) => one.collector === "ok") ?? null,
    });
    this.write("start", "unknown");
    return this;
  }

  /** A session's first ack came: what is owed, as numbers. */
  owed(): number[] {
    this.book = withDebt(this.book, this.bootMs, intervalMs);
    const { owedFrom } = this.book;
    return owedFrom === null
      ? []
      : this.kept.filter((one) => one.sequence >= owedFrom).map((one) => one.sequence);
  }

  /** Takes in what is owed, up to `count` entries. */
  deliver(count = Number.POSITIVE_INFINITY): number[] {
    const owed = this.owed();
    const sent = owed.slice(0, count);
    const last = sent.at(-1);
    if (last !== undefined)
      this.book = withDelivery(this.book, last, sent.length === owed.length, this.bootMs);
    return sent;
  }
}

describe("what is owed", () => {
  test("a program that has just started owes its start, once", () => {
    const host = new Host();
    expect(host.deliver()).toEqual([1]);
    expect(host.owed()).toEqual([]);
  });

  test("[P37] a gap of 2 η and more is told from 2 records before the last acknowledged one, a shorter one is not", () => {
    const host = new Host();
    host.deliver();
    host.ticks(5, "ok");
    // Sequences 2 to 6 were acknowledged; the record after the last ack may be among them.
    expect(host.ticks(1, "timeout").owed()).toEqual([]);
    expect(host.ticks(1, "timeout").owed()).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test("a session that comes and goes without a gap owes nothing", () => {
    const host = new Host();
    host.deliver();
    for (let session = 0; session < 5; session += 1) expect(host.ticks(3, "ok").owed()).toEqual([]);
  });

  test("sleep counts as a gap although the monotonic clock stood still", () => {
    const host = new Host();
    host.deliver();
    expect(host.ticks(5, "ok").away(7_200_000).owed()).toEqual([3, 4, 5, 6]);
  });

  test("[P37] a restart is told even when it took no time, and so is a reboot", () => {
    for (const reboots of [false, true]) {
      const host = new Host();
      host.deliver();
      host.ticks(5, "ok").away(1_000).start(reboots);
      expect(host.owed()).toEqual([3, 4, 5, 6, 7]);
      expect(host.kept.at(-1)).toMatchObject({ event: "start", bootId: reboots ? "boot-2" : "boot-1" });
    }
  });

  test("what an ended session left over is told in the next, also after a restart", () => {
    const host = new Host();
    host.deliver();
    host.ticks(5, "ok").ticks(10, "unreachable");
    expect(host.deliver(4)).toEqual([3, 4, 5, 6]);
    // Acknowledged again, but the telling was cut off: no new gap is needed to go on.
    expect(host.ticks(1, "ok").owed()[0]).toBe(7);
    expect(host.start(false).owed()[0]).toBe(7);
    expect(host.deliver()).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    expect(host.owed()).toEqual([]);
  });

  test("a gap that was told is not told again by a session that follows at once", () => {
    const host = new Host();
    host.deliver();
    host.ticks(5, "ok").ticks(10, "unreachable");
    expect(host.deliver()).toHaveLength(14);
    expect(host.away(5_000).owed()).toEqual([]);
    expect(host.ticks(3, "timeout").owed()[0]).toBe(13);
  });

  test("an acknowledgement of less than was owed, or an old one, takes nothing away", () => {
    const book: JournalBook = { bootId: "b", sequence: 20, acknowledged: null, owedFrom: 10 };
    expect(withDelivery(book, 9, false, 1)).toBe(book);
    expect(withDelivery(book, 12, false, 1).owedFrom).toBe(13);
    expect(withDelivery(book, 20, true, 1).owedFrom).toBeNull();
  });

  test("a journal that was never acknowledged owes everything", () => {
    const host = new Host().ticks(30, "name").start(true).ticks(3, "name");
    expect(host.owed()).toHaveLength(35);
  });

  test("whatever happens, every record of a gap that lasted is told in the end, in order and at least once", () => {
    const moves = fc.oneof(
      fc.record({ do: fc.constant("heard" as const), ticks: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ do: fc.constant("unheard" as const), ticks: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ do: fc.constantFrom("restart" as const, "reboot" as const), ticks: fc.constant(0) }),
      // A session that takes in only some, then breaks.
      fc.record({ do: fc.constant("partly" as const), ticks: fc.integer({ min: 0, max: 8 }) }),
    );
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 40 }), (sequence) => {
        const host = new Host();
        const told = new Set<number>();
        const must = new Set<number>([1]);
        let unheard: number[] = [];
        const take = (sent: readonly number[]): void => {
          expect([...sent].sort((one, other) => one - other)).toEqual(sent);
          for (const one of sent) told.add(one);
        };
        for (const move of sequence) {
          if (move.do === "unheard") {
            const from = host.kept.length;
            host.ticks(move.ticks, "timeout");
            unheard.push(...host.kept.slice(from).map((one) => one.sequence));
            if (unheard.length >= 3) for (const one of unheard) must.add(one);
          } else if (move.do === "heard") {
            take(host.deliver());
            host.ticks(move.ticks, "ok");
            unheard = [];
          } else if (move.do === "partly") {
            take(host.deliver(move.ticks));
            // It happened to be all: the collector has heard it, and a new gap begins.
            if (host.book.owedFrom === null) unheard = [];
          } else {
            host.away(1_000).start(move.do === "reboot");
            must.add(host.kept.length);
          }
        }
        take(host.deliver());
        for (const one of must) expect(told.has(one), `record ${one}`).toBe(true);
        expect(host.owed()).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a torn tail gives the next program an older book, and it owes more, never less", () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), (lost) => {
        const host = new Host();
        host.deliver();
        host.ticks(8, "ok").ticks(8, "timeout");
        host.kept.splice(Math.max(1, host.kept.length - lost));
        const newest = host.kept.at(-1)?.sequence ?? 0;
        host.start(true);
        expect(host.book.sequence).toBe(newest + 1);
        const firstUnheard = host.kept.find((one) => one.collector === "timeout");
        const owed = host.owed();
        expect(owed.at(-1)).toBe(newest + 1);
        if (firstUnheard !== undefined) expect(owed[0]).toBeLessThan(firstUnheard.sequence);
      }),
    );
  });

  test("the book takes over number and debt of the newest record", () => {
    const book = openBook("boot-9", { newest: record(41, { owedFrom: 7 }), acknowledged: record(41) });
    expect(book).toMatchObject({ sequence: 41, owedFrom: 7 });
  });
});

describe("how the agent stands with its collector", () => {
  const acked = states.open_acked;

  test("a tick is acknowledged as long as the newest ack is at most 5/3 η old, in whatever state", () => {
    expect(collectorReach(acked, nowMs, nowMs + 25_000)).toBe("ok");
    expect(collectorReach(acked, nowMs, nowMs + 25_001)).toBe("timeout");
    expect(collectorReach(states.dialing, nowMs, nowMs + 25_000)).toBe("ok");
  });

  test("a session that has just opened is not blamed for the silence before it", () => {
    const refused: SessionState = driven(serving, started, {
      type: "socket_closed",
      nowMs,
      link: 1,
      code: 1006,
      detail: "ECONNREFUSED",
    });
    expect(collectorReach(refused, null, nowMs)).toBe("refused");
    const open: SessionState = { ...states.open, standing: { ...refused.standing } };
    expect(collectorReach(open, null, nowMs + 1_000)).toBe("refused");
    expect(collectorReach(open, null, nowMs + 26_000)).toBe("timeout");
  });

  test("nothing tried yet is unknown", () => {
    expect(collectorReach(states.idle, null, nowMs)).toBe("unknown");
    expect(collectorReach(states.open, null, nowMs)).toBe("unknown");
  });

  const words: readonly (readonly [ProblemCode, string, number | undefined, string])[] = [
    ["not_reached", "ECONNREFUSED", undefined, "refused"],
    ["not_reached", "EHOSTUNREACH", undefined, "unreachable"],
    ["not_reached", "ENETUNREACH", undefined, "unreachable"],
    ["not_reached", "ENOTFOUND", undefined, "name"],
    ["not_reached", "EAI_AGAIN", undefined, "name"],
    ["not_reached", "ETIMEDOUT", undefined, "timeout"],
    ["not_reached", "CERT_HAS_EXPIRED", undefined, "certificate"],
    ["not_reached", "DEPTH_ZERO_SELF_SIGNED_CERT", undefined, "certificate"],
    ["not_reached", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", undefined, "certificate"],
    ["not_reached", "ERR_TLS_CERT_ALTNAME_INVALID", undefined, "certificate"],
    ["not_reached", "ERR_SSL_WRONG_VERSION_NUMBER", undefined, "proxy"],
    ["not_reached", "HTTP 407", undefined, "proxy"],
    ["not_reached", "HTTP 502", undefined, "proxy"],
    ["not_reached", "HTTP 503", undefined, "rejected"],
    ["not_reached", "HPE_INVALID_CONSTANT", undefined, "proxy"],
    ["not_reached", "ECONNRESET", undefined, "unknown"],
    ["dial_timed_out", "no answer", undefined, "timeout"],
    ["opening_timed_out", "", undefined, "timeout"],
    ["ack_missing", "", undefined, "timeout"],
    ["collector_key_wrong", "", undefined, "certificate"],
    ["collector_proof_wrong", "", undefined, "certificate"],
    ["version_unknown", "", undefined, "rejected"],
    ["garbage", "", undefined, "proxy"],
    ["closed", "", 4410, "rejected"],
    ["closed", "", 4409, "rejected"],
    ["closed", "", 4503, "unknown"],
    ["closed", "", 1006, "unknown"],
    ["stalled", "", undefined, "unknown"],
    ["slept", "", undefined, "unknown"],
  ];
  test.each(words)("%s %s %s is %s", (code, detail, closeCode, expected) => {
    const problem: Problem = { code, detail, ...(closeCode === undefined ? {} : { closeCode }) };
    expect(problemReach(problem)).toBe(expected);
  });

  test("a dial that ran out of time while the name was not found failed for the name", () => {
    expect(reachWithName("timeout", "failed")).toBe("name");
    expect(reachWithName("timeout", "ok")).toBe("timeout");
    expect(reachWithName("refused", "failed")).toBe("refused");
  });
});
