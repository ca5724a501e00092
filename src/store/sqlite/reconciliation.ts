import { and, asc, desc, eq, gt, inArray, isNotNull, lte, max, ne } from 'drizzle-orm';
import type { Store } from '../store.ts';
import type { Db } from './open.ts';
import { readProgress } from './progress.ts';
import { isAwaited, memberOf } from './rows.ts';
import { deliveries, invitations, members } from './schema.ts';
import type { Writer } from './writer.ts';

/** What the poll asks the store, and notes in it. */
export function reconciliationVerbs(
  db: Db,
  writer: Writer,
): Pick<
  Store,
  | 'members'
  | 'failedMembers'
  | 'markSeen'
  | 'unseenWaiting'
  | 'newestMember'
  | 'shownInactive'
  | 'outstandingAddresses'
  | 'lastWebhookId'
> {
  const read = readProgress(db);
  return {
    async members(userIds) {
      if (userIds.length === 0) return [];
      const rows = db
        .select()
        .from(members)
        .where(inArray(members.userId, [...userIds]))
        .all();
      return rows.map(memberOf);
    },
    async failedMembers({ reason, after, limit }) {
      const isWanted = and(
        eq(members.state, 'failed'),
        gt(members.userId, after),
        reason === null ? undefined : eq(members.reason, reason),
      );
      const rows = db
        .select()
        .from(members)
        .where(isWanted)
        .orderBy(asc(members.userId))
        .limit(limit);
      return rows.all().map(memberOf);
    },
    markSeen: (userIds, round) =>
      writer.write(() => {
        const isSeen = inArray(members.userId, [...userIds]);
        db.update(members).set({ seenInRound: round }).where(isSeen).run();
      }),
    async unseenWaiting({ round, after, limit, until }) {
      const isUnseen = and(
        eq(members.state, 'waiting'),
        ne(members.seenInRound, round),
        lte(members.seq, until),
        gt(members.userId, after),
      );
      const id = { userId: members.userId };
      const rows = db.select(id).from(members).where(isUnseen).orderBy(asc(members.userId));
      return rows
        .limit(limit)
        .all()
        .map((row) => row.userId);
    },
    async newestMember() {
      return (
        db
          .select({ seq: max(members.seq) })
          .from(members)
          .get()?.seq ?? 0
      );
    },
    async shownInactive(userIds) {
      if (userIds.length === 0) return [];
      const isUnapplied = gt(deliveries.id, Number(read('applied_through') ?? 0));
      const isShown = and(
        isUnapplied,
        eq(deliveries.shows, 'not_active'),
        inArray(deliveries.userId, [...userIds]),
      );
      const rows = db.select({ userId: deliveries.userId }).from(deliveries).where(isShown).all();
      return [...new Set(rows.flatMap((row) => row.userId ?? []))];
    },
    async outstandingAddresses({ after, limit }) {
      const columns = { id: invitations.id, email: invitations.email };
      const isLater = gt(invitations.id, after);
      const rows = db.select(columns).from(invitations).where(and(isAwaited, isLater));
      const found = rows.orderBy(asc(invitations.id)).limit(limit).all();
      return found.flatMap(({ id, email }) => (email === null ? [] : [{ id, email }]));
    },
    async lastWebhookId() {
      const row = db
        .select({ webhookId: deliveries.webhookId })
        .from(deliveries)
        .where(isNotNull(deliveries.webhookId))
        .orderBy(desc(deliveries.id))
        .limit(1)
        .get();
      return row?.webhookId ?? null;
    },
  };
}
