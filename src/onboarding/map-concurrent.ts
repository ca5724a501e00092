/**
 * Runs `work` for each item, at most `atATime` at once.
 * @returns the results in the order of the items
 * @throws the first error; what is under way then still ends
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  async function takeNext(): Promise<void> {
    for (const [index, item] of queue) results[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, takeNext));
  return results;
}
