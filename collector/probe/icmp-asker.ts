/**
 * The prober's way to ICMP: which program this machine has, and as few processes as possible.
 * Why batches: one `fping` asks 64 hosts; 5,000 `ping` processes would take minutes and the machine with them.
 * Must not: look up names or keep answers.
 */
import {
  FPING_ADDRESSES_MAX,
  ICMP_LIMIT_MAX_MS,
  ICMP_LIMIT_MIN_MS,
  askIcmp,
  findPingProgram,
  type PingAbility,
  type PingProgram,
} from "../../shared/probe/icmp.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";
import type { Slots } from "./slots.ts";
import { STARTED, allOf, none, timeLeftMs, type Turn } from "./turn.ts";

/** Somebody may install `ping` or grant the permission while the collector runs. */
const ABILITY_KEPT_MS = 10 * 60_000;
/** What failed may have failed for a passing reason (no memory, no file descriptor). */
const INABILITY_KEPT_MS = 60_000;
/** Addresses that are asked for within this time share one fping. */
const BATCH_WAIT_MS = 5;

interface Waiting {
  readonly address: string;
  readonly turn: Turn;
  readonly settle: (answer: ProbeAnswer) => void;
}

export interface IcmpAsker {
  /** `address`: an IP address as `probeAddress` returns it. Never rejects. */
  ask(address: string, turn: Turn): Promise<ProbeAnswer>;
  /** Found out by asking 127.0.0.1, kept for a while. */
  ability(): Promise<PingAbility>;
}

export interface IcmpAskerParts {
  /** Monotonic ms. */
  readonly now: () => number;
  readonly processes: Slots;
  /** Names or paths of programs, the best first. */
  readonly files: readonly string[];
  readonly path: string | undefined;
  /** Ends the search for a program. */
  readonly closing: AbortSignal;
  /** Told of everything that may still hold a process. */
  readonly track: <T>(promise: Promise<T>) => Promise<T>;
}

export function createIcmpAsker({ now, processes, files, path, closing, track }: IcmpAskerParts): IcmpAsker {
  let batch: Waiting[] = [];
  let ability: { readonly found: Promise<PingAbility>; untilMs: number } | null = null;

  const findAbility = (): Promise<PingAbility> => {
    if (ability !== null && now() < ability.untilMs) return ability.found;
    const found = track(findPingProgram({ files, path, signal: closing }));
    const asked = { found, untilMs: now() + ABILITY_KEPT_MS };
    ability = asked;
    void found.then((outcome) => {
      if (outcome.type !== "ok") asked.untilMs = now() + INABILITY_KEPT_MS;
    });
    return found;
  };

  const askOneByPing = async (address: string, turn: Turn, program: PingProgram): Promise<ProbeAnswer> => {
    const release = await processes.take(turn.waiting);
    if (release === null) return none("not_asked");
    try {
      const limitMs = Math.min(ICMP_LIMIT_MAX_MS, timeLeftMs(turn, now()));
      if (limitMs < ICMP_LIMIT_MIN_MS) return none("not_asked");
      turn.open = STARTED;
      const answers = await askIcmp([address], { program, limitMs, signal: turn.working });
      return answers.get(address) ?? none("local_error");
    } finally {
      release();
    }
  };

  const askBatchByFping = async (members: readonly Waiting[], program: PingProgram): Promise<void> => {
    // One process for all: it is let go when the last of them has left.
    const waiting = allOf(members.map((member) => member.turn.waiting));
    const working = allOf(members.map((member) => member.turn.working));
    const release = await processes.take(waiting.signal);
    try {
      // Who left while waiting for the process is answered already.
      const present = members.filter((member) => !member.turn.waiting.aborted);
      const limitMs = Math.min(ICMP_LIMIT_MAX_MS, ...present.map((member) => timeLeftMs(member.turn, now())));
      const asked = release !== null && present.length > 0 && limitMs >= ICMP_LIMIT_MIN_MS;
      if (asked) for (const member of present) member.turn.open = STARTED;
      const answers = asked
        ? await askIcmp([...new Set(present.map((member) => member.address))], {
            program,
            limitMs,
            signal: working.signal,
          })
        : null;
      for (const member of members) member.settle(answers?.get(member.address) ?? none("not_asked"));
    } finally {
      waiting.forget();
      working.forget();
      release?.();
    }
  };

  const flush = (program: PingProgram): void => {
    // Similar deadlines together: one that is nearly due must not shorten the time of all.
    const members = batch.sort((a, b) => a.turn.deadlineMs - b.turn.deadlineMs);
    batch = [];
    for (let start = 0; start < members.length; start += FPING_ADDRESSES_MAX)
      void track(askBatchByFping(members.slice(start, start + FPING_ADDRESSES_MAX), program));
  };

  const askByIcmp = async (address: string, turn: Turn): Promise<ProbeAnswer> => {
    const found = await findAbility();
    if (found.type !== "ok") return none(found.type);
    if (found.program.manner !== "fping") return askOneByPing(address, turn, found.program);
    return new Promise((settle) => {
      batch.push({ address, turn, settle });
      if (batch.length === 1) setTimeout(() => flush(found.program), BATCH_WAIT_MS);
    });
  };

  return { ask: askByIcmp, ability: findAbility };
}
