/**
 * Many agents in one process: the real session in its real shell, each with a key and a server of its own; no health.
 * Why: a thousand Node processes do not fit a test machine, a thousand sockets do. The collector sees no difference.
 * Must not: speak the protocol by itself; agent/ does.
 *
 * Run: `crowd <collector URL> <count> <join token>…`, so many with each token. Says `gathered` once each had a heartbeat acknowledged.
 */
import { agentStartedBootMs, bootClockMs, readBootId } from "../../agent/boot.ts";
import {
  createAgentKeys,
  enrolledIsRight,
  makeEnroll,
  makeProve,
  parseJoinToken,
  welcomeIsRight,
  type AgentKeys,
  type JoinToken,
} from "../../agent/keys.ts";
import { runSession, type SessionParts, type ShellOptions } from "../../agent/session-shell.ts";
import { collectorSocketUrl } from "../../agent/settings.ts";
import type { Enroll, Hello, Prove } from "../../shared/wire.ts";

const AGENT_VERSION = "0.0.1";
/** So many enroll at once: the collector takes 512 opening sockets from one address. */
const ENROLLING_MAX = 50;

const [urlText = "", countText = "0", ...tokenTexts] = process.argv.slice(2);
const collectorUrl = collectorSocketUrl(urlText);
const tokens = tokenTexts.map((text) => parseJoinToken(text));
const perToken = Number(countText);
const count = perToken * tokens.length;
if (collectorUrl === null || tokens.includes(null) || !(count > 0))
  throw new Error("crowd <collector URL> <count> <join token>…");
const bootId = await readBootId(".");
const startedBootMs = agentStartedBootMs();

const nothing = {
  welcomeIsRight: () => false,
  enrolledIsRight: () => false,
  storeIdentity: () => Promise.resolve(),
  makeBeat: (sequence) => ({ type: "beat", sequence }),
  makeInventory: () => null,
  setHealthRhythm: () => undefined,
  stateChanged: () => undefined,
  // They say no features, so nobody asks them for any.
  readJournal: (answer) => answer(null),
  journalDelivered: () => undefined,
  askWitness: () => undefined,
} satisfies Partial<SessionParts>;

function shell(settings: ShellOptions["settings"], parts: SessionParts): ReturnType<typeof runSession> {
  return runSession({
    settings,
    collectorUrl: collectorUrl ?? "",
    agentVersion: AGENT_VERSION,
    log: () => undefined,
    now: () => performance.now(),
    bootClock: bootClockMs,
    parts,
  });
}

/** Enrolls one agent; resolves with the collector's key. */
async function enroll(index: number, keys: AgentKeys, joinToken: JoinToken): Promise<string> {
  let asked: { readonly hello: Hello; readonly enroll: Enroll } | undefined;
  let pinned = "";
  const { ended } = shell(
    { purpose: "enroll", collectorKey: null, seed: index },
    {
      ...nothing,
      makeOpening(_as, hello, version) {
        const hostName = `crowd-${index}`;
        const message = makeEnroll(hello, version, {
          keys,
          token: joinToken,
          hostName,
          agentVersion: AGENT_VERSION,
        });
        asked = { hello, enroll: message };
        return message;
      },
      enrolledIsRight: (enrolled) =>
        asked !== undefined && enrolledIsRight(asked.hello, asked.enroll, enrolled, joinToken),
      storeIdentity(_serverId, collectorKey) {
        pinned = collectorKey;
        return Promise.resolve();
      },
    },
  );
  const { outcome, problem } = await ended;
  if (outcome !== "enrolled") throw new Error(`agent ${index}: ${outcome} ${problem?.detail ?? ""}`);
  return pinned;
}

/** Serves one agent for good; resolves with its first acknowledged heartbeat. */
function serve(index: number, keys: AgentKeys, collectorKey: string): Promise<void> {
  let asked: { readonly hello: Hello; readonly prove: Prove } | undefined;
  return new Promise((resolve) => {
    shell(
      { purpose: "serve", collectorKey, seed: count + index },
      {
        ...nothing,
        makeOpening(_as, hello, version) {
          const message = makeProve(hello, version, {
            keys,
            bootId,
            agentVersion: AGENT_VERSION,
            agentStartedBootMs: startedBootMs,
          });
          asked = { hello, prove: message };
          return message;
        },
        welcomeIsRight: (welcome) =>
          asked !== undefined && welcomeIsRight(collectorKey, asked.hello, asked.prove, welcome),
        stateChanged(state) {
          if (state.kind === "open" && state.ackedAtMs !== null) resolve();
        },
      },
    );
  });
}

function tokenOf(index: number): JoinToken {
  const token = tokens[Math.floor(index / perToken)];
  if (token == null) throw new Error(`no token for agent ${index}`);
  return token;
}

const served: Promise<void>[] = [];
for (let from = 0; from < count; from += ENROLLING_MAX)
  await Promise.all(
    Array.from({ length: Math.min(ENROLLING_MAX, count - from) }, async (_, offset) => {
      const keys = createAgentKeys();
      served.push(serve(from + offset, keys, await enroll(from + offset, keys, tokenOf(from + offset))));
    }),
  );
await Promise.all(served);
process.stdout.write("gathered\n");
