/**
 * The programs of a host that speak on its ports: an SSH greeting, a web page, or a bare accept; a process of its own.
 * Why: userland is proven by bytes. When this process is stopped, the kernel still accepts, and nobody speaks.
 * Must not: do anything else.
 *
 * Run: `speakers <JSON: SpeakerPlace[]>`. Says `listening`. A line of input `status <n>` sets the web pages' status; it is
 * answered by `done`.
 */
import { createServer as createWebServer } from "node:http";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Speaker } from "./scenario.ts";

export interface SpeakerPlace extends Speaker {
  /** Absent: every address of the namespace. */
  readonly host?: string;
}

let status = 200;
const places = JSON.parse(process.argv[2] ?? "[]") as SpeakerPlace[];
for (const { says, port, host } of places)
  await new Promise<void>((resolve, reject) => {
    const server = serverFor(says);
    server.once("error", reject);
    server.listen({ port, host: host ?? "0.0.0.0" }, resolve);
  });
createInterface({ input: process.stdin }).on("line", (line) => {
  status = Number(line.replace("status ", ""));
  process.stdout.write("done\n");
});
process.stdout.write("listening\n");

function serverFor(says: Speaker["says"]): Server {
  if (says === "http")
    return createWebServer((_request, response) => {
      response.writeHead(status, { "content-type": "text/plain", connection: "close" });
      response.end(status < 400 ? "gudang siap\n" : "rusak\n");
    });
  return createServer((socket) => {
    socket.on("error", () => undefined);
    if (says === "ssh") socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    socket.resume();
  });
}
