/**
 * A time limit that does not lie after a stall.
 * Why: after the process stood still (a long task, SIGSTOP, a sleeping machine) timers come first and answers that lie
 * in the sockets for seconds come second; a probe would call a living host silent. So the sockets are read once more.
 * Must not: be used where a later answer is no use.
 */

/** Calls `over` when the limit has passed and what waited in the sockets was read. Returns the way to call it off. */
export function startDeadline(limitMs: number, over: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // Two turns of the event loop: the first reads what is there, the second what that brought about.
    turn = setImmediate(() => {
      turn = setImmediate(over);
    });
  }, limitMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
