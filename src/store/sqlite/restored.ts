import { asc, count, eq, inArray } from 'drizzle-orm';
import type { RestoredReads } from '../restored.ts';
import type { Db } from './open.ts';
import { copiedAtKey, readProgress } from './progress.ts';
import { memberOf } from './rows.ts';
import { members } from './schema.ts';

const mostListed = 1_000;

export function restoredReads(db: Db): RestoredReads {
  const read = readProgress(db);
  const isOwed = inArray(members.state, ['ready', 'sending', 'unknown']);
  return {
    async restored() {
      const copiedAt = read(copiedAtKey);
      if (copiedAt === null) return null;
      const rows = db.select().from(members).where(isOwed).orderBy(asc(members.seq));
      const owed = db.select({ count: count() }).from(members).where(isOwed).get();
      const waiting = db
        .select({ count: count() })
        .from(members)
        .where(eq(members.state, 'waiting'))
        .get();
      return {
        copiedAt: Number(copiedAt),
        members: rows.limit(mostListed).all().map(memberOf),
        count: owed?.count ?? 0,
        notYetActive: waiting?.count ?? 0,
      };
    },
  };
}
