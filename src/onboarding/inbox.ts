import type { Fact } from '../domain/facts.ts';
import { newMember } from '../domain/member.ts';
import type { Log } from '../log.ts';
import type { Change, Store, UnappliedDelivery } from '../store/store.ts';
import { fold, logChange } from './recorder.ts';

/**
 * Turns stored deliveries into hints, the oldest first, in one commit.
 * @param limit how many deliveries at most
 * @returns whether more may be left: others have their turn before those
 * @throws StoreUnavailable when the store cannot write: they stay stored and are applied later
 */
export async function applyInbox(options: {
  readonly store: Pick<Store, 'unappliedDeliveries' | 'applyDeliveries'>;
  readonly limit: number;
  readonly now: () => number;
  readonly log: Log;
}): Promise<boolean> {
  const { store, limit, now, log } = options;
  const { deliveries, members } = await store.unappliedDeliveries(limit);
  const last = deliveries.at(-1);
  if (!last) return false;
  const known = new Map(members.map((member) => [member.userId, member]));
  const changes: Change[] = [];
  for (const [userId, theirs] of byUser(deliveries)) {
    const member = known.get(userId);
    const { change } = fold(member ?? newMember(userId), theirs.map(hintOf), now());
    if (change) changes.push(member ? change : { ...change, madeOn: null });
  }
  // `stale`: a worker moved one of them on meanwhile; all are read again.
  if ((await store.applyDeliveries(changes, last.id)) === 'stale') return true;
  for (const change of changes) logChange(log, change);
  return deliveries.length === limit;
}

function byUser(deliveries: readonly UnappliedDelivery[]): Map<string, UnappliedDelivery[]> {
  const grouped = new Map<string, UnappliedDelivery[]>();
  for (const delivery of deliveries) {
    const theirs = grouped.get(delivery.userId);
    if (theirs) theirs.push(delivery);
    else grouped.set(delivery.userId, [delivery]);
  }
  return grouped;
}

/** A delivery as a reason to look. */
export function hintOf(delivery: UnappliedDelivery): Extract<Fact, { kind: 'hinted' }> {
  return {
    kind: 'hinted',
    says: `${delivery.trigger} arrived`,
    departure: delivery.trigger === 'user.deleted' || delivery.shows === 'terminated',
    source: { actor: 'portal', cause: `delivery ${delivery.id}` },
  };
}
