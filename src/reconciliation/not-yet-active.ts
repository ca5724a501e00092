import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type PeopleList, scanPages } from './scan-pages.ts';
import type { StepResult } from './step.ts';

/** People not active yet: invited, registered, added by an admin, imported (docs/docspace-wire.md 8). */
const notYetActive: readonly PeopleList[] = [
  { employeeStatus: 4 },
  { employeeStatus: 1, activationStatus: 0 },
  { employeeStatus: 1, activationStatus: 2 },
];

const runSchema = z.object({
  number: z.int(),
  /** The newest member when the run began. The run does not expect to see later members. */
  until: z.int(),
});
/** One run through all lists. It may take several polls. */
type Run = z.infer<typeof runSchema>;

/**
 * Reads the lists of people who are not active yet, some pages per poll. If a run ends and no page showed a
 * `waiting` member, that member has changed and is checked individually.
 */
export async function readNotYetActive(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Store;
  readonly hints: Hints;
  readonly inviterId: string | undefined;
  readonly maxPages: number;
}): Promise<StepResult> {
  const { store, hints } = deps;
  const run = await currentRun(store);
  const { step, isOver } = await scanPages({
    ...deps,
    place: 'not_yet_active_place',
    lists: notYetActive,
    visit: async (people) => {
      const ids = people.map((person) => person.id);
      const { found } = await hints.compare(people, 'not_yet_active');
      await store.markSeen(ids, run.number);
      return found;
    },
  });
  if (step.kind === 'interrupted' || !isOver) return step;
  const missed = await hintUnseen(store, hints, run);
  await storeRun(store, { number: run.number + 1, until: await store.newestMember() });
  return { ...step, found: step.found + missed };
}

async function hintUnseen(store: Store, hints: Hints, run: Run): Promise<number> {
  const noLongerListed = {
    hint: { event: 'poll_hint', hint: 'no_longer_listed' },
    departure: false,
    cause: { kind: 'poll', list: 'not_yet_active' },
  } as const;
  let count = 0;
  for (let after = ''; ; ) {
    const query = { run: run.number, until: run.until, after, limit: 200 };
    const ids = await store.unseenWaiting(query);
    await Promise.all(ids.map((id) => hints.record(id, noLongerListed)));
    count += ids.length;
    const last = ids.at(-1);
    if (last === undefined) return count;
    after = last;
  }
}

async function currentRun(store: Store): Promise<Run> {
  const text = await store.getValue('not_yet_active_run');
  if (text !== null) return runSchema.parse(JSON.parse(text));
  const first = { number: 1, until: await store.newestMember() };
  await storeRun(store, first);
  return first;
}

async function storeRun(store: Store, run: Run): Promise<void> {
  await store.setValue('not_yet_active_run', JSON.stringify(run));
}
