/** 128 + 15: the exit code that a shell reports for a process that SIGTERM ended. */
const endedAtOnce = 143;

/**
 * Resolves at the first SIGTERM or SIGINT. A second signal ends the process at once. A member whose attempt
 * was open is then still `sending` at the next start.
 */
export function signalled(): Promise<void> {
  const { interrupted } = interruptions();
  return new Promise((resolve) => interrupted.addEventListener('abort', () => resolve()));
}

/**
 * Handles SIGTERM and SIGINT. The first signal aborts `interrupted`; a second ends the process at once.
 * @returns `interrupted`, and `close`, which removes the handlers
 */
export function interruptions(): { readonly interrupted: AbortSignal; readonly close: () => void } {
  const controller = new AbortController();
  function onSignal(): void {
    if (controller.signal.aborted) process.exit(endedAtOnce);
    controller.abort();
  }
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    interrupted: controller.signal,
    close() {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}
