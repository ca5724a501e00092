import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Member } from '../../../src/domain/member.ts';
import { moveDatabase } from '../../../src/store/move/move.ts';
import { openPostgresSide } from '../../../src/store/move/postgres-side.ts';
import type { Database } from '../../../src/store/place.ts';
import { joinPostgres } from '../../../src/store/postgres/replicas.ts';
import { storable } from '../../../src/store/postgres/schema.ts';
import { backUp } from '../../../src/store/sqlite/backup.ts';
import { openForWriting } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { startMailServer } from '../../channels/support.ts';
import { letterBecomes, mailSettings } from '../../letters/support.ts';
import { freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import {
  deliveriesOut,
  invitationBecomes,
  inviteAndRegister,
  memberBecomes,
  startOn,
  startWorld,
} from '../../support/world.ts';
import {
  apply,
  begin,
  delivery,
  draft,
  end,
  memberIn,
  now,
  put,
  stored,
  user,
} from '../support.ts';
import {
  type Cut,
  cutOff,
  fileAt,
  inStore,
  mayServe,
  postgresAt,
  readAll,
} from './move-support.ts';
import { openStore, placeAt, run } from './support.ts';

const move = (from: Database, to: Database) => moveDatabase({ from, to, now });

/** A member whose attempt a killed process left open. */
const sending = (more: Partial<Member> = {}) =>
  memberIn('sending', 1, { openAttempt: { id: 'att_1', channel: 'docspace' }, ...more });

/** A few records of each kind. */
async function fill(store: Store): Promise<void> {
  await store.openInvitation(draft('inv_1'));
  await put(store, sending({ invitationId: 'inv_1', leaseUntil: now + 60_000 }), {
    attempts: [begin('att_1')],
  });
  await put(store, memberIn('ready', 2, { leaseUntil: now + 60_000 }));
  for (const id of [1, 2, 3]) await store.acceptDelivery(delivery(id));
  await store.keepUnreadable(Buffer.from([0, 255, 1]), { code: 'not_json' }, now);
  await apply(store, [], [1]);
  await store.beginIdempotent({
    key: 'under way',
    request: 'r',
    at: now,
    begunSince: 0,
    answeredSince: 0,
  });
}

async function filledFile(): Promise<Database> {
  const file = fileAt(`${await temporaryFolder()}/welcome.db`);
  await inStore(file, fill);
  return file;
}

const unappliedOf = (store: Store) =>
  store.unappliedDeliveries(10).then(({ deliveries }) => deliveries.map(({ id }) => id));

describe.runIf(hasPostgres)('a move between SQLite and PostgreSQL', () => {
  test('there and back: every read is equal, and the service goes on where it was', async () => {
    const mail = await startMailServer();
    const settings = {
      ...mailSettings(mail),
      INVITE_REMIND_AFTER: '3d',
      DATABASE_URL: 'file:first.db',
    };
    const world = await startWorld({ settings });
    const { api, portal, folder } = world;
    const gone = await inviteAndRegister(world, 'gone@example.com');
    const kept = await inviteAndRegister(world, 'kept@example.com');
    await inviteAndRegister(world, 'unconfirmed@example.com');
    for (const one of [gone, kept]) {
      portal.control.confirmEmail(one.userId);
      await memberBecomes(world, one.userId, 'welcomed');
    }
    const open = await api('POST', '/api/invitations', { employeeType: 'User', note: 'Ünïcode' });
    portal.control.register({
      link: open.json.link,
      email: 'o@example.com',
      firstName: 'O',
      lastName: '',
    });
    await invitationBecomes(world, open.json.id, 'open');
    const letter = await api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'letter@example.com',
      mode: 'smtp',
    });
    await letterBecomes(world, letter.json.id, 'sent');
    const revoked = await api('POST', '/api/invitations', {
      email: 'r@example.com',
      employeeType: 'Guest',
    });
    await api('POST', `/api/invitations/${revoked.json.id}/revoke`);
    await api('POST', '/api/tokens', { name: 'Anna', role: 'read' });
    await deliveriesOut(world);
    const forgotten = await api('POST', '/api/forget', { email: 'gone@example.com' });
    expect(forgotten.json.known).toBe(true);
    await api('POST', '/api/pause');
    await world.service.stop();

    const first = world.config.database;
    await inStore(first, async (store) => {
      await put(store, sending(), { attempts: [begin('att_1')] });
      await put(store, memberIn('failed', 2), {
        attempts: [begin('att_2'), end('att_2', 'refused')],
      });
      await store.acceptDelivery(delivery(9_001, { userId: user(3) }));
      await store.keepUnreadable(Buffer.from([0, 255, 1]), { code: 'not_json' }, now);
      await store.acceptDelivery(delivery(9_002, { userId: user(1) }));
    });
    const person = { userId: gone.userId, email: 'gone@example.com' };
    const read = (url: string) =>
      readAll(world, { ...settings, DATABASE_URL: url, FORGET_KEY_FILE: `${folder}/key` }, person);
    const before = await read(`file:${first.name}`);
    expect([before.members.length, before.invitations.length]).toEqual([6, 6]);
    expect(before.stats).toMatchObject({ status: 200 });
    expect(before.store.unapplied.deliveries).toHaveLength(2);
    expect(before.store.isKnown).toBe(true);

    const url = await freshDatabase();
    const middle = postgresAt(url, `${folder}/key`);
    expect(await move(first, middle)).toMatchObject({ kind: 'moved', isKeyLost: false });
    expect(await read(url)).toEqual(before);

    const last = fileAt(`${folder}/back.db`);
    expect(await move(middle, last)).toMatchObject({ kind: 'moved', isKeyLost: false });
    expect(await read(`file:${last.name}`)).toEqual(before);

    const again = await startOn(folder, portal, {
      settings: { ...settings, DATABASE_URL: `file:${last.name}` },
    });
    await memberBecomes(again, user(1), 'unknown');
    expect((await again.api('GET', '/api/stats')).json.pauses).toMatchObject([
      { name: 'operator' },
    ]);
    const fresh = await again.api('POST', '/api/invitations', { employeeType: 'Guest' });
    expect(fresh.status).toBe(201);
  }, 60_000);

  /** In the order in which a move comes to them. */
  const cuts: readonly Cut[] = [
    { moment: 'after', verb: 'insert' },
    { moment: 'before', verb: 'commitArriving' },
    { moment: 'after', verb: 'commitArriving' },
    { moment: 'before', verb: 'commitMoved' },
    { moment: 'after', verb: 'commitMoved' },
    { moment: 'before', verb: 'arrive' },
    { moment: 'after', verb: 'arrive' },
  ];

  test('that is cut off anywhere is run again, in both directions, and at no moment may both serve', async () => {
    const first = await filledFile();
    const middle = postgresAt(await freshDatabase());
    const last = fileAt(`${await temporaryFolder()}/back.db`);
    for (const [from, to] of [
      [first, middle],
      [middle, last],
    ] as const) {
      const seen: unknown[] = [];
      for (const cut of cuts) {
        await expect(cutOff(from, to, cut)).rejects.toThrow('cut off');
        seen.push([await mayServe(from), await mayServe(to)]);
      }
      const unfinished = expect.stringContaining('run the same "move" again');
      const moved = expect.stringContaining('was moved to');
      expect(seen).toEqual([
        // The target is empty so far.
        [true, true],
        [true, true],
        [true, unfinished],
        [true, unfinished],
        [moved, unfinished],
        [moved, unfinished],
        [moved, true],
      ]);
      expect(await move(from, to)).toMatchObject({
        kind: 'moved',
        counts: { invitations: 1, members: 2, deliveries: 4, idempotencyKeys: 0 },
      });
    }
    await inStore(last, async (store) => {
      expect(await unappliedOf(store)).toEqual([2, 3]);
      expect(await store.pauses()).toEqual([]);
      expect(await stored(store, user(1))).toMatchObject({ state: 'sending' });
    });
  });

  test('deliveries that were applied behind one that was not become hints again, so none is lost', async () => {
    const url = await freshDatabase();
    await inStore(postgresAt(url), async (store) => {
      await fill(store);
      await apply(store, [], [3]);
      expect(await unappliedOf(store)).toEqual([2]);
    });
    const file = fileAt(`${await temporaryFolder()}/welcome.db`);
    expect((await move(postgresAt(url), file)).kind).toBe('moved');
    await inStore(file, async (store) => {
      expect(await unappliedOf(store)).toEqual([2, 3]);
      expect(await apply(store, [], [2, 3])).toBe('all');
      expect(await unappliedOf(store)).toEqual([]);
    });
  });

  test('numbers of deleted rows are not given again, a copy stays paused, and the new database is no copy', async () => {
    const folder = await temporaryFolder();
    const original = `${folder}/welcome.db`;
    await inStore(fileAt(original), fill);
    const copy = `${folder}/copy.db`;
    backUp({ from: original, to: copy, now });
    const db = openForWriting(copy);
    db.$client.exec('DELETE FROM deliveries WHERE id > 2; DELETE FROM timeline');
    db.$client.close();
    const url = await freshDatabase();
    // This database was served before, but holds nobody.
    await inStore(postgresAt(url), async () => {});
    expect((await move(fileAt(copy), postgresAt(url))).kind).toBe('moved');
    await inStore(postgresAt(url), async (store) => {
      expect(await store.pauses()).toMatchObject([{ name: 'restored' }]);
      expect(await store.restored()).toMatchObject({ copiedAt: now, count: 2 });
      await store.acceptDelivery(delivery(8));
      expect(await unappliedOf(store)).toEqual([2, 5]);
      await store.liftPauses();
    });
    const served = `${folder}/served.db`;
    // As if a database with more entries had been served at this path before.
    writeFileSync(`${served}.stamp.json`, JSON.stringify({ commit: 1e6, at: now, identity: null }));
    expect((await move(postgresAt(url), fileAt(served))).kind).toBe('moved');
    await inStore(fileAt(served), async (store) => {
      expect(await store.pauses()).toEqual([]);
      await store.acceptDelivery(delivery(9));
      expect(await unappliedOf(store)).toEqual([2, 5, 6]);
    });
  });

  test('whatever is in a name or a note comes back, apart from what PostgreSQL cannot store', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.uint8Array(), async (given, body) => {
        const folder = await temporaryFolder();
        const [first, last] = [fileAt(`${folder}/first.db`), fileAt(`${folder}/last.db`)];
        await inStore(first, async (store) => {
          for (const [n, text] of given.entries()) {
            await store.openInvitation(draft(`inv_${n}`, { note: text }));
            const reason = { code: 'mail_refused', reply: text } as const;
            await put(store, memberIn('failed', n, { firstName: text, reason }));
          }
          await store.acceptDelivery(delivery(1, { body }));
        });
        const url = await freshDatabase();
        expect((await move(first, postgresAt(url))).kind).toBe('moved');
        expect((await move(postgresAt(url), last)).kind).toBe('moved');
        await inStore(last, async (store) => {
          for (const [n, text] of given.entries()) {
            const kept = storable(text);
            expect(await stored(store, user(n))).toMatchObject({
              firstName: kept,
              reason: { reply: kept },
            });
            expect((await store.invitation(`inv_${n}`))?.note).toBe(kept);
          }
          expect((await store.delivery(1))?.body).toEqual(Buffer.from(body));
        });
      }),
      { numRuns: 2 },
    );
  });

  test('is not disturbed by a process that was silent for long: it commits nothing any more', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await fill(store);
    await run(url, 'UPDATE docspace_welcome.replicas SET seen_at = seen_at - 60000');
    const file = fileAt(`${await temporaryFolder()}/welcome.db`);
    expect((await move(postgresAt(url), file)).kind).toBe('moved');
    await expect(store.acceptDelivery(delivery(77))).rejects.toThrow('does not know this replica');
    await expect(store.replication?.beat([])).rejects.toThrow('was moved');
    await expect(store.acceptDelivery(delivery(78))).rejects.toThrow('does not know this replica');
    expect(await mayServe(postgresAt(url))).toContain('was moved to');
    await inStore(file, async (moved) => expect(await unappliedOf(moved)).toEqual([2, 3]));
  });

  test('keeps a process that starts meanwhile waiting, which then says what it waited for', async () => {
    const place = placeAt(await freshDatabase());
    const opened = await openPostgresSide(place);
    if (opened.kind === 'busy') throw new Error('nobody else uses this database');
    await expect(joinPostgres(place, 'late', 50)).rejects.toThrow('docspace-welcome move');
    await opened.side.close();
    const joined = await joinPostgres(place, 'later', 50);
    await joined.lock.release();
  });

  test('more rows than are read at a time are all moved', async () => {
    const file = fileAt(`${await temporaryFolder()}/welcome.db`);
    const db = openForWriting(file.name);
    db.$client.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201)
      INSERT INTO deliveries (received_at, event_id, created_on, webhook_id, answer, body)
      SELECT 1, i, 1, 1, 'unreadable', x'00ff' FROM n;
      INSERT INTO members (user_id, state, version, accepted_by_operator, search_text, check_count, not_sent_count, hinted, sent_late, refused_by)
        VALUES ('a', 'waiting', 1, 0, '', 0, 0, 0, 0, '[]'), ('b', 'waiting', 1, 0, '', 0, 0, 0, 0, '[]');
      INSERT INTO member_addresses (member, email_key, search_text)
        SELECT 1 + id % 2, 'key ' || (id / 2), '' FROM deliveries`);
    db.$client.close();
    const moved = await move(file, postgresAt(await freshDatabase()));
    expect(moved).toMatchObject({ counts: { deliveries: 1_201, memberAddresses: 1_201 } });
  });
});

describe.runIf(hasPostgres)('a move is refused', () => {
  const refusedFor = async (from: Database, to: Database) => {
    const result = await move(from, to);
    return result.kind === 'refused' ? result.reason : result.kind;
  };

  test('while a process uses one of the databases, also on another machine', async () => {
    const file = await filledFile();
    const served = await freshDatabase();
    const store = await openStore(served);
    expect(await move(file, postgresAt(served))).toMatchObject({
      kind: 'busy',
      holder: { pid: process.pid },
    });
    await store.close();
    await run(
      served,
      `INSERT INTO docspace_welcome.replicas (id, started_at, seen_at, version, program, holder, waits)
        VALUES ('x', 0, extract(epoch FROM now()) * 1000 - 20000, '1', 1, '{"pid": 1, "host": "elsewhere", "url": null}', '[]')`,
    );
    expect(await refusedFor(file, postgresAt(served))).toBe('busy');
    expect(await refusedFor(postgresAt(served), file)).toBe('busy');
    await inStore(file, async () => {
      expect(await refusedFor(file, postgresAt(await freshDatabase()))).toBe('busy');
    });
  });

  test('into a database that holds people, that was moved, or that awaits another one', async () => {
    const [one, other] = [await filledFile(), await filledFile()];
    const target = postgresAt(await freshDatabase());
    await expect(
      cutOff(one, target, { moment: 'after', verb: 'commitArriving' }),
    ).rejects.toThrow();
    expect(await refusedFor(other, target)).toContain('has not ended');
    expect(await refusedFor(target, fileAt(`${await temporaryFolder()}/x.db`))).toContain(
      `DATABASE_URL to ${one.name}`,
    );
    expect((await move(one, target)).kind).toBe('moved');
    expect(await refusedFor(other, target)).toContain('already holds people');
    expect(await refusedFor(one, postgresAt(await freshDatabase()))).toContain('was moved to');
    expect(await refusedFor(target, one)).toContain('was moved to');
    expect(await refusedFor(target, other)).toContain('already holds people');
  });

  test('without the key of forgotten people, or over the key of another database', async () => {
    const folder = await temporaryFolder();
    const file = fileAt(`${folder}/welcome.db`);
    await inStore(file, fill);
    const db = openForWriting(file.name);
    db.$client.exec("INSERT INTO forgotten (hash, at) VALUES ('h', 1)");
    db.$client.close();
    const url = await freshDatabase();
    expect(await refusedFor(file, postgresAt(url))).toContain('set FORGET_KEY_FILE');
    const key = `${'ab'.repeat(32)}\n`;
    writeFileSync(`${file.name}.forget-key`, key);
    writeFileSync(`${folder}/other`, `${'cd'.repeat(32)}\n`);
    expect(await refusedFor(file, postgresAt(url, `${folder}/other`))).toContain(
      'another database',
    );
    writeFileSync(`${folder}/damaged`, 'x');
    expect(await refusedFor(file, postgresAt(url, `${folder}/damaged`))).toContain('is damaged');
    expect(await mayServe(file)).toBe(true);
    expect(await move(file, postgresAt(url, `${folder}/key`))).toMatchObject({ isKeyLost: false });
    expect(readFileSync(`${folder}/key`, 'utf8')).toBe(key);
  });
});
