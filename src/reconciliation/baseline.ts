import type { PortalClient } from '../docspace/client.ts';
import { type Employee, statusOf } from '../docspace/schemas.ts';
import { clockToleranceMs } from '../domain/ownership.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';
import { type PeopleList, scanPages } from './scan-pages.ts';
import { type StepResult, stepFailed } from './step.ts';

/** All users, also those who are not active: a user who returns or confirms later is not new. */
const everybody: readonly PeopleList[] = [
  { employeeStatus: 1 },
  { employeeStatus: 4 },
  { employeeStatus: 2 },
];

/** The number of pages that are read before the caller checks whether the service is stopping. */
const pagesPerCall = 10;

/**
 * Makes the baseline of `WELCOME_AUDIENCE=everyone` (docs/design.md#whose-member): everybody whom the
 * portal knows when the baseline begins is an existing user, unless this service invited them. No
 * delivery is applied until the baseline is complete. After an interruption, the next call continues.
 */
export type Baseline = {
  readonly isComplete: () => Promise<boolean>;
  /** Reads some more pages. */
  readonly advance: () => Promise<StepResult>;
};

/**
 * @param deps.pending whether people who are not active yet when the baseline begins are left out of
 *   it (`welcome`), so that they are welcomed later
 */
export function createBaseline(deps: {
  readonly client: Pick<PortalClient, 'people' | 'self' | 'portalNow'>;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly pending: 'skip' | 'welcome';
  readonly now: () => number;
}): Baseline {
  const { client, store, recorder, now } = deps;
  let isKnownComplete = false;

  async function recordExisting(people: readonly Employee[], startedAt: number): Promise<number> {
    const ids = people.map((person) => person.id);
    const late = new Set(await store.shownInactive(ids));
    const before: Employee[] = [];
    for (const person of people) {
      const isOld = cameBefore(person, startedAt, late.has(person.id));
      const isLeftOut = deps.pending === 'welcome' && isPending(person);
      if (isOld && !isLeftOut && !(await isInvitedHere(person))) before.push(person);
    }
    const facts = [{ kind: 'baselined' } as const];
    await Promise.all(
      before.map(({ id }) => recorder.record({ userId: id, member: null, facts, orNew: true })),
    );
    return before.length;
  }

  async function isInvitedHere({ id, email }: Employee): Promise<boolean> {
    const query = { userId: id, email, invitationId: null, issuedUntil: 0 };
    const { byUser, byEmail } = await store.candidates(query);
    return byUser.length + byEmail.length > 0;
  }

  /** Returns when the baseline began, by the portal's clock. A first request makes that clock known. */
  async function startTime(): Promise<number | StepResult> {
    const stored = await store.getValue('baseline_started_at');
    if (stored !== null) return Number(stored);
    const self = await client.self();
    if (self.kind !== 'ok') return stepFailed(self);
    const startedAt = client.portalNow();
    await store.setValue('baseline_started_at', String(startedAt));
    return startedAt;
  }

  return {
    async isComplete() {
      isKnownComplete ||= (await store.getValue('baseline')) !== null;
      return isKnownComplete;
    },
    async advance() {
      const startedAt = await startTime();
      if (typeof startedAt !== 'number') return startedAt;
      const scanned = await scanPages({
        client,
        store,
        place: 'baseline_place',
        lists: everybody,
        inviterId: undefined,
        maxPages: pagesPerCall,
        visit: (people) => recordExisting(people, startedAt),
      });
      if (scanned.isOver) await store.setValue('baseline', String(now()));
      return scanned.step;
    },
  };
}

/**
 * Whether the portal knew a person before the baseline began. Both the creation of the person and the
 * start of the baseline are known only to about a second. So, if the person was created shortly before
 * the start, or at an unknown time, a delivery decides.
 * @param isShown whether a delivery that is not applied yet showed the person as not active
 */
function cameBefore(person: Employee, startedAt: number, isShown: boolean): boolean {
  const createdAt = person.registrationDate;
  if (createdAt === undefined) return !isShown;
  if (createdAt + clockToleranceMs <= startedAt) return true;
  return createdAt <= startedAt && !isShown;
}

function isPending(person: Employee): boolean {
  const status = statusOf(person.status);
  return status === 'pending' || (status === 'active' && (person.activationStatus & 1) === 0);
}
