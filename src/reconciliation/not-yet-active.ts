import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type PeopleList, walk } from './scan-pages.ts';
import type { Step } from './step.ts';

/** Everybody who is not active yet (wire 5, 8): invited, registered, added by an admin, imported. */
const notYetActive: readonly PeopleList[] = [
  { employeeStatus: 4 },
  { employeeStatus: 1, activationStatus: 0 },
  { employeeStatus: 1, activationStatus: 2 },
];

const roundSchema = z.object({
  number: z.int(),
  /** The newest member when the round began: who came later is not missed by it. */
  until: z.int(),
});
type Round = z.infer<typeof roundSchema>;

/**
 * Walks through the lists of the not yet active, some pages a pass. Once round, `waiting` members
 * that no page showed are no longer what they were: they are looked at singly.
 */
export async function readNotYetActive(options: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Store;
  readonly hints: Hints;
  readonly inviterId: string | undefined;
  readonly mostPages: number;
}): Promise<Step> {
  const { store, hints } = options;
  const round = await currentRound(store);
  const { step, isOver } = await walk({
    ...options,
    place: 'round_place',
    lists: notYetActive,
    visit: async (people) => {
      const ids = people.map((person) => person.id);
      const { found } = await hints.compare(people, 'poll of the not yet active');
      await store.markSeen(ids, round.number);
      return found;
    },
  });
  if (step.kind === 'interrupted' || !isOver) return step;
  const missed = await hintUnseen(store, hints, round);
  await remember(store, { number: round.number + 1, until: await store.newestMember() });
  return { ...step, found: step.found + missed };
}

async function hintUnseen(store: Store, hints: Hints, round: Round): Promise<number> {
  const told = { says: 'no longer among the not yet active', departure: false };
  let count = 0;
  for (let after = ''; ; ) {
    const ids = await store.unseenWaiting({ ...unseenBy(round), after, limit: 200 });
    await Promise.all(ids.map((id) => hints.hint(id, told, 'poll of the not yet active')));
    count += ids.length;
    const last = ids.at(-1);
    if (last === undefined) return count;
    after = last;
  }
}

function unseenBy(round: Round) {
  return { round: round.number, until: round.until };
}

async function currentRound(store: Store): Promise<Round> {
  const text = await store.progress('round');
  if (text !== null) return roundSchema.parse(JSON.parse(text));
  const first = { number: 1, until: await store.newestMember() };
  await remember(store, first);
  return first;
}

async function remember(store: Store, round: Round): Promise<void> {
  await store.remember('round', JSON.stringify(round));
}
