/**
 * The address of a receiver that speaks HTTP.
 * Why strict: what is refused here costs no request, and is shown to whoever typed it.
 * Must not: be quoted in an error; an address may hold a key, and a topic is as good as a password.
 */

/** Longer ones are no addresses; many servers stop reading near this. */
const ADDRESS_LENGTH_MAX = 2_000;

/** null: not http or https, no host, or a name and password in it (fetch takes none). The part after `#` is never sent. */
export function httpUrl(address: string): URL | null {
  const text = address.trim();
  if (text.length > ADDRESS_LENGTH_MAX || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.hostname === "" || url.username !== "" || url.password !== "") return null;
  url.hash = "";
  return url;
}
