/**
 * One run over webhooks and ntfy: a collector, all receivers, one step, one moment at which it is killed.
 * How a kill meets a fault: the send that it interrupts is accepted or not, and never answered. A webhook's next attempt then
 * meets the fault, for it may be tried as often as it takes; ntfy's marked repeat is its last, and meets none.
 * Must not: ask the collector what it told.
 */
import { until } from "../e2e/wait.ts";
import type { Verdict } from "./judgement.ts";
import { openOffice, PATIENCE_MS, REPEAT_SECONDS, type Office } from "./office.ts";
import { SETTINGS_OF_RUNS, type KillName } from "./matrix.ts";
import { openReceivers, type Receiver } from "./receivers.ts";

export const httpStepNames = ["first send", "repeat", "recovery", "digest"] as const;
type HttpStepName = (typeof httpStepNames)[number];

export interface HttpPlan {
  readonly step: HttpStepName;
  readonly kill: KillName;
}

/** Longer than five verdicts, and a kill, take on a busy machine: what waits together is told together. */
const POSTPONED_SECONDS = 30;
const rowStepOf = { "first send": "down", repeat: "repeat", recovery: "recovered", digest: "down" } as const;

export async function runHttp(plan: HttpPlan): Promise<Verdict> {
  const isInterrupted = plan.kill === "during it" || plan.kill === "just after acceptance";
  const receivers = await openReceivers({ ntfyFaults: !isInterrupted });
  let office: Office | null = null;
  try {
    office = await openOffice(SETTINGS_OF_RUNS);
    await office.setRepeats(plan.step === "repeat" ? REPEAT_SECONDS : []);
    for (const { recipient } of receivers) await office.addRecipient(recipient);
    await play(plan, office, receivers);
    return verdictOf(plan, receivers);
  } finally {
    await office?.close();
    for (const receiver of receivers) await receiver.close();
  }
}

async function play({ step, kill }: HttpPlan, office: Office, receivers: readonly Receiver[]): Promise<void> {
  const names = step === "digest" ? ["k-1", "k-2", "k-3", "k-4", "k-5"] : ["k-1"];
  const devices = await office.addDevices(...names);
  let incidentIds: readonly string[] = [];
  const fall = async (): Promise<void> => {
    for (const device of devices) device.fall();
    incidentIds = await office.openIncidents(devices.length);
  };
  const rowStep = rowStepOf[step];
  const strike = async (): Promise<void> => {
    for (const receiver of receivers) await receiver.strike();
  };
  const requestsBefore = new Map<Receiver, number>();
  const postpone = (): void => {
    for (const receiver of receivers) receiver.postpone(POSTPONED_SECONDS);
  };

  if (step === "digest") {
    postpone();
    await fall();
    await office.postponed(incidentIds, rowStep, receivers.length);
  } else if (step !== "first send") {
    await fall();
    await office.rowsAre(incidentIds, "down", receivers.length, "sent", ({ status }) => status === "sent");
  }
  for (const receiver of receivers) requestsBefore.set(receiver, receiver.requestCount);
  if (kill === "never") await strike();
  else if (kill === "before the send") {
    if (step !== "digest") postpone();
  } else for (const receiver of receivers) receiver.hang(kill === "during it" ? "before" : "after");

  if (step === "first send") await fall();
  else if (step === "recovery") for (const device of devices) device.rise();

  if (kill === "before the send") await office.postponed(incidentIds, rowStep, receivers.length);
  else if (kill !== "never")
    await until("a send to each is under way", PATIENCE_MS, () =>
      receivers.every((one) => one.requestCount > (requestsBefore.get(one) ?? 0)),
    );
  if (kill !== "never") {
    await office.kill();
    await strike();
    await office.start();
  }

  // What lasts is mended once it was met.
  const lasting = receivers.filter(({ lasts }) => lasts);
  await Promise.all(
    lasting.map(async (receiver) => {
      await office.rowMet(incidentIds, receiver.recipient.name, rowStep, /ECONNREFUSED|HTTP 40[13]/);
      await receiver.mend();
    }),
  );
  await office.settled(incidentIds);
  if (step === "repeat")
    await office.rowsAre(incidentIds, rowStep, 2 * receivers.length, "settled", ({ status }) =>
      ["sent", "unknown", "superseded"].includes(status),
    );
  for (const device of devices) device.rise();
  await office.ended(incidentIds);
  await office.settled(incidentIds);
}

/** Each fact once, in order; at ntfy once more, marked, where nobody could know. Lost, doubled, or not expected. */
function verdictOf({ step, kill }: HttpPlan, receivers: readonly Receiver[]): Verdict {
  const problems: string[] = [];
  const counts = { messages: 0, marked: 0, lost: 0, doubled: 0 };
  const isInterrupted = kill === "during it" || kill === "just after acceptance";
  const expected = ["down", ...(step === "repeat" ? ["repeat 1", "repeat 2"] : []), "recovered"];
  const under = step === "recovery" ? "recovered" : step === "repeat" ? "repeat 1" : "down";
  for (const receiver of receivers) {
    // A webhook's receiver knows a message again by its id.
    const isDoubtful = receiver.channel === "ntfy" && (receiver.isUnknown || isInterrupted);
    const say = (problem: string): void =>
      void problems.push(`${step} × ${kill} × ${receiver.recipient.name}: ${problem}`);
    const all = receiver.facts();
    counts.messages += receiver.messageCount;
    counts.marked += all.filter((fact) => fact.marked).length;
    for (const incident of step === "digest" ? [1, 2, 3, 4, 5] : [1]) {
      const found = all.filter((fact) => fact.incident === incident);
      for (const what of expected) {
        const isReminder = what.startsWith("repeat");
        const unmarked = found.filter((fact) => fact.what === what && !fact.marked).length;
        const marked = found.filter((fact) => fact.what === what && fact.marked).length;
        const mayBeMarked = isDoubtful && what === under && !isReminder;
        // A reminder is not repeated, the next one comes.
        const mayBeMissing = isDoubtful && what === under && isReminder;
        const tooMany = Math.max(0, unmarked - 1) + Math.max(0, marked - (mayBeMarked ? 1 : 0));
        if (unmarked + marked === 0 && !mayBeMissing) {
          counts.lost += 1;
          say(`#${incident} ${what}: lost`);
        }
        if (tooMany > 0) {
          counts.doubled += tooMany;
          say(
            `#${incident} ${what}: told ${tooMany} times too often: ${unmarked} unmarked, ${marked} marked`,
          );
        }
      }
      const places = found.map(({ what }) => expected.indexOf(what));
      if (places.some((place, index) => place < (places[index - 1] ?? 0)))
        say(`#${incident}: not expected, or out of order: ${found.map(({ what }) => what).join(", ")}`);
    }
    const others = all.filter(({ incident }) => incident === 0 || incident > (step === "digest" ? 5 : 1));
    if (others.length > 0) say(`not expected: ${others.map(({ what }) => what).join(", ")}`);
  }
  return { problems, cells: receivers.length, ...counts };
}
