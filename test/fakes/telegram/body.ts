/**
 * Reads the parameters of a Bot API call: query, form, JSON and multipart bodies, as the real server does.
 * Must not: know any method.
 */
import type { IncomingMessage } from "node:http";

/** Every parameter as text; a structured JSON value is its JSON. Files are their size in bytes. */
export interface Parameters {
  readonly values: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, { readonly name: string; readonly bytes: Buffer }>;
}

/** The real server takes 50 MB of a bot; tests need far less. */
const BODY_BYTES_MAX = 20 * 1024 * 1024;

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error("body too large");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function readJson(text: string, values: Map<string, string>): void {
  const json: unknown = JSON.parse(text);
  if (typeof json !== "object" || json === null) throw new Error("body is not an object");
  for (const [key, value] of Object.entries(json)) {
    if (value === null || value === undefined) continue;
    values.set(key, typeof value === "string" ? value : JSON.stringify(value));
  }
}

function readMultipart(
  bytes: Buffer,
  boundary: string,
  values: Map<string, string>,
  files: Map<string, { name: string; bytes: Buffer }>,
): void {
  const marker = Buffer.from(`--${boundary}`);
  // Only at the beginning of a line: a picture may hold any bytes.
  const nextMarker = Buffer.from(`\r\n--${boundary}`);
  let at = bytes.indexOf(marker);
  while (at >= 0) {
    const next = bytes.indexOf(nextMarker, at + marker.length);
    if (next < 0) break;
    const part = bytes.subarray(at + marker.length + 2, next);
    const headEnd = part.indexOf("\r\n\r\n");
    if (headEnd < 0) throw new Error("broken multipart part");
    const head = part.subarray(0, headEnd).toString("utf8");
    const content = part.subarray(headEnd + 4);
    const name = /name="([^"]*)"/.exec(head)?.[1];
    if (name === undefined) throw new Error("multipart part without a name");
    const fileName = /filename="([^"]*)"/.exec(head)?.[1];
    if (fileName === undefined) values.set(name, content.toString("utf8"));
    else files.set(name, { name: fileName, bytes: Buffer.from(content) });
    at = next + 2;
  }
}

/** Rejects with an Error when the body cannot be read; the server answers 400 then. */
export async function readParameters(request: IncomingMessage, query: URLSearchParams): Promise<Parameters> {
  const values = new Map<string, string>(query);
  const files = new Map<string, { name: string; bytes: Buffer }>();
  const bytes = await bytesOf(request);
  const type = request.headers["content-type"] ?? "";
  if (bytes.length > 0) {
    if (type.startsWith("application/x-www-form-urlencoded")) {
      for (const [key, value] of new URLSearchParams(bytes.toString("utf8"))) values.set(key, value);
    } else if (type.startsWith("application/json")) {
      readJson(bytes.toString("utf8"), values);
    } else if (type.startsWith("multipart/form-data")) {
      const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
      if (boundary === undefined) throw new Error("multipart without a boundary");
      readMultipart(bytes, boundary, values, files);
    } else throw new Error(`unknown content type ${type}`);
  }
  return { values, files };
}
