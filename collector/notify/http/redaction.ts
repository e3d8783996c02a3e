/**
 * Takes a recipient's key, token and path out of every text that leaves this room; the host may be seen.
 * Why the path too: the path of many webhooks is their only key, and whoever knows an ntfy topic can read it.
 * Must not: be bypassed; every outcome, log line and health detail goes through it.
 */
import type { Recipient } from "../../core/types/registry.ts";
import type { Redact } from "./error-text.ts";

/** Shorter parts of a path are words (`hooks`, `v1`), and taking them out would spoil the text. */
const SEGMENT_LENGTH_MIN = 8;

export function redactorOf({ address, secret }: Pick<Recipient, "address" | "secret">): Redact {
  const hidden = new Map<string, string>();
  const hide = (text: string, as: string) => {
    if (text !== "") hidden.set(text, as);
  };
  if (URL.canParse(address.trim())) {
    const url = new URL(address.trim());
    for (const segment of [...url.pathname.split("/"), ...url.searchParams.values()])
      if (segment.length >= SEGMENT_LENGTH_MIN) hide(segment, "‹address›");
    if (url.pathname.length > 1) hide(url.pathname, "/‹address›");
    hide(url.search, "?‹address›");
    for (const part of [url.username, url.password]) hide(part, "‹secret›");
    hide(url.href, "‹address›");
  }
  if (address.length >= SEGMENT_LENGTH_MIN) hide(address, "‹address›");
  if (secret !== null)
    for (const form of [secret, secret.replace(/^whsec_/, ""), encodeURIComponent(secret)])
      hide(form, "‹secret›");
  // The longest first: a part of another must not leave the rest of it behind.
  const longestFirst = [...hidden].sort(([a], [b]) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, [one, as]) => clean.replaceAll(one, as), text);
}
