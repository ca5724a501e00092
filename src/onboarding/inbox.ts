import type { Fact } from '../domain/facts.ts';
import { type Member, newMember } from '../domain/member.ts';
import { portal } from '../domain/timeline.ts';
import { emailKey } from '../domain/vocabulary.ts';
import type { Log } from '../log.ts';
import type { HintsOfUser, Store, UnappliedDelivery } from '../store/store.ts';
import { logChange, reduce } from './recorder.ts';

/**
 * Turns stored deliveries into hints in one commit, oldest first.
 * @param limit how many deliveries are read at most
 * @returns whether more may be left
 * @throws StoreUnavailable if the store cannot write; the deliveries stay stored and are applied later
 */
export async function applyInbox(deps: {
  readonly store: Pick<Store, 'unappliedDeliveries' | 'applyDeliveries' | 'shownAddresses'>;
  readonly limit: number;
  readonly now: () => number;
  readonly log: Log;
}): Promise<boolean> {
  const { store, limit, now, log } = deps;
  const { deliveries, members } = await store.unappliedDeliveries(limit);
  if (deliveries.length === 0) return false;
  const known = new Map(members.map((member) => [member.userId, member]));
  const groups = groupByUser(deliveries);
  const moved = await movedAmong(members, groups, store);
  const hints = [...groups].map(([userId, ofUser]): HintsOfUser => {
    const member = known.get(userId);
    const hinted = ofUser.map(hintOf);
    const facts = moved.has(userId) ? hinted.map((one) => ({ ...one, departure: true })) : hinted;
    const { change } = reduce(member ?? newMember(userId), facts, now());
    return {
      ids: ofUser.map(({ id }) => id),
      change: change && (member ? change : { ...change, madeOn: null }),
    };
  });
  const applied = await store.applyDeliveries(hints);
  hints.forEach(({ change }, index) => {
    if (change && applied[index]) logChange(log, change);
  });
  // Deliveries whose hints were not applied are read again by the next call, with their members.
  return deliveries.length === limit || applied.includes(false);
}

/**
 * Returns the user ids of settled members whose newest delivery shows another address. These members are
 * checked again, as if they had left (`departure` in `domain/facts.ts`).
 */
async function movedAmong(
  members: readonly Member[],
  groups: ReadonlyMap<string, readonly UnappliedDelivery[]>,
  store: Pick<Store, 'shownAddresses'>,
): Promise<ReadonlySet<string>> {
  const settled = members.flatMap(({ userId, state, email }) => {
    const newest = groups.get(userId)?.at(-1);
    const isSettled = ['welcomed', 'failed', 'unknown'].includes(state);
    return isSettled && newest && email !== null ? [{ userId, email, newest: newest.id }] : [];
  });
  const shown = await store.shownAddresses(settled.map(({ newest }) => newest));
  const moved = settled.filter(
    ({ email, newest }) => emailKey(shown.get(newest) ?? email) !== emailKey(email),
  );
  return new Set(moved.map(({ userId }) => userId));
}

function groupByUser(deliveries: readonly UnappliedDelivery[]): Map<string, UnappliedDelivery[]> {
  const groups = new Map<string, UnappliedDelivery[]>();
  for (const delivery of deliveries) {
    const group = groups.get(delivery.userId);
    if (group) group.push(delivery);
    else groups.set(delivery.userId, [delivery]);
  }
  return groups;
}

/** Turns a delivery into a hint. */
export function hintOf(delivery: UnappliedDelivery): Extract<Fact, { kind: 'hinted' }> {
  return {
    kind: 'hinted',
    hint: { event: 'delivery_received', trigger: delivery.trigger },
    departure: delivery.trigger === 'user.deleted' || delivery.shows === 'terminated',
    // False for an activation, because it does not change the type.
    typeMayDiffer: delivery.trigger === 'user.created' || delivery.shows === 'not_active',
    source: { actor: portal, cause: { kind: 'delivery', id: delivery.id } },
  };
}
