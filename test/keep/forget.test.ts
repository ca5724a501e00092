import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { openForReading } from '../../src/store/sqlite/open.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';
import { filesWith, forget, registered, welcomed } from './support.ts';

const address = 'anna.forgettable@example.com';

const databaseFolder = (world: World) => dirname(world.config.database.name);
const balance = async (world: World) => (await world.api('GET', '/api/stats')).json;

test('a welcomed person is erased everywhere, and no file of the folder contains the address', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await welcomed(world, 'Anna.Forgettable@Example.com');
  await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    note: `for the team of ${address}, who asked`,
  });
  expect(filesWith(databaseFolder(world), address)).not.toEqual([]);
  const before = await balance(world);

  const said = await forget(world, address);

  expect(said).toMatchObject({ known: true, scrubbed: true });
  expect(said.erased).toMatchObject({ members: 1, invitations: 1, mentions: 1 });
  expect(said.erased.deliveries).toBeGreaterThan(0);
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
  expect(filesWith(databaseFolder(world), 'anna.forgettable')).toEqual([]);
  const { json: member } = await world.api('GET', `/api/members/${userId}`);
  expect(member).toMatchObject({
    state: 'welcomed',
    reason: { code: 'forgotten' },
    email: null,
    firstName: null,
    lastName: null,
  });
  const { json: invitation } = await world.api('GET', `/api/invitations/${invitationId}`);
  expect(invitation).toMatchObject({
    status: 'welcomed',
    note: null,
    email: `forgotten:${invitationId}`,
  });
  const after = await balance(world);
  expect(after.members).toEqual(before.members);
  expect(after.invitations).toEqual(before.invitations);
  const found = await world.api('GET', '/api/invitations?q=forgettable');
  expect(found.json.items).toEqual([]);
});

test('only the owner can read the key of the hashes, and it is created when the first person is forgotten', async () => {
  const world = await startWorld();
  const key = `${world.config.database.name}.forget-key`;
  await welcomed(world, address);
  expect(() => statSync(key)).toThrow(/ENOENT/);
  await forget(world, address);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const made = readFileSync(key, 'utf8');
  await forget(world, 'somebody.else@example.com');
  expect(readFileSync(key, 'utf8')).toBe(made);
});

test('forgetting a person twice, or an unknown person, changes nothing and says so', async () => {
  const world = await startWorld();
  await welcomed(world, address);
  await forget(world, address);
  const before = await balance(world);
  for (const email of [address, 'nobody@example.com']) {
    expect(await forget(world, email)).toMatchObject({ known: false, scrubbed: true });
  }
  expect((await balance(world)).members).toEqual(before.members);
});

test('later deliveries about a forgotten member are acknowledged and leave neither body nor name', async () => {
  const world = await startWorld();
  const { userId } = await welcomed(world, address);
  await forget(world, address);
  world.portal.control.editProfile(userId, { firstName: 'Annabelle' });
  world.portal.control.disable(userId);
  world.portal.control.enable(userId);
  await deliveriesOut(world);
  expect((await world.api('POST', '/api/reconcile')).status).toBe(200);
  await until('the deliveries are acknowledged', () =>
    world.portal.control.journal().every((row) => row.status === 200),
  );
  const { json } = await world.api('GET', `/api/members/${userId}`);
  expect(json).toMatchObject({ state: 'welcomed', email: null, firstName: null });
  expect(filesWith(databaseFolder(world), 'annabelle')).toEqual([]);
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
  expect(world.portal.control.congratulations()).toHaveLength(1);
});

test('a person who was forgotten while waiting is never welcomed, and is listed with the reason', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await registered(world, address);
  await forget(world, address);
  world.portal.control.confirmEmail(userId);
  await deliveriesOut(world);
  await world.api('POST', '/api/reconcile');
  const { json } = await world.api('GET', `/api/members/${userId}`);
  expect(json).toMatchObject({ state: 'skipped', reason: { code: 'forgotten' }, email: null });
  expect((await world.api('GET', `/api/invitations/${invitationId}`)).json.link).toBeNull();
  expect((await world.api('POST', `/api/members/${userId}/retry`)).status).toBe(409);
  expect(world.portal.control.congratulations()).toEqual([]);
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
});

test('a person who was forgotten before a welcome and is invited again is welcomed', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  const body = { employeeType: 'User', mode: 'email', email: address };
  expect((await world.api('POST', '/api/invitations', body)).status).toBe(201);
  await deliveriesOut(world);
  await forget(world, address);
  const again = await world.api('POST', '/api/invitations', body);
  expect(again.status, again.text).toBe(201);
  const letter = control.letters().findLast(({ to }) => to === address);
  const name = { firstName: 'Ann', lastName: 'Lee' };
  const userId = control.register({ link: letter?.link ?? '', email: address, ...name });
  await memberBecomes(world, userId, 'welcomed');
  expect(world.portal.control.congratulations()).toHaveLength(1);
});

test('a person who was welcomed and forgotten, and returns under a new id with the old address, is not greeted again', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  const first = await welcomed(world, address);
  await forget(world, address);
  control.disable(first.userId);
  control.deleteUser(first.userId);
  const second = await inviteAndRegister(world, address.toUpperCase());
  expect(second.userId).not.toBe(first.userId);
  control.confirmEmail(second.userId);
  const member = await memberBecomes(world, second.userId, 'skipped');
  expect(member).toMatchObject({
    reason: { code: 'welcomed_before_forgotten' },
    email: null,
    firstName: null,
  });
  await deliveriesOut(world);
  await until('the bodies of deliveries about the person who returned are empty', async () => {
    const { json } = await world.api('GET', `/api/deliveries?userId=${second.userId}`);
    const bodies = await Promise.all(
      json.items.map((one: { id: number }) => world.api('GET', `/api/deliveries/${one.id}`)),
    );
    return bodies.every((one) => one.json.body === '');
  });
  expect(control.congratulations()).toHaveLength(1);
});

test('a stranger whose address is only in deliveries is forgotten too', async () => {
  const world = await startWorld();
  const userId = world.portal.control.addUser({
    how: 'admin',
    email: address,
    firstName: 'Anna',
    lastName: 'Lind',
    type: 'User',
  });
  await memberBecomes(world, userId, 'skipped');
  await deliveriesOut(world);
  expect(filesWith(databaseFolder(world), address)).not.toEqual([]);
  const said = await forget(world, address);
  expect(said).toMatchObject({ known: true, scrubbed: true, erased: { members: 1 } });
  expect(said.erased.deliveries).toBeGreaterThan(0);
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
  expect(await forget(world, address)).toMatchObject({ known: false });
});

test('an unused invitation is revoked, and a person who uses its link counts as a stranger', async () => {
  const world = await startWorld();
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: address,
    note: 'a friend',
  });
  await forget(world, address);
  const { json: closed } = await world.api('GET', `/api/invitations/${json.id}`);
  expect(closed).toMatchObject({ status: 'revoked', link: null, note: null });
  const userId = world.portal.control.register({
    link: json.link,
    email: address,
    firstName: 'Anna',
    lastName: 'Lind',
  });
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'skipped');
  expect(world.portal.control.congratulations()).toEqual([]);
});

test('a refused welcome of a forgotten person keeps no words of the portal', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, address);
  const error = { message: address, type: 'ASC.Common.Web.ItemNotFoundException' };
  const envelope = { error, status: 1, statusCode: 404 };
  world.portal.control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    act: { kind: 'answer', status: 404, body: JSON.stringify(envelope) },
  });
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'failed');
  await deliveriesOut(world);
  await forget(world, address);
  const { json } = await world.api('GET', `/api/members/${userId}`);
  expect(json).toMatchObject({ state: 'skipped', reason: { code: 'forgotten' } });
  expect(json.attempts[0]).toMatchObject({ outcome: 'refused', detail: null });
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
});

test('a welcome that was being sent when its person was forgotten ends normally, is counted, and names nobody', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, address);
  const stop = world.portal.control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    act: { kind: 'hold' },
  });
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'sending');
  await forget(world, address);
  stop();
  world.portal.control.release();
  const member = await memberBecomes(world, userId, 'welcomed');
  expect(member).toMatchObject({ reason: { code: 'forgotten' }, email: null });
  await deliveriesOut(world);
  expect(filesWith(databaseFolder(world), address)).toEqual([]);
});

test('the database recognises forgotten people only by keyed hashes', async () => {
  const world = await startWorld();
  await welcomed(world, address);
  await forget(world, address);
  const db = openForReading(world.config.database.name);
  const hashes = db.$client.prepare('SELECT hash FROM forgotten').pluck().all();
  db.$client.close();
  // The hashes of user id and address, and the fingerprint of the key.
  expect(hashes).toHaveLength(3);
  expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(String(hash)))).toBe(true);
});

test('a lost key is reported at the start', async () => {
  const world = await startWorld();
  await welcomed(world, address);
  await forget(world, address);
  const sound = await world.restart();
  expect(sound.log.join('')).not.toContain('.forget-key');
  rmSync(`${world.config.database.name}.forget-key`);
  const lost = await sound.restart();
  expect(lost.log.join('')).toContain('.forget-key file beside the database is missing');
});

test('no log line names a forgotten person', async () => {
  const world = await startWorld();
  await welcomed(world, address);
  await forget(world, address);
  expect(world.log.join('').toLowerCase()).not.toContain('forgettable');
});

test('a text that is not an address is refused', async () => {
  const world = await startWorld();
  for (const body of [{}, { email: 'nobody' }, { email: address, more: 1 }, []]) {
    expect((await world.api('POST', '/api/forget', body)).status).toBe(400);
  }
});
