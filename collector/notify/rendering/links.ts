/**
 * Links in a message: the map, the panel.
 * Why apart: a link that opens nothing, or that Telegram refuses, must be known before a message is made of it.
 * Must not: fetch anything, or trust an address.
 */

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
