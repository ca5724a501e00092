import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import { pageSize } from '../docspace/people.ts';
import type { Employee } from '../docspace/schemas.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type PeopleList, scanPages } from './scan-pages.ts';
import { type StepResult, stepFailed } from './step.ts';
import { leadsTo } from './webhook-registration.ts';

/** Reads the newest registrations until all people on a page were members before, or the list ends. */
export async function readNewest(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly hints: Hints;
  readonly inviterId: string | undefined;
}): Promise<StepResult> {
  const { client, hints, inviterId } = deps;
  let checked = 0;
  let found = 0;
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.people({
      employeeStatus: 1,
      sortBy: 'registrationDate',
      sortOrder: 'descending',
      inviterId,
      startIndex,
    });
    if (read.kind !== 'ok') return stepFailed(read);
    const { people } = read.value;
    const compared = await hints.compare(people, 'newest');
    checked += people.length;
    found += compared.found;
    if (compared.notFollowed === 0 || people.length < pageSize) {
      return { kind: 'done', checked, found };
    }
  }
}

// ── People who are not active yet ──────────────────────────────────────────────────────────────

/**
 * The lists of people who are not active yet: people who were invited, who registered through a link,
 * whom an admin added, or who were imported (docs/docspace-wire.md 8).
 */
const notYetActive: readonly PeopleList[] = [
  { employeeStatus: 4 },
  { employeeStatus: 1, activationStatus: 0 },
  { employeeStatus: 1, activationStatus: 2 },
];

const runSchema = z.object({
  number: z.int(),
  /**
   * The number of the newest member when the run began. The run does not expect to see later members.
   */
  until: z.int(),
});
/** One run through all lists. It may take several polls. */
type Run = z.infer<typeof runSchema>;

/**
 * Reads the lists of people who are not active yet, some pages per poll. If no page of a run showed a
 * `waiting` member, that person has probably changed, so the member becomes due at the end of the run.
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

// ── Addresses that nobody has used yet ─────────────────────────────────────────────────────────

/**
 * Looks up a few addresses of unused invitations per run, in turn. A person who was invited by address
 * but came another way (SSO, LDAP, an admin) was not created by this account. So the lists of the
 * people whom this account created do not contain that person.
 */
export async function readInvitedAddresses(deps: {
  readonly client: Pick<PortalClient, 'employeeByEmail'>;
  readonly store: Pick<Store, 'getValue' | 'setValue' | 'outstandingAddresses'>;
  readonly hints: Hints;
  readonly limit: number;
}): Promise<StepResult> {
  const { client, store, hints, limit } = deps;
  const after = (await store.getValue('asked_addresses')) ?? '';
  const outstanding = await store.outstandingAddresses({ after, limit });
  if (outstanding.length === 0) {
    if (after !== '') await store.setValue('asked_addresses', '');
    return { kind: 'done', checked: 0, found: 0 };
  }
  let found = 0;
  for (const { id, email } of outstanding) {
    const read = await client.employeeByEmail(email);
    if (read.kind === 'trouble') return stepFailed(read);
    if (read.kind === 'ok') {
      found += (await hints.compare([read.value], 'invited_addresses')).found;
    }
    await store.setValue('asked_addresses', id);
  }
  return { kind: 'done', checked: outstanding.length, found };
}

// ── The first start ─────────────────────────────────────────────────────────────────────────────

/** The portal's times are cut to seconds, and its clock is known to about a second. */
const toleranceMs = 10_000;

/**
 * Whether the account of the key was used with another database before the first start of this one:
 * the account invited people, or it has a webhook for this service at another address. With the
 * audience `everyone`, only the webhooks are checked, because the baseline makes the people existing
 * users.
 * @param deps.firstStartedAt UTC ms, portal's clock
 * @param deps.address where the portal reaches this service; only the path if PUBLIC_URL is not set
 * @returns null if the portal gave no usable answer
 */
export async function isUsedBefore(deps: {
  readonly client: Pick<PortalClient, 'people' | 'webhooks'>;
  readonly accountId: string;
  readonly firstStartedAt: number;
  readonly address: string;
  readonly audience: Audience;
}): Promise<boolean | null> {
  const { client, accountId, firstStartedAt, address, audience } = deps;
  for (const employeeStatus of audience === 'invited' ? ([1, 4] as const) : []) {
    const read = await client.people({
      employeeStatus,
      inviterId: accountId,
      sortBy: 'registrationDate',
      sortOrder: 'ascending',
      startIndex: 0,
    });
    if (read.kind !== 'ok') return null;
    const isEarlier = ({ id, registrationDate = firstStartedAt }: Employee) =>
      id !== accountId && registrationDate < firstStartedAt - toleranceMs;
    if (read.value.people.some(isEarlier)) return true;
  }
  if (address.startsWith('/')) return false;
  const list = await client.webhooks();
  if (list.kind !== 'ok') return null;
  const { pathname } = new URL(address);
  return list.value.some(
    ({ uri, createdBy }) =>
      createdBy?.id === accountId && leadsTo(uri, pathname) && !leadsTo(uri, address),
  );
}
