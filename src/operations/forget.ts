import type { Fact } from '../domain/facts.ts';
import { newMember } from '../domain/member.ts';
import { type Actor, operator } from '../domain/timeline.ts';
import type { Log } from '../log.ts';
import { logChange, reduce } from '../onboarding/recorder.ts';
import type { Erased, Store } from '../store/store.ts';

/** The result of forgetting. It contains no personal data. */
export type Forgotten = {
  /** False if nothing about this address was found. */
  readonly isKnown: boolean;
  readonly erased: Erased;
  /**
   * False if erased text may still be in the database for now: for example, another program reads the
   * file of SQLite, or a transaction of PostgreSQL may still store a delivery about the person.
   */
  readonly isOverwritten: boolean;
};

export type Forgetter = {
  /**
   * Erases the person with this address. If the person was welcomed, or may have been, keyed hashes
   * record that.
   * @throws StoreUnavailable if the store cannot be written
   */
  readonly forget: (email: string, actor?: Actor) => Promise<Forgotten>;
};

/** The most rounds for one person. If they are not enough, the program has a bug. */
const maxTries = 20;

export function createForgetter(deps: {
  readonly store: Pick<Store, 'findPerson' | 'forget'>;
  readonly now: () => number;
  readonly log: Log;
}): Forgetter {
  const { store, now, log } = deps;

  return {
    async forget(email, actor = operator) {
      const cause = { kind: 'command', name: 'forget' } as const;
      const facts: readonly Fact[] = [{ kind: 'forgotten', source: { actor, cause } }];
      let total: Forgotten | null = null;
      let after = 0;
      for (let tries = 0; tries < maxTries; tries += 1) {
        const at = now();
        const found = await store.findPerson(email, after);
        const { userIdsInDeliveries, usersNotFollowed, through } = found;
        // Deliveries that arrived meanwhile are searched, too, until none of them names this person.
        if (total && userIdsInDeliveries.length === 0) return total;
        const changes = [
          ...found.members.flatMap((member) => reduce(member, facts, at).change ?? []),
          ...usersNotFollowed.flatMap(
            (userId) => reduce(newMember(userId), facts, at).change ?? [],
          ),
        ].map((change) =>
          usersNotFollowed.includes(change.member.userId) ? { ...change, madeOn: null } : change,
        );
        const result = await store.forget({ email, userIdsInDeliveries, changes, at });
        if (result.kind === 'stale') continue;
        for (const change of changes) logChange(log, change);
        total = add(total?.erased ?? nothing, result);
        log.info(
          { ...result.erased, isOverwritten: result.isOverwritten },
          'a person was forgotten',
        );
        after = through;
      }
      throw new Error(`records changed ${maxTries} times while a person was being forgotten`);
    },
  };
}

const nothing: Erased = {
  members: 0,
  invitations: 0,
  deliveries: 0,
  timelineEntries: 0,
  mentions: 0,
};

function add(
  total: Erased,
  { erased, isOverwritten }: { readonly erased: Erased; readonly isOverwritten: boolean },
): Forgotten {
  const sum: Erased = {
    members: total.members + erased.members,
    invitations: total.invitations + erased.invitations,
    deliveries: total.deliveries + erased.deliveries,
    timelineEntries: total.timelineEntries + erased.timelineEntries,
    mentions: total.mentions + erased.mentions,
  };
  const isKnown = Object.values(sum).some((count) => count > 0);
  // The last round also covers the users of the rounds before it.
  return { isKnown, erased: sum, isOverwritten };
}
