/**
 * The panel's three cookies: the session, the device mark, the chosen language.
 * Why two names for each: `__Host-` binds a cookie to this very host and TLS, but only works there.
 * Must not: be readable by script (but for the language, which is no secret).
 */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isSecure, type Settings } from "../context.ts";
import { SESSION_ABSOLUTE_MS } from "./sessions.ts";

/** A year: long enough that the owner's usual browser stays known. */
const DEVICE_SECONDS = 365 * 24 * 3_600;

type CookieName = "session" | "device" | "language";

function write(settings: Settings, c: Context, name: CookieName, value: string, maxAgeSeconds: number): void {
  const secure = isSecure(settings, c);
  setCookie(c, secure ? `__Host-detak_${name}` : `detak_${name}`, value, {
    path: "/",
    httpOnly: true,
    secure,
    sameSite: "Lax",
    maxAge: maxAgeSeconds,
  });
}

export function readCookie(settings: Settings, c: Context, name: CookieName): string | null {
  const value = getCookie(c, isSecure(settings, c) ? `__Host-detak_${name}` : `detak_${name}`);
  return value === undefined || value === "" ? null : value;
}

export function writeSessionCookie(settings: Settings, c: Context, token: string): void {
  write(settings, c, "session", token, SESSION_ABSOLUTE_MS / 1_000);
}
export function clearSessionCookie(settings: Settings, c: Context): void {
  write(settings, c, "session", "", 0);
}
export function writeDeviceCookie(settings: Settings, c: Context, mark: string): void {
  write(settings, c, "device", mark, DEVICE_SECONDS);
}
export function writeLanguageCookie(settings: Settings, c: Context, language: string): void {
  write(settings, c, "language", language, DEVICE_SECONDS);
}
