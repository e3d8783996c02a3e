/**
 * Nothing lost, nothing doubled: every fault of Telegram × every step of an outage × a real collector that is killed (SIGKILL)
 * never, before the send, during it, just after acceptance; judged by what Telegram accepted.
 * How it is fast: a run is one step and one kill, with a chat for each fault; runs go side by side, for they mostly wait.
 * Must not: ask the collector what it told.
 */
import { faultyChats, refusedChats } from "./chats.ts";
import { verdictOf } from "./judgement.ts";
import { describeMatrix, killNames } from "./matrix.ts";
import { run, stepNames, type RunPlan } from "./telegram-run.ts";

/** A reminder takes a minute to come, and nobody knows what became of a send for a minute and a half. */
const secondsOf = ({ step, kill, refused }: RunPlan): number => {
  if (step === "repeat") return 140;
  if (kill === "during it" || kill === "just after acceptance") return 80;
  return refused ? 25 : 115;
};

describeMatrix<RunPlan>({
  name: "every fault of Telegram × every step × every kill",
  plans: [false, true]
    .flatMap((refused) =>
      stepNames.flatMap((step) =>
        killNames.map((kill) => ({ step, kill, refused, chats: refused ? refusedChats : faultyChats })),
      ),
    )
    .sort((a, b) => secondsOf(b) - secondsOf(a)),
  nameOf: ({ step, kill, refused, chats }) =>
    `${step}, killed ${kill}, ${refused ? "connections refused" : `${chats.length} chats, a fault each`}`,
  run: async (plan) => verdictOf(await run(plan)),
});
