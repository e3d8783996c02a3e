/**
 * Addresses in a message: the chat it goes to, the map, the panel.
 */

export interface ChatAddress {
  /** A number as text, or `@name` of a public group or channel. */
  readonly chatId: string;
  /** A topic of a forum; null: the chat itself (also for the General topic). */
  readonly threadId: number | null;
}

/** `<chat id>`, `<chat id>/<topic id>` or `@name`; null when it is none of them. */
export function parseChatAddress(address: string): ChatAddress | null {
  const match = /^(-?\d{1,16}|@[A-Za-z][A-Za-z0-9_]{3,31})(?:\/(\d{1,10}))?$/.exec(address.trim());
  if (!match?.[1]) return null;
  const threadId = match[2] === undefined ? null : Number(match[2]);
  // Topic 1 is General: Telegram refuses it as a thread.
  return { chatId: match[1], threadId: threadId === null || threadId <= 1 ? null : threadId };
}

/** The address a chat is kept under. */
export function chatAddress(chatId: number, threadId: number | null): string {
  return threadId === null ? String(chatId) : `${chatId}/${threadId}`;
}

/** A link that opens the phone's map app at the place; null when it is no place. */
export function mapUrl(latitude: number | null, longitude: number | null): string | null {
  if (latitude === null || longitude === null) return null;
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) return null;
  // Six decimals are a tenth of a metre. Google's universal form opens the app on Android and iOS, a page elsewhere.
  const point = [latitude, longitude].map((degrees) => String(Number(degrees.toFixed(6)))).join(",");
  return `https://www.google.com/maps/search/?api=1&query=${encodeURIComponent(point)}`;
}

/** Longer addresses are left out rather than crowding the message. */
const URL_LENGTH_MAX = 500;

/** The URL when it is a plain http(s) one; null otherwise. */
export function webUrl(text: string | null): URL | null {
  if (text === null || text.length > URL_LENGTH_MAX) return null;
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** Whether Telegram takes the URL for a button: it refuses names without a dot and private places. */
export function isPublicUrl(url: URL): boolean {
  const host = url.hostname.toLowerCase();
  if (url.username !== "" || url.password !== "") return false;
  if (host.startsWith("[") || !host.includes(".") || host.endsWith(".")) return false;
  if (/\.(local|localhost|internal|intranet|lan|home|corp|arpa|test|example|invalid)$/.test(host))
    return false;
  const four = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(host);
  if (!four) return true;
  const [first, second] = [Number(four[1]), Number(four[2])];
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
  if (first === 169 && second === 254) return false;
  if (first === 192 && second === 168) return false;
  if (first === 100 && second >= 64 && second <= 127) return false;
  return !(first === 172 && second >= 16 && second <= 31);
}
