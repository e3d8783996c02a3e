/**
 * Whether it is a quiet hour for a recipient: then a message arrives without a sound. It always arrives.
 * Why here and not in the core: a calendar differs between machines; how loud a message is changes nothing that is decided.
 * Must not: hold anything back.
 */
import type { Recipient } from "../core/types/registry.ts";

const DAY_MINUTES = 1_440;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Minute of the day there, 0 to 1439. A zone that nobody knows is read as UTC. */
export function minuteOfDay(wallMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    try {
      format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
    } catch {
      format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    }
    formats.set(timeZone, format);
  }
  const [hour, minute] = format.format(wallMs).split(":").map(Number);
  return ((hour ?? 0) * 60 + (minute ?? 0)) % DAY_MINUTES;
}

/** From one minute of the day to another, over midnight too; the same twice is the whole day. */
export function isQuietHour(
  recipient: Pick<Recipient, "quietHours" | "timeZone">,
  wallMs: number,
  settingZone: string,
): boolean {
  const { quietHours } = recipient;
  if (quietHours === null) return false;
  const { fromMinute, toMinute } = quietHours;
  const now = minuteOfDay(wallMs, recipient.timeZone ?? settingZone);
  return fromMinute < toMinute ? now >= fromMinute && now < toMinute : now >= fromMinute || now < toMinute;
}
