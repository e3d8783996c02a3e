/**
 * Which texts may be probed.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portTarget, probeAddress, sameAddress } from "../../shared/probe/address.ts";

describe("an address to probe", () => {
  it.each([
    ["10.0.4.2", { type: "ip", text: "10.0.4.2" }],
    [" 10.0.4.2 ", { type: "ip", text: "10.0.4.2" }],
    ["0:0:0:0:0:0:0:1", { type: "ip", text: "::1" }],
    ["FD00::2", { type: "ip", text: "fd00::2" }],
    ["fe80::1%eth0", { type: "ip", text: "fe80::1%eth0" }],
    ["::ffff:10.0.4.2", { type: "ip", text: "10.0.4.2" }],
    ["db.makassar.example", { type: "name", text: "db.makassar.example" }],
    ["localhost", { type: "name", text: "localhost" }],
    ["db.example.", { type: "name", text: "db.example" }],
    ["nas_2.local", { type: "name", text: "nas_2.local" }],
    ["büro.example", { type: "name", text: "xn--bro-hoa.example" }],
  ])("%j is one host's", (text, address) => {
    expect(probeAddress(text)).toEqual(address);
  });

  it.each([
    "",
    "-f",
    "--help",
    "-c 1",
    "10.0.4.2 -f",
    "10.0.4.2;reboot",
    "$(reboot)",
    "`reboot`",
    "a|b",
    "a&b",
    "a\nb",
    "a\u0000b",
    "a/b",
    "http://a",
    "a:80",
    "10.0.4",
    "10.0.4.256",
    "010.0.4.2",
    "1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "ff02::1",
    "fe80::1%",
    ".",
    "a..b",
    "-a.example",
    "a-.example",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}ab`,
  ])("%j is not", (text) => {
    expect(probeAddress(text)).toBeNull();
  });

  it("whatever is accepted cannot be taken for an option or be split by anything", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.domain(), fc.ipV4(), fc.ipV6()),
        (text) => {
          const address = probeAddress(text);
          if (address !== null) expect(address.text).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("the same address", () => {
  it.each([
    ["10.0.0.2", "10.0.0.2", true],
    ["10.0.0.2", "10.0.0.20", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["::ffff:10.0.0.2", "10.0.0.2", true],
    ["fe80::1%eth0", "fe80::1", true],
    ["fe80::1%eth0", "fe80::1%eth1", false],
    ["localhost", "localhost", false],
  ])("%s and %s: %s", (one, other, same) => {
    expect(sameAddress(one, other)).toBe(same);
  });
});

it("a port is written so that it can be read again", () => {
  expect(portTarget("10.0.4.2", 22)).toBe("10.0.4.2:22");
  expect(portTarget("fd00::2", 22)).toBe("[fd00::2]:22");
});
