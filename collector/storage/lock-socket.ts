/**
 * The sockets of the lock: listening on one, and asking who listens on another.
 * Must not: decide who owns a folder (lock.ts does).
 */
import { connect, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { systemCode } from "./failures.ts";

/** A process that runs answers in less. One that is stopped or very busy does not, and counts as alive all the same. */
const answerTimeoutMs = 500;
/** An answer cut short more often than this comes from something alive that is not ours: better refuse. */
const askAttemptsMax = 4;
/** Between two such attempts: by then a process that was killed is gone. */
const askAgainMs = 25;

/** What a holder says of itself: still looking for others, or the owner of the folder. */
export type Phase = "starting" | "owner";

export type Answer =
  | { readonly type: "dead" }
  | { readonly type: "cut" }
  | { readonly type: "alive"; readonly phase: Phase | "silent"; readonly processId: number | null };

const silent = { type: "alive", phase: "silent", processId: null } as const;

/** A process that dies while it is asked cuts the answer short: asked once more it is dead for sure. */
export async function askHolder(address: string): Promise<Exclude<Answer, { type: "cut" }>> {
  for (let attempt = 0; attempt < askAttemptsMax; attempt++) {
    const answer = await ask(address);
    if (answer.type !== "cut") return answer;
    await wait(askAgainMs);
  }
  return silent;
}

/** Only "nobody listens" and "no such file" mean dead; every doubt counts as alive. */
function ask(address: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ path: address });
    let text = "";
    const settle = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerTimeoutMs, () => settle(silent));
    socket.setEncoding("utf8");
    socket.on("data", (data: string) => {
      text += data;
    });
    socket.on("end", () => settle(parseAnswer(text) ?? { type: "cut" }));
    socket.on("error", (error) => {
      const code = systemCode(error);
      if (code === "ECONNREFUSED" || code === "ENOENT") settle({ type: "dead" });
      else settle(code === "ECONNRESET" || code === "EPIPE" ? { type: "cut" } : silent);
    });
  });
}

function parseAnswer(text: string): Answer | null {
  const match = /^detak (starting|owner) (\d{1,10})\n$/.exec(text);
  if (match === null) return null;
  return { type: "alive", phase: match[1] === "owner" ? "owner" : "starting", processId: Number(match[2]) };
}

/** Rejects with the system's error. */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
