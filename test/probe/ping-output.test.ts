/**
 * The readers of `ping` and `fping` against recorded output.
 * Must not: start a program; icmp.test.ts does.
 */
import { describe, expect, it } from "vitest";
import { hasReply, readFping, readPing } from "../../shared/probe/ping-output.ts";
import { fpingRecordings, pingRecordings } from "./recordings.ts";

describe("what ping printed", () => {
  it.each(pingRecordings)("$name: $means.verdict, $means.detail", (recording) => {
    expect(readPing(recording.stdout, recording.stderr ?? "", recording.address)).toEqual(recording.means);
  });

  it("a reply counts as soon as its line is whole, and not before", () => {
    const line = "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.346 ms\n";
    for (let length = 0; length < line.length; length += 1)
      expect(hasReply(line.slice(0, length), "10.0.0.2"), line.slice(0, length)).toBe(false);
    expect(hasReply(line, "10.0.0.2")).toBe(true);
  });
});

describe("what fping printed", () => {
  it.each(fpingRecordings)("$name", (recording) => {
    const reading = readFping(recording.stdout, recording.stderr, recording.addresses);
    expect(Object.fromEntries(reading.answers)).toEqual(recording.means);
    expect(reading.otherAddressSeen).toBe(recording.otherAddressSeen);
  });

  it("of an address that was not asked nothing is believed", () => {
    const reading = readFping("10.0.0.1 is alive (1 ms)\n", "", ["10.0.0.2"]);
    expect(reading.answers.size).toBe(0);
  });
});
