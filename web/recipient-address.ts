/**
 * Addresses of recipients: as each role may see them, and the link by which a chat becomes one.
 * Why not whole for everybody: a webhook's address may hold a key, and whoever knows an ntfy topic reads it and writes to it.
 * Must not: be asked for a secret; a view has none.
 */
import { roleIncludes, type Role } from "./auth/users.ts";
import type { RecipientView } from "./source-recipients.ts";

/** Whole for admins; of an http address others see the host alone. A chat id opens nothing without the bot's token. */
export function shownAddress({ channel, address }: RecipientView, role: Role): string {
  if (channel === "telegram" || roleIncludes(role, "admin")) return address;
  return URL.canParse(address) ? `${new URL(address).origin}/…` : "…";
}

/** The address that opens the bot and sends it the code; null while the bot's name is not known. */
export function deepLink(botUsername: string | null, code: string): string | null {
  if (botUsername === null || !/^[A-Za-z0-9_]{3,64}$/.test(botUsername)) return null;
  return `https://t.me/${botUsername}?start=${encodeURIComponent(code)}`;
}
