import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invitationStatuses } from '../src/onboarding/invitation.ts';
import { employeeTypes, invitationModes } from '../src/onboarding/words.ts';
import { openSqliteReads } from '../src/store/sqlite/sqlite-store.ts';
import type { InvitationFilter } from '../src/store/store.ts';
import { seedLog } from './seed-log.ts';

/*
 * How long the log takes to answer: list with each filter, show, stats.
 * npx tsx bench/log.ts [invitations]
 */

const count = Number(process.argv[2] ?? 200_000);
const turns = 15;
const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
const file = join(folder, 'welcome.db');
const now = Date.now();
const seeded = seedLog({ file, count, now });
const reads = openSqliteReads(file);
const dayMs = 24 * 3_600_000;

const filters: [string, InvitationFilter][] = [
  ['no filter', {}],
  ...invitationStatuses.map((status): [string, InvitationFilter] => [
    `status ${status}`,
    { status },
  ]),
  ...employeeTypes.map((employeeType): [string, InvitationFilter] => [
    `type ${employeeType}`,
    { employeeType },
  ]),
  ...invitationModes.map((mode): [string, InvitationFilter] => [`mode ${mode}`, { mode }]),
  ['email', { email: `person${Math.floor(count / 2)}@example.com` }],
  ['q in everything', { q: 'example.com' }],
  ['q in one', { q: `person${Math.floor(count / 2)}@` }],
  ['q in nothing', { q: 'nobody-has-this' }],
  ['since yesterday', { since: now - dayMs }],
  ['until the oldest month', { until: seeded.oldestAt + 30 * dayMs }],
  ['an old week', { since: seeded.oldestAt + 7 * dayMs, until: seeded.oldestAt + 14 * dayMs }],
  [
    'an old week, failed',
    { status: 'failed', since: seeded.oldestAt + 7 * dayMs, until: seeded.oldestAt + 14 * dayMs },
  ],
];

try {
  process.stdout.write(`${count} invitations, ${turns} turns each\n`);
  for (const [name, filter] of filters) {
    let cursor: number | undefined;
    await measure(`list, ${name}`, async () => {
      const page = await reads.listInvitations(filter, { limit: 50 }, now);
      cursor = page.nextCursor ?? undefined;
      return page.items.length;
    });
    if (cursor === undefined) continue;
    await measure(
      '  its second page',
      async () => (await reads.listInvitations(filter, { limit: 50, cursor }, now)).items.length,
    );
  }
  await measure('show by address and by id', async () => {
    const email = `person${Math.floor(count / 2)}@example.com`;
    const { items } = await reads.listInvitations({ email }, { limit: 10 }, now);
    const stories = await Promise.all(items.map(({ id }) => reads.invitationStory(id)));
    await reads.listMembers({ email }, { limit: 10 });
    return stories.length;
  });
  await measure('show an open link with its members', async () => {
    const story = await reads.invitationStory(seeded.openLinkId);
    return story?.members.length ?? 0;
  });
  await measure('stats', async () => Object.keys((await reads.balance(now)).invitations).length);
} finally {
  await reads.close();
  rmSync(folder, { recursive: true });
}

async function measure(name: string, work: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  let found = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAt = performance.now();
    found = await work();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(turns / 2)] ?? 0;
  const worst = times.at(-1) ?? 0;
  const slow = median > 100 ? '  TOO SLOW' : '';
  process.stdout.write(
    `${name.padEnd(36)} ${String(found).padStart(5)} found  median ${median.toFixed(2).padStart(7)} ms  worst ${worst.toFixed(2).padStart(7)} ms${slow}\n`,
  );
}
