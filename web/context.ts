/**
 * What every route of the panel is handed: the source, the settings, and what they share.
 * Must not: do anything; it is only words and defaults.
 */
import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import type { Assets } from "./assets.ts";
import type { LoginThrottle } from "./auth/login-throttle.ts";
import type { ScryptCost } from "./auth/password.ts";
import type { LiveHub } from "./live.ts";
import type { PanelSource } from "./source.ts";

export interface PanelOptions {
  /** Shown on System and in the footer. */
  readonly version: string;
  /** An API token with the role admin from the start (DETAK_API_TOKEN), or null. */
  readonly apiToken?: string | null;
  /** True: a proxy of ours stands in front and its `X-Forwarded-*` headers are believed. */
  readonly trustProxy?: boolean;
  /** True: the panel itself is served over TLS, so cookies are Secure. Behind a trusted proxy its word decides. */
  readonly secureCookies?: boolean;
  /** Unix ms. */
  readonly now?: () => number;
  /** At least 128 random bits, of `[A-Za-z0-9_-]`. */
  readonly randomId?: () => string;
  /** The peer's address as the socket says it. */
  readonly clientAddress?: (c: Context) => string;
  /** Weaker only in tests. */
  readonly passwordCost?: ScryptCost;
  /** Called with what a route threw; the person sees a page without details. */
  readonly onError?: (error: unknown, route: string) => void;
}

export interface Settings {
  readonly version: string;
  readonly apiToken: string | null;
  readonly trustProxy: boolean;
  readonly secureCookies: boolean;
  readonly now: () => number;
  readonly randomId: () => string;
  readonly clientAddress: (c: Context) => string;
  readonly passwordCost: ScryptCost | undefined;
  readonly onError: (error: unknown, route: string) => void;
}

export interface PanelParts {
  readonly source: PanelSource;
  readonly assets: Assets;
  readonly settings: Settings;
  readonly throttle: LoginThrottle;
  readonly live: LiveHub;
}

/** What @hono/node-server puts into `c.env`; absent in tests through `app.request()`. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

export function settingsOf(options: PanelOptions): Settings {
  return {
    version: options.version,
    apiToken: options.apiToken ?? null,
    trustProxy: options.trustProxy ?? false,
    secureCookies: options.secureCookies ?? false,
    now: options.now ?? Date.now,
    randomId: options.randomId ?? (() => randomBytes(24).toString("base64url")),
    clientAddress:
      options.clientAddress ??
      ((c) => (c.env as NodeBindings | undefined)?.incoming?.socket?.remoteAddress ?? "unknown"),
    passwordCost: options.passwordCost,
    onError: options.onError ?? (() => undefined),
  };
}

/** Whose request it is, for throttling: the peer, or what the trusted proxy next to us saw. */
export function addressOf(settings: Settings, c: Context): string {
  const peer = settings.clientAddress(c);
  if (!settings.trustProxy) return peer;
  // The last entry was written by our own proxy; those before it are the client's claim.
  const forwarded = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded ? forwarded : peer;
}

export function isSecure(settings: Settings, c: Context): boolean {
  if (settings.trustProxy && c.req.header("x-forwarded-proto") !== undefined)
    return c.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https";
  return settings.secureCookies;
}

/** What the browser was asked to open. */
export function hostOf(settings: Settings, c: Context): string | undefined {
  const forwarded = settings.trustProxy ? c.req.header("x-forwarded-host") : undefined;
  return forwarded ?? c.req.header("host") ?? new URL(c.req.url).host;
}

/** Where agents and people reach this collector: the setting, else the address of this very request. */
export function publicUrlOf({ source, settings }: PanelParts, c: Context): string {
  const configured = source.system().publicUrl;
  if (configured !== null) return configured;
  const host = hostOf(settings, c) ?? "localhost";
  // It ends up in a command that people paste into a shell.
  const safe = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(host) ? host : "localhost";
  return `${isSecure(settings, c) ? "https" : "http"}://${safe}`;
}
