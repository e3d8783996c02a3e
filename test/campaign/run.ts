/**
 * Runs one scenario from its empty namespaces to its verdict.
 * Must not: print, or keep anything of a scenario that passed.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AcceptedMessage } from "../e2e/telegram.ts";
import { until } from "../e2e/wait.ts";
import type { Expected } from "./scenario.ts";
import { performSteps, type Marks } from "./steps.ts";
import { problemsOf, type Facts } from "./verdict.ts";
import { createWorld, type World, type WorldParts } from "./world.ts";

/** After the last step: nothing more may come. */
const WATCH_SECONDS = 4;
/** From the last step until everything that is expected has come: a recovery, a message behind another. */
const COME_LIMIT_MS = 40_000;

export interface Verdict {
  readonly scenario: string;
  readonly seconds: number;
  readonly problems: readonly string[];
  /** The slowest verdict about a server that was to come at T: seconds of silence. null: there was none. */
  readonly slowestSeconds: number | null;
}

/** Never rejects: what went wrong is a problem. */
export async function runScenario(
  parts: WorldParts,
  options: { readonly keepTraces: boolean },
): Promise<Verdict> {
  const startedMs = performance.now();
  const problems: string[] = [];
  let facts: Facts | null = null;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  };
  await attempt(async () => {
    const world = await createWorld(parts);
    await attempt(async () => {
      facts = await played(world);
      problems.push(...problemsOf(parts.scenario.expected, facts));
    });
    if (options.keepTraces || problems.length > 0)
      await attempt(async () => keepTraces(world, facts, parts.logFolder));
    await world.close();
  });
  return verdictOf(parts.scenario.name, problems, facts, startedMs);
}

/** The steps, what comes of them, and a while in which nothing more may come. */
async function played(world: World): Promise<Facts> {
  const { expected, watchSeconds } = world.scenario;
  const marks = await performSteps(world);
  await settled(world, marks, expected);
  await delay((watchSeconds ?? WATCH_SECONDS) * 1_000);
  return factsOf(world, marks);
}

function verdictOf(
  scenario: string,
  problems: readonly string[],
  facts: Facts | null,
  startedMs: number,
): Verdict {
  return {
    scenario,
    seconds: (performance.now() - startedMs) / 1_000,
    problems,
    slowestSeconds: facts === null ? null : slowest(facts),
  };
}

/** Waits until as much came as is expected; what is still missing then is for the verdict to say. */
async function settled(world: World, marks: Marks, expected: Expected): Promise<void> {
  const sum = (list: readonly { readonly count?: number }[]): number =>
    list.reduce((count, one) => count + (one.count ?? 1), 0);
  const closed = sum(expected.incidents.filter(({ open }) => open !== true));
  const told = Math.max(sum(expected.messages), sum(expected.orMessages ?? []));
  const look = async (): Promise<boolean> => {
    const facts = await factsOf(world, marks);
    const ended = facts.incidents.filter(({ endedAt }) => endedAt !== null).length;
    const calm = [...facts.statuses].every(
      ([host, status]) => status === (expected.statuses?.[host] ?? "up"),
    );
    return ended >= closed && facts.ledger.length >= told && calm;
  };
  await until("all that is expected came", COME_LIMIT_MS, look, 200).catch(() => undefined);
}

async function factsOf(world: World, marks: Marks): Promise<Facts> {
  const { api, telegram, scenario } = world;
  const [incidents, ledger, statuses, logs] = await Promise.all([
    api.incidents(),
    telegram.ledger(),
    statusesOf(world),
    logsOf(world),
  ]);
  const renamed = scenario.steps.flatMap((step) => (step.do === "rename" ? [step.name] : []));
  return {
    incidents,
    ledger,
    marks,
    hosts: [...world.hosts.keys(), ...renamed],
    sites: [...world.siteIds.keys()],
    chatIds: world.chatIds,
    statuses,
    logs,
  };
}

async function statusesOf(world: World): Promise<ReadonlyMap<string, string>> {
  const { items } = await world.api.get<{
    readonly items: readonly { readonly id: string; readonly status: string; readonly name: string }[];
  }>("servers?limit=500");
  const names = new Map([...world.serverIds].map(([name, id]) => [id, name]));
  return new Map(items.map(({ id, name, status }) => [names.get(id) ?? name, status]));
}

interface LogAnswer {
  readonly items: readonly { readonly at: string; readonly type: string }[];
}

async function logsOf(world: World): Promise<ReadonlyMap<string, readonly string[]>> {
  const logs = new Map<string, readonly string[]>();
  for (const host of Object.keys(world.scenario.expected.log ?? {})) {
    const { items } = await world.api.get<LogAnswer>(`servers/${world.serverIds.get(host) ?? ""}/log`);
    logs.set(
      host,
      items.map(({ type }) => type),
    );
  }
  return logs;
}

function slowest({ incidents }: Facts): number | null {
  const silences = incidents
    .filter(({ serverId, kind }) => serverId !== null && kind !== "not_back")
    .map(({ startedAt, detectedAt }) => (Date.parse(detectedAt) - Date.parse(startedAt)) / 1_000);
  return silences.length === 0 ? null : Math.max(...silences);
}

async function keepTraces(world: World, played: Facts | null, folder: string): Promise<void> {
  await world.crew.writeLogs(folder);
  const facts = played ?? (await factsOf(world, new Map()));
  const ask = (path: string): Promise<unknown> =>
    world.api.get(path).catch((error: unknown) => String(error));
  const details = await Promise.all(facts.incidents.map(({ id }) => ask(`incidents/${id}`)));
  const logs = await Promise.all([...world.serverIds.values()].map((id) => ask(`servers/${id}/log`)));
  await writeFile(join(folder, "server-logs.json"), JSON.stringify(logs, null, 2));
  await writeFile(join(folder, "incidents.json"), JSON.stringify(details, null, 2));
  await writeFile(join(folder, "ledger.txt"), ledgerText(facts.ledger));
  await writeFile(join(folder, "marks.json"), JSON.stringify(Object.fromEntries(facts.marks), null, 2));
}

function ledgerText(ledger: readonly AcceptedMessage[]): string {
  return ledger
    .map(({ atMs, chatId, text }) => `── ${new Date(atMs).toISOString()} to ${chatId}\n${text}\n`)
    .join("\n");
}
