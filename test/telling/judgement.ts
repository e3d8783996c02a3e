/**
 * What is wrong with what people were told in a run: lost, doubled, out of order, or left saying what is not so.
 * Why strict: a message that nobody expects is a problem too; only that makes "nothing doubled" an expectation.
 * Must not: look at a world; it is handed a ledger.
 */
import { en } from "../../collector/notify/texts/en.ts";
import type { StoredMessage } from "../fakes/telegram/world.ts";
import type { FaultyChat } from "./chats.ts";
import { factsOf, type Fact } from "./facts.ts";
import type { RunPlan, RunResult } from "./telegram-run.ts";

export interface Verdict {
  /** One line each. */
  readonly problems: readonly string[];
  readonly cells: number;
  readonly messages: number;
  readonly marked: number;
  readonly lost: number;
  readonly doubled: number;
}

/** One fact in one accepted message. */
interface Told extends Fact {
  readonly message: StoredMessage;
}

const textAsAccepted = (message: StoredMessage): string => message.edits[0]?.text ?? message.text;

function toldIn(ledger: readonly StoredMessage[], { chatId, laterChatId }: FaultyChat): readonly Told[] {
  return ledger
    .filter((message) => message.chatId === chatId || message.chatId === laterChatId)
    .flatMap((message) => factsOf(textAsAccepted(message)).map((fact) => ({ ...fact, message })));
}

interface Expected {
  readonly what: string;
  /** It must be there. Where not: it may be, once. */
  readonly isOwed: boolean;
  /** It may come once more, marked; or, of which nobody knows whether it came, marked at once. */
  readonly mayRepeat: boolean;
}

/** What a chat must have been told of each incident, in this order. */
function expectedIn({ step, kill, refused }: RunPlan, chat: FaultyChat): readonly Expected[] {
  // A send that the kill interrupted has an unknown fate, whatever the fault would have said. Before it one may just have begun,
  // in vain, when connections are refused.
  const isInterrupted = kill !== "never" && (kill !== "before the send" || refused);
  const isUnknown = chat.isUnknown || isInterrupted;
  const news = (what: string, isOfStep: boolean, isOwed = true): Expected => ({
    what,
    isOwed,
    mayRepeat: isOfStep && isUnknown,
  });
  // A reminder is not repeated, the next one comes. Of whom we do not know that they let us in, none is owed.
  const reminder = (count: number): Expected => ({
    what: `repeat ${count}`,
    isOwed: !chat.isBlocked && (count > 1 || !isUnknown),
    mayRepeat: false,
  });
  return [
    news("down", step === "first send" || step === "digest"),
    ...(step === "repeat" ? [reminder(1), reminder(2)] : []),
    // Blocked while it is said, and over before they let us in again: only what is still so is told then (R7).
    news("recovered", step === "recovery", !(chat.isBlocked && step === "recovery")),
  ];
}

export function verdictOf(result: RunResult): Verdict {
  const { plan, ledger } = result;
  const problems: string[] = [];
  const counts = { messages: ledger.length, marked: 0, lost: 0, doubled: 0 };
  for (const chat of plan.chats) {
    const told = toldIn(ledger, chat);
    counts.marked += told.filter(({ marked }) => marked).length;
    const say = (problem: string): void =>
      void problems.push(`${plan.step} × ${plan.kill} × ${chat.name}: ${problem}`);
    const incidents = plan.step === "digest" ? [1, 2, 3, 4, 5] : [1];
    for (const incident of incidents) {
      const expected = expectedIn(plan, chat);
      const ofIt = told.filter((one) => one.incident === incident);
      for (const one of expected) {
        const { lost, doubled } = countsOf(ofIt, one);
        counts.lost += lost;
        counts.doubled += doubled;
        if (lost > 0) say(`#${incident} ${one.what}: lost`);
        if (doubled > 0) say(`#${incident} ${one.what}: told ${doubled} times too often`);
      }
      const order = ofIt.map(({ what }) => expected.findIndex((one) => one.what === what));
      if (order.some((place, index) => place < (order[index - 1] ?? 0)))
        say(`#${incident}: out of order: ${ofIt.map(({ what }) => what).join(", ")}`);
    }
    for (const problem of [...others(told, plan, chat), ...texts(result, chat, told)]) say(problem);
  }
  return { problems, cells: plan.chats.length, ...counts };
}

function countsOf(
  told: readonly Told[],
  { what, isOwed, mayRepeat }: Expected,
): { lost: number; doubled: number } {
  const unmarked = told.filter((one) => one.what === what && !one.marked).length;
  const marked = told.filter((one) => one.what === what && one.marked).length;
  return {
    lost: isOwed && unmarked + marked === 0 ? 1 : 0,
    doubled: Math.max(0, unmarked - 1) + Math.max(0, marked - (mayRepeat ? 1 : 0)),
  };
}

/** What nobody expects; and that a chat which shut us out is told to all others, once. */
function others(told: readonly Told[], { chats }: RunPlan, chat: FaultyChat): string[] {
  const known = new Set(["down", "repeat 1", "repeat 2", "recovered", "lost"]);
  const lostOnes = chats.filter((other) => other.isBlocked && other !== chat).length;
  const saidLost = told.filter(({ what }) => what === "lost").length;
  return [
    ...told.filter(({ what }) => !known.has(what)).map(({ what }) => `not expected: ${what}`),
    ...(saidLost === lostOnes ? [] : [`${saidLost} lost recipients told, expected ${lostOnes}`]),
  ];
}

/** The message of the outage, when it was one of its own, says in the end that it is over, and after the step who is on it. */
function texts({ plan, textsAfterStep }: RunResult, chat: FaultyChat, told: readonly Told[]): string[] {
  // Nothing is shown anew but the outage itself; another message must not have got its words.
  const found = told
    .filter(
      ({ what, message }) =>
        what !== "down" && factsOf(message.text)[0]?.what !== what && message.edits.length > 0,
    )
    .map(({ what, message }) => `the message of ${what} now says: ${headOf(message)}`);
  const { message } = told.filter(({ what }) => what === "down").at(-1) ?? {};
  if (message === undefined || factsOf(textAsAccepted(message)).length > 1) return found;
  // What was told before a group moved is out of reach there; what is over while they shut us out is not shown any more.
  const isOutOfReach = message.chatId !== chat.laterChatId || (chat.isBlocked && plan.step === "recovery");
  if (!isOutOfReach && !headOf(message).startsWith(`✅ ${en.stateRecovered}`))
    found.push(`the message of the outage says at the end: ${headOf(message)}`);
  const then = textsAfterStep.get(message) ?? "";
  if (plan.step === "edit" && !isOutOfReach && !chat.refusesEdit && !then.includes(en.handling.taken("sari")))
    found.push(`who is on it was not shown: ${then.replaceAll("\n", " | ")}`);
  return found;
}

function headOf({ text }: StoredMessage): string {
  return text.split("\n")[0] ?? "";
}
