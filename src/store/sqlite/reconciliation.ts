import { and, asc, desc, eq, gt, inArray, isNotNull, lt, lte, max, sql } from 'drizzle-orm';
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
  const place = { seenInRound: members.seenInRound, seq: members.seq };

  /** Where the page before ended; the first page is after nobody. */
  function placeOf(after: string) {
    if (after === '') return undefined;
    return db.select(place).from(members).where(eq(members.userId, after)).get();
  }

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
        gt(members.seq, placeOf(after)?.seq ?? 0),
        reason === null ? undefined : eq(members.reason, reason),
      );
      const rows = db.select().from(members).where(isWanted).orderBy(asc(members.seq)).limit(limit);
      return rows.all().map(memberOf);
    },
    markSeen: (userIds, round) =>
      writer.write(() => {
        const isSeen = inArray(members.userId, [...userIds]);
        db.update(members).set({ seenInRound: round }).where(isSeen).run();
      }),
    async unseenWaiting({ round, after, limit, until }) {
      // Rounds only grow. Literally so: SQLite has to see that the index of the waiting serves.
      const isUnseen = and(
        sql`${members.state} = 'waiting'`,
        lt(members.seenInRound, round),
        lte(members.seq, until),
        isAfterIt(placeOf(after)),
      );
      const rows = db.select({ userId: members.userId }).from(members).where(isUnseen);
      const first = rows.orderBy(asc(members.seenInRound), asc(members.seq)).limit(limit);
      return first.all().map((row) => row.userId);
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
      const columns = {
        id: sql<string>`${invitations.id}`,
        email: sql<string>`${invitations.email}`,
      };
      const isLater = gt(invitations.id, after);
      // Named, because SQLite would rather sort all that one of the standings has.
      const byId = sql`${invitations} INDEXED BY invitations_awaited`;
      const rows = db.select(columns).from(byId).where(and(isAwaited, isLater));
      return rows.orderBy(asc(invitations.id)).limit(limit).all();
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

function isAfterIt(place: { readonly seenInRound: number; readonly seq: number } | undefined) {
  if (!place) return undefined;
  return sql`(${members.seenInRound}, ${members.seq}) > (${place.seenInRound}, ${place.seq})`;
}
