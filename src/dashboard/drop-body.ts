import type { Context } from 'hono';

/** More than anybody sends by mistake; who sends more is cut off. */
const mostDroppedBytes = 64 * 1024 * 1024;

/**
 * Takes what is still coming and keeps nothing of it: Chromium and Firefox look at an answer only when
 * they have sent everything, and show "connection reset" where the rest was never read.
 */
export async function dropBody(c: Context): Promise<void> {
  let dropped = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    dropped += chunk.length;
    if (dropped > mostDroppedBytes) return;
  }
}
