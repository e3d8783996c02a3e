/**
 * The worked example of PROTOCOL.md, made again from its seeds, and what transcripts must never allow.
 * Must not: take a value from the example that it does not first compute.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as proof from "../../shared/proof.ts";
import type { Enroll, Enrolled, Hello, Prove, Welcome } from "../../shared/wire.ts";

const protocol = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"));

interface Listed {
  readonly bytes: number;
  readonly sha256: string;
  readonly hex?: string;
}
const listed = golden("transcripts") as Record<
  "enroll" | "enrollToken" | "enrolled" | "prove" | "welcome",
  Listed
> &
  Record<"collectorSeedHex" | "agentSeedHex" | "secret" | "secretHash", string>;
const hello = golden("hello") as Hello;
const enroll = golden("enroll") as Enroll;
const enrolled = golden("enrolled") as Enrolled;
const prove = golden("prove") as Prove;
const welcome = golden("welcome") as Welcome;

/** PKCS#8's fixed head of an Ed25519 private key, then the seed. */
function keyOf(seedHex: string): KeyObject {
  const der = Buffer.from(`302e020100300506032b657004220420${seedHex}`, "hex");
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
const collectorPrivate = keyOf(listed.collectorSeedHex);
const agentPrivate = keyOf(listed.agentSeedHex);
const publicOf = (key: KeyObject): string | undefined => createPublicKey(key).export({ format: "jwk" }).x;
const secretHash = createHash("sha256").update(listed.secret).digest();
const signed = (key: KeyObject, bytes: Uint8Array): string => sign(null, bytes, key).toString("base64url");
const authenticated = (bytes: Uint8Array): string =>
  createHmac("sha256", secretHash).update(bytes).digest("base64url");

/** Reads a transcript back by its lengths, independently of how it was written. */
function fieldsOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const fields: string[] = [];
  let offset = 0;
  while (offset < buffer.length) {
    const length = buffer.readUInt32BE(offset);
    fields.push(buffer.subarray(offset + 4, offset + 4 + length).toString("utf8"));
    offset += 4 + length;
  }
  return fields;
}

describe("transcripts", () => {
  const made = {
    enroll: proof.enrollTranscript(hello, enroll),
    enrollToken: proof.enrollTokenTranscript(hello, enroll),
    enrolled: proof.enrolledTranscript(hello, enroll, enrolled.serverId),
    prove: proof.proveTranscript(hello, prove),
    welcome: proof.welcomeTranscript(hello, prove, welcome),
  };

  test.each(Object.keys(made) as (keyof typeof made)[])(
    "[P32] %s has the bytes of the worked example",
    (name) => {
      expect(made[name].length).toBe(listed[name].bytes);
      expect(createHash("sha256").update(made[name]).digest("hex")).toBe(listed[name].sha256);
      expect(protocol).toContain(`${listed[name].bytes} bytes`);
      expect(protocol).toContain(listed[name].sha256);
    },
  );

  test("[P32] prove is its domain and fields, each after its length", () => {
    expect(Buffer.from(made.prove).toString("hex")).toBe(listed.prove.hex);
    expect(protocol.replace(/\s/g, "")).toContain(listed.prove.hex);
    expect(fieldsOf(made.prove)).toEqual([
      "detak.v1 prove",
      "1",
      "1",
      hello.collectorKey,
      hello.collectorNonce,
      "1",
      prove.agentKey,
      prove.agentNonce,
      prove.bootId,
      prove.agentVersion,
    ]);
  });

  test("[P32] the example's keys, signatures and macs come from its seeds", () => {
    expect(publicOf(collectorPrivate)).toBe(hello.collectorKey);
    expect(publicOf(agentPrivate)).toBe(enroll.agentKey);
    expect(secretHash.toString("base64url")).toBe(listed.secretHash);
    expect(signed(agentPrivate, made.enroll)).toBe(enroll.signature);
    expect(authenticated(made.enrollToken)).toBe(enroll.mac);
    expect(authenticated(made.enrolled)).toBe(enrolled.mac);
    expect(signed(agentPrivate, made.prove)).toBe(prove.signature);
    expect(signed(collectorPrivate, made.welcome)).toBe(welcome.signature);
    expect(protocol).toContain(`token_0001.${listed.secret}`);
    expect(protocol).toContain(listed.secretHash);
  });

  test("[P32] PROTOCOL.md shows the example's messages as they are in the golden files", () => {
    const shown = [...protocol.matchAll(/```json\n(\{\n[\s\S]*?\n\})\n```/g)].map(
      (match) => JSON.parse(match[1] ?? "") as unknown,
    );
    expect(shown).toEqual([hello, enroll, enrolled, prove, welcome]);
  });

  test("[P32] no two lists of fields make the same bytes", () => {
    const list = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.nat()), { maxLength: 6 });
    fc.assert(
      fc.property(fc.string(), list, fc.string(), list, (domainA, a, domainB, b) => {
        const same = Buffer.from(proof.transcript(domainA, a)).equals(proof.transcript(domainB, b));
        const sameFields =
          JSON.stringify([domainA, ...a].map(String)) === JSON.stringify([domainB, ...b].map(String));
        expect(same).toBe(sameFields);
      }),
    );
  });

  test("[P32] moving the border between two fields makes other bytes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), (text, at, otherAt) => {
        const [i, j] = [at % (text.length + 1), otherAt % (text.length + 1)];
        fc.pre(i !== j);
        const split = (k: number): Uint8Array => proof.transcript("d", [text.slice(0, k), text.slice(k)]);
        expect(split(i)).not.toEqual(split(j));
      }),
    );
  });

  test("[P32] what is written is read back by the lengths", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.array(fc.string({ unit: "grapheme" })),
        (domain, fields) => {
          expect(fieldsOf(proof.transcript(domain, fields))).toEqual([domain, ...fields]);
        },
      ),
    );
  });

  test("[P15] a changed hello changes every transcript", () => {
    for (const change of [
      { versionMin: 2 },
      { versionCurrent: 2 },
      { collectorKey: enroll.agentKey },
      { collectorNonce: enroll.agentNonce },
    ]) {
      const other = { ...hello, ...change };
      expect(proof.enrollTranscript(other, enroll)).not.toEqual(made.enroll);
      expect(proof.enrollTokenTranscript(other, enroll)).not.toEqual(made.enrollToken);
      expect(proof.enrolledTranscript(other, enroll, "server_0001")).not.toEqual(made.enrolled);
      expect(proof.proveTranscript(other, prove)).not.toEqual(made.prove);
      expect(proof.welcomeTranscript(other, prove, welcome)).not.toEqual(made.welcome);
    }
  });

  test("no transcript is good for another purpose: their domains differ", () => {
    const domains = Object.values(made).map((bytes) => fieldsOf(bytes)[0]);
    expect(new Set(domains).size).toBe(5);
    expect(domains).toEqual(Object.values(proof.proofDomains));
  });
});
