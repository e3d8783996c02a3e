/**
 * The join token of this machine's own agent, left in a file for the start script.
 * Why: who tries Detak sees a first server without doing anything.
 * Must not: give the token to anybody else; only the owner may read the file.
 */
import { chmod, writeFile } from "node:fs/promises";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import { newJoinToken } from "./panel-source.ts";

/** The start script uses the token within seconds. */
const OWN_TOKEN_MS = 10 * 60_000;

/** Writes nothing when the store refuses. Rejects when the file cannot be written. */
export async function writeOwnAgentToken(
  path: string,
  push: (event: EventBody) => Promise<Reply>,
  nowWallMs: number,
): Promise<void> {
  const token = newJoinToken();
  const reply = await push({
    type: "enrollment_created",
    enrollment: {
      id: token.id,
      secretHash: token.secretHash,
      serverId: null,
      siteId: null,
      usesLeft: 1,
      expiresWallMs: nowWallMs + OWN_TOKEN_MS,
      createdWallMs: nowWallMs,
      usedBy: [],
    },
  });
  if (!reply.ok) return;
  await writeFile(path, `${token.token}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}
