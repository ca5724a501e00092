import type { Log } from '../log.ts';
import type { Fact } from '../onboarding/facts.ts';
import { newMember } from '../onboarding/member.ts';
import type { Change, Store, UnappliedDelivery } from '../store/store.ts';
import { fold, logChange } from './record.ts';

/** Deliveries that become hints in one commit. */
const batchSize = 200;

/**
 * Turns stored deliveries into hints, oldest first, until none is left.
 * @returns how many were applied
 * @throws StoreUnavailable when the store cannot write: they stay stored and are applied later
 */
export async function applyInbox(options: {
  readonly store: Pick<Store, 'unappliedDeliveries' | 'applyDeliveries'>;
  readonly now: () => number;
  readonly log: Log;
}): Promise<number> {
  const { store, now, log } = options;
  let applied = 0;
  for (;;) {
    const { deliveries, members } = await store.unappliedDeliveries(batchSize);
    const last = deliveries.at(-1);
    if (!last) return applied;
    const known = new Map(members.map((member) => [member.userId, member]));
    const changes: Change[] = [];
    for (const [userId, theirs] of byUser(deliveries)) {
      const member = known.get(userId);
      const { change } = fold(member ?? newMember(userId), theirs.map(hintOf), now());
      if (change) changes.push(member ? change : { ...change, madeOn: null });
    }
    // `stale`: a worker moved one of them on meanwhile; all are read again.
    const result = await store.applyDeliveries(changes, last.id);
    if (result === 'stale') continue;
    applied += deliveries.length;
    for (const change of changes) logChange(log, change);
  }
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
