/**
 * An error as people may read it: short, one line, and through the redactor of whoever sent.
 * Must not: build a string from an error without a redactor.
 */

/** Longer error texts are pages of HTML, not errors. */
const ERROR_LENGTH_MAX = 300;

/** Takes what is secret out of a text. */
export type Redact = (text: string) => string;

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
