/**
 * What the first bytes of a program say, in a few characters.
 * Why: bytes prove that a program runs, and people want to see which; the bytes are a stranger's.
 * Must not: believe what they say, or let anything but plain ASCII through.
 */

/** Fits a table row and a message; an SSH banner has about 40. */
export const BANNER_CHARACTERS_MAX = 120;
/** Of what a program says first so much is kept; a TLS answer begins with 5 bytes that tell, a text with its line. */
export const SPEECH_BYTES_MAX = 512;

/** Shorter runs of letters in binary data are chance. */
const RUN = /[\x20-\x7e]{4,}/;

/** `SSH-2.0-OpenSSH_9.2`, `HTTP 404`, `TLS`, `RDP`, else the first readable run, else `binary`. Null: no bytes. */
export function speechOf(bytes: Buffer): string | null {
  if (bytes.length === 0) return null;
  if (isTls(bytes)) return "TLS";
  if (isRdp(bytes)) return "RDP";
  const text = bytes.subarray(0, SPEECH_BYTES_MAX).toString("latin1");
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(text)?.[1];
  if (status !== undefined) return `HTTP ${status}`;
  const run = RUN.exec(text)?.[0] ?? text.replace(/[^\x20-\x7e]+/g, " ");
  const line = run.replace(/ {2,}/g, " ").trim();
  return line === "" ? "binary" : line.slice(0, BANNER_CHARACTERS_MAX).trim();
}

/** True when more bytes would not change what is said. */
export function isWholeSpeech(bytes: Buffer): boolean {
  return bytes.length >= SPEECH_BYTES_MAX || bytes.includes("\n") || isTls(bytes) || isRdp(bytes);
}

/** An alert (21) or a handshake (22) of TLS 1.x: its record begins with type and version 3.x. */
function isTls(bytes: Buffer): boolean {
  const [type, major, minor] = bytes;
  return (type === 21 || type === 22) && major === 3 && minor !== undefined && minor <= 4;
}

/** A TPKT (version 3) that holds an X.224 connection confirm (code 0xD0). */
function isRdp(bytes: Buffer): boolean {
  return bytes[0] === 3 && bytes[1] === 0 && ((bytes[5] ?? 0) & 0xf0) === 0xd0;
}
