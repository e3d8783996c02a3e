/**
 * How a fault takes what it breaks, and gives it back.
 * Why counted: faults overlap; each adds its own hold and takes just that away again.
 * Must not: begin after the world was mended; what would end after that is ended by the mending.
 */
import type { Direction } from "./plan-faults.ts";
import type { SimulatedServer } from "./server.ts";
import type { World } from "./world.ts";

/** Calls `end` when the fault is over, unless the world was mended before. */
export function later(world: World, forMs: number, end: () => void): void {
  const atMs = world.nowMs + forMs;
  if (atMs < world.plan.durationMs) world.callAt(atMs, end);
}

/** Takes a hold for a while. */
export function hold<K extends string>(
  world: World,
  holder: { readonly holds: Record<K, number>; settle(): void },
  name: K,
  forMs: number,
): void {
  if (world.mended) return;
  holder.holds[name] += 1;
  holder.settle();
  later(world, forMs, () => {
    holder.holds[name] -= 1;
    holder.settle();
  });
}

/** Counts up what a direction means, now, and down when it is over. */
export function cut<T extends object>(
  world: World,
  of: T,
  names: { readonly up: keyof T; readonly down: keyof T },
  direction: Direction,
  forMs: number,
  changed: () => void,
): void {
  const counts = of as Record<keyof T, number>;
  const change = (by: 1 | -1): void => {
    if (direction !== "down") counts[names.up] += by;
    if (direction !== "up") counts[names.down] += by;
    changed();
  };
  change(1);
  later(world, forMs, () => change(-1));
}

/** Adds one for a while. */
export function count<T extends object>(
  world: World,
  of: T,
  name: keyof T,
  forMs: number,
  changed: () => void,
): void {
  cut(world, of, { up: name, down: name }, "up", forMs, changed);
}

/** Adds an entry to a list for a while. */
export function listed<T>(world: World, list: T[], entry: T, forMs: number, changed: () => void): void {
  list.push(entry);
  changed();
  later(world, forMs, () => {
    const at = list.indexOf(entry);
    if (at >= 0) list.splice(at, 1);
    changed();
  });
}

/** The open connection is lost on the way. */
export function forget(world: World, server: SimulatedServer, reset: boolean): void {
  const { agent } = server;
  agent.unsteady();
  agent.connection?.forget(reset);
  world.oracle.shaken(server);
}
