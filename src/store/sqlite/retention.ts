import { and, asc, eq, gt, inArray, lt, lte } from 'drizzle-orm';
import { invitationLifetimeMs } from '../../domain/invitation.ts';
import type { Store } from '../store.ts';
import type { Db } from './open.ts';
import { readProgress } from './progress.ts';
import { isOutstanding } from './rows.ts';
import { deliveries, invitations } from './schema.ts';
import type { Writer } from './writer.ts';

/** What is deleted with time, in batches so small that a delivery never waits for one. */
export function retentionVerbs(
  db: Db,
  writer: Writer,
): Pick<Store, 'deleteDeliveries' | 'expireInvitations'> {
  const read = readProgress(db);

  /** The oldest delivery that is not a hint yet: from there on nothing may go. */
  function firstToKeep(): number {
    const isLater = gt(deliveries.id, Number(read('applied_through') ?? 0));
    const first = db
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(and(isLater, eq(deliveries.answer, 'accepted')))
      .orderBy(asc(deliveries.id))
      .limit(1)
      .get();
    return first?.id ?? Number.MAX_SAFE_INTEGER;
  }

  return {
    deleteDeliveries: ({ before, limit }) =>
      writer.write(() => {
        // Ids grow with the time of arrival, so the oldest are the first: no scan for none.
        const columns = { id: deliveries.id, receivedAt: deliveries.receivedAt };
        const oldest = db.select(columns).from(deliveries).where(lt(deliveries.id, firstToKeep()));
        const rows = oldest.orderBy(asc(deliveries.id)).limit(limit).all();
        const old = rows.filter((row) => row.receivedAt < before).map((row) => row.id);
        if (old.length > 0) db.delete(deliveries).where(inArray(deliveries.id, old)).run();
        return old.length;
      }),
    expireInvitations: ({ now, limit }) =>
      writer.write(() => {
        const isOver = and(isOutstanding, lte(invitations.issuedAt, now - invitationLifetimeMs));
        const rows = db.select({ seq: invitations.seq }).from(invitations).where(isOver);
        const seqs = rows
          .limit(limit)
          .all()
          .map((row) => row.seq);
        if (seqs.length > 0) {
          db.update(invitations)
            .set({ standing: 'expired', link: null })
            .where(inArray(invitations.seq, seqs))
            .run();
        }
        return seqs.length;
      }),
  };
}
