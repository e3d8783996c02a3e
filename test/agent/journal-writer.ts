/**
 * A program that writes its journal as fast as it can, to be killed in the middle of it. Its arguments: the folder, and
 * the number of the first record. It says on stdout up to which record the disk has taken it.
 */
import { openJournalStore } from "../../agent/journal-store.ts";
import { createLane } from "../../agent/lane.ts";
import { clocks, record } from "./journal-fixtures.ts";

const [folder = "", first = "1"] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = openJournalStore({
    folder,
    lane: createLane(),
    clocks: () => clocks,
    onTrouble: (detail) => process.stderr.write(`${detail}\n`),
    onMended: () => undefined,
  });
  await store.past();
  for (let sequence = Number(first); ; sequence += 1) {
    // Long lines, so that a kill meets one half written.
    const event = sequence === Number(first) ? "start" : "tick";
    store.append(
      record(sequence, { event, bootId: "b".repeat(128), lateMs: 123_456_789_012, sleptMs: 1e12 }),
    );
    if (sequence % 100 !== 0) continue;
    await store.flush();
    process.stdout.write(`{"event":"flushed","sequence":${sequence}}\n`);
  }
}

void main();
