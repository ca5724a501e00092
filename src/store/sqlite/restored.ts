import { asc, inArray } from 'drizzle-orm';
import type { MemberState } from '../../onboarding/member.ts';
import type { RestoredReads } from '../restored.ts';
import { byState } from './balance.ts';
import type { Db } from './open.ts';
import { copiedAtKey, readProgress } from './progress.ts';
import { memberOf } from './rows.ts';
import { memberCounts, members } from './schema.ts';

const mostListed = 1_000;
const owed: MemberState[] = ['ready', 'sending', 'unknown'];

export function restoredReads(db: Db): RestoredReads {
  const read = readProgress(db);
  const isOwed = inArray(members.state, owed);
  return {
    async restored() {
      const copiedAt = read(copiedAtKey);
      if (copiedAt === null) return null;
      const rows = db.select().from(members).where(isOwed).orderBy(asc(members.seq));
      const counts = byState(db.select().from(memberCounts).all());
      return {
        copiedAt: Number(copiedAt),
        members: rows.limit(mostListed).all().map(memberOf),
        count: owed.reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        notYetActive: counts.waiting ?? 0,
      };
    },
  };
}
