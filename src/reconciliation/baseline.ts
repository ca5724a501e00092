import type { PortalClient } from '../docspace/client.ts';
import type { Employee } from '../docspace/schemas.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';
import { type PeopleList, scanPages } from './scan-pages.ts';
import type { StepResult } from './step.ts';

/** People who are active now, or were before they were disabled: if they return, they are not new. */
const existingUsers: readonly PeopleList[] = [
  { employeeStatus: 1, activationStatus: 1 },
  { employeeStatus: 1, activationStatus: 5 },
  { employeeStatus: 2, activationStatus: 1 },
  { employeeStatus: 2, activationStatus: 5 },
];

/** Pages between two checks of whether the service is stopping. */
const pagesPerCall = 10;

/**
 * The baseline of `WELCOME_AUDIENCE=everyone` (docs/design.md#whose-member). A person who is active when
 * the scan finds them is an existing user, unless a delivery stored since the scan began showed them
 * inactive. Until it is complete no delivery is applied. After an interruption it continues.
 */
export type Baseline = {
  readonly isComplete: () => Promise<boolean>;
  /** Scans some more pages. */
  readonly advance: () => Promise<StepResult>;
};

export function createBaseline(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly now: () => number;
}): Baseline {
  const { client, store, recorder, now } = deps;
  let isKnownComplete = false;

  async function recordExisting(people: readonly Employee[]): Promise<number> {
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
      isKnownComplete ||= (await store.getValue('baseline')) !== null;
      return isKnownComplete;
    },
    async advance() {
      const scanned = await scanPages({
        client,
        store,
        place: 'baseline_place',
        lists: existingUsers,
        inviterId: undefined,
        maxPages: pagesPerCall,
        visit: recordExisting,
      });
      if (scanned.isOver) await store.setValue('baseline', String(now()));
      return scanned.step;
    },
  };
}
