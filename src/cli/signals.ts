/** 128 + SIGTERM: what a shell reports of a process that a signal ended. */
const endedAtOnce = 143;

/**
 * Resolves at the first SIGTERM or SIGINT. A second one ends the process at once: whatever was under
 * way is found as `sending` at the next start.
 */
export function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    function onSignal(): void {
      count += 1;
      if (count === 1) resolve();
      else process.exit(endedAtOnce);
    }
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
