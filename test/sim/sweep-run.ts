/**
 * Runs a setting's values over the same worlds and adds up what each showed.
 * Why the same worlds: two values differ by what they change, not by luck.
 * Must not: print.
 */
import type { Size } from "./plan-drawing.ts";
import { addMeasured, newMeasured, type Measured } from "./sweep-figures.ts";
import { measure } from "./sweep-measure.ts";
import type { Setting, Value } from "./sweep-settings.ts";
import { sweepPlan, type Family } from "./sweep-worlds.ts";

export interface Sweep {
  readonly setting: Setting;
  readonly family: Family;
  /** By the names of the values. */
  readonly rows: ReadonlyMap<string, Measured>;
}

/** Today's values of all settings are one and the same: each world runs with them once. */
export class Sweeper {
  readonly #size: Size;
  readonly #today = new Map<string, Measured>();

  constructor(size: Size) {
    this.#size = size;
  }

  /** One setting over one family's worlds. `done` after each world. */
  sweep(
    setting: Setting,
    family: Family,
    seeds: readonly number[],
    done: () => void = () => undefined,
  ): Sweep {
    const rows = new Map<string, Measured>();
    for (const value of setting.values) {
      const sum = newMeasured();
      for (const seed of seeds) {
        addMeasured(sum, this.#measured(value, family, seed));
        done();
      }
      rows.set(value.name, sum);
    }
    return { setting, family, rows };
  }

  #measured(value: Value, family: Family, seed: number): Measured {
    const key = `${family} ${seed}`;
    const known = value.today ? this.#today.get(key) : undefined;
    if (known) return known;
    const plan = sweepPlan(family, seed, this.#size);
    const measured = measure(value.plan?.(plan) ?? plan, value.options);
    if (value.today) this.#today.set(key, measured);
    return measured;
  }
}
