/**
 * Answers to commands: which words an answer gets.
 * Pure. Must not: look anything up, or answer a chat that is not linked more than it asked.
 */
import { unreachable } from "../../../shared/assert.ts";
import { textsOf } from "../texts/languages.ts";
import type { CommandName } from "../texts/shapes/answers.ts";
import type { Texts } from "../texts/texts.ts";
import { announcedBody } from "./announcement.ts";
import type { Answer, AnswerSetting, HandledOutcome } from "./answer-facts.ts";
import { reportLines, reportHead } from "./summaries.ts";
import { downBody, matchesBody, statusBody } from "./answer-lists.ts";
import { serverBody, siteBody } from "./answer-pages.ts";
import type { Body, Density } from "./composition.ts";
import { fitted } from "./fitting.ts";
import { announceKeyboard, incidentIdOf, linkButtons, type Keyboard } from "./keyboard.ts";
import { quoted, say, shortLine, type Line } from "./markup.ts";
import { personIn } from "./handled.ts";
import { fitsChat, renderedFrom, type Rendered } from "./render.ts";
import { shortZoned } from "./times.ts";

/** In the order of the menu. */
const COMMANDS: readonly CommandName[] = [
  "status",
  "down",
  "server",
  "site",
  "report",
  "mute",
  "ack",
  "board",
  "lang",
  "help",
];
/** What people typed is repeated so far. */
const ASKED_LENGTH_MAX = 40;

/** For Telegram's menu of commands. */
export function commandsOf(
  language: AnswerSetting["language"],
): readonly { readonly command: CommandName; readonly description: string }[] {
  const { commands } = textsOf(language).answers;
  return COMMANDS.map((command) => ({ command, description: commands[command] }));
}

export function renderAnswer(answer: Answer, setting: AnswerSetting): Rendered {
  const { lines } = fitted(
    (density) => ({ body: answerBody(textsOf(setting.language), answer, setting, density), footer: [] }),
    fitsChat,
  );
  return renderedFrom(lines, keyboardOf(answer, setting));
}

function keyboardOf(answer: Answer, { language }: AnswerSetting): Keyboard {
  if (answer.type === "preview") return announceKeyboard(incidentIdOf(answer.message), language);
  if (answer.type === "server") return linkButtons(answer.server.place, answer.server.panelUrl, language);
  return answer.type === "site" ? linkButtons(answer.site.place, answer.site.panelUrl, language) : [];
}

const lines = (head: string, ...rest: readonly (Line | null)[]): Body => ({
  head: say(head),
  lines: rest,
  spare: [],
  withPlace: false,
});
/** Touched, it is copied. */
const command = (text: string): Line => [{ text: shortLine(text, 2 * ASKED_LENGTH_MAX), style: "code" }];

function answerBody(texts: Texts, answer: Answer, setting: AnswerSetting, density: Density): Body {
  const { answers: words } = texts;
  switch (answer.type) {
    case "status":
      return statusBody(texts, answer, setting, density);
    case "down":
      return downBody(texts, answer, setting, density);
    case "server":
      return serverBody(texts, answer.server, setting);
    case "site":
      return siteBody(texts, answer.site, setting, density);
    case "matches":
      return matchesBody(texts, answer, density);
    case "which":
      return whichBody(texts, answer);
    case "report":
      return reportAnswer(texts, answer, setting, density);
    case "ack":
      return answer.outcome.result === "done"
        ? lines(`✋ ${words.taken(answer.number)}`)
        : lines(refusedText(texts, answer, answer.outcome, setting, words.takenAlready));
    case "mute":
      return answer.outcome.result === "done"
        ? lines(`🔕 ${quietText(texts, answer, setting)}`)
        : lines(refusedText(texts, answer, answer.outcome, setting, words.quietAlready));
    case "muted":
      return lines(mutedText(texts, answer, setting));
    case "language":
      return lines(words.languageSet);
    case "board":
      return lines(boardText(texts, answer));
    case "help":
      return lines(
        words.helpHead,
        ...COMMANDS.map((name) => [
          { text: [`/${name}`, words.arguments[name], "—", words.commands[name]].filter(Boolean).join(" ") },
        ]),
      );
    case "not_allowed":
      return lines(words.notAllowed, [{ text: shortLine(answer.personId, ASKED_LENGTH_MAX), style: "code" }]);
    case "linked":
      return lines(answer.audience === "users" ? words.linkedUsers : texts.linked);
    case "already_linked":
      return lines(texts.alreadyLinked);
    case "code_refused":
      return lines(texts.codeRefused);
    case "unknown_command":
      return lines(words.unknownCommand);
    case "not_kept":
      return lines(words.notKept);
    case "preview":
      return previewBody(texts, answer, setting);
    default:
      return unreachable(answer);
  }
}

function whichBody(texts: Texts, { what, example }: Extract<Answer, { type: "which" }>): Body {
  const { answers: words } = texts;
  const asks = {
    server: { text: words.whichServer, examples: [`/server ${example ?? "srv-kasir"}`] },
    site: { text: words.whichSite, examples: [`/site ${example ?? "MKS"}`] },
    ack: { text: words.whichToTake, examples: [`/ack ${example ?? "12"}`] },
    mute: {
      text: words.whichToMute,
      examples: [
        `/mute ${example ?? "12"}`,
        `/mute ${example ?? "12"} ${words.muteDuration}`,
        `/mute srv-kasir ${words.muteDuration}`,
      ],
    },
    lang: { text: words.whichLanguage, examples: ["/lang id", "/lang en"] },
    board: { text: words.whichBoard, examples: ["/board on", "/board off"] },
  }[what];
  return lines(asks.text, ...asks.examples.map(command));
}

function reportAnswer(
  texts: Texts,
  { month, past }: Extract<Answer, { type: "report" }>,
  setting: AnswerSetting,
  density: Density,
): Body {
  const { timeZone, nowMs } = setting;
  const head = reportHead(texts, month, past);
  return {
    head,
    lines:
      past === null
        ? [say(texts.answers.noReport)]
        : reportLines({ texts, timeZone, nowMs, ...density }, past),
    spare: [],
    withPlace: false,
  };
}

function refusedText(
  texts: Texts,
  { asked, number }: { readonly asked: string; readonly number: number },
  outcome: Exclude<HandledOutcome, { result: "done" }>,
  { timeZone, nowMs }: AnswerSetting,
  already: (number: number, by: string) => string,
): string {
  const { answers: words } = texts;
  switch (outcome.result) {
    case "already":
      return already(number, personIn(texts, outcome.by));
    case "closed":
      return words.closedAlready(number, shortZoned(texts, outcome.endedMs, timeZone, nowMs));
    case "unknown":
      return words.unknownNumber(quoted(shortLine(asked, ASKED_LENGTH_MAX)));
    case "not_kept":
      return words.notKept;
    default:
      return unreachable(outcome);
  }
}

function quietText(
  texts: Texts,
  { number, untilMs }: Extract<Answer, { type: "mute" }>,
  { timeZone, nowMs }: AnswerSetting,
): string {
  const { answers: words } = texts;
  if (untilMs === null) return words.quietUntilRecovered(number);
  return words.quietUntil(number, shortZoned(texts, untilMs, timeZone, nowMs));
}

function mutedText(
  texts: Texts,
  { name, untilMs }: Extract<Answer, { type: "muted" }>,
  { timeZone, nowMs }: AnswerSetting,
): string {
  const { answers: words } = texts;
  const subject = quoted(shortLine(name, ASKED_LENGTH_MAX) || texts.unnamed);
  if (untilMs === null) return words.notMuted(subject);
  return `🔕 ${words.muted(subject, shortZoned(texts, untilMs, timeZone, nowMs))}`;
}

function boardText(texts: Texts, { on, outcome }: Extract<Answer, { type: "board" }>): string {
  const { answers: words } = texts;
  if (outcome === "already") return on ? words.boardAlreadyOn : words.boardAlreadyOff;
  if (!on) return words.boardOff;
  return outcome === "unpinned" ? words.boardOnUnpinned : words.boardOn;
}

function previewBody(
  texts: Texts,
  { message, chats }: Extract<Answer, { type: "preview" }>,
  { nowMs }: AnswerSetting,
): Body {
  const { head, lines: rest } = announcedBody(texts, { message, queuedWallMs: nowMs });
  return { head: say(texts.answers.preview(chats)), lines: [[], head, ...rest], spare: [], withPlace: false };
}
