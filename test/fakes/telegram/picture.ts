/**
 * Reads a PNG or JPEG as far as Telegram's picture processing must be able to: sizes, and whether it is whole.
 * Why to the last pixel: a chart that our own encoder wrote wrongly must fail here, not in a chat.
 * Must not: repair, scale or re-encode anything.
 */
import { crc32, inflateSync } from "node:zlib";

export interface Picture {
  readonly mime: "image/png" | "image/jpeg";
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** 10 MiB, and sides that together are no longer than this, no thinner than one to twenty. */
const PHOTO_BYTES_MAX = 10 * 1024 * 1024;
const PHOTO_SIDES_MAX = 10_000;
const PHOTO_RATIO_MAX = 20;

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Samples a pixel by colour type. */
const PNG_SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function pngChunks(bytes: Buffer): readonly Chunk[] | null {
  const chunks: Chunk[] = [];
  for (let at = PNG_SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length) return null;
    const body = bytes.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== bytes.readUInt32BE(at + 8 + length)) return null;
    chunks.push({ type: body.subarray(0, 4).toString("latin1"), data: body.subarray(4) });
    at = end;
  }
  return chunks.at(-1)?.type === "IEND" ? chunks : null;
}

function readPng(bytes: Buffer): Picture | null {
  const chunks = pngChunks(bytes);
  const head = chunks?.[0];
  if (!chunks || head?.type !== "IHDR" || head.data.length !== 13) return null;
  const width = head.data.readUInt32BE(0);
  const height = head.data.readUInt32BE(4);
  const depth = head.data[8] ?? 0;
  const colour = head.data[9] ?? 0;
  const interlaced = head.data[12] !== 0;
  const samples = PNG_SAMPLES[colour];
  if (samples === undefined || width === 0 || height === 0) return null;
  if (colour === 3 && !chunks.some(({ type }) => type === "PLTE")) return null;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  const line = 1 + Math.ceil((width * samples * depth) / 8);
  try {
    const pixels = inflateSync(packed);
    // An interlaced picture has its lines in seven passes; their sum is not checked.
    if (!interlaced && pixels.length !== line * height) return null;
    for (let at = 0; !interlaced && at < pixels.length; at += line) if ((pixels[at] ?? 9) > 4) return null;
  } catch {
    return null;
  }
  return { mime: "image/png", width, height, bytes };
}

function readJpeg(bytes: Buffer): Picture | null {
  // Ends with EOI; some cameras pad with zeros after it.
  if (bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) < bytes.length - 64) return null;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const height = bytes.readUInt16BE(at + 5);
      const width = bytes.readUInt16BE(at + 7);
      return width > 0 && height > 0 ? { mime: "image/jpeg", width, height, bytes } : null;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** The picture, or the sentence the real server refuses it with. */
export function readPicture(bytes: Buffer): Picture | string {
  if (bytes.length === 0) return "Bad Request: file must be non-empty";
  if (bytes.length > PHOTO_BYTES_MAX) {
    return `Bad Request: file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${PHOTO_BYTES_MAX} bytes`;
  }
  const isPng = bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE);
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const picture = isPng ? readPng(bytes) : isJpeg ? readJpeg(bytes) : null;
  if (!picture) return "Bad Request: IMAGE_PROCESS_FAILED";
  const { width, height } = picture;
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (width + height > PHOTO_SIDES_MAX || ratio > PHOTO_RATIO_MAX) {
    return "Bad Request: PHOTO_INVALID_DIMENSIONS";
  }
  return picture;
}
