import type { Employee } from '../docspace/schemas.ts';
import { statusOf } from '../docspace/schemas.ts';
import type { Fact } from '../domain/facts.ts';
import { pollHint } from '../domain/poll-hint.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';

/** Turns what the poll found into hints. */
export type Hints = {
  /**
   * Compares a page of people with the members; who is new or otherwise becomes due.
   * @returns how many were hinted, and how many of the page nobody followed before
   */
  readonly compare: (
    people: readonly Employee[],
    cause: string,
  ) => Promise<{ readonly found: number; readonly unknown: number }>;
  readonly hint: (
    userId: string,
    hint: { readonly says: string; readonly departure: boolean },
    cause: string,
  ) => Promise<void>;
};

export function createHints(options: {
  readonly store: Pick<Store, 'members'>;
  readonly recorder: Recorder;
  readonly now: () => number;
  /** Somebody became due. */
  readonly nudge: () => void;
}): Hints {
  const { store, recorder, now, nudge } = options;

  async function hint(
    userId: string,
    told: { readonly says: string; readonly departure: boolean },
    cause: string,
  ): Promise<void> {
    const fact: Fact = { kind: 'hinted', ...told, source: { actor: 'poll', cause } };
    await recorder.record({ userId, member: null, facts: [fact], orNew: true });
  }

  return {
    hint: async (userId, told, cause) => {
      await hint(userId, told, cause);
      nudge();
    },
    async compare(people, cause) {
      const members = await store.members(people.map((person) => person.id));
      const known = new Map(members.map((member) => [member.userId, member]));
      const hints = people.flatMap((person) => {
        const told = pollHint(known.get(person.id) ?? null, listed(person), now());
        return told ? [hint(person.id, told, cause)] : [];
      });
      await Promise.all(hints);
      if (hints.length > 0) nudge();
      return { found: hints.length, unknown: people.length - known.size };
    },
  };
}

function listed(person: Employee) {
  const status = statusOf(person.status);
  return {
    isActivated: status === 'active' && (person.activationStatus & 1) === 1,
    isDisabled: status === 'terminated',
  };
}
