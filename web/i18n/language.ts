/**
 * Which language a person reads, and the words for machine words.
 * Order: the person's own choice, the browser's wish, the collector's setting.
 * Must not: invent a text for a machine word it does not know; it shows the word itself, readable.
 */
import type { Language } from "../source.ts";
import { en } from "./en.ts";
import { id, type Texts } from "./id.ts";

export function textsOf(language: Language): Texts {
  return language === "en" ? en : id;
}

export function isLanguage(value: unknown): value is Language {
  return value === "id" || value === "en";
}

/** The first language of `Accept-Language` (by weight) that the panel speaks, or null. */
export function acceptedLanguage(header: string | undefined): Language | null {
  const wishes = (header ?? "").split(",", 20).map((part, index) => {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
    const quality = parameters.map((text) => /^\s*q=([\d.]+)/.exec(text)?.[1]).find(Boolean);
    return { code: tag.split("-")[0] ?? "", weight: quality === undefined ? 1 : Number(quality), index };
  });
  wishes.sort((a, b) => b.weight - a.weight || a.index - b.index);
  // `in` is Indonesian's old code; some Android browsers still send it.
  const codes = wishes.filter(({ weight }) => weight > 0).map(({ code }) => (code === "in" ? "id" : code));
  return codes.find(isLanguage) ?? null;
}

/** The text for a machine word, e.g. `word(texts.kind, "host_down")`. */
export function word(dictionary: Readonly<Record<string, string>>, machineWord: string): string {
  return Object.hasOwn(dictionary, machineWord)
    ? (dictionary[machineWord] ?? machineWord)
    : machineWord.replaceAll("_", " ");
}
