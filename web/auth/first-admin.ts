/**
 * How the first admin comes to be: by a one-time set-up link that the console prints, or by two settings.
 * Why a link: no default password ever; whoever reads the console owns the machine anyway.
 * Must not: work once an admin exists, or keep the link's token in readable form.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { PanelSource } from "../source.ts";
import type { ScryptCost } from "./password.ts";
import { adminExists, userChange, userProblem, type User, type UserProblem } from "./users.ts";

const SETUP_KEY = "panel/setup";

const hash = (token: string) => createHash("sha256").update(token).digest("base64url");

/**
 * The token of the set-up link (`/setup/<token>`), fresh at each start (the one before stops working), or null when an
 * admin exists. Rejects when the store fails.
 */
export async function ensureSetupLink(source: PanelSource, randomId: () => string): Promise<string | null> {
  if (adminExists(source)) {
    if (source.shelf.get(SETUP_KEY) !== null) await source.shelf.write([{ key: SETUP_KEY, value: null }]);
    return null;
  }
  const token = randomId();
  await source.shelf.write([{ key: SETUP_KEY, value: hash(token) }]);
  return token;
}

/** Whether the link is good now: it is the newest one and nobody is admin yet. */
export function setupLinkValid(source: PanelSource, token: string): boolean {
  const kept = source.shelf.get(SETUP_KEY);
  if (typeof kept !== "string" || adminExists(source)) return false;
  const expected = Buffer.from(kept);
  const given = Buffer.from(hash(token));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

export type SetupResult =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly code: UserProblem | "setup_link_used" };

/** Spends the link for the first admin. */
export async function completeSetup(
  source: PanelSource,
  input: {
    readonly token: string;
    readonly username: string;
    readonly password: string;
    readonly id: string;
    readonly nowMs: number;
    readonly cost?: ScryptCost | undefined;
  },
): Promise<SetupResult> {
  if (!setupLinkValid(source, input.token)) return { ok: false, code: "setup_link_used" };
  const problem = userProblem(source, input.username, input.password);
  if (problem) return { ok: false, code: problem };
  const change = await userChange({ ...input, role: "admin" });
  // Hashing took a while: somebody else may have spent the link meanwhile. Nothing waits between this and the write.
  if (spending.has(source) || !setupLinkValid(source, input.token))
    return { ok: false, code: "setup_link_used" };
  spending.add(source);
  try {
    await source.shelf.write([change, { key: SETUP_KEY, value: null }]);
  } finally {
    spending.delete(source);
  }
  return { ok: true, user: change.value };
}
const spending = new WeakSet<PanelSource>();

export interface AdminResult {
  readonly outcome: "created" | "exists" | "refused";
  /** Why it was refused; or, when created, `password_short` as advice for the log. */
  readonly problem: UserProblem | null;
}

/**
 * The first admin from DETAK_ADMIN_USERNAME and DETAK_ADMIN_PASSWORD. Does nothing when an admin exists: a password in
 * the settings never overwrites one that was chosen, and a removed user does not come back. A short password is taken,
 * as it is the operator's own choice, but not silently.
 */
export async function ensureAdmin(
  source: PanelSource,
  input: {
    readonly username: string;
    readonly password: string;
    readonly now: () => number;
    readonly randomId: () => string;
    readonly cost?: ScryptCost | undefined;
  },
): Promise<AdminResult> {
  if (adminExists(source)) return { outcome: "exists", problem: null };
  const problem = userProblem(source, input.username, input.password);
  if (input.password === "" || (problem !== null && problem !== "password_short"))
    return { outcome: "refused", problem };
  const change = await userChange({
    id: input.randomId(),
    username: input.username,
    password: input.password,
    role: "admin",
    nowMs: input.now(),
    cost: input.cost,
  });
  await source.shelf.write([change, { key: SETUP_KEY, value: null }]);
  return { outcome: "created", problem };
}
