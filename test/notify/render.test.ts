/**
 * What people read: golden transcripts in both languages, to be read as the person who is woken by them.
 */
import { describe, expect, it } from "vitest";
import type { Language, Recipient } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import type { Telling } from "../../collector/notify/channel.ts";
import { render } from "../../collector/notify/rendering/render.ts";
import { renderPlain } from "../../collector/notify/rendering/plain.ts";
import { DETECTED_MS, recipient, telling } from "./fixtures.ts";
import { STORIES, type Story } from "./stories.ts";
import { CAUSES, ended, REACHES } from "./stories-kinds.ts";
import { shown } from "./stories-shown.ts";
import { SEVERAL_STORIES, TELLING_STORIES } from "./stories-telling.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];

function told({
  message: changes,
  reason = "first",
  repeat = false,
  queuedWallMs,
}: Omit<Story, "title">): Telling {
  const queued = queuedWallMs ?? changes.endedWallMs ?? changes.detectedWallMs ?? DETECTED_MS;
  return telling(changes, { reason, repeat, queuedWallMs: queued });
}
const shownStory = (story: Omit<Story, "title">, language: Language) =>
  shown(render([told(story)], recipient({ ...story.to, language })));
const shownMessage = (message: Partial<Message>, language: Language, to: Partial<Recipient> = {}) =>
  shownStory({ message, to }, language);
const transcript = (blocks: readonly { readonly title: string; readonly text: string }[]) =>
  blocks.map(({ title, text }) => `── ${title}\n${text}\n`).join("\n");

describe("golden transcripts", () => {
  for (const language of LANGUAGES) {
    it(`every kind, variant, end and notice reads as it should in ${language}`, async () => {
      const text = transcript(
        STORIES.map((story) => ({ title: story.title, text: shownStory(story, language) })),
      );
      await expect(text).toMatchFileSnapshot(`golden/messages.${language}.txt`);
    });

    it(`handling, reminders, announcements, summaries, several in one: as they should be in ${language}`, async () => {
      const text = transcript([
        ...TELLING_STORIES.map((story) => ({ title: story.title, text: shownStory(story, language) })),
        ...SEVERAL_STORIES.map(({ title, tellings, to }) => ({
          title,
          text: shown(render(tellings, recipient({ ...to, language }))),
        })),
      ]);
      await expect(text).toMatchFileSnapshot(`golden/telling.${language}.txt`);
    });

    it(`without markup, buttons and signs it reads as it should in ${language}`, async () => {
      const to = recipient({ language, channel: "ntfy", address: "https://ntfy.sh/topic" });
      const plain = (tellings: readonly [Telling, ...Telling[]]) => {
        const { title, text } = renderPlain(tellings, to);
        return `${title}\n${text}`;
      };
      const text = transcript([
        ...[...STORIES.slice(0, 7), ...TELLING_STORIES]
          .filter((story) => story.to === undefined)
          .map((story) => ({ title: story.title, text: plain([told(story)]) })),
        ...SEVERAL_STORIES.map(({ title, tellings }) => ({ title, text: plain(tellings) })),
      ]);
      await expect(text).toMatchFileSnapshot(`golden/plain.${language}.txt`);
    });

    it(`every cause reads as it should in ${language}, at the alert and after`, async () => {
      const line = (changes: Partial<Message>, index: number) =>
        shownMessage({ panelUrl: null, evidence: [], ...changes }, language).split("\n")[index] ?? "";
      const text = CAUSES.map((cause) =>
        [
          `── ${cause}`,
          ...(["high", "medium", "low"] as const).map((confidence) => line({ cause, confidence }, 1)),
          line(ended("recovered", 12, { finalCause: cause }), 2),
        ].join("\n"),
      ).join("\n");
      await expect(`${text}\n`).toMatchFileSnapshot(`golden/causes.${language}.txt`);
    });

    it(`whatever an agent said of the collector is a sentence of its own in ${language}`, () => {
      const said = REACHES.map((problem) => {
        const evidence = [
          { type: "journal", finding: { type: "collector", problem }, wallMs: DETECTED_MS },
        ] as const;
        return shownMessage(ended("recovered", 12, { evidence }), language).split("\n")[3] ?? "";
      });
      expect(new Set(said).size).toBe(REACHES.length);
      for (const line of said) expect(line).toMatch(/^🔎 .{20,}$/u);
    });
  }
});
