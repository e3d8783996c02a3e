/**
 * Passwords: scrypt with a salt of its own for each user, and parameters kept beside the hash.
 * Why kept beside it: stronger parameters can come later without locking anybody out.
 * Must not: know users, requests or storage; never logs or returns a password.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

export interface ScryptCost {
  /** CPU and memory cost: 128 · N · r bytes are used (32 MiB at 2^15 and 8). */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** One of the equally strong settings OWASP's password storage sheet names; 32 MiB leaves room for four at once. */
export const COST_DEFAULT: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Four logins at once take 128 MiB at most; the next ones wait in line. */
const HASHES_AT_ONCE_MAX = 4;
/** A line of 32 waits about 4 s here; whoever comes then is asked to try again. */
const HASHES_WAITING_MAX = 32;

/** Shortest password taken: length is what scrypt can not add. */
export const PASSWORD_LENGTH_MIN = 10;
/** Longest: a bound for the hash's work; nobody types more. */
export const PASSWORD_LENGTH_MAX = 200;

/** Thrown when too many passwords are being checked already; the caller answers 503. */
export class PasswordQueueFull extends Error {}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= HASHES_AT_ONCE_MAX) {
    if (waiting.length >= HASHES_WAITING_MAX) throw new PasswordQueueFull("too many logins at once");
    // Whoever ends hands its place over, so the count stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

function derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  const options = { N: cost.N, r: cost.r, p: cost.p, maxmem: 128 * cost.r * (cost.N + cost.p) + 2 ** 20 };
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        // NFKC: the same password typed on two keyboards gives the same bytes.
        scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) => {
          if (error) reject(error);
          else resolve(hash);
        });
      }),
  );
}

/** `scrypt$N$r$p$salt$hash`, both base64url. */
export async function hashPassword(password: string, cost: ScryptCost = COST_DEFAULT): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/**
 * Whether `password` made `stored`. `stored: null` (no such user) does the same work and answers false, so that the time
 * taken does not tell which names exist.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  cost: ScryptCost = COST_DEFAULT,
): Promise<boolean> {
  const parts = (stored ?? "").split("$");
  const [name, N, r, p, salt, hash] = parts;
  if (stored === null || parts.length !== 6 || name !== "scrypt" || !salt || !hash) {
    await derive(password, Buffer.alloc(SALT_BYTES), cost);
    return false;
  }
  const expected = Buffer.from(hash, "base64url");
  const given = await derive(password, Buffer.from(salt, "base64url"), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return expected.length === given.length && timingSafeEqual(expected, given);
}
