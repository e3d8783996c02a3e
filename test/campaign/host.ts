/**
 * One machine at a site: its programs, its power, its boot.
 * Why: "power cut" must look from outside as it does in life: the cable is dead before any program can say goodbye.
 * Must not: know what the collector makes of it.
 */
import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startProgram, type Program } from "../e2e/program.ts";
import { until } from "../e2e/wait.ts";
import { BEGIN_LIMIT_MS, type Crew } from "./crew.ts";
import { fakeTimeSettings, writeClock } from "./fake-time.ts";
import { inside } from "./namespaces.ts";
import type { HostWires } from "./network.ts";
import type { Programs } from "./programs.ts";
import type { HostPlan } from "./scenario.ts";

export interface Host {
  readonly plan: HostPlan;
  readonly wires: HostWires;
  readonly stateFolder: string;
  /** The agent that runs, or the last one; null: none yet. */
  readonly agent: Program | null;
  /** `token`: it enrolls with it when it has no identity. */
  startAgent(token?: string): void;
  killAgent(): Promise<void>;
  freezeAgent(frozen: boolean): void;
  /** Asks the agent to end; what it asks the system for the reason answers `reason`. */
  stopAgent(reason: "reboot" | "shutdown" | "agent_stopped"): Promise<void>;
  startSpeakers(): Promise<void>;
  /** No program is given time; the kernel lives. */
  freeze(frozen: boolean): void;
  setWebStatus(status: number): Promise<void>;
  /** Cable first, then every program. */
  cutPower(): Promise<void>;
  /** Another boot: cable, speakers, and the agent if there was one. */
  restorePower(): Promise<void>;
  cloneStateOf(other: Host): Promise<void>;
}

export interface HostParts {
  readonly plan: HostPlan;
  readonly wires: HostWires;
  readonly folder: string;
  readonly programs: Programs;
  readonly collectorUrl: string;
  readonly agentSettings: Readonly<Record<string, string>>;
  readonly crew: Crew;
}

/** What the system's programs answer to an agent that asks why it is stopped (agent/stop-reason.ts). */
const systemWords = {
  reboot: { runlevel: "N 6", systemctl: "1 reboot.target start waiting" },
  shutdown: { runlevel: "N 0", systemctl: "1 poweroff.target start waiting" },
  agent_stopped: { runlevel: "N 5", systemctl: "" },
} as const;

export async function createHost(parts: HostParts): Promise<Host> {
  const { plan, wires, folder } = parts;
  const stateFolder = join(folder, "state");
  const binaries = join(folder, "bin");
  const bootIdFile = join(folder, "boot_id");
  const clockFile = join(folder, "clock");
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  await mkdir(binaries);
  const newBoot = (): Promise<void> => writeFile(bootIdFile, `${randomUUID()}\n`);
  const answer = async (reason: keyof typeof systemWords): Promise<void> => {
    for (const [name, words] of Object.entries(systemWords[reason])) {
      await writeFile(join(binaries, name), `#!/bin/sh\necho '${words}'\n`);
      await chmod(join(binaries, name), 0o755);
    }
  };
  await newBoot();
  await answer("agent_stopped");
  await writeClock(clockFile, plan.clockOffsetSeconds ?? 0);

  let agent: Program | null = null;
  let speakers: Program | null = null;
  const running = (): Program[] =>
    [agent, speakers].filter((program): program is Program => program !== null && program.end === null);

  const startAgent = (token?: string): void => {
    agent = parts.crew.keep(
      `agent of ${plan.name}`,
      startProgram([parts.programs.agent, "run"], {
        // The kernel's boot id is one for all namespaces: in this one a file of our own lies over it.
        through: [
          ...inside(wires.namespace),
          "sh",
          "-c",
          `mount --bind '${bootIdFile}' /proc/sys/kernel/random/boot_id && exec "$@"`,
          "sh",
        ],
        environment: {
          PATH: `${binaries}:${process.env["PATH"] ?? ""}`,
          DETAK_COLLECTOR_URL: parts.collectorUrl,
          DETAK_STATE_DIR: stateFolder,
          ...parts.agentSettings,
          ...(token === undefined ? {} : { DETAK_ENROLL_TOKEN: token }),
          ...(plan.clockOffsetSeconds === undefined ? {} : fakeTimeSettings(clockFile)),
        },
      }),
    );
  };
  const startSpeakers = async (): Promise<void> => {
    if (plan.speaks === undefined || plan.speaks.length === 0) return;
    const program = parts.crew.keep(
      `speakers of ${plan.name}`,
      startProgram([parts.programs.speakers, JSON.stringify(plan.speaks)], {
        through: inside(wires.namespace),
        input: true,
      }),
    );
    speakers = program;
    await until(`the programs of ${plan.name} listen`, BEGIN_LIMIT_MS, () =>
      program.output.includes("listening"),
    );
  };

  return {
    plan,
    wires,
    stateFolder,
    get agent() {
      return agent;
    },
    startAgent,
    async killAgent() {
      await agent?.kill();
    },
    freezeAgent: (frozen) => agent?.signal(frozen ? "SIGSTOP" : "SIGCONT"),
    async stopAgent(reason) {
      await answer(reason);
      await agent?.stop();
      await answer("agent_stopped");
    },
    startSpeakers,
    freeze(frozen) {
      for (const program of running()) program.signal(frozen ? "SIGSTOP" : "SIGCONT");
    },
    async setWebStatus(status) {
      if (speakers === null) throw new Error(`${plan.name} has no programs that speak`);
      const { output } = speakers;
      const before = output.length;
      speakers.write(`status ${status}`);
      await until("its web server took the status", BEGIN_LIMIT_MS, () => output.length > before, 10);
    },
    async cutPower() {
      await wires.setPlugged(false);
      await Promise.all(running().map((program) => program.kill()));
    },
    async restorePower() {
      await newBoot();
      await wires.setPlugged(true);
      await startSpeakers();
      if (agent !== null) startAgent();
    },
    async cloneStateOf(other) {
      await rm(stateFolder, { recursive: true, force: true });
      await cp(other.stateFolder, stateFolder, { recursive: true });
      // A lock belongs to the process that holds it, on the machine it runs on.
      await rm(join(stateFolder, "agent.lock"), { recursive: true, force: true });
    },
  };
}
