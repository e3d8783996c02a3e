/**
 * One run: a collector with all the chats of one set, one step, one moment at which it is killed.
 * Why so: the chats of a set meet their faults at the same moment, and the kill strikes all of their sends at once.
 * Must not: judge what came of it; it hands over the ledger and what was asked for.
 */
import { setImmediate as turn } from "node:timers/promises";
import { startFakeTelegram, type FakeTelegram, type RequestRecord } from "../fakes/telegram/server.ts";
import type { Hold } from "../fakes/telegram/faults.ts";
import type { StoredMessage } from "../fakes/telegram/world.ts";
import { until } from "../e2e/wait.ts";
import { addChats, type FaultyChat } from "./chats.ts";
import type { Device } from "./devices.ts";
import { openOffice, PATIENCE_MS, REPEAT_SECONDS, type NotificationAnswer, type Office } from "./office.ts";
import { SETTINGS_OF_RUNS, type KillName } from "./matrix.ts";

export const stepNames = ["first send", "edit", "repeat", "recovery", "digest"] as const;
export type StepName = (typeof stepNames)[number];

export interface RunPlan {
  readonly step: StepName;
  readonly kill: KillName;
  readonly chats: readonly FaultyChat[];
  /** The fault of all of these chats is that nobody listens. */
  readonly refused: boolean;
}

export interface RunResult {
  readonly plan: RunPlan;
  readonly ledger: readonly StoredMessage[];
  readonly requests: readonly RequestRecord[];
  /** The texts of messages once the step was settled; what follows may change them again. */
  readonly textsAfterStep: ReadonlyMap<StoredMessage, string>;
  readonly seconds: number;
}

/** How many servers fall; four make a digest. */
const serversOf = (step: StepName): number => (step === "digest" ? 5 : 1);
/** The row that the step is about. */
const rowStepOf = {
  "first send": "down",
  edit: "edit",
  repeat: "repeat",
  recovery: "recovered",
  digest: "down",
} as const;
/** Longer than five verdicts, and a kill, take on a busy machine: what waits together is told together. */
const POSTPONED_SECONDS = 30;

export async function run(plan: RunPlan): Promise<RunResult> {
  const startedMs = performance.now();
  const fake = await startFakeTelegram();
  addChats(fake, plan.chats);
  const office = await openOffice({
    ...SETTINGS_OF_RUNS,
    DETAK_TELEGRAM_TOKEN: fake.token,
    DETAK_TELEGRAM_API_ROOT: fake.apiRoot,
  }).catch(async (error: unknown) => {
    await fake.close();
    throw error;
  });
  try {
    await office.setRepeats(plan.step === "repeat" ? REPEAT_SECONDS : []);
    for (const { address, name } of plan.chats)
      await office.addRecipient({ channel: "telegram", address, name });
    const names = Array.from({ length: serversOf(plan.step) }, (_, index) => `kasir-${index + 1}`);
    const devices = await office.addDevices(...names);
    const textsAfterStep = await play({ plan, fake, office, devices });
    return {
      plan,
      ledger: fake.ledger,
      requests: fake.requests,
      textsAfterStep,
      seconds: (performance.now() - startedMs) / 1_000,
    };
  } finally {
    await office.close();
    await fake.close();
  }
}

interface Playing {
  readonly plan: RunPlan;
  readonly fake: FakeTelegram;
  readonly office: Office;
  readonly devices: readonly Device[];
}

/** Brings everybody to the step, lets it happen with faults and kill, lets everything end well. */
async function play(playing: Playing): Promise<ReadonlyMap<StoredMessage, string>> {
  const { plan, fake, office, devices } = playing;
  const { step, kill, chats } = plan;
  const count = chats.length * devices.length;
  const method = step === "edit" ? "editMessageText" : "sendMessage";
  const chatIds = chats.map(({ chatId }) => chatId);
  /** Telegram says when it may be tried: known not sent, and nothing is under way until then. */
  const postpone = (): void => {
    for (const chatId of chatIds)
      fake.faults.add(method, { kind: "too_many_requests", retryAfterSeconds: POSTPONED_SECONDS }, 1, chatId);
  };
  const strike = (): void => {
    for (const chat of chats) chat.strike(fake, method);
  };
  let incidentIds: readonly string[] = [];
  const fall = async (): Promise<void> => {
    for (const device of devices) device.fall();
    incidentIds = await office.openIncidents(devices.length);
  };

  // What is there before the step.
  if (step === "digest") {
    postpone();
    await fall();
    await office.postponed(incidentIds, "down", chats.length);
  } else if (step !== "first send") {
    await fall();
    await office.rowsAre(incidentIds, "down", count, "sent", ({ status }) => status === "sent");
  }
  if (plan.refused) await fake.refuse();
  else if (kill !== "before the send") strike();
  else if (step !== "digest") postpone();
  const isHeld = kill === "during it" || kill === "just after acceptance";
  const hold = isHeld ? fake.faults.hold(method, chatIds) : null;

  // The step. A reminder comes by itself.
  if (step === "first send") await fall();
  else if (step === "edit") await office.api.post(`incidents/${incidentIds[0] ?? ""}/ack`, { by: "sari" });
  else if (step === "recovery") for (const device of devices) device.rise();

  const [incidentId = ""] = incidentIds;
  const rowStep = rowStepOf[step];
  const rowsAre = (what: string, isSo: (row: NotificationAnswer) => boolean): Promise<void> =>
    office.rowsAre([incidentId], rowStep, chats.length, what, isSo);
  if (plan.refused) await rowsAre("refused", isRefused);
  if (kill === "before the send") {
    if (!plan.refused) await office.postponed(incidentIds, rowStep, chats.length);
    await office.kill();
    if (!plan.refused) strike();
    await fake.accept();
    await office.start();
  } else {
    await fake.accept();
    if (hold) await killAtTheDoor(playing, hold, method);
  }

  const healed = Promise.all(
    chats.filter(({ isBlocked }) => isBlocked).map((chat) => unblock(playing, chat)),
  );
  await rowsAre("there", () => true);
  await office.settled(incidentIds);
  if (step === "repeat")
    await office.rowsAre([incidentId], rowStep, 2 * chats.length, "settled", ({ status }) =>
      ["sent", "unknown", "rejected", "superseded"].includes(status),
    );
  await healed;
  await office.settled(incidentIds);
  const textsAfterStep = textsNow(playing);

  for (const device of devices) device.rise();
  await office.ended(incidentIds);
  await office.settled(incidentIds);
  return textsAfterStep;
}

function isRefused({ status, lastError }: NotificationAnswer): boolean {
  return status === "retry" && lastError?.includes("ECONNREFUSED") === true;
}

/** Waits until a send to each chat stands at the fake's door, and kills the collector: before they are let in, or just after. */
async function killAtTheDoor({ plan, fake, office }: Playing, hold: Hold, method: string): Promise<void> {
  await until(
    "a send to each chat is under way",
    PATIENCE_MS,
    () => hold.arrived.size === plan.chats.length,
    20,
  );
  const held = fake.requestsOf(method).filter(({ outcome }) => outcome === "pending");
  if (plan.kill === "during it") await office.kill();
  hold.release();
  // Let in, each is carried out and answered (or not) within a few turns; whoever is dead does not hear it.
  for (let turns = 0; held.some(({ outcome }) => outcome === "pending") && turns < 1_000; turns += 1)
    await turn();
  if (plan.kill === "just after acceptance") await office.kill();
  await office.start();
}

/** Once the collector knows that it was shut out, the person lets it in again. */
async function unblock({ fake, office }: Playing, { name, chatId }: FaultyChat): Promise<void> {
  await office.recipientIs(name, false);
  fake.people.unblockBot({ chatId });
  await office.recipientIs(name, true);
}

/** By message: its text as it stands now. */
function textsNow({ fake }: Playing): ReadonlyMap<StoredMessage, string> {
  return new Map(fake.ledger.map((message) => [message, message.text]));
}
