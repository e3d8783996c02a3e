/**
 * A strict fake Telegram with a few chats, and the real channel in front of it.
 */
import type { Channel } from "../../collector/notify/channel.ts";
import { createCaller } from "../../collector/notify/telegram/caller.ts";
import { createHealthRecord, type HealthRecord } from "../../collector/notify/telegram/health.ts";
import { createRedactor } from "../../collector/notify/telegram/redaction.ts";
import {
  createTelegramChannel,
  type TelegramChannelOptions,
} from "../../collector/notify/telegram/telegram-channel.ts";
import { startFakeTelegram, type FakeTelegram, type FakeTelegramOptions } from "../fakes/telegram/server.ts";
import { keptLog, unpaced, type KeptLog } from "./fixtures.ts";

export const PRIVATE = 4001;
export const GROUP = -4002;
export const FORUM = -1004003;
export const TOPIC = 17;

/** Long enough for a slow, busy machine; a test of a hang hands in less. */
const SEND_LIMIT_MS = 20_000;
export const HANG_LIMIT_MS = 500;

export async function fakeWithChats(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const fake = await startFakeTelegram(options);
  fake.world.addChat({ id: PRIVATE, type: "private", title: "Sari" });
  fake.world.addChat({ id: GROUP, type: "group", title: "Divisi IT" });
  fake.world.addChat({ id: FORUM, type: "supergroup", title: "IT Forum", topics: { [TOPIC]: "Server" } });
  return fake;
}

export interface ChannelUnderTest {
  readonly channel: Channel;
  readonly health: HealthRecord;
  readonly log: KeptLog;
}

export function channelTo(
  apiRoot: string,
  token: string,
  sendLimitMs = SEND_LIMIT_MS,
  pictureFor: TelegramChannelOptions["pictureFor"] = () => Promise.resolve(null),
): ChannelUnderTest {
  const health = createHealthRecord(() => 0, "starting");
  const log = keptLog();
  const redact = createRedactor(token);
  const channel = createTelegramChannel({
    caller: createCaller({ token, apiRoot, redact, timeoutMs: sendLimitMs, pace: unpaced }),
    health,
    redact,
    log,
    pictureFor,
    sendLimitMs,
  });
  return { channel, health, log };
}
