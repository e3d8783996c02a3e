/**
 * The panel's users: who may come in and what they may do. Kept on the shelf as `panel/user/<id>`.
 * Why not in the core: the collector judges servers; who looks at it is none of its business.
 * Must not: keep passwords in any readable form, or trust what lies on the shelf without parsing it.
 */
import * as z from "zod";
import type { Language, PanelSource } from "../source.ts";
import { hashPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, type ScryptCost } from "./password.ts";

/** viewer reads; operator also changes servers and incidents; admin everything. */
export const roles = ["viewer", "operator", "admin"] as const;
export type Role = (typeof roles)[number];

/** Whether `role` includes what `needed` may do. */
export function roleIncludes(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

const userRecord = z.object({
  id: z.string(),
  username: z.string(),
  role: z.enum(roles),
  passwordHash: z.string(),
  language: z.enum(["id", "en"]).nullable(),
  createdAtMs: z.number(),
});
export type User = z.infer<typeof userRecord>;

const PREFIX = "panel/user/";
const USERNAME_LENGTH_MAX = 64;

/** Names are compared without case and without look-alike forms. */
export function normalUsername(username: string): string {
  return username.normalize("NFKC").trim().toLowerCase();
}

export function users(source: PanelSource): User[] {
  return source.shelf.list(PREFIX).flatMap(({ value }) => {
    const parsed = userRecord.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

export function userById(source: PanelSource, id: string): User | null {
  const parsed = userRecord.safeParse(source.shelf.get(PREFIX + id));
  return parsed.success ? parsed.data : null;
}

export function userByName(source: PanelSource, username: string): User | null {
  const wanted = normalUsername(username);
  return users(source).find((user) => user.username === wanted) ?? null;
}

export function adminExists(source: PanelSource): boolean {
  return users(source).some((user) => user.role === "admin");
}

export type UserProblem = "username_invalid" | "username_taken" | "password_short" | "password_long";

/** What is wrong with a name and password somebody chose, or null. */
export function userProblem(source: PanelSource, username: string, password: string): UserProblem | null {
  const name = normalUsername(username);
  if (name.length === 0 || name.length > USERNAME_LENGTH_MAX || /[\p{C}\s]/u.test(name))
    return "username_invalid";
  if (userByName(source, name)) return "username_taken";
  if (password.length < PASSWORD_LENGTH_MIN) return "password_short";
  if (password.length > PASSWORD_LENGTH_MAX) return "password_long";
  return null;
}

export interface NewUser {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly role: Role;
  readonly nowMs: number;
  readonly cost?: ScryptCost | undefined;
}

/** The record of a new user as a change of the shelf; the caller writes it together with what belongs to it. */
export async function userChange(input: NewUser): Promise<{ readonly key: string; readonly value: User }> {
  const value: User = {
    id: input.id,
    username: normalUsername(input.username),
    role: input.role,
    passwordHash: await hashPassword(input.password, input.cost),
    language: null,
    createdAtMs: input.nowMs,
  };
  return { key: PREFIX + input.id, value };
}

export async function setUserLanguage(source: PanelSource, user: User, language: Language): Promise<void> {
  await source.shelf.write([{ key: PREFIX + user.id, value: { ...user, language } }]);
}
