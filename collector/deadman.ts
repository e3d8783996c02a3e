/**
 * Calls an address as long as all is well, so that somebody else notices when this collector is gone.
 * Why: a monitor that died tells nobody.
 * Must not: call while the store fails or the collector cannot hear, or disturb anything when the address is unreachable.
 */

/** Once a minute: outside services count silence in minutes. */
const DEADMAN_EVERY_MS = 60_000;
const DEADMAN_LIMIT_MS = 10_000;

/** Begins to call `url`; `isWell` is asked before each call. Returns the way to stop. */
export function startDeadman(
  url: string,
  isWell: () => boolean,
  onFailure: (error: string) => void,
): () => void {
  const call = (): void => {
    if (!isWell()) return;
    fetch(url, { signal: AbortSignal.timeout(DEADMAN_LIMIT_MS) }).then(
      async (response) => {
        await response.body?.cancel();
        if (!response.ok) onFailure(`HTTP ${String(response.status)}`);
      },
      (error: unknown) => onFailure(error instanceof Error ? error.message : String(error)),
    );
  };
  const timer = setInterval(call, DEADMAN_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
