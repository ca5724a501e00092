import { asc, eq, sql } from 'drizzle-orm';
import type { MemberState } from '../../domain/member.ts';
import type { RestoredReads } from '../restored.ts';
import { byState } from './balance.ts';
import type { Db } from './open.ts';
import { copiedAtKey, readProgress } from './progress.ts';
import { memberOf } from './rows.ts';
import { members } from './schema.ts';
import { memberCounts } from './schema-counts.ts';

const mostListed = 1_000;
const owed: MemberState[] = ['ready', 'sending', 'unknown'];

export function restoredReads(db: Db): RestoredReads {
  const read = readProgress(db);
  const inState = db
    .select()
    .from(members)
    .where(eq(members.state, sql.placeholder('state')))
    .orderBy(asc(members.seq))
    .limit(mostListed)
    .prepare();
  return {
    async restored() {
      const copiedAt = read(copiedAtKey);
      if (copiedAt === null) return null;
      // State by state, each in the order of its index: all at once would be sorted as a whole.
      const rows = owed.flatMap((state) => inState.all({ state }));
      const counts = byState(db.select().from(memberCounts).all());
      return {
        copiedAt: Number(copiedAt),
        members: rows
          .sort((a, b) => a.seq - b.seq)
          .slice(0, mostListed)
          .map(memberOf),
        count: owed.reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        notYetActive: counts.waiting ?? 0,
      };
    },
  };
}
