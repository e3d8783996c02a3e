/**
 * How the way to Telegram is, from what sends and polls have seen last.
 * Why one record: a send that was unauthorized an hour ago means nothing once a poll with the same token succeeded.
 * Must not: hold the token; details come in redacted.
 */
import type { ChannelHealth } from "../channel.ts";
import type { HealthFact } from "./failure.ts";

export interface HealthRecord {
  /** A send or a poll saw the way to Telegram so. */
  saw(state: HealthFact, detail: string | null): void;
  /** Another process polls this token (true), or our poll went through (false). */
  sawOtherPoller(other: boolean, detail: string | null): void;
  current(): ChannelHealth;
}

export function createHealthRecord(now: () => number, first: "off" | "starting"): HealthRecord {
  let way: ChannelHealth["state"] = first;
  let wayDetail: string | null = null;
  let otherPoller: string | null = null;
  let shown: ChannelHealth = { state: first, detail: null, sinceWallMs: now() };

  function refresh(): void {
    const conflict = otherPoller !== null && (way === "ok" || way === "starting");
    const state = conflict ? "other_poller" : way;
    const detail = conflict ? otherPoller : wayDetail;
    shown = { state, detail, sinceWallMs: state === shown.state ? shown.sinceWallMs : now() };
  }

  return {
    saw(state, detail) {
      way = state;
      wayDetail = state === "ok" ? null : detail;
      refresh();
    },
    sawOtherPoller(other, detail) {
      otherPoller = other ? (detail ?? "") : null;
      refresh();
    },
    current: () => shown,
  };
}
