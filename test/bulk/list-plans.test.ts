import { expect, test } from 'vitest';
import { seedLog } from '../../bench/seed-log.ts';
import { invitationStatuses } from '../../src/onboarding/invitation.ts';
import { listingQueries } from '../../src/store/sqlite/invitation-list.ts';
import { openForReading } from '../../src/store/sqlite/open.ts';
import { openSqliteReads } from '../../src/store/sqlite/sqlite-store.ts';
import type { InvitationFilter } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/world.ts';

const now = Date.UTC(2026, 10, 23);
const dayMs = 24 * 3_600_000;
const range = { since: now - 300 * dayMs, until: now - 290 * dayMs };
const single: readonly InvitationFilter[] = [
  {},
  ...invitationStatuses.map((status) => ({ status })),
  { employeeType: 'Guest' },
  { mode: 'email' },
  { email: 'person7@example.com' },
  { q: 'team 4' },
  { since: range.since },
  { until: range.until },
  range,
];
const combined: readonly InvitationFilter[] = [
  ...single.map((filter) => ({ ...filter, ...range })),
  { status: 'failed', employeeType: 'User', mode: 'link', ...range },
  { q: 'team', status: 'expired', ...range },
];

async function seeded() {
  const folder = await temporaryFolder();
  const file = `${folder}/welcome.db`;
  seedLog({ file, count: 2_000, now });
  return file;
}

test.each([...single, ...combined])(
  'the list with %j reads a range of an index in its order',
  async (filter) => {
    const file = await seeded();
    const db = openForReading(file);
    for (const cursor of [undefined, 1_000]) {
      const listing = { filter, paging: { limit: 50, cursor }, now };
      for (const [n, one] of listingQueries(db, listing).entries()) {
        const query = one.toSQL();
        const plan = db.$client
          .prepare(`EXPLAIN QUERY PLAN ${query.sql}`)
          .all(...query.params)
          .map((row) => (row as { detail: string }).detail);
        const isWholeLog = Object.keys(filter).length === 0 && cursor === undefined;
        // A virtual table is always said to be scanned: it has its own index.
        const scans = plan.filter((one) => /^SCAN/.test(one) && !/VIRTUAL TABLE/.test(one));
        // The newest of everything: the index from its end, as far as the limit.
        expect(scans, plan.join('\n')).toEqual(
          isWholeLog ? ['SCAN invitations USING INDEX invitations_created'] : [],
        );
        const sorts = plan.filter((one) => /TEMP B-TREE/.test(one));
        // Those that are over without a note of it are few: housekeeping sees to that.
        const isFew = filter.email !== undefined || n > 0;
        if (!isFew) expect(sorts, plan.join('\n')).toEqual([]);
        const isByTimeAlone = Object.keys(filter).every(
          (key) => key === 'since' || key === 'until',
        );
        if (isByTimeAlone && filter.until !== undefined) {
          expect(plan.join('\n')).toMatch(
            /SEARCH invitations USING INDEX invitations_created \(.*created_at/,
          );
        }
      }
    }
    db.$client.close();
  },
);

test('each filter gives what fits, newest first, the same in pages as in one', async () => {
  const file = await seeded();
  const reads = openSqliteReads(file);
  const all = (await reads.listInvitations({}, { limit: 10_000 }, now)).items;
  expect(all).toHaveLength(2_000);
  for (const filter of [...single, ...combined]) {
    const whole = (await reads.listInvitations(filter, { limit: 10_000 }, now)).items;
    const paged: string[] = [];
    let cursor: number | undefined;
    do {
      const page = await reads.listInvitations(filter, { limit: 7, cursor }, now);
      paged.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged, JSON.stringify(filter)).toEqual(whole.map((one) => one.id));
    const order = new Map(all.map((one, place) => [one.id, place]));
    const places = whole.map((one) => order.get(one.id) ?? -1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  }
  await reads.close();
});
