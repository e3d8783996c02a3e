/**
 * Mistakes about what is durable when: commits, failed commits, what is kept, what is derived from records.
 */
import { mistake, type Mistake } from "./mistake.ts";
import { goodbyeOnFullDisk } from "./stories.ts";

const apply = "collector/core/apply.ts";
const failed = "collector/core/failed-commit.ts";
const loop = "test/sim/collector-loop.ts";
const memory = "collector/storage/memory.ts";

export const mistakesOfStorage: readonly Mistake[] = [
  mistake(
    "effects before the commit",
    loop,
    'if (this.#dies("before_commit")) return;\n    this.#committing',
    'this.#performAll(decision.effects, false);\n    if (this.#dies("before_commit")) return;\n    this.#committing',
  ),
  mistake(
    "a commit that failed is applied all the same",
    failed,
    'return { apply: [], effects: [], event: kept.has(event.type) ? "keep" : "refuse", reply: refused };',
    'return { apply: [...decision.commit, ...decision.later], effects: decision.effects, event: kept.has(event.type) ? "drop" : "refuse", reply: refused };',
  ),
  mistake(
    "what happened while the disk was full is dropped",
    failed,
    'event: kept.has(event.type) ? "keep" : "refuse", reply: refused };',
    'event: kept.has(event.type) ? "drop" : "refuse", reply: refused };',
    goodbyeOnFullDisk,
  ),
  mistake(
    "a send is performed though its claim is not durable",
    failed,
    'if (event.type === "outbox_woken") return { apply: [], effects: [], event: "drop", reply: refused };',
    'if (event.type === "outbox_woken") return { apply: [], effects: decision.effects, event: "drop", reply: refused };',
  ),
  mistake(
    "a tick whose commit failed is no time",
    failed,
    'apply: [...decision.later, ...decision.commit.filter(isSuspicion)],\n      effects: decision.effects.filter(needsNoCommit),\n      event: "drop",',
    'apply: [],\n      effects: decision.effects.filter(needsNoCommit),\n      event: "drop",',
  ),
  mistake(
    "half of a commit reaches the disk",
    memory,
    'if (fault !== "crash_before") writes.forEach((write, index) => put(write, records[index]));',
    'if (fault !== "crash_before") writes.forEach((write, index) => (writes.length < 4 || index > 0 ? put(write, records[index]) : undefined));',
  ),
  mistake(
    "records that are removed stay on the disk",
    memory,
    "if (write.value === null) tableOf(disk, write.table).delete(write.key);",
    'if (write.value === null && write.table !== "notification") tableOf(disk, write.table).delete(write.key);\n    else if (write.value === null) return;',
  ),
  mistake(
    "volatile facts are never kept",
    "test/sim/volatile-facts.ts",
    "if (write !== null) writes.push(write);",
    'if (write !== null && write.table !== "heard") writes.push(write);',
  ),
  mistake(
    "the clock is not among what is kept",
    "test/sim/volatile-facts.ts",
    "if (write !== null) writes.push(write);",
    'if (write !== null && write.table !== "clock") writes.push(write);',
  ),
  mistake(
    "open rows are not found again after a start",
    apply,
    "if (write.value && isOpen(write.value)) derived.openNotifications.add(write.key);",
    'if (write.value?.status === "queued" || write.value?.status === "sending") derived.openNotifications.add(write.key);',
  ),
  mistake(
    "an incident that is muted no more stays in the list of muted ones",
    apply,
    "derived.mutedIncidents.delete(incident.id);",
    "",
  ),
  mistake("who left a group stays its member", apply, "members?.delete(incident.id);", ""),
  mistake(
    "a server that moves to another site is still of the old one",
    apply,
    "if (before?.siteId != null) derived.serversOf.get(before.siteId)?.delete(write.key);",
    "void before;",
  ),
  mistake(
    "the schedule loses who is due in the newest slot",
    "collector/core/schedule.ts",
    "if (slot < this.#first) this.#first = slot;",
    "if (slot < this.#first - 1) this.#first = slot;",
  ),
  mistake(
    "each start numbers rows and incidents from one",
    "collector/core/lifecycle.ts",
    'draft.put("meta", "", { ...meta, random, startedCoreMs: clock.coreMs, stoppedCoreMs: null });',
    'draft.put("meta", "", { ...meta, random, nextIncidentNumber: 1, nextNotificationSequence: 1, startedCoreMs: clock.coreMs, stoppedCoreMs: null });',
  ),
];
