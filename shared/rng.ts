/**
 * A small seeded random generator (mulberry32: 32 bits of state, full period 2^32).
 * Why: the core, the simulator and back-off need the same draws from the same seed on every machine and Node version.
 * Must not: be used for secrets; keys, nonces and tokens come from node:crypto and nanoid.
 */

/** The next state and a number in [0, 1). Pure: the caller keeps the state. */
export function draw(state: number): { readonly state: number; readonly value: number } {
  const next = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(next ^ (next >>> 15), 1 | next);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return { state: next, value: ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296 };
}

/** A generator that keeps its own state: for shells and simulators, never inside the core's state. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    const drawn = draw(state);
    state = drawn.state;
    return drawn.value;
  };
}
