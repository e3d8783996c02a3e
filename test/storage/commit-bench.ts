/**
 * What one status change costs on the store of files, beside writing and fsyncing the same bytes in the same run; how long
 * the event loop was blocked; and how long a start takes with a year of incidents.
 * Run: npx tsx test/storage/commit-bench.ts
 * Must not: judge; a person reads it beside budgets.md (≤ 2 × the baseline, ≤ 20 ms blocked, start ≤ 3 s).
 */
import { promises as node } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Write } from "../../collector/core/types/tables.ts";
import { openLowdbStorage } from "../../collector/storage/lowdb.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import { makeFolder, removeFolder } from "./folders.ts";
import { archiveWrites, dayMs, fleetWrites, sampleArchived, sampleDetector, startWallMs } from "./samples.ts";

const rounds = 60;

async function timesOf(count: number, work: (round: number) => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round++) {
    const begin = performance.now();
    await work(round);
    times.push(performance.now() - begin);
  }
  return times.sort((left, right) => left - right);
}

const at = (times: readonly number[], share: number): string =>
  (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1).padStart(7);

async function writeAndSync(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await node.open(path, "w");
  await handle.write(bytes);
  await handle.sync();
  await handle.close();
}

async function blockedMs(work: () => Promise<void>): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  await work();
  monitor.disable();
  return monitor.max / 1e6;
}

async function benchCommits(serverCount: number): Promise<void> {
  const folder = await makeFolder();
  const storage = await openLowdbStorage({ directory: folder });
  await storage.commit(fleetWrites(serverCount));
  const bytes = await node.readFile(join(folder, "state.json"));
  const change = (round: number): Promise<void> =>
    storage.commit([
      { table: "detector", key: `s${round}`, value: sampleDetector(round, "suspect", round + 1) },
    ]);
  await timesOf(10, change);
  let commits: readonly number[] = [];
  let baseline: readonly number[] = [];
  // By turns, so that a busy neighbour hits both alike.
  let blocked = 0;
  let blockedByBaseline = 0;
  for (let part = 0; part < 3; part++) {
    const byCommits = await blockedMs(async () => {
      commits = [...commits, ...(await timesOf(rounds / 3, (round) => change(round + part * 100)))];
    });
    const byBaseline = await blockedMs(async () => {
      const write = (): Promise<void> => writeAndSync(join(folder, "baseline"), bytes);
      baseline = [...baseline, ...(await timesOf(rounds / 3, write))];
    });
    blocked = Math.max(blocked, byCommits);
    blockedByBaseline = Math.max(blockedByBaseline, byBaseline);
  }
  commits = commits.toSorted((left, right) => left - right);
  baseline = baseline.toSorted((left, right) => left - right);
  const all: Write[] = Array.from({ length: serverCount }, (_, number) => ({
    table: "detector",
    key: `s${number}`,
    value: sampleDetector(number, "up", 99),
  }));
  const blockedByAll = await blockedMs(() => storage.commit(all));
  const ratio = (Number(at(commits, 0.5)) / Number(at(baseline, 0.5))).toFixed(2);
  console.log(
    `${serverCount} servers, ${(bytes.byteLength / 1e6).toFixed(2)} MB: commit p50 ${at(commits, 0.5)} p95 ${at(commits, 0.95)} ms · ` +
      `write+fsync p50 ${at(baseline, 0.5)} p95 ${at(baseline, 0.95)} ms · ratio ${ratio} · ` +
      `blocked ${blocked.toFixed(1)} ms (baseline ${blockedByBaseline.toFixed(1)} ms), all ${serverCount} changed at once ${blockedByAll.toFixed(1)} ms`,
  );
  await storage.close();
  await removeFolder(folder);
}

async function fillYear(storage: Storage, serverCount: number): Promise<void> {
  for (let month = 0; month < 12; month++) {
    for (let from = 0; from < serverCount; from += 500) {
      const batch = Array.from({ length: Math.min(500, serverCount - from) }, (_, index) =>
        archiveWrites(
          sampleArchived(month * serverCount + from + index + 1, {
            startedWallMs: startWallMs + month * 30 * dayMs + (from + index) * 60_000,
          }),
        ),
      );
      await storage.commit(batch.flat());
    }
  }
}

async function benchStart(serverCount: number): Promise<void> {
  const folder = await makeFolder();
  const first = await openLowdbStorage({ directory: folder, laterFlushMs: 200 });
  await first.commit(fleetWrites(serverCount));
  await fillYear(first, serverCount);
  await first.close();
  const begin = performance.now();
  let storage: Storage | null = null;
  const blocked = await blockedMs(async () => {
    storage = await openLowdbStorage({ directory: folder });
    await storage.load();
  });
  const ready = performance.now() - begin;
  const opened = storage as unknown as Storage;
  const always = { fromWallMs: 0, toWallMs: Number.MAX_SAFE_INTEGER };
  const newest = await timesOf(1, async () => {
    await opened.archivedIncidents({ ...always, limit: 50 });
  });
  const ofServer = await timesOf(1, async () => {
    await opened.archivedIncidents({ ...always, serverId: "s7", limit: 50 });
  });
  const archiving = await timesOf(20, (round) =>
    opened.commit(archiveWrites(sampleArchived(12 * serverCount + round + 1))),
  );
  console.log(
    `start with ${serverCount} servers and ${12 * serverCount} incidents: ${ready.toFixed(0)} ms (blocked ${blocked.toFixed(0)} ms at once) · ` +
      `newest 50 ${at(newest, 0)} ms · 50 of one server ${at(ofServer, 0)} ms · archiving one p50 ${at(archiving, 0.5)} ms`,
  );
  await opened.close();
  await removeFolder(folder);
}

await benchCommits(1_000);
await benchCommits(5_000);
await benchStart(5_000);
