/**
 * The one HTTP or HTTPS server that people and agents reach.
 * Why apart from main: listening and closing well is an idea of its own.
 * Must not: know routes or agents.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Config } from "./config.ts";

/** The HTTP server's open requests get so long when the collector stops. */
const HTTP_CLOSE_MS = 1_000;

export function serverFor(config: Config, listener: RequestListener): Server {
  return config.tls === null ? createServer(listener) : createSecureServer(config.tls, listener);
}

export function listen(server: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.port, config.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setTimeout(() => server.closeAllConnections(), HTTP_CLOSE_MS);
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}

export function localUrl(config: Config, server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : config.port;
  const anywhere = config.host === "0.0.0.0" || config.host === "::";
  const host = anywhere ? "localhost" : config.host.includes(":") ? `[${config.host}]` : config.host;
  return `${config.tls === null ? "http" : "https"}://${host}:${String(port)}`;
}
