/**
 * Devices that come and go at a word: pages of one HTTP server that answer or refuse, watched by a ping-only server's check.
 * Why pages and not ports: a port that is closed may be somebody else's when it is to be opened again.
 * Must not: know who asks.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Device {
  readonly name: string;
  /** What a ping-only server is saved with, so that this page is what it is judged by. */
  readonly server: Readonly<Record<string, unknown>>;
  fall(): void;
  rise(): void;
}

export interface Devices {
  add(name: string): Device;
  close(): Promise<void>;
}

export async function openDevices(): Promise<Devices> {
  const fallen = new Set<string>();
  const server = createServer((request, response) => {
    response.writeHead(fallen.has(request.url ?? "") ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    add(name) {
      const path = `/${name}`;
      return {
        name,
        server: {
          name,
          mode: "ping",
          address: "127.0.0.1",
          check: { type: "http", url: `http://127.0.0.1:${port}${path}`, expectedStatus: 200 },
        },
        fall: () => void fallen.add(path),
        rise: () => void fallen.delete(path),
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
