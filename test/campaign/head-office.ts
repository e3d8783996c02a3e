/**
 * The head office's machine: the collector as a process, its folder (on a small disk if wanted), its wall clock.
 * Must not: decide when anything happens; steps do.
 */
import { execFile } from "node:child_process";
import { mkdir, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { startProgram, type Program } from "../e2e/program.ts";
import { until } from "../e2e/wait.ts";
import { BEGIN_LIMIT_MS, type Crew } from "./crew.ts";
import { fakeTimeSettings, writeClock } from "./fake-time.ts";
import { inside } from "./namespaces.ts";
import { COLLECTOR_ADDRESS } from "./network.ts";
import type { Programs } from "./programs.ts";

const execute = promisify(execFile);
const PORT = 7373;
/** Where agents dial when nothing is in between. */
export const COLLECTOR_URL = `http://${COLLECTOR_ADDRESS}:${PORT}`;
/** As the programs of the head office see it. */
export const COLLECTOR_INSIDE = { host: "127.0.0.1", port: PORT } as const;

export interface HeadOffice {
  /** The collector that runs, or the last one. */
  readonly collector: Program;
  /** Starts one and waits until it answers. */
  startCollector(): Promise<void>;
  fillDisk(): Promise<void>;
  freeDisk(): Promise<void>;
  tearState(): Promise<void>;
  /** The next collector starts on another boot. */
  rebootHost(): Promise<void>;
  stepClock(seconds: number): Promise<void>;
}

export interface HeadOfficeParts {
  readonly namespace: string;
  readonly folder: string;
  readonly programs: Programs;
  readonly doorUrl: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly diskBytes: number | null;
  /** Its wall clock can be stepped. */
  readonly fakeTime: boolean;
  readonly crew: Crew;
}

export async function createHeadOffice(parts: HeadOfficeParts): Promise<HeadOffice> {
  const dataFolder = join(parts.folder, "data");
  const bootIdFile = join(parts.folder, "boot_id");
  const clockFile = join(parts.folder, "clock");
  const ballast = join(dataFolder, "ballast");
  await mkdir(dataFolder, { mode: 0o700 });
  const rebootHost = (): Promise<void> => writeFile(bootIdFile, `${randomUUID()}\n`);
  const stepClock = (seconds: number): Promise<void> => writeClock(clockFile, seconds);
  await rebootHost();
  await stepClock(0);
  if (parts.diskBytes !== null) {
    await execute("mount", ["-t", "tmpfs", "-o", `size=${parts.diskBytes},mode=700`, "tmpfs", dataFolder]);
    parts.crew.atEnd(() => execute("umount", ["--lazy", dataFolder]));
  }

  let collector: Program | null = null;
  return {
    get collector() {
      if (collector === null) throw new Error("no collector was started yet");
      return collector;
    },
    async startCollector() {
      const program = parts.crew.keep(
        "collector",
        startProgram([parts.programs.collector], {
          through: [
            ...inside(parts.namespace),
            "sh",
            "-c",
            `mount --bind '${bootIdFile}' /proc/sys/kernel/random/boot_id && exec "$@"`,
            "sh",
          ],
          environment: {
            DETAK_HOST: "0.0.0.0",
            DETAK_PORT: String(PORT),
            DETAK_DATA_DIR: dataFolder,
            ...parts.settings,
            ...(parts.fakeTime ? fakeTimeSettings(clockFile) : {}),
          },
        }),
      );
      collector = program;
      await until("the collector answers", BEGIN_LIMIT_MS, async () => {
        if (program.end !== null) throw new Error(`it ended: ${program.errors.slice(-5).join(" | ")}`);
        const answer = await fetch(new URL("/healthz", parts.doorUrl), {
          signal: AbortSignal.timeout(5_000),
        });
        await answer.body?.cancel();
        return answer.ok;
      });
    },
    async fillDisk() {
      const file = await open(ballast, "w");
      try {
        const block = Buffer.alloc(64 * 1024);
        for (;;) await file.write(block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        await file.close();
      }
    },
    freeDisk: () => rm(ballast),
    async tearState() {
      const state = join(dataFolder, "state.json");
      await truncate(state, Math.floor((await readFile(state)).length / 2));
    },
    rebootHost,
    stepClock,
  };
}
