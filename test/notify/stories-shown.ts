/**
 * A rendered message as a person sees it: the text with its marks made visible, the buttons below, a reaction.
 * Why strict: what Telegram would refuse must fail here.
 * Must not: render by itself.
 */
import { textOf } from "../fakes/transcript.ts";
import { parseHtml } from "../fakes/telegram/entities.ts";
import type { Keyboard } from "../../collector/notify/rendering/keyboard.ts";
import type { Rendered } from "../../collector/notify/rendering/render.ts";

export function shownKeyboard(keyboard: Keyboard): string {
  return keyboard
    .map((row) =>
      row.map((button) => `[ ${button.text} → ${"url" in button ? button.url : button.data} ]`).join(" "),
    )
    .join("\n");
}

/** As Telegram reads the HTML. */
export function parsed(rendered: Pick<Rendered, "html">) {
  const text = parseHtml(rendered.html);
  if (!text.ok) throw new Error(text.description);
  return text;
}

export function shown(rendered: Rendered): string {
  const { text, entities } = parsed(rendered);
  const reaction = rendered.reaction === null ? "" : `(reaction: ${rendered.reaction})`;
  return [textOf(text, entities), shownKeyboard(rendered.keyboard), reaction].filter(Boolean).join("\n");
}

/** The keyboard as the Bot API takes it. */
export function markupOf(keyboard: Keyboard): unknown {
  return {
    inline_keyboard: keyboard.map((row) =>
      row.map((button) => ("url" in button ? button : { text: button.text, callback_data: button.data })),
    ),
  };
}
