/**
 * The last line of every file of the store: how many bytes stand before it, and their CRC-32.
 * Why: a torn, zeroed, cut, prolonged or flipped file must be known as damaged before one byte of it is believed.
 * Why CRC-32 with a length: it finds every error burst up to 32 bits and misses others once in four thousand million;
 * it guards against accidents, not against people, and costs next to nothing beside the write.
 * Must not: change between schema versions, or an old program could not tell "too new" from "damaged".
 */
import { crc32 } from "node:zlib";

export interface Seal {
  /** Bytes before the seal's line. */
  readonly byteCount: number;
  readonly crc32: number;
}

/** Longer than any seal line can be: 24 characters of JSON, 16 of length, 8 of CRC and a margin. */
export const sealByteCountMax = 80;

const pattern = /^"seal":\{"bytes":(\d{1,16}),"crc32":"([0-9a-f]{8})"\}\}\n$/;

export const emptySeal: Seal = { byteCount: 0, crc32: 0 };

/** The seal of what was sealed so far and of `chunk` behind it. */
export function extendSeal(seal: Seal, chunk: Uint8Array): Seal {
  return { byteCount: seal.byteCount + chunk.byteLength, crc32: crc32(chunk, seal.crc32) };
}

/** The line that closes the JSON document. */
export function sealLine(seal: Seal): Uint8Array {
  const crc = seal.crc32.toString(16).padStart(8, "0");
  return Buffer.from(`"seal":{"bytes":${seal.byteCount},"crc32":"${crc}"}}\n`);
}

/** The seal as written at the end of a file, given its last bytes; null when there is none. Checks nothing else. */
export function readSeal(end: Uint8Array): Seal | null {
  const tail = Buffer.from(end.buffer, end.byteOffset, end.byteLength).subarray(-sealByteCountMax);
  const lineStart = tail.lastIndexOf(0x0a, tail.byteLength - 2) + 1;
  const match = pattern.exec(tail.subarray(lineStart).toString("latin1"));
  if (match === null) return null;
  return { byteCount: Number(match[1]), crc32: Number.parseInt(match[2] ?? "", 16) };
}

/** Why these bytes can't be believed, as the end of a sentence about the file; null when they are whole. */
export function sealFault(bytes: Uint8Array): string | null {
  if (bytes.byteLength === 0) return "it is empty";
  const seal = readSeal(bytes);
  if (seal === null) return "its end is missing or overwritten";
  const lineByteCount = sealLine(seal).byteLength;
  if (bytes.byteLength !== seal.byteCount + lineByteCount) return "its length is wrong";
  if (crc32(bytes.subarray(0, seal.byteCount)) !== seal.crc32) return "its checksum is wrong";
  return null;
}

export const sameSeal = (left: Seal, right: Seal): boolean =>
  left.byteCount === right.byteCount && left.crc32 === right.crc32;
