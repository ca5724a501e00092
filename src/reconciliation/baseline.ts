import type { PortalClient } from '../docspace/client.ts';
import type { Employee } from '../docspace/schemas.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';
import { type PeopleList, walk } from './scan-pages.ts';
import type { Step } from './step.ts';

/** Who is active now, and who was before they were disabled: should they return, they are not new. */
const hereBefore: readonly PeopleList[] = [
  { employeeStatus: 1, activationStatus: 1 },
  { employeeStatus: 1, activationStatus: 5 },
  { employeeStatus: 2, activationStatus: 1 },
  { employeeStatus: 2, activationStatus: 5 },
];

/** Pages between two looks at whether the service is stopping. */
const pagesAtATime = 10;

/**
 * The baseline of `WELCOME_AUDIENCE=everyone` (design: "Whose member"): who is active when the scan
 * sees them was here before us, unless a delivery stored since it began showed them inactive. Until
 * it is complete no delivery is applied. It goes on where it was after an interruption.
 */
export type Baseline = {
  readonly isComplete: () => Promise<boolean>;
  /** Some pages further. */
  readonly advance: () => Promise<Step>;
};

export function createBaseline(options: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly now: () => number;
}): Baseline {
  const { client, store, recorder, now } = options;
  let isKnownComplete = false;

  async function note(people: readonly Employee[]): Promise<number> {
    const ids = people.map((person) => person.id);
    const late = new Set(await store.shownInactive(ids));
    const before = ids.filter((id) => !late.has(id));
    const facts = [{ kind: 'baselined' } as const];
    await Promise.all(
      before.map((userId) => recorder.record({ userId, member: null, facts, orNew: true })),
    );
    return before.length;
  }

  return {
    async isComplete() {
      isKnownComplete ||= (await store.progress('baseline')) !== null;
      return isKnownComplete;
    },
    async advance() {
      const walked = await walk({
        client,
        store,
        place: 'baseline_place',
        lists: hereBefore,
        inviterId: undefined,
        mostPages: pagesAtATime,
        visit: note,
      });
      if (walked.isOver) await store.remember('baseline', String(now()));
      return walked.step;
    },
  };
}
