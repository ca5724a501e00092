import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { begin, changeOf, delivery, entry, invite, memberIn, now, put, user } from './support.ts';

type Ran = { readonly source: string; readonly values: readonly unknown[] };

/**
 * `a scan`: SQLite reads a whole table (the index of the open links does not count as one). `a
 * sort`: it sorts every row that a filter finds.
 */
type Cost = 'a scan' | 'a sort';

const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-plans-'));
const file = join(folder, 'welcome.db');
const ran: Ran[] = [];
let store: Store;
let stopWatching = () => {};

beforeAll(async () => {
  stopWatching = watchStatements(ran);
  store = openSqliteStore(file);
  await invite(store, 'inv_1', { note: 'a note' });
  await invite(store, 'inv_2', { email: null });
  await invite(store, 'inv_3');
  await put(store, memberIn('ready', 1, { invitationId: 'inv_2', email: 'a@example.com' }));
  await put(store, memberIn('sending', 2), { attempts: [begin('att_1')] });
  const before = await put(
    store,
    memberIn('ready', 4, { invitationId: 'inv_3', email: 'former@example.com' }),
  );
  await store.commit({ ...changeOf({ ...before, email: 'present@example.com' }), before });
});
afterAll(async () => {
  await store.close();
  stopWatching();
  rmSync(folder, { recursive: true, force: true });
});

/** The library does not export the class of statements, so it is taken from a statement. */
function watchStatements(into: Ran[]): () => void {
  const memory = new Database(':memory:');
  const prototype: Database.Statement = Object.getPrototypeOf(memory.prepare('SELECT 1'));
  memory.close();
  const originals = (['run', 'all', 'get'] as const).map((name) => {
    const original = prototype[name];
    Object.assign(prototype, {
      [name](this: Database.Statement, ...values: unknown[]) {
        into.push({ source: this.source, values });
        return original.apply(this, values);
      },
    });
    return { name, original };
  });
  return () => {
    for (const { name, original } of originals) Object.assign(prototype, { [name]: original });
  };
}

/** The plans that SQLite would make now for all statements that `work` ran on these tables. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  ran.length = 0;
  await work();
  const statements = ran.filter(({ source }) => /^\s*(select|update|delete)/i.test(source));
  expect(statements.length).toBeGreaterThan(0);
  const client = new Database(file, { readonly: true });
  try {
    return statements.flatMap(({ source, values }) =>
      client
        .prepare<unknown[], { detail: string; parent: number }>(`EXPLAIN QUERY PLAN ${source}`)
        .all(...values)
        .filter(
          ({ detail, parent }) => !(isPage.test(source) && parent === 0 && isSort.test(detail)),
        )
        .map((row) => `${row.detail}   <- ${source}`),
    );
  } finally {
    client.close();
  }
}

/** A page: its rows are found within the limit first, and then read and sorted. */
const isPage = /"seq" in \(SELECT .* LIMIT \?\) order by/s;
const isSort = /^USE TEMP B-TREE FOR .*ORDER BY/;

/** SQLite counts all rows without reading them (0.1 ms for 200,000), but shows it as a scan. */
const countOfTable = /SELECT count\(\*\) AS count FROM "\w+"$/;
/** The newest few rows of a table. This is no scan, although the plan calls it one. */
const endOfTable = /from "\w+" order by "\w+"\."(seq|id)" desc limit \?$/;

function costOf(plans: readonly string[], cost: Cost): string[] {
  const isCostly =
    cost === 'a scan'
      ? /^SCAN (members|invitations|timeline|attempts|deliveries)\b(?! USING INDEX (?:invitations_open_links|members_other_type))/
      : isSort;
  return plans.filter(
    (plan) => isCostly.test(plan) && !endOfTable.test(plan) && !countOfTable.test(plan),
  );
}

const next = { limit: 50, cursor: 1_000_000 };
const first = { limit: 50 };
const former = 'former@example.com';
const claim = (maySend: boolean) => () =>
  store.claimDue({ now, leaseUntil: now, limit: 8, maySend });

type Row = readonly [string, () => Promise<unknown>];

/**
 * Statements that run for each delivery, check, attempt or request. Their cost must not grow with
 * the database.
 */
const hot: readonly Row[] = [
  ['claim', claim(true)],
  ['claim while paused', claim(false)],
  ['next due', () => store.nextDueAt(true)],
  ['next due while paused', () => store.nextDueAt(false)],
  ['due letters', () => store.dueLetters({ now, limit: 8 })],
  ['next letter', () => store.nextLetterAt(now)],
  ['open letters', () => store.leftLetters()],
  ['reminders after a change of the setting', () => store.reviewReminders(now)],
  ['member by id', () => store.member(user(1))],
  ['members by ids', () => store.members([user(1), user(2)])],
  ['details of a member', () => store.memberStory(user(1))],
  ['commit', async () => put(store, memberIn('waiting', 3))],
  ['release of leases', () => store.releaseLeft()],
  ['sending members', () => store.leftSending(10)],
  [
    'attempt with a guard',
    () =>
      store.commit(changeOf(memberIn('sending', 9), { attempts: [begin('att_9')] }), {
        maxPerHour: 5,
      }),
  ],
  ['make ready members due', () => store.makeReadyDue(now)],
  [
    'duplicate delivery',
    async () => {
      await store.acceptDelivery(delivery(1));
      await store.acceptDelivery(delivery(1));
    },
  ],
  ['unapplied deliveries', () => store.unappliedDeliveries(200)],
  ['invitation by id', () => store.invitation('inv_1')],
  ['details of an invitation', () => store.invitationStory('inv_1')],
  ['details of an open link', () => store.invitationStory('inv_2')],
  [
    'conflict by e-mail',
    () =>
      store.openInvitation({
        id: 'inv_9',
        employeeType: 'Guest',
        mode: 'link',
        email: 'inv_1@example.com',
        note: null,
        accountId: 'account',
        at: now,
        entry: entry(),
      }),
  ],
  [
    'candidates',
    () =>
      store.candidates({
        userId: user(1),
        email: 'inv_1@example.com',
        invitationId: 'inv_1',
        issuedUntil: now,
      }),
  ],
  ['members by a former address', () => store.listMembers({ email: former }, first)],
  ['invitations by a former address', () => store.listInvitations({ email: former }, first, now)],
  ['issuing invitations', () => store.issuingInvitations(now)],
  ['failed members', () => store.failedMembers({ reason: null, after: '', limit: 50 })],
  ['unseen waiting', () => store.unseenWaiting({ run: 1, after: '', limit: 50, until: 99 })],
  ['mark seen', () => store.markSeen([user(1)], 1)],
  ['outstanding addresses', () => store.outstandingAddresses({ after: '', limit: 50 })],
  ['counts', () => store.counts(now)],
  ['metrics', () => store.metrics(now)],
  ['activity', () => store.activity([now - 900_000, now])],
  ['members who could be greeted twice', () => store.restored()],
  ['newest member', () => store.newestMember()],
  ['retention of deliveries', () => store.deleteDeliveries({ before: now, limit: 100 })],
  ['retention of links', () => store.expireInvitations({ now, limit: 100 })],
  ['the next event', () => store.nextOutboxEntry(1)],
  ['events that wait', () => store.outboxLag(1)],
  ['the end of the outbox', () => store.outboxEnd()],
];

const filters = {
  'status issued': { status: 'issued' },
  'status welcomed': { status: 'welcomed' },
  'status expired': { status: 'expired' },
  type: { employeeType: 'Guest' },
  mode: { mode: 'link' },
  letter: { letter: 'refused' },
  'e-mail': { email: 'inv_1@example.com' },
  since: { since: now - 1_000 },
  until: { until: now },
  'since and until': { since: now - 1_000, until: now },
  'status and type': { status: 'welcomed', employeeType: 'Guest' },
  'status and since': { status: 'issued', since: now - 1_000 },
  'type and mode': { employeeType: 'Guest', mode: 'link' },
} as const satisfies Record<string, Parameters<Store['listInvitations']>[0]>;

/**
 * Lists whose first page is the end of the table. Without a filter this is no scan, although the
 * plan calls it one.
 */
const lists: readonly Row[] = [
  ['invitations, next page', () => store.listInvitations({}, next, now)],
  ...Object.entries(filters).flatMap(([name, filter]): Row[] => [
    [`invitations by ${name}`, () => store.listInvitations(filter, first, now)],
    [`invitations by ${name}, next page`, () => store.listInvitations(filter, next, now)],
  ]),
  ['members, next page', () => store.listMembers({}, next)],
  ['members by state', () => store.listMembers({ state: 'ready' }, first)],
  ['members by state, next page', () => store.listMembers({ state: 'ready' }, next)],
  ['members by reason', () => store.listMembers({ state: 'skipped', reason: 'deleted' }, first)],
  [
    'members by reason, next page',
    () => store.listMembers({ state: 'skipped', reason: 'deleted' }, next),
  ],
  ['members by e-mail', () => store.listMembers({ email: 'a@example.com' }, first)],
];

/** Searches that must read everything they find, but never the whole database. */
const searches: readonly Row[] = [
  ['invitations by text', () => store.listInvitations({ q: 'not' }, first, now)],
  [
    'invitations by everything',
    () => store.listInvitations({ ...filters.type, ...filters.since, q: 'not' }, next, now),
  ],
];

describe('no statement reads a whole table', () => {
  test.each([...hot, ...lists, ...searches])('%s', async (_, work) => {
    expect(costOf(await plansOf(work), 'a scan')).toEqual([]);
  });
});

test('a look at the deliveries of a user does not read the rows that are not applied yet', async () => {
  const plans = await plansOf(() => store.deliveredAddresses(user(1)));
  const fresh = plans.filter((plan) => plan.startsWith('SEARCH deliveries USING COVERING INDEX'));
  expect(fresh).toEqual([expect.stringContaining('deliveries_trigger (trigger=? AND id>?)')]);
});

/** Expired invitations whose rows are not marked yet. Housekeeping keeps their number small. */
const sortsOverdue = 'INDEXED BY invitations_unused';

/** A page of 50 must not sort everything that its filter finds (docs/design.md#store). */
describe('no page of a list sorts the whole table', () => {
  test.each(lists)('%s', async (_, work) => {
    const sorts = costOf(await plansOf(work), 'a sort');
    expect(sorts.filter((one) => !one.includes(sortsOverdue))).toEqual([]);
  });
});
