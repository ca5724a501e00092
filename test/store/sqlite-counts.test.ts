import type Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { skipReasons } from '../../src/domain/ownership.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { clockSetBack, formerFile } from './files.ts';

const quarterMs = 15 * 60_000;
/** The migration goes by the clock of the machine: what is over then is over now. */
const now = Date.now();
const nowQuarter = now - (now % quarterMs);
const long = nowQuarter - 400 * 24 * 4 * quarterMs;

/** What was there before anything was counted. */
function fill(client: Database.Database): void {
  const addInvitation = client.prepare(
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, stage, link, created_at, issued_at, progress, standing, current)
     VALUES (?, 'Guest', 'link', ?, ?, 'issued', 'https://portal.example/s/1', ?, ?, ?, ?, 0)`,
  );
  const addMember = client.prepare(
    `INSERT INTO members (user_id, state, reason, invitation_id, activated_at, welcomed_at, version, adopted, look_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0, 0, 0, 0, '[]')`,
  );
  addInvitation.run('inv_over', 'a@example.com', 'a@example.com', long, long, 'none', 'issued');
  addInvitation.run('inv_new', 'b@example.com', 'b@example.com', now, now, 'none', 'issued');
  addInvitation.run(
    'inv_done',
    'c@example.com',
    'c@example.com',
    long,
    long,
    'welcomed',
    'welcomed',
  );
  addInvitation.run('open_over', null, null, long, long + 1, 'none', 'open');
  addMember.run('ann', 'welcomed', null, 'inv_done', long + quarterMs, long + 3 * quarterMs - 1);
  addMember.run('bob', 'ready', null, 'open_over', now, null);
  addMember.run('cid', 'waiting', null, 'open_over', null, null);
  addMember.run('dee', 'skipped', skipReasons.otherAddress, null, null, null);
  addMember.run('eve', 'skipped', skipReasons.stranger, null, null, null);
}

test('a database of the version before is counted when it is opened', async () => {
  const file = await formerFile(2, fill);
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  expect(await store.balance(now)).toEqual({
    members: { welcomed: 1, ready: 1, waiting: 1, skipped: 2 },
    openLinkMembers: { ready: 1, waiting: 1 },
    cameByUs: 1,
    invitations: { expired: 2, issued: 1, welcomed: 1 },
  });
  const beginnings = [long, long + quarterMs, long + 2 * quarterMs, nowQuarter];
  expect(await store.activity(beginnings)).toEqual([
    { invited: 3, activated: 0, welcomed: 0 },
    { invited: 0, activated: 1, welcomed: 0 },
    { invited: 0, activated: 0, welcomed: 1 },
    { invited: 1, activated: 1, welcomed: 0 },
  ]);
  const { items } = await store.listInvitations({ status: 'expired' }, { limit: 9 }, now);
  expect(items.map((one) => [one.id, one.link, one.memberCounts])).toEqual([
    ['open_over', null, { ready: 1, waiting: 1 }],
    ['inv_over', null, null],
  ]);
  expect((await store.invitation('inv_new'))?.link).not.toBeNull();
  expect(clockSetBack(file)).toBe(String(now - long));
});
