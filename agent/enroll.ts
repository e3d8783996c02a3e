/**
 * Enrolling: one session that ends when the collector's key is pinned and the identity is on the disk.
 * Why apart from serving: `enroll` does only this, `run` does it first when there is a token and no identity.
 * Must not: pin a collector that did not prove that it knows the token.
 */
import { hostname } from "node:os";
import type { Enroll, Hello } from "../shared/wire.ts";
import { AgentFailure } from "./failure.ts";
import { pendingKeys, storeIdentity, type Identity } from "./identity.ts";
import { enrolledIsRight, makeEnroll, type JoinToken } from "./keys.ts";
import type { Log } from "./log.ts";
import { randomSeed } from "./seed.ts";
import { runSession } from "./session-shell.ts";
import { agentVersion } from "./version.ts";
import { problemSentence } from "./words.ts";

/** What `enroll` waits for at most, so that a person or an installer gets an answer. */
export const enrollGiveUpMs = 60_000;

export interface EnrollOptions {
  readonly stateDir: string;
  readonly collectorUrl: string;
  readonly token: JoinToken;
  readonly ca?: string;
  readonly log: Log;
  readonly now: () => number;
  readonly bootClock: () => number;
  /** Absent: tries until it works or is refused. */
  readonly giveUpAfterMs?: number;
  /** Ends it early, with null. */
  readonly signal: AbortSignal;
}

/** The new identity, already stored; null when stopped. Throws AgentFailure when refused or given up. */
export async function enroll(options: EnrollOptions): Promise<Identity | null> {
  const { stateDir, collectorUrl, token, log } = options;
  const keys = await pendingKeys(stateDir, token.tokenId, collectorUrl);
  let asked: { readonly hello: Hello; readonly enroll: Enroll } | undefined;
  let identity: Identity | null = null;
  const session = runSession({
    settings: {
      purpose: "enroll",
      collectorKey: null,
      seed: randomSeed(),
      ...(options.giveUpAfterMs === undefined ? {} : { giveUpAfterMs: options.giveUpAfterMs }),
    },
    collectorUrl,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    agentVersion,
    log,
    now: options.now,
    bootClock: options.bootClock,
    parts: {
      makeOpening(_as, hello, version) {
        const message = makeEnroll(hello, version, { keys, token, hostName: nameOfHost(), agentVersion });
        asked = { hello, enroll: message };
        return message;
      },
      enrolledIsRight: (enrolled) =>
        asked !== undefined && enrolledIsRight(asked.hello, asked.enroll, enrolled, token),
      async storeIdentity(serverId, collectorKey) {
        identity = { serverId, collectorUrl, collectorKey, keys };
        await storeIdentity(stateDir, identity);
      },
      // An enrolling session never opens, so none of these is ordered.
      welcomeIsRight: () => false,
      makeBeat: (sequence) => ({ type: "beat", sequence }),
      makeInventory: () => null,
      setHealthRhythm: () => undefined,
      readJournal: () => undefined,
      journalDelivered: () => undefined,
      askWitness: () => undefined,
      stateChanged: () => undefined,
    },
  });
  const stop = () => session.tell({ type: "stop_requested", nowMs: options.now(), reason: "agent_stopped" });
  options.signal.addEventListener("abort", stop);
  if (options.signal.aborted) stop();
  const end = await session.ended.finally(() => options.signal.removeEventListener("abort", stop));

  switch (end.outcome) {
    case "enrolled":
      log("info", "enrolled", { collectorUrl });
      return identity;
    case "stopped":
      return null;
    case "refused":
    case "gave_up": {
      const why =
        end.problem === null ? { id: "Tidak ada jawaban.", en: "No answer." } : problemSentence(end.problem);
      throw new AgentFailure({
        id: `Pendaftaran ke ${collectorUrl} tidak berhasil: ${why.id}`,
        en: `Enrolling with ${collectorUrl} did not succeed: ${why.en}`,
      });
    }
  }
}

/** One line, as the protocol wants it. */
function nameOfHost(): string {
  const name = hostname()
    .replace(/[\p{Cc}\p{Cs}]+/gu, "")
    .slice(0, 255);
  return name === "" ? "unnamed" : name;
}
