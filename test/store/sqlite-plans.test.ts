import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { begin, delivery, entry, invite, memberIn, now, put, user } from './support.ts';

type Ran = { readonly source: string; readonly values: readonly unknown[] };

/** Whether SQLite goes through a whole table (the index of the open links is no whole table), or sorts everything that a filter finds. */
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
  await put(store, memberIn('ready', 1, { invitationId: 'inv_2', email: 'a@example.com' }));
  await put(store, memberIn('sending', 2), { attempts: [begin('att_1')] });
});
afterAll(async () => {
  await store.close();
  stopWatching();
  rmSync(folder, { recursive: true, force: true });
});

/** The class of statements is not exported by the library: one of them has it. */
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

/** The plans of all that `work` ran against these tables, as SQLite would make them now. */
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

/** The rows of a page are found first, within their limit, and then read and sorted. */
const isPage = /"seq" in \(SELECT .* LIMIT \?\) order by/s;
const isSort = /^USE TEMP B-TREE FOR .*ORDER BY/;

/** The newest few of everything: no scan, whatever the plan calls it. */
const endOfTable = /from "\w+" order by "\w+"\."(seq|id)" desc limit \?$/;

function costOf(plans: readonly string[], cost: Cost): string[] {
  const isCostly =
    cost === 'a scan'
      ? /^SCAN (members|invitations|timeline|attempts|deliveries)\b(?! USING INDEX invitations_open_links)/
      : isSort;
  return plans.filter((plan) => isCostly.test(plan) && !endOfTable.test(plan));
}

const next = { limit: 50, cursor: 1_000_000 };
const first = { limit: 50 };
const claim = (maySend: boolean) => () =>
  store.claimDue({ now, leaseUntil: now, limit: 8, maySend });

type Row = readonly [string, () => Promise<unknown>];

/** What runs for each delivery, look, attempt or request: it must not grow with the log. */
const hot: readonly Row[] = [
  ['claim', claim(true)],
  ['claim while paused', claim(false)],
  ['next due', () => store.nextDueAt(true)],
  ['next due while paused', () => store.nextDueAt(false)],
  ['member by id', () => store.member(user(1))],
  ['members by ids', () => store.members([user(1), user(2)])],
  ['member story', () => store.memberStory(user(1))],
  ['commit', async () => put(store, memberIn('waiting', 3))],
  ['release of leases', () => store.releaseLeases()],
  ['sending members', () => store.sendingMembers(10)],
  ['attempts of the last hour', () => store.attemptsSince(now)],
  ['hurry who is ready', () => store.makeReadyDue(now)],
  [
    'duplicate delivery',
    async () => {
      await store.acceptDelivery(delivery(1));
      await store.acceptDelivery(delivery(1));
    },
  ],
  ['unapplied deliveries', () => store.unappliedDeliveries(200)],
  ['invitation by id', () => store.invitation('inv_1')],
  ['invitation story', () => store.invitationStory('inv_1')],
  ['story of an open link', () => store.invitationStory('inv_2')],
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
  ['issuing invitations', () => store.issuingInvitations(now)],
  ['failed members', () => store.failedMembers({ reason: null, after: '', limit: 50 })],
  ['unseen waiting', () => store.unseenWaiting({ run: 1, after: '', limit: 50, until: 99 })],
  ['mark seen', () => store.markSeen([user(1)], 1)],
  ['outstanding addresses', () => store.outstandingAddresses({ after: '', limit: 50 })],
  ['balance', () => store.counts(now)],
  ['readings', () => store.metrics(now)],
  ['activity', () => store.activity([now - 900_000, now])],
  ['who could be greeted twice', () => store.restored()],
  ['newest member', () => store.newestMember()],
  ['retention of deliveries', () => store.deleteDeliveries({ before: now, limit: 100 })],
  ['retention of links', () => store.expireInvitations({ now, limit: 100 })],
];

const filters = {
  'status issued': { status: 'issued' },
  'status welcomed': { status: 'welcomed' },
  'status expired': { status: 'expired' },
  type: { employeeType: 'Guest' },
  mode: { mode: 'link' },
  'e-mail': { email: 'inv_1@example.com' },
  since: { since: now - 1_000 },
  until: { until: now },
  'since and until': { since: now - 1_000, until: now },
  'status and type': { status: 'welcomed', employeeType: 'Guest' },
  'status and since': { status: 'issued', since: now - 1_000 },
  'type and mode': { employeeType: 'Guest', mode: 'link' },
} as const satisfies Record<string, Parameters<Store['listInvitations']>[0]>;

/** Without a filter the first page is the end of the table: no scan, whatever the plan calls it. */
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

/** What these find has to be gone through, but never the whole log. */
const searches: readonly Row[] = [
  ['invitations by text', () => store.listInvitations({ q: 'not' }, first, now)],
  [
    'invitations by everything',
    () => store.listInvitations({ ...filters.type, ...filters.since, q: 'not' }, next, now),
  ],
];

describe('no table is gone through as a whole', () => {
  test.each([...hot, ...lists, ...searches])('%s', async (_, work) => {
    expect(costOf(await plansOf(work), 'a scan')).toEqual([]);
  });
});

/** Invitations that are over without a note of it in the row: housekeeping keeps them few. */
const sortsOverdue = 'INDEXED BY invitations_unused';

/** A page of 50 must not sort all that its filter finds (docs/design.md: lists page by key). */
describe('no page of a list sorts the whole log', () => {
  test.each(lists)('%s', async (_, work) => {
    const sorts = costOf(await plansOf(work), 'a sort');
    expect(sorts.filter((one) => !one.includes(sortsOverdue))).toEqual([]);
  });
});
