import { expect, test } from 'vitest';
import { seedLog } from '../../bench/seed-log.ts';
import { invitationStatus, invitationStatuses } from '../../src/domain/invitation.ts';
import { openSqliteReads } from '../../src/store/sqlite/sqlite-store.ts';
import type { InvitationFilter, ListedInvitation } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/world.ts';

const now = Date.UTC(2026, 10, 23);
/** More invitations than are read before the text index is used. */
const count = 5_000;
const dayMs = 24 * 3_600_000;
const range = { since: now - 300 * dayMs, until: now - 290 * dayMs };
const anyStatus = invitationStatuses.map((status) => ({ status }));
const single: readonly InvitationFilter[] = [
  {},
  ...anyStatus,
  { employeeType: 'Guest' },
  { mode: 'email' },
  { email: 'person7@example.com' },
  { q: 'team 4' },
  { q: 'example.com' },
  { q: 'person777@' },
  { q: 'nobody has this' },
  { since: range.since },
  { until: range.until },
  range,
];
const combined: readonly InvitationFilter[] = [
  ...single.map((filter) => ({ ...filter, ...range })),
  ...anyStatus.flatMap((filter): InvitationFilter[] => [
    { ...filter, employeeType: 'Guest' },
    { ...filter, mode: 'email' },
    { ...filter, q: 'example.com' },
    { ...filter, email: 'person7@example.com' },
  ]),
  { employeeType: 'RoomAdmin', mode: 'link' },
  { status: 'failed', employeeType: 'User', mode: 'link', ...range },
  { q: 'team', status: 'expired', ...range },
];

async function seeded() {
  const folder = await temporaryFolder();
  const file = `${folder}/welcome.db`;
  seedLog({ file, count, now });
  return file;
}

/** Whether an invitation matches the filter, found out without an index. */
function fits(one: ListedInvitation, filter: InvitationFilter): boolean {
  const { status, employeeType, mode, email, q, since, until } = filter;
  const text = `${one.email}\n${one.note}`.toLowerCase();
  return (
    (status === undefined || invitationStatus(one, now) === status) &&
    (employeeType === undefined || one.employeeType === employeeType) &&
    (mode === undefined || one.mode === mode) &&
    (email === undefined || one.email === email) &&
    (q === undefined || text.includes(q)) &&
    (since === undefined || one.createdAt >= since) &&
    (until === undefined || one.createdAt < until)
  );
}

test('each filter returns the matching invitations, newest first, equal in one page and in several', async () => {
  const file = await seeded();
  const reads = openSqliteReads(file);
  const all = (await reads.listInvitations({}, { limit: 10_000 }, now)).items;
  expect(all).toHaveLength(count);
  for (const filter of [...single, ...combined]) {
    const expected = all.filter((one) => fits(one, filter)).map((one) => one.id);
    const whole = (await reads.listInvitations(filter, { limit: 10_000 }, now)).items;
    expect(
      whole.map((one) => one.id),
      JSON.stringify(filter),
    ).toEqual(expected);
    const paged: string[] = [];
    let cursor: number | undefined;
    do {
      const page = await reads.listInvitations(filter, { limit: 70, cursor }, now);
      paged.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged, JSON.stringify(filter)).toEqual(expected);
  }
  await reads.close();
}, 60_000);
