/** 128 + 15 (SIGTERM): the exit code that a shell reports for a process that a signal ended. */
const endedAtOnce = 143;

/**
 * Resolves at the first SIGTERM or SIGINT. A second signal ends the process at once. The next start then
 * finds an open attempt as `sending`.
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

/**
 * Aborts at the first SIGTERM or SIGINT; a second signal ends the process at once.
 * @returns the signal, and `close`, which removes the handlers again
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
