import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { plannedVerbs } from './planned-verbs.ts';
import { begin, changeOf, invite, memberIn, put, user } from './support.ts';

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

const { hot, lists, searches } = plannedVerbs(() => store);

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
