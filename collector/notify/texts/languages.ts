/**
 * The texts of a language.
 * Must not: guess a language; a recipient has one, and for strangers there is the setting.
 */
import type { Language } from "../../core/types/registry.ts";
import { en } from "./en.ts";
import { id } from "./id.ts";
import type { Texts } from "./texts.ts";

const TEXTS: Readonly<Record<Language, Texts>> = { id, en };

export function textsOf(language: Language): Texts {
  return TEXTS[language];
}
