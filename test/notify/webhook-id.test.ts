/**
 * Rows' ids as webhook ids: safe to send, sign and keep; the same for one row, never the same for two.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WEBHOOK_ID_LENGTH_MAX, webhookId } from "../../collector/notify/webhook/webhook-id.ts";

/** Any UTF-16 text, lone surrogates too, and texts of just the characters that are rewritten. */
const anyId = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom("/", "_", "0", "2", "f", "a", "A", ".", "-", "é"), { maxLength: 12 })
    .map((all) => all.join("")),
  fc.string({ minLength: 200, maxLength: 400 }),
);

describe("a webhook id", () => {
  it("is short and of letters, digits, - and _, whatever the row is called", () => {
    fc.assert(
      fc.property(anyId, (row) => {
        const id = webhookId(row);
        expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(id.length).toBeLessThanOrEqual(WEBHOOK_ID_LENGTH_MAX);
        expect(webhookId(row)).toBe(id);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is another one for another row", () => {
    fc.assert(
      fc.property(anyId, anyId, (one, other) => {
        fc.pre(one !== other);
        expect(webhookId(one)).not.toBe(webhookId(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it("can be read back while it is not too long", () => {
    fc.assert(
      fc.property(anyId, (row) => {
        const id = webhookId(row);
        fc.pre(id.startsWith("msg_"));
        const read = id
          .slice(4)
          .replaceAll(/__|_([0-9a-f]{4})/g, (_, hex?: string) =>
            hex === undefined ? "/" : String.fromCharCode(Number.parseInt(hex, 16)),
          );
        expect(read).toBe(row);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is what people can read, for rows as they are", () => {
    expect(webhookId("i12/down/V1StGXR8_Z5j/webhook")).toBe("msg_i12__down__V1StGXR8_005fZ5j__webhook");
    expect(webhookId("site:3-1/flapping/r/webhook")).toBe("msg_site_003a3-1__flapping__r__webhook");
    expect(webhookId("")).toBe("msg_");
    expect(webhookId("x".repeat(400))).toMatch(/^msgh_[0-9a-f]{64}$/);
  });
});
