/** Names in pictures: whatever an agent sends, it stays one short line. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostile } from "./hostile.ts";
import { cleanName, fittedName, widthOf } from "../../collector/report/names.ts";

describe("a name in a picture", () => {
  it("is one line without controls, halves of letters or marks that turn text around", () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const clean = cleanName(name);
        expect(clean).not.toBe("");
        expect(clean).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u);
        expect(clean.length).toBeLessThanOrEqual(200 * 8);
        expect(cleanName(clean)).toBe(clean);
      }),
    );
  });

  it("fits its width, by the estimate", () => {
    fc.assert(
      fc.property(
        hostile,
        fc.integer({ min: 40, max: 800 }),
        fc.integer({ min: 20, max: 60 }),
        (name, width, size) => {
          const fitted = fittedName(name, width, size);
          expect(
            fitted === "…" || fitted === "…\u200f" || widthOf(fitted.replace("\u200f", ""), size) <= width,
          ).toBe(true);
        },
      ),
    );
  });

  it("stays as it is when it is short and good", () => {
    for (const name of ["srv-kasir-01", "Cabang Ujung Pandang (2)", "Łódź", "الفرع", "中文"]) {
      expect(cleanName(name)).toBe(name);
      expect(fittedName(name, 700, 48, true)).toBe(name);
    }
  });

  it("is cut with an ellipsis, which stands at the left of a name that is read from there", () => {
    expect(fittedName("W".repeat(300), 370, 30)).toMatch(/^W{5,15}…$/u);
    expect(fittedName("الفرع ".repeat(60), 370, 30)).toMatch(/…\u200f$/u);
  });

  it("costs no time, however long it is", () => {
    expect(cleanName("\u0301".repeat(5_000_000)).length).toBeLessThan(900);
  });
});
