/**
 * Inline search: `@bot kasir` in any chat shows servers by name, to people of the staff.
 * Must not: show anything to anybody else, or be kept by Telegram for longer than it is true.
 */
import type { InlineQueryResult } from "node-telegram-bot-api";
import type { AnswerSetting } from "../rendering/answer-facts.ts";
import { renderAnswer } from "../rendering/answers.ts";
import type { Desk } from "./desk.ts";
import type { Incoming } from "./incoming.ts";
import { isStaff } from "./people.ts";
import type { Speaker } from "./speaker.ts";

/** As many as a person looks at. */
const RESULTS_MAX = 10;
/** Telegram keeps an answer so long, s. */
const CACHE_SECONDS = 5;

export function createSearch(desk: Desk, speaker: Speaker) {
  return async ({ queryId, text, person }: Extract<Incoming, { readonly type: "search" }>): Promise<void> => {
    const recipient = isStaff(desk.recipients(), person);
    const results: InlineQueryResult[] = [];
    for (const { id } of recipient ? desk.findServers(text).slice(0, RESULTS_MAX) : []) {
      const found = await desk.server(id);
      if (!found || !recipient) continue;
      const setting: AnswerSetting = {
        language: recipient.language,
        timeZone: found.timeZone,
        nowMs: desk.now(),
      };
      const rendered = renderAnswer({ type: "server", server: found.facts }, setting);
      const [title = found.facts.name, ...rest] = rendered.text.split("\n");
      results.push({
        type: "article",
        id: id.slice(0, 64),
        title,
        description: rest.find((line) => line !== "") ?? "",
        input_message_content: { message_text: rendered.html, parse_mode: "HTML" },
      });
    }
    await speaker.ask("search", (api, signal) =>
      api.answerInlineQuery(
        { inline_query_id: queryId, results, cache_time: CACHE_SECONDS, is_personal: true },
        signal,
      ),
    );
  };
}
