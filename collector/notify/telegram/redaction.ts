/**
 * Takes the token out of every text that leaves this room: errors, logs, health.
 * Why: a malformed API root, a proxy's page or a stack quotes the whole address, and the token is in it.
 * Must not: be bypassed; nothing here builds a string from an error without it.
 */
import type { Redact } from "../http/error-text.ts";

/** A redactor for this token and for anything that looks like one. */
export function createRedactor(token: string): Redact {
  const secret = token.slice(token.indexOf(":") + 1);
  const known = [token, encodeURIComponent(token), encodeURI(token), secret]
    .filter((text) => text.length >= 8)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const one of known) clean = clean.replaceAll(one, "‹token›");
    return clean
      .replaceAll(/bot\d+(?::|%3A)[A-Za-z0-9_-]*/gi, "bot‹token›")
      .replaceAll(/\d{6,}(?::|%3A)[A-Za-z0-9_-]{20,}/gi, "‹token›");
  };
}
