/**
 * The codec: what it refuses to write, and what it refuses to believe.
 */
import { describe, expect, test } from "vitest";
import {
  currentSchema,
  decodeDocument,
  encodeDocument,
  encodeDocumentNow,
  encodeRecord,
  type Schema,
} from "../../collector/storage/codec.ts";
import { emptySeal, extendSeal, sealLine } from "../../collector/storage/seal.ts";
import { createTableDocument } from "../../collector/storage/table-document.ts";

const sealed = (text: string): Uint8Array => {
  const body = Buffer.from(text);
  return Buffer.concat([body, sealLine(extendSeal(emptySeal, body))]);
};
const decode = (text: string, schema: Schema = currentSchema) =>
  decodeDocument(sealed(text), "detak-state", ["shelf"], schema);
const bodyOf = (version: number, tables: string): string =>
  `{"format":"detak-state","version":${version},"tables":${tables},\n`;

describe("a record", () => {
  test.each([
    ["NaN", Number.NaN],
    ["Infinity", { deep: [Number.POSITIVE_INFINITY] }],
    ["undefined", undefined],
    ["undefined", [undefined]],
    ["Date", new Date(0)],
    ["Map", { map: new Map() }],
    ["function", { act: () => 1 }],
    ["bigint", 1n],
    ["symbol", Symbol("s")],
  ])("[ST6] with %s in it is refused, for JSON would not give it back", (what, value) => {
    expect(() => encodeRecord(value)).toThrow(`${what} can't be stored`);
  });

  test("[ST6] may leave out a field by undefined", () => {
    expect(encodeRecord({ a: 1, b: undefined })).toBe('{"a":1}');
  });
});

describe("a document", () => {
  test("[ST6] is JSON with one record a line", async () => {
    const document = createTableDocument(["site", "shelf"]);
    document.put("shelf", "a", "1");
    document.put("shelf", 'b"', '{"x":[]}');
    const body = Buffer.concat(await encodeDocument(document, "detak-state", 1));
    const text = Buffer.concat([body, sealLine(extendSeal(emptySeal, body))]).toString();
    expect(text.split("\n").slice(0, -2)).toEqual([
      '{"format":"detak-state","version":1,"tables":{',
      '"site":[],',
      '"shelf":[',
      '["a",1],',
      '["b\\"",{"x":[]}]]},',
    ]);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["format", "version", "tables", "seal"]);
  });

  test("[ST6] uses the bytes of untouched pages again, and only of those", () => {
    const document = createTableDocument(["shelf"]);
    for (let index = 0; index < 200; index++)
      document.put("shelf", `k${index}`, JSON.stringify("x".repeat(1_000)));
    const before = encodeDocumentNow(document, "detak-state", 1);
    document.put("shelf", "k3", "3");
    document.put("shelf", "k4", JSON.stringify("x".repeat(1_000))); // The same text: nothing changed.
    const after = encodeDocumentNow(document, "detak-state", 1);
    const pages = before.filter((chunk) => chunk.byteLength > 10_000);
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter((page) => !after.includes(page))).toHaveLength(1);
  });

  test("[ST6] keeps no page of records that are gone", () => {
    const document = createTableDocument(["shelf"]);
    for (let round = 0; round < 50; round++) {
      for (let index = 0; index < 100; index++)
        document.put("shelf", `${round}/${index}`, '"' + "x".repeat(500) + '"');
      for (let index = 0; index < 100; index++) document.put("shelf", `${round}/${index}`, null);
    }
    expect(document.keyCount("shelf")).toBe(0);
    expect([...document.pages("shelf")]).toEqual([]);
  });

  test.each([
    ["it is not JSON of the store", '{"format":\n'],
    ["it is not JSON of the store", "\n"],
    ["it is another kind of file", '{"format":"detak-latest","version":1,"tables":{},\n'],
    ["its version is not a number", '{"format":"detak-state","version":"1","tables":{},\n'],
    ["its version is not a number", bodyOf(0, "{}")],
    ["its tables have a wrong shape", bodyOf(1, "[]")],
    ["its tables have a wrong shape", bodyOf(1, '{"shelf":{}}')],
    ["its tables have a wrong shape", bodyOf(1, '{"shelf":[["a"]]}')],
    ["its tables have a wrong shape", bodyOf(1, '{"shelf":[[1,2]]}')],
    ["a record stands twice in its table shelf", bodyOf(1, '{"shelf":[["a",1],["a",2]]}')],
  ])("[ST11] with a right checksum but a wrong shape is damaged: %s", (why, text) => {
    expect(decode(text)).toEqual({ type: "damaged", why });
  });

  test("[ST10] with a table nobody knows is too new", () => {
    expect(decode(bodyOf(1, '{"shelf":[],"moon":[]}'))).toEqual({ type: "too_new", version: 1 });
  });

  test("[ST10] of a version that no migration reads any more is damaged, and says so", () => {
    const schema: Schema = { version: 3, migrations: [{ fromVersion: 2, migrate: (document) => document }] };
    expect(decode(bodyOf(1, "{}"), schema)).toEqual({
      type: "damaged",
      why: "its version 1 is too old to be read",
    });
    expect(decode(bodyOf(2, "{}"), schema).type).toBe("whole");
    expect(decode(bodyOf(4, "{}"), schema)).toEqual({ type: "too_new", version: 4 });
  });

  test("[ST2] of many megabytes is encoded in many turns of the event loop", async () => {
    const document = createTableDocument(["shelf"]);
    for (let index = 0; index < 8_000; index++)
      document.put("shelf", `k${index}`, '"' + "x".repeat(1_000) + '"');
    let turns = 0;
    let encoding = true;
    const count = (): void => {
      turns++;
      if (encoding) setImmediate(count);
    };
    setImmediate(count);
    await encodeDocument(document, "detak-state", 1);
    encoding = false;
    expect(turns).toBeGreaterThan(40);
  });
});
