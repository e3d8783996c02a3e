/**
 * Messages as data → a title and a text without markup, for channels that show both (ntfy).
 * Why not the chat's text: there are no buttons and no commands, and the channel has a mark of its own for what happened.
 * Must not: drop one of several messages, or speak of buttons.
 */
import type { Recipient } from "../../core/types/registry.ts";
import type { Telling } from "../channel.ts";
import { linesPlain, type Line } from "./markup.ts";
import { composed } from "./render.ts";

/** Bytes of a text that ntfy still shows as a message; written as JSON it takes at most twice that, with the title. */
const TEXT_BYTES_MAX = 4_096;
const JSON_BYTES_MAX = 7_000;

export interface PlainText {
  /** The first line without its sign. */
  readonly title: string;
  readonly text: string;
}

function split(lines: readonly Line[]): PlainText {
  const [head = [], ...rest] = lines;
  return {
    title: linesPlain([head]).replace(/^\p{Extended_Pictographic}\ufe0f?\s*/u, ""),
    text: linesPlain(rest),
  };
}

function fitsText(lines: readonly Line[]): boolean {
  const { text } = split(lines);
  return (
    Buffer.byteLength(text) <= TEXT_BYTES_MAX && Buffer.byteLength(JSON.stringify(text)) <= JSON_BYTES_MAX
  );
}

export function renderPlain(tellings: readonly [Telling, ...Telling[]], recipient: Recipient): PlainText {
  return split(composed(tellings, recipient, false, fitsText).lines);
}
