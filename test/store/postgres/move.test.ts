import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moveDatabase } from '../../../src/store/move/move.ts';
import { sqliteTables } from '../../../src/store/move/tables.ts';
import type { Database } from '../../../src/store/place.ts';
import { storable } from '../../../src/store/postgres/storable.ts';
import { openForWriting } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { startMailServer } from '../../channels/support.ts';
import { letterBecomes, mailSettings } from '../../letters/support.ts';
import { freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  invitationBecomes,
  memberBecomes,
  startOn,
  startWorld,
} from '../../support/world.ts';
import { begin, delivery, draft, end, memberIn, now, put, stored, user } from '../support.ts';
import { type Cut, cutOff, fileAt, inStore, mayServe, postgresAt, readAll } from './move-support.ts';
import { openStore, run } from './support.ts';

const move = (from: Database, to: Database) => moveDatabase({ from, to, now });

/** A few records of each kind. */
async function fill(store: Store): Promise<void> {
  await store.openInvitation(draft('inv_1'));
  await put(store, memberIn('sending', 1, { invitationId: 'inv_1', leaseUntil: now + 60_000 }), {
    attempts: [begin('att_1')],
  });
  await put(store, memberIn('ready', 2, { leaseUntil: now + 60_000 }));
  for (const id of [1, 2, 3]) await store.acceptDelivery(delivery(id));
  await store.keepUnreadable(Buffer.from([0, 255, 1]), { code: 'not_json' }, now);
  await store.applyDeliveries([], [1]);
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
    const settings = { ...mailSettings(mail), INVITE_REMIND_AFTER: '3d', DATABASE_URL: 'file:first.db' };
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
    portal.control.register({ link: open.json.link, email: 'o@example.com', firstName: 'O', lastName: '' });
    await invitationBecomes(world, open.json.id, 'open');
    const letter = await api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'letter@example.com',
      mode: 'smtp',
    });
    await letterBecomes(world, letter.json.id, 'sent');
    const revoked = await api('POST', '/api/invitations', { email: 'r@example.com', employeeType: 'Guest' });
    await api('POST', `/api/invitations/${revoked.json.id}/revoke`);
    await api('POST', '/api/tokens', { name: 'Anna', role: 'read' });
    await deliveriesOut(world);
    const forgotten = await api('POST', '/api/forget', { email: 'gone@example.com' });
    expect(forgotten.json.known).toBe(true);
    await api('POST', '/api/pause');
    await world.service.stop();

    const first = world.config.database;
    await inStore(first, async (store) => {
      await put(store, memberIn('sending', 1), { attempts: [begin('att_1')] });
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
    expect((await again.api('GET', '/api/stats')).json.pauses).toMatchObject([{ name: 'operator' }]);
    const fresh = await again.api('POST', '/api/invitations', { employeeType: 'Guest' });
    expect(fresh.status).toBe(201);
  }, 60_000);
});
