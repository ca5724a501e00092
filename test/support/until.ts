/** How long a wait may take before it fails with its label. */
const patienceMs = 8_000;
/** The first and the longest pause between two calls. Frequent calls would delay what they wait for. */
const [firstPauseMs, longestPauseMs] = [5, 40];

/**
 * Calls `probe` until it returns something other than undefined, null or false.
 * @throws after the deadline, with the label and the last answer
 */
export async function until<T>(
  label: string,
  probe: () => T | Promise<T>,
  deadlineMs = patienceMs,
): Promise<Exclude<T, undefined | null | false>> {
  const deadlineAt = performance.now() + deadlineMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(1.2 * pauseMs, longestPauseMs)) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) {
      // The three values that mean "not yet" were excluded above.
      return found as Exclude<T, undefined | null | false>;
    }
    if (performance.now() > deadlineAt) throw new Error(`waited ${deadlineMs} ms for: ${label}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
