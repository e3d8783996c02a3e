/**
 * Broken rules as sentences beside the fields of a form, and forms as the values that the rules read.
 * Must not: hold rules of its own.
 */
import type * as z from "zod";
import type { Texts } from "./i18n/id.ts";
import type { Problems } from "./parts/controls.tsx";

export function issueSentence(texts: Texts, issue: z.core.$ZodIssue): string {
  const { field } = texts;
  if (issue.message.startsWith("rule:")) {
    const rule = issue.message.slice("rule:".length);
    const text = Object.hasOwn(field, rule) ? field[rule as keyof typeof field] : undefined;
    if (typeof text === "string") return text;
  }
  switch (issue.code) {
    case "too_big":
      return issue.origin === "string" || issue.origin === "array"
        ? field.tooLong(Number(issue.maximum))
        : field.atMost(Number(issue.maximum));
    case "too_small":
      return issue.origin === "string" ? field.required : field.atLeast(Number(issue.minimum));
    case "invalid_type":
      return issue.expected === "number" ? field.number : field.required;
    default:
      return field.choice;
  }
}

/** `["check", "port"]` is the field `checkPort`; places in a list are part of its one field. */
function fieldName([first, second]: readonly PropertyKey[]): string {
  const name = String(first ?? "");
  return typeof second === "string" ? name + second.slice(0, 1).toUpperCase() + second.slice(1) : name;
}

/** One sentence for each field; `order` is how the fields stand in the form. */
export function problemsOf(texts: Texts, error: z.ZodError, order: readonly string[] = []): Problems {
  const found = new Map<string, string>();
  for (const issue of error.issues) {
    const name = fieldName(issue.path);
    if (!found.has(name)) found.set(name, issueSentence(texts, issue));
  }
  return new Map([...found].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** "22, 443" → [22, 443]; what is no number stays NaN and breaks its rule. */
export function numbersOf(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : Number.NaN));
}

/** "-7,2575" and "-7.2575" are the same number; empty is null; else a text that breaks its rule. */
export function numberOf(text: string): number | string | null {
  if (text === "") return null;
  return /^[+-]?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : text;
}

export function wordsOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
