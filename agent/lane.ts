/**
 * One task at a time, in order.
 * Why: Node has four threads for files and names. A dead disk holds a thread for hours; all that writes to the state
 * folder goes through one lane, so that it can never hold more than one and names are still looked up.
 * Must not: drop, repeat or time out a task; whoever waits bounds its own wait.
 */

export interface Lane {
  /** Resolves or rejects as the task does, once those before it have ended. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Something is under way or waits. */
  readonly busy: boolean;
}

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  return {
    run(task) {
      open += 1;
      const result = last.then(task).finally(() => {
        open -= 1;
      });
      last = result.catch(() => undefined);
      return result;
    },
    get busy() {
      return open > 0;
    },
  };
}
