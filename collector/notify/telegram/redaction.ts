/**
 * Takes the token out of every text that leaves this room: errors, logs, health.
 * Why: a malformed API root, a proxy's page or a stack quotes the whole address, and the token is in it.
 * Must not: be bypassed; nothing here builds a string from an error without it.
 */

/** Longer error texts are pages of HTML, not errors. */
const ERROR_LENGTH_MAX = 300;

export type Redact = (text: string) => string;

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

/** An error as one short redacted line: the first message, and what is behind it. */
export function describeError(error: unknown, redact: Redact): string {
  const parts: string[] = [];
  let current: unknown = error;
  // Errors of fetch are three deep; a cycle must not hang us.
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const code = "code" in current && typeof current.code === "string" ? current.code : "";
    const text = current.message || code || current.name;
    if (text !== "fetch failed" && !parts.some((part) => part.includes(text))) parts.push(text);
    current = current.cause;
  }
  if (parts.length === 0) parts.push(typeof error === "string" ? error : "unknown error");
  const line = redact(parts.join(": ")).replaceAll(/\s+/g, " ").trim();
  return line.length > ERROR_LENGTH_MAX ? `${line.slice(0, ERROR_LENGTH_MAX)}…` : line;
}
