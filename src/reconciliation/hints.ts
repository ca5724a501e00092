import { type Employee, statusOf } from '../docspace/schemas.ts';
import type { Fact, HintEvent } from '../domain/facts.ts';
import { pollHint } from '../domain/poll-hint.ts';
import { type Cause, type PollSource, poll } from '../domain/timeline.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';

/** Turns the results of the poll into hints. */
export type Hints = {
  /**
   * Compares a page of people with the members. A person who is new, or who differs from the member,
   * becomes due.
   * @returns how many became due, and how many on the page were not members before
   */
  readonly compare: (
    people: readonly Employee[],
    list: PollSource,
  ) => Promise<{ readonly found: number; readonly notFollowed: number }>;
  readonly record: (
    userId: string,
    given: { readonly hint: HintEvent; readonly departure: boolean; readonly cause: Cause },
  ) => Promise<void>;
};

export function createHints(deps: {
  readonly store: Pick<Store, 'members'>;
  readonly recorder: Recorder;
  readonly now: () => number;
  /** Called when a member became due. */
  readonly wake: () => void;
}): Hints {
  const { store, recorder, now, wake } = deps;

  const record: Hints['record'] = async (userId, { hint, departure, cause }) => {
    const fact: Fact = { kind: 'hinted', hint, departure, source: { actor: poll, cause } };
    await recorder.record({ userId, member: null, facts: [fact], orNew: true });
    wake();
  };

  return {
    record,
    async compare(people, list) {
      const members = await store.members(people.map((person) => person.id));
      const known = new Map(members.map((member) => [member.userId, member]));
      const hints = people.flatMap((person) => {
        const differs = pollHint(known.get(person.id) ?? null, listedPerson(person), now());
        if (!differs) return [];
        const hint = { event: 'poll_hint', hint: differs.hint } as const;
        const { departure } = differs;
        return [record(person.id, { hint, departure, cause: { kind: 'poll', list } })];
      });
      await Promise.all(hints);
      return { found: hints.length, notFollowed: people.length - known.size };
    },
  };
}

function listedPerson(person: Employee) {
  const status = statusOf(person.status);
  return {
    email: person.email,
    isActivated: status === 'active' && (person.activationStatus & 1) === 1,
    isDisabled: status === 'terminated',
  };
}
