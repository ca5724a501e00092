import { and, count, inArray, lte } from 'drizzle-orm';
import { type InvitationStatus, invitationLifetimeMs } from '../../onboarding/invitation.ts';
import type { StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { invitations, members } from './schema.ts';

export function balanceReads(db: Db): Pick<StoreReads, 'balance'> {
  return {
    async balance(now) {
      const states = db
        .select({ state: members.state, count: count() })
        .from(members)
        .groupBy(members.state)
        .all();
      return {
        members: Object.fromEntries(states.map((row) => [row.state, row.count])),
        invitations: byStatus(db, now),
      };
    },
  };
}

/** `expired` is what time made of `issued` and `open`. */
function byStatus(db: Db, now: number): Partial<Record<InvitationStatus, number>> {
  const isOver = and(
    inArray(invitations.standing, ['issued', 'open']),
    lte(invitations.issuedAt, now - invitationLifetimeMs),
  );
  const standing = invitations.standing;
  const all = db.select({ standing, count: count() }).from(invitations).groupBy(standing).all();
  const over = db
    .select({ standing, count: count() })
    .from(invitations)
    .where(isOver)
    .groupBy(standing)
    .all();
  const counts = new Map<InvitationStatus, number>(all.map((row) => [row.standing, row.count]));
  for (const row of over) {
    counts.set(row.standing, (counts.get(row.standing) ?? 0) - row.count);
    counts.set('expired', (counts.get('expired') ?? 0) + row.count);
  }
  return Object.fromEntries([...counts].filter(([, number]) => number > 0));
}
