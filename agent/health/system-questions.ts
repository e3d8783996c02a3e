/**
 * The child's side: answers one question about this machine with systeminformation, as JSON on stdout, and ends.
 * Why a child: systeminformation starts programs, works synchronously and adds 10 MB once loaded; here all of that is
 * gone after a second. cli.ts comes here by a hidden argument.
 * Must not: be imported where it would load systeminformation; it is loaded when a question is answered.
 */
import { setPriority } from "node:os";

/** What may be asked. `inventory`: what rarely changes. `figures`: health of platforms without readers of their own. */
export const systemQuestions = ["inventory", "figures"] as const;
export type SystemQuestion = (typeof systemQuestions)[number];

/** The hidden argument of the program. */
export const systemArgument = "answer-system-question";

/** Whether a word is one of them. */
export function isSystemQuestion(text: string | undefined): text is SystemQuestion {
  return systemQuestions.some((question) => question === text);
}

/** What the child found; every field may be missing, none is trusted by the parent. */
export interface InventoryAnswer {
  readonly osName?: string;
  readonly cpuModel?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly virtual?: boolean;
}
export interface FiguresAnswer {
  readonly health: Readonly<Record<string, unknown>>;
  /** Bytes since boot over all interfaces. */
  readonly receivedBytes?: number;
  readonly sentBytes?: number;
}

/** Answers on stdout. Ends by itself at `timeLimitMs` even when its parent is gone. */
export async function answerSystemQuestion(question: SystemQuestion, timeLimitMs: number): Promise<void> {
  setTimeout(() => process.exit(1), timeLimitMs).unref();
  try {
    // Nobody waits for this; whatever the server is for goes first.
    setPriority(10);
  } catch {
    // Not permitted in some sandboxes; then it runs as it is.
  }
  const answer = question === "inventory" ? await findInventory() : await findFigures();
  await new Promise<void>((resolve) => {
    process.stdout.write(JSON.stringify(answer), () => resolve());
  });
}

async function findInventory(): Promise<InventoryAnswer> {
  const { osInfo, system, cpu } = await import("systeminformation");
  const [os, machine, processor] = await Promise.all([
    osInfo().catch(() => undefined),
    system().catch(() => undefined),
    cpu().catch(() => undefined),
  ]);
  return {
    ...(os === undefined ? {} : { osName: `${os.distro} ${os.release}`.trim() }),
    ...(processor === undefined ? {} : { cpuModel: `${processor.manufacturer} ${processor.brand}`.trim() }),
    ...(machine === undefined
      ? {}
      : { manufacturer: machine.manufacturer, model: machine.model, virtual: machine.virtual }),
  };
}

async function findFigures(): Promise<FiguresAnswer> {
  const { fsSize, mem, networkStats, cpuTemperature } = await import("systeminformation");
  const [disks, memory, interfaces, temperature] = await Promise.all([
    fsSize().catch(() => []),
    mem().catch(() => undefined),
    networkStats("*").catch(() => []),
    cpuTemperature().catch(() => undefined),
  ]);
  const total = (field: "rx_bytes" | "tx_bytes") => interfaces.reduce((sum, one) => sum + one[field], 0);
  return {
    health: {
      disks: disks
        .filter((disk) => disk.size > 0)
        .map((disk) => ({ mount: disk.mount, sizeBytes: disk.size, usedBytes: disk.size - disk.available })),
      ...(memory === undefined
        ? {}
        : {
            memoryTotalBytes: memory.total,
            memoryUsedBytes: memory.total - memory.available,
            swapTotalBytes: memory.swaptotal,
            swapUsedBytes: memory.swapused,
          }),
      ...(temperature === undefined ? {} : { temperatureCelsius: temperature.main }),
    },
    ...(interfaces.length === 0 ? {} : { receivedBytes: total("rx_bytes"), sentBytes: total("tx_bytes") }),
  };
}
