/**
 * What may be chosen for a recipient, in words: language, audience, channel, length.
 * Must not: hold what may not be chosen; the rules do (rules-telling.ts).
 */
import type { Texts } from "../i18n/id.ts";
import { word } from "../i18n/language.ts";
import { channelNames } from "../rules-telling.ts";
import type { Choice } from "./controls.tsx";

export const languageChoices: readonly Choice[] = [
  { value: "id", label: "Bahasa Indonesia" },
  { value: "en", label: "English" },
];

export function audienceChoices({ addRecipient }: Texts): readonly Choice[] {
  return [
    { value: "staff", label: addRecipient.audienceStaff },
    { value: "users", label: addRecipient.audienceUsers },
  ];
}

export function channelChoices(texts: Texts): readonly Choice[] {
  // A chat is better linked by a code: its id stands last.
  const names = [...channelNames.filter((name) => name !== "telegram"), "telegram"];
  return names.map((value) => ({ value, label: word(texts.channel, value) }));
}

export function detailChoices({ recipient }: Texts): readonly Choice[] {
  return [
    { value: "full", label: recipient.detailFull },
    { value: "short", label: recipient.detailShort },
  ];
}
