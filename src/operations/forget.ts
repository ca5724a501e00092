import type { Fact } from '../domain/facts.ts';
import { newMember } from '../domain/member.ts';
import type { Log } from '../log.ts';
import { fold, logChange } from '../onboarding/recorder.ts';
import type { Erased } from '../store/forgetting.ts';
import type { Store } from '../store/store.ts';

/** What forgetting came to; nothing of it names the person. */
export type Forgotten = {
  /** Nobody and nothing had this address: all is as if they had never been here, or were forgotten. */
  readonly isKnown: boolean;
  readonly erased: Erased;
  readonly isScrubbed: boolean;
};

export type Forgetter = {
  /**
   * Erases the person with this address, and keeps that they were welcomed as a keyed hash.
   * @throws StoreUnavailable when the store cannot write
   */
  readonly forget: (email: string) => Promise<Forgotten>;
};

/** Somebody who changes this often between reading and writing is being fought over. */
const mostTurns = 20;

export function createForgetter(options: {
  readonly store: Pick<Store, 'bearersOf' | 'forget'>;
  readonly now: () => number;
  readonly log: Log;
}): Forgetter {
  const { store, now, log } = options;
  const source = { actor: 'operator', cause: 'forget' } as const;
  const facts: readonly Fact[] = [{ kind: 'forgotten', source }];

  return {
    async forget(email) {
      let total: Forgotten = { isKnown: false, erased: nothing, isScrubbed: false };
      let after = 0;
      for (let turn = 0; turn < mostTurns; turn += 1) {
        const at = now();
        const bearing = await store.bearersOf(email, after);
        const { told, unmet, through } = bearing;
        // What arrived meanwhile about somebody else of this name is searched until nothing is new.
        if (after > 0 && told.length === 0) return total;
        const changes = [
          ...bearing.members.flatMap((member) => fold(member, facts, at).change ?? []),
          ...unmet.flatMap((userId) => fold(newMember(userId), facts, at).change ?? []),
        ].map((change) =>
          unmet.includes(change.member.userId) ? { ...change, madeOn: null } : change,
        );
        const result = await store.forget({ email, told, changes, at });
        if (result.kind === 'stale') continue;
        for (const change of changes) logChange(log, change);
        total = added(total, result);
        log.info({ ...result.erased, isScrubbed: result.isScrubbed }, 'somebody was forgotten');
        if (through === 0) return total;
        after = through;
      }
      throw new Error(`somebody changed ${mostTurns} times while they were to be forgotten`);
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

function added(
  total: Forgotten,
  { erased, isScrubbed }: { readonly erased: Erased; readonly isScrubbed: boolean },
): Forgotten {
  const sum: Erased = {
    members: total.erased.members + erased.members,
    invitations: total.erased.invitations + erased.invitations,
    deliveries: total.erased.deliveries + erased.deliveries,
    timelineEntries: total.erased.timelineEntries + erased.timelineEntries,
    mentions: total.erased.mentions + erased.mentions,
  };
  const isKnown = Object.values(sum).some((count) => count > 0);
  return { isKnown, erased: sum, isScrubbed };
}
