import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, gt, lte, max, or, type SQL, sql } from 'drizzle-orm';
import type { Db } from './open.ts';
import { deliveries } from './schema.ts';

/** Bodies that are read in one go: some milliseconds, then others have their turn. */
const batchSize = 2_000;

/**
 * Whom deliveries name by this address: strangers, of whom the log keeps only the id, and people whom
 * nobody looked at yet.
 * @param email normalised
 * @param after deliveries up to this one were searched before
 * @returns user ids, and the last delivery that was searched
 */
export async function toldAbout(
  db: Db,
  email: string,
  after: number,
): Promise<{ readonly userIds: readonly string[]; readonly through: number }> {
  const last =
    db
      .select({ id: max(deliveries.id) })
      .from(deliveries)
      .get()?.id ?? 0;
  const found = new Set<string>();
  for (let from = after; from < last; from += batchSize) {
    const isInBatch = and(gt(deliveries.id, from), lte(deliveries.id, from + batchSize));
    const rows = db
      .select({ userId: deliveries.userId })
      .from(deliveries)
      .where(and(isInBatch, names(email)))
      .all();
    for (const { userId } of rows) if (userId !== null) found.add(userId);
    await nextTurn();
  }
  return { userIds: [...found], through: Math.max(after, last) };
}

/** Whether a body holds the address, as it is or with the escapes of JSON. */
export function names(email: string): SQL {
  const text = sql`lower(CAST(${deliveries.body} AS TEXT))`;
  const isAny = or(...spellings(email).map((one) => sql`instr(${text}, ${one}) > 0`));
  return isAny ?? sql`0`;
}

/** .NET escapes `+`, quotes and everything beyond ASCII (wire 7.5). */
export function spellings(email: string): string[] {
  const escaped = email.replace(
    /[^a-z0-9@._-]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [...new Set([email, escaped])];
}
