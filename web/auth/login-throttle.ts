/**
 * Slows down guessing of passwords without locking the true owner out.
 * Why two buckets: failures count per account and address, so guesses from elsewhere cost the owner nothing; and per
 * address alone, so one address can not try every account. A browser that has logged in before carries a device mark and
 * counts in a bucket of its own: it gets in even when somebody guesses from the same office.
 * Must not: sleep, write to the store, or grow without bound.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Free tries before the first wait: typing mistakes. */
const TRIES_FREE = 5;
/** One address over all accounts: a whole office behind one address mistypes less. */
const TRIES_FREE_ADDRESS = 30;
/** The first wait, ms; doubles with each further failure. */
const WAIT_FIRST_MS = 10_000;
/** Longest wait: about 100 guesses a day are left. */
const WAIT_MAX_MS = 15 * 60_000;
/** Failures are forgotten this long after the last one. */
const FORGET_MS = 60 * 60_000;
/** Buckets kept; at the limit the oldest goes, which only ever helps its owner. */
const BUCKETS_MAX = 10_000;

interface Bucket {
  readonly failures: number;
  readonly lastMs: number;
}

export interface LoginTry {
  readonly username: string;
  readonly address: string;
  /** A verified device mark of this very user, or null. */
  readonly device: string | null;
}

export interface LoginThrottle {
  /** How long to wait before this try is looked at, ms; 0: go on. */
  waitMs(attempt: LoginTry, nowMs: number): number;
  /** Counts a try as failed. Called before the password is looked at, so that tries at the same time all count. */
  failed(attempt: LoginTry, nowMs: number): void;
  /** Takes the try back and forgets the account's failures. */
  succeeded(attempt: LoginTry): void;
}

/** An IPv6 subscriber owns a /64: it counts as one address. */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = plain.includes("::")
    ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0")
    : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}

export function createLoginThrottle(): LoginThrottle {
  const buckets = new Map<string, Bucket>();

  const keys = ({ username, address, device }: LoginTry): readonly (readonly [string, number])[] =>
    device === null
      ? [
          [`account ${username} ${addressGroup(address)}`, TRIES_FREE],
          [`address ${addressGroup(address)}`, TRIES_FREE_ADDRESS],
        ]
      : [[`device ${device}`, TRIES_FREE]];

  const bucket = (key: string, nowMs: number): Bucket | null => {
    const found = buckets.get(key);
    if (!found || nowMs - found.lastMs > FORGET_MS) return null;
    return found;
  };

  return {
    waitMs: (attempt, nowMs) =>
      Math.max(
        ...keys(attempt).map(([key, free]) => {
          const found = bucket(key, nowMs);
          if (!found || found.failures < free) return 0;
          const wait = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** Math.min(20, found.failures - free));
          return Math.max(0, found.lastMs + wait - nowMs);
        }),
      ),
    failed: (attempt, nowMs) => {
      for (const [key] of keys(attempt)) {
        const failures = (bucket(key, nowMs)?.failures ?? 0) + 1;
        buckets.delete(key);
        buckets.set(key, { failures, lastMs: nowMs });
      }
      for (const oldest of buckets.keys()) {
        if (buckets.size <= BUCKETS_MAX) break;
        buckets.delete(oldest);
      }
    },
    succeeded: (attempt) => {
      const [own, address] = keys(attempt);
      if (own) buckets.delete(own[0]);
      // The address keeps its other failures: a guesser with one account of his own must not clear them.
      const shared = address ? buckets.get(address[0]) : undefined;
      if (address && shared)
        buckets.set(address[0], { ...shared, failures: Math.max(0, shared.failures - 1) });
    },
  };
}

// ── The device mark ──────────────────────────────────────────────────────────────────────────────────

const mark = (key: string, userId: string, nonce: string) =>
  createHmac("sha256", key).update(`${userId} ${nonce}`).digest("base64url");

/** What a browser carries after a login. It opens nothing: it only chooses the bucket. */
export function deviceMark(key: string, userId: string, nonce: string): string {
  return `${nonce}.${mark(key, userId, nonce)}`;
}

/** The mark's nonce when it belongs to this user, else null. */
export function deviceOf(key: string, userId: string, value: string): string | null {
  const [nonce, mac] = value.split(".");
  if (!nonce || !mac) return null;
  const expected = Buffer.from(mark(key, userId, nonce));
  const given = Buffer.from(mac);
  return expected.length === given.length && timingSafeEqual(expected, given) ? nonce : null;
}
