/**
 * Names as an agent or a person may send them: letters, marks, controls, half surrogates, what turns text around.
 * Must not: be kind.
 */
import fc from "fast-check";

export const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc
    .array(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      { maxLength: 300 },
    )
    .map((all) => all.join("")),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "\ud800",
    "\udc00\ud800",
    "\u202egnp.exe",
    "<svg/onload=alert(1)>",
    "&amp;]]>",
    "a\u0300".repeat(200),
    `e${"\u0301".repeat(5_000)}`,
    "W".repeat(300),
    "اسم طويل جدا ".repeat(30),
  ),
);
