/**
 * Half an hour without Telegram, scaled by T: 200 outages begin meanwhile, most of them end; then it is back.
 * Why real: a collector of its own, 220 devices that it asks itself, chats at Telegram's own pace, which nothing scales.
 * Must not: ask the collector what it told, or when a device fell; the ledger and the devices know.
 */
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/wait.ts";
import { built } from "../e2e/world.ts";
import { startFakeTelegram, type FakeTelegram } from "../fakes/telegram/server.ts";
import type { StoredMessage } from "../fakes/telegram/world.ts";
import type { Device } from "./devices.ts";
import { factsOf, type Fact } from "./facts.ts";
import { DOWN_AFTER_SECONDS, openOffice, PATIENCE_MS, type Office } from "./office.ts";

const OUTAGES = 200;
/** Enough that those who are down at the same time are far from a mass outage. */
const DEVICES = 220;
/** T is 180 s unscaled. */
const SCALE = DOWN_AFTER_SECONDS / 180;
const OUTAGE_MS = 30 * 60_000 * SCALE;
/** L1, unscaled 60 s. */
const TOLD_WITHIN_MS = 60_000 * SCALE;
/** A busy machine; and the last message's own way. */
const SLACK_MS = 4_000;
/** So many stay down until Telegram is back. */
const STAYING = 30;
/** Telegram's: a message a second and chat, twenty a minute and group. */
const PACE_MS = { private: 1_000, group: 3_000 } as const;
const GROUP_MAX = 20;
const ZONE = "Asia/Jakarta";

interface Chat {
  readonly id: number;
  readonly address: string;
  readonly type: "private" | "supergroup";
}
const chats: readonly Chat[] = [
  { id: 4_001, address: "4001", type: "private" },
  { id: 4_002, address: "4002", type: "private" },
  { id: -1_001_000_004_001, address: "-1001000004001", type: "supergroup" },
  { id: -1_001_000_004_002, address: "-1001000004002/9", type: "supergroup" },
];

interface Fall {
  readonly device: Device;
  readonly fellMs: number;
  roseMs: number | null;
}

interface Story {
  readonly fake: FakeTelegram;
  readonly falls: readonly Fall[];
  readonly backMs: number;
  readonly risenMs: number;
}

/** Falls in even steps over the outage; each lasts long enough to be told, by turns longer. */
async function letFall(devices: readonly Device[]): Promise<Fall[]> {
  const falls: Fall[] = [];
  const startedMs = Date.now();
  const rising: Promise<void>[] = [];
  for (const [index, device] of devices.slice(0, OUTAGES).entries()) {
    await delay(startedMs + (index * OUTAGE_MS) / OUTAGES - Date.now());
    device.fall();
    const fall: Fall = { device, fellMs: Date.now(), roseMs: null };
    falls.push(fall);
    if (index % Math.floor(OUTAGES / STAYING) === 0) continue;
    const rise = async (): Promise<void> => {
      await delay((2 + (index % 3)) * DOWN_AFTER_SECONDS * 1_000);
      device.rise();
      fall.roseMs = Date.now();
    };
    rising.push(rise());
  }
  await Promise.all(rising);
  return falls;
}

async function play(fake: FakeTelegram, office: Office): Promise<Story> {
  for (const { id, address, type } of chats) {
    fake.world.addChat({ id, type, title: address, topics: address.includes("/") ? { 9: "Siaga" } : {} });
    await office.addRecipient({ channel: "telegram", address, name: address });
  }
  await office.setRepeats([]);
  const names = Array.from({ length: DEVICES }, (_, index) => `gawai-${index + 1}`);
  const devices = await office.addDevices(...names);
  await fake.refuse();
  const falls = await letFall(devices);
  const staying = falls.filter(({ roseMs }) => roseMs === null);
  const open = await office.openIncidents(staying.length);
  await fake.accept();
  const backMs = Date.now();
  await until("what waited was told", PATIENCE_MS, () =>
    chats.every((chat) => factsIn(fake, chat).size === OUTAGES),
  );
  const risenMs = Date.now();
  for (const fall of staying) {
    fall.device.rise();
    fall.roseMs = Date.now();
  }
  await office.ended(open);
  await office.settled(open);
  return { fake, falls, backMs, risenMs };
}

const ledgerOf = (fake: FakeTelegram, chat: Chat): readonly StoredMessage[] =>
  fake.ledger.filter(({ chatId }) => chatId === chat.id);

const asAccepted = (message: StoredMessage): string => message.edits[0]?.text ?? message.text;

/** By the name of the device, in order. */
function factsIn(fake: FakeTelegram, chat: Chat): ReadonlyMap<string, readonly Fact[]> {
  const found = new Map<string, Fact[]>();
  for (const fact of ledgerOf(fake, chat).flatMap((message) => factsOf(asAccepted(message)))) {
    const name = /gawai-\d+/.exec(fact.text)?.[0] ?? fact.text;
    found.set(name, [...(found.get(name) ?? []), fact]);
  }
  return found;
}

const minuteOf = (ms: number): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" }).format(ms);

describe("half an hour without Telegram, scaled", () => {
  let story: Story;
  beforeAll(async () => {
    await built();
    const fake = await startFakeTelegram();
    const office = await openOffice({
      DETAK_TELEGRAM_TOKEN: fake.token,
      DETAK_TELEGRAM_API_ROOT: fake.apiRoot,
      DETAK_TIMEZONE: ZONE,
    });
    try {
      story = await play(fake, office);
    } finally {
      await office.close();
      await fake.close();
    }
    const counts = chats.map((chat) => ledgerOf(story.fake, chat).length).join(", ");
    const lastMs = Math.max(...chats.map((chat) => lateOf(story, chat).lastMs));
    process.stdout.write(
      `Telegram away for ${OUTAGE_MS / 1_000} s (30 min × ${SCALE.toFixed(3)}): ${OUTAGES} outages; messages: ${counts}; ` +
        `the last that waited ${(lastMs / 1_000).toFixed(1)} s after its return\n`,
    );
  }, 400_000);

  /** After Telegram's return: the first and the last of what waited, ms; and what their number needs at this chat's pace. */
  function lateOf({ fake, backMs, risenMs }: Story, chat: Chat) {
    const waited = ledgerOf(fake, chat).filter(({ atMs }) => atMs <= risenMs);
    const paceMs = PACE_MS[chat.type === "private" ? "private" : "group"];
    return {
      firstMs: (waited[0]?.atMs ?? Infinity) - backMs,
      lastMs: (waited.at(-1)?.atMs ?? Infinity) - backMs,
      neededMs: Math.max(0, waited.length - 1) * paceMs,
    };
  }

  it.each(chats)("[O3] [O7] [R8] [S6] [S7] each fact once and in order, none marked: $address", (chat) => {
    const facts = factsIn(story.fake, chat);
    expect(facts.size).toBe(OUTAGES);
    for (const { device } of story.falls) {
      const told = facts.get(device.name) ?? [];
      const isLate = told[0]?.what === "told_late";
      expect([device.name, ...told.map(({ what }) => what)]).toEqual(
        isLate ? [device.name, "told_late"] : [device.name, "down", "recovered"],
      );
      expect(told.some(({ marked }) => marked)).toBe(false);
    }
    const late = [...facts.values()].filter((told) => told[0]?.what === "told_late").length;
    expect(late).toBeGreaterThan(OUTAGES / 2);
  });

  it.each(chats)("[L1] within 60 s, scaled, and what this chat's pace needs: $address", (chat) => {
    const { firstMs, lastMs, neededMs } = lateOf(story, chat);
    expect(firstMs).toBeLessThanOrEqual(TOLD_WITHIN_MS + SLACK_MS);
    expect(lastMs).toBeLessThanOrEqual(TOLD_WITHIN_MS + neededMs + SLACK_MS);
  });

  it.each(chats.filter(({ type }) => type !== "private"))(
    "[O6] twenty a minute at most: $address",
    (chat) => {
      const at = ledgerOf(story.fake, chat).map(({ atMs }) => atMs);
      for (const [index, ms] of at.entries())
        expect(at.slice(index).filter((other) => other - ms < 60_000).length).toBeLessThanOrEqual(GROUP_MAX);
    },
  );

  it.each(chats)("the times are those of the outages, not of the messages: $address", (chat) => {
    const facts = factsIn(story.fake, chat);
    for (const { device, fellMs } of story.falls) {
      const [first] = facts.get(device.name) ?? [];
      // Silent since its last answer; it is asked each T/3.
      const minutes = new Set([fellMs - (DOWN_AFTER_SECONDS / 3) * 1_000 - 1_000, fellMs].map(minuteOf));
      expect(
        [...minutes].some((minute) => first?.text.includes(minute)),
        first?.text,
      ).toBe(true);
    }
  });
});
