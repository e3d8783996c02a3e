/**
 * What the tests of the agent as a process have in common: the bundle, and for each test a strict collector, an empty
 * state folder and processes that end with it.
 * Must not: leave a process, a socket or a folder behind, whatever a test does.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { AgentProcess, bundle, newFolder } from "./agent-process.ts";
import { CollectorDouble, type SeenSocket } from "./collector-double.ts";

/** η; everything else follows from it as in detection.md. */
export const rhythm = { heartbeatIntervalMs: 200, ackTimeoutMs: 533, healthIntervalMs: 800 };

export class AgentStage {
  /** Where bundles are kept for the whole file. */
  folder = "";
  script = "";
  /** The agents' state folder; a test may choose another. */
  stateDir = "";
  collector = new CollectorDouble(rhythm);
  private own = "";
  private readonly processes: AgentProcess[] = [];
  private readonly closings: (() => void)[] = [];

  async openFile(): Promise<void> {
    this.folder = await newFolder();
    this.script = await bundle("agent/main.ts", this.folder);
  }

  async open(): Promise<void> {
    this.own = await newFolder();
    this.stateDir = join(this.own, "state");
    this.collector = new CollectorDouble(rhythm);
    await this.collector.open();
  }

  async close(): Promise<void> {
    for (const one of this.processes.splice(0)) await one.end();
    await this.collector.close();
    for (const close of this.closings.splice(0)) close();
    await rm(this.own, { recursive: true, force: true });
  }

  /** Starts the agent; `script`: another program in its place. */
  agent(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    script = this.script,
  ): AgentProcess {
    const started = new AgentProcess(script, words, { DETAK_STATE_DIR: this.stateDir, ...environment });
    this.processes.push(started);
    return started;
  }

  async enrolled(): Promise<void> {
    const { collector } = this;
    const one = this.agent(["enroll", "--collector", collector.url, "--token", collector.addToken()]);
    expect(await one.exited()).toBe(0);
  }

  beatsSoFar(): number {
    return this.collector.sockets.reduce((sum, socket) => sum + socket.beats.length, 0);
  }

  /** Some more beats, on whichever socket. */
  async beating(more = 3): Promise<void> {
    const goal = this.beatsSoFar() + more;
    await this.collector.until(`${goal} beats`, () => this.beatsSoFar() >= goal);
  }

  /** Runs when the test is over, after its processes have ended. */
  afterwards(close: () => void): void {
    this.closings.push(close);
  }
}

/** Called once at the top of a test file. */
export function agentStage(): AgentStage {
  const stage = new AgentStage();
  beforeAll(() => stage.openFile());
  afterAll(() => rm(stage.folder, { recursive: true, force: true }));
  beforeEach(() => stage.open());
  afterEach(() => stage.close());
  return stage;
}

/** The times between the beats of one socket, ms. */
export function waitsBetweenBeats(socket: SeenSocket | undefined): readonly number[] {
  const beats = socket?.beats ?? [];
  return beats.slice(1).map((beat, index) => beat.atMs - (beats[index]?.atMs ?? 0));
}
