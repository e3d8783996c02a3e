/**
 * Text and numbers as they must not be and yet will come: names from agents and people, figures from a broken clock.
 * Must not: know what they are put into.
 */
import fc from "fast-check";

export const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc.constantFrom(
    "<b>",
    "</b></i>",
    "&lt;&#60;",
    'a & b < c > d "e"',
    "\u0000\u0008\u001b[31m",
    "line\r\nbreak\u2028x",
    "\u202eevil\u202c",
    "\ufdd0quiet\ufdd1",
    "مكتب الفرع",
    "סניף",
    "סניף ".repeat(80),
    "👨‍👩‍👧‍👦".repeat(60),
    "é".normalize("NFD").repeat(300),
    "x".repeat(300),
    "\ud800 lone",
    " \t ",
    "",
    "@everyone",
    "/start abc",
    'https://evil.test/?a="><b>',
  ),
);

export const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, Infinity, -1, 0, 1e300));
