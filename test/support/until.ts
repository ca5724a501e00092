/** How long a wait may take before it fails with its label. */
const patienceMs = 8_000;

/**
 * Asks `probe` until it gives something other than undefined, null or false.
 * @throws after the deadline, naming what was waited for and what the last answer was
 */
export async function until<T>(
  label: string,
  probe: () => T | Promise<T>,
  deadlineMs = patienceMs,
): Promise<Exclude<T, undefined | null | false>> {
  const deadlineAt = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) {
      // The three that mean "not yet" were just left out.
      return found as Exclude<T, undefined | null | false>;
    }
    if (performance.now() > deadlineAt) throw new Error(`waited ${deadlineMs} ms for: ${label}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
