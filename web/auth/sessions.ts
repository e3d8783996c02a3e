/**
 * Sessions of the panel: a random token in the cookie, its hash on the shelf (`panel/session/<hash>`).
 * Why hashed: whoever reads the state file can not walk in with it.
 * Must not: put the token anywhere but the cookie, or extend a session past its absolute end.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { PanelSource } from "../source.ts";
import { userById, type User } from "./users.ts";

/** Unused for this long: over. Half a day covers a shift with a meal; an open page counts as used. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
/** Over in any case, however busy: a month, as a stolen laptop's bound. */
export const SESSION_ABSOLUTE_MS = 30 * 24 * 3_600_000;
/** Being seen is written down at most this often: a durable write each request would be waste. */
const SEEN_WRITE_INTERVAL_MS = 5 * 60_000;
/** At most so many at once for one user; the one unused longest goes first. */
const SESSIONS_PER_USER_MAX = 50;

const PREFIX = "panel/session/";

const sessionRecord = z.object({
  userId: z.string(),
  /** Keys the CSRF tokens of this session; useless without the cookie. */
  csrfKey: z.string(),
  createdAtMs: z.number(),
  seenAtMs: z.number(),
});
type SessionRecord = z.infer<typeof sessionRecord>;

export interface Session {
  /** Key on the shelf; names the session without being able to open it. */
  readonly key: string;
  readonly csrfKey: string;
  readonly user: User;
}

function keyOf(token: string): string {
  return PREFIX + createHash("sha256").update(token).digest("base64url");
}

function alive(record: SessionRecord, nowMs: number): boolean {
  return nowMs - record.seenAtMs < SESSION_IDLE_MS && nowMs - record.createdAtMs < SESSION_ABSOLUTE_MS;
}

function read(source: PanelSource, key: string): SessionRecord | null {
  const parsed = sessionRecord.safeParse(source.shelf.get(key));
  return parsed.success ? parsed.data : null;
}

/**
 * Opens a session for a user who has just shown the password; `previousToken` (the cookie so far) ends with it, so a
 * session never outlives a login. Returns the token for the cookie.
 */
export async function openSession(
  source: PanelSource,
  input: {
    readonly user: User;
    readonly previousToken: string | null;
    readonly nowMs: number;
    readonly randomId: () => string;
  },
): Promise<string> {
  const token = input.randomId();
  const all = source.shelf
    .list(PREFIX)
    .map(({ key, value }) => ({ key, record: sessionRecord.safeParse(value) }));
  const dead = all
    .filter(({ record }) => !record.success || !alive(record.data, input.nowMs))
    .map(({ key }) => key);
  const own = all
    .flatMap(({ key, record }) =>
      record.success && record.data.userId === input.user.id && !dead.includes(key)
        ? [{ key, seenAtMs: record.data.seenAtMs }]
        : [],
    )
    .sort((a, b) => b.seenAtMs - a.seenAtMs)
    .slice(SESSIONS_PER_USER_MAX - 1)
    .map(({ key }) => key);
  const ended = new Set([...dead, ...own, ...(input.previousToken ? [keyOf(input.previousToken)] : [])]);
  const value: SessionRecord = {
    userId: input.user.id,
    csrfKey: input.randomId(),
    createdAtMs: input.nowMs,
    seenAtMs: input.nowMs,
  };
  await source.shelf.write([
    ...[...ended].filter((key) => source.shelf.get(key) !== null).map((key) => ({ key, value: null })),
    { key: keyOf(token), value },
  ]);
  return token;
}

/** The living session behind a cookie's token, or null. */
export function sessionOf(source: PanelSource, token: string, nowMs: number): Session | null {
  return sessionAt(source, keyOf(token), nowMs);
}

/** The same by the session's key: an open live connection asks again now and then. */
export function sessionAt(source: PanelSource, key: string, nowMs: number): Session | null {
  const record = read(source, key);
  if (!record || !alive(record, nowMs)) return null;
  const user = userById(source, record.userId);
  return user ? { key, csrfKey: record.csrfKey, user } : null;
}

/** Notes that the session is used. Written rarely; a failing store must not lock anybody out, so that is swallowed. */
export async function touchSession(source: PanelSource, key: string, nowMs: number): Promise<void> {
  const record = read(source, key);
  if (!record || nowMs - record.seenAtMs < SEEN_WRITE_INTERVAL_MS) return;
  try {
    await source.shelf.write([{ key, value: { ...record, seenAtMs: nowMs } }]);
  } catch {
    // The panel stays readable while the store fails; the notice on every page says so.
  }
}

export async function closeSession(source: PanelSource, key: string): Promise<void> {
  await source.shelf.write([{ key, value: null }]);
}

// ── CSRF ─────────────────────────────────────────────────────────────────────────────────────────────

function csrfMac(csrfKey: string, nonce: string): string {
  return createHmac("sha256", csrfKey).update(nonce).digest("base64url");
}

/** A token for the forms of one page. Each page has another one, so a compressed page does not leak it bit by bit. */
export function csrfToken(session: Session, nonce: string): string {
  return `${nonce}.${csrfMac(session.csrfKey, nonce)}`;
}

export function csrfValid(session: Session, token: string): boolean {
  const dot = token.lastIndexOf(".");
  if (dot < 1) return false;
  const expected = Buffer.from(csrfMac(session.csrfKey, token.slice(0, dot)));
  const given = Buffer.from(token.slice(dot + 1));
  return expected.length === given.length && timingSafeEqual(expected, given);
}
