/**
 * One small world for one test: a fake Bot API, a collector with its own port and folder, agents; all real processes.
 * Why scaled: η = 1 s and T = 12 s pass through the same code as 15 s and 180 s; every other time follows from them.
 * Must not: share anything with another world, or leave a process or a folder behind.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createApi, type Api, type ServerAnswer } from "./api.ts";
import { createTelegram, type Telegram } from "./telegram.ts";
import { root, startProgram, type Program } from "./program.ts";
import { until } from "./wait.ts";

/** η and T, in seconds. */
export const HEARTBEAT_SECONDS = 1;
export const DOWN_AFTER_SECONDS = 12;
/** A busy machine starts a Node process in seconds, not in milliseconds. */
export const START_LIMIT_MS = 40_000;
const API_TOKEN = "e2e-token-of-this-world-only";

const execute = promisify(execFile);

/** Builds dist when a source changed. Several test files at once: one builds, the others wait. */
export async function built(): Promise<void> {
  await execute(process.execPath, [join(root, "collector/start/build.mjs")], { timeout: 120_000 });
}

export interface Collector {
  readonly program: Program;
  readonly url: string;
  readonly port: number;
  /** Path of the one-time set-up link; null: none was printed. */
  readonly setupPath: string | null;
}

export interface World {
  readonly folder: string;
  readonly dataFolder: string;
  readonly telegram: Telegram;
  readonly api: Api;
  /** The running collector, or the last one. */
  readonly collector: Collector;
  /** Starts a collector on this world's data and port, waits until it answers. */
  startCollector(): Promise<Collector>;
  /** Enrolls and starts an agent under `name`; waits for its session and returns its server, up. */
  addAgent(name: string): Promise<{ readonly agent: Program; readonly server: ServerAnswer }>;
  /** Starts the agent of `name` again, with the identity it has. */
  startAgent(name: string): Program;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** A recipient is added, in English. Default: yes. */
  readonly recipient?: boolean;
}

export const CHAT_ID = 4711;

/** A fake Bot API, and a collector with an API token and one recipient. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "detak-e2e-"));
  const dataFolder = join(folder, "data");
  const programs: Program[] = [];
  const started = (program: Program): Program => {
    programs.push(program);
    return program;
  };
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.kill().catch(() => undefined)));
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const telegram = await createTelegram(started);
    await telegram.addChat({ id: CHAT_ID, type: "private", title: "Siaga" });

    let collector: Collector | null = null;
    const startCollector = async (): Promise<Collector> => {
      collector = await startCollectorProgram(
        {
          DETAK_HOST: "127.0.0.1",
          DETAK_PORT: String(collector?.port ?? 0),
          DETAK_DATA_DIR: dataFolder,
          DETAK_HEARTBEAT_SECONDS: String(HEARTBEAT_SECONDS),
          DETAK_DOWN_AFTER_SECONDS: String(DOWN_AFTER_SECONDS),
          DETAK_TELEGRAM_TOKEN: telegram.token,
          DETAK_TELEGRAM_API_ROOT: telegram.apiRoot,
          DETAK_API_TOKEN: API_TOKEN,
          DETAK_SENTINELS: "none",
          DETAK_LANGUAGE: "en",
          ...options.settings,
        },
        started,
      );
      return collector;
    };
    const first = await startCollector();
    const api = createApi(first.url, API_TOKEN);
    if (options.recipient !== false)
      await api.post("recipients", {
        channel: "telegram",
        address: String(CHAT_ID),
        name: "Siaga",
        language: "en",
      });

    const startAgent = (name: string, token?: string): Program => {
      const environment = {
        DETAK_COLLECTOR_URL: first.url,
        DETAK_STATE_DIR: join(folder, name),
        ...(token === undefined ? {} : { DETAK_ENROLL_TOKEN: token }),
      };
      return started(startProgram([join(root, "dist/agent.cjs"), "run"], { environment }));
    };
    return {
      folder,
      dataFolder,
      telegram,
      api,
      get collector() {
        return collector ?? first;
      },
      startCollector,
      startAgent: (name) => startAgent(name),
      async addAgent(name) {
        const saved = await api.post<{ readonly id: string }>("servers", {
          name,
          mode: "agent",
          address: "127.0.0.1",
          // Nobody listens there: "refused" proves the host alive, also where there is no ping program.
          probePorts: [9],
        });
        const { token } = await api.post<{ readonly token: string }>("enrollments", { serverId: saved.id });
        await mkdir(join(folder, name), { mode: 0o700 });
        const agent = startAgent(name, token);
        const server = await until(
          `${name} is up (agent says: ${agent.output.at(-1) ?? "nothing"})`,
          START_LIMIT_MS,
          async () => {
            const answer = await api.server(saved.id);
            return answer.status === "up" && answer;
          },
        );
        return { agent, server };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes a world for one test and takes it down, whatever happens in it. */
export async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  const world = await createWorld();
  try {
    await use(world);
  } finally {
    await world.close();
  }
}

/** Starts the built collector with these settings and waits until it answers. */
export async function startCollectorProgram(
  settings: Readonly<Record<string, string>>,
  started: (program: Program) => Program = (program) => program,
): Promise<Collector> {
  const program = started(startProgram([join(root, "dist/collector.js")], { environment: settings }));
  const url = await until("the collector says its address", START_LIMIT_MS, () => {
    if (program.end !== null) throw new Error(`it ended: ${program.errors.slice(-5).join(" | ")}`);
    return /https?:\/\/\S+/.exec(program.output.join("\n"))?.[0];
  });
  const address = new URL(url);
  // "localhost" may be tried as ::1 first; this collector listens on 127.0.0.1.
  if (address.hostname === "localhost") address.hostname = "127.0.0.1";
  await until("the collector answers", START_LIMIT_MS, async () => {
    const answer = await fetch(new URL("/healthz", address), { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  });
  const setup = await until("the collector has said all it says at start", START_LIMIT_MS, () =>
    program.errors.some((line) => line.includes('"started"')) ? program.output.join("\n") : null,
  );
  return {
    program,
    url: address.origin,
    port: Number(address.port),
    setupPath: /https?:\/\/[^/\s]+(\/setup\/\S+)/.exec(setup)?.[1] ?? null,
  };
}

/** The living state as it lies on the disk, for tests that look at what survived. */
export function readData(world: World, name: string): Promise<string> {
  return readFile(join(world.dataFolder, name), "utf8");
}
