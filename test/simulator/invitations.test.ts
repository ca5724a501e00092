import { describe, expect, test } from 'vitest';
import { call, openLink, portalForTest, registerByLink, send } from './support.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const person = { email: 'bob@example.com', firstName: 'Bob', lastName: 'Stone' };

describe('GET portal/users/invite/{type}', () => {
  test('gives a new short link of 15 characters each time, which leads to the long one', async () => {
    const portal = await portalForTest();
    const answer = await call(portal, { path: 'portal/users/invite/Guest' });
    expect(answer.json).toMatchObject({ count: 1, status: 0, statusCode: 200 });
    const link: string = answer.json.response;
    expect(link).toMatch(new RegExp(`^${portal.url}/s/[A-Za-z0-9_-]{15}$`));
    expect(await openLink(portal, 'Guest')).not.toBe(link);
    const redirect = await send({ url: link });
    expect(redirect.status).toBe(302);
    const long = new URL(String(redirect.headers.location));
    expect(long.pathname).toBe('/confirm/LinkInvite');
    expect(Object.fromEntries(long.searchParams)).toMatchObject({
      type: 'LinkInvite',
      uid: portal.accountId,
      emplType: '2',
      key: expect.stringMatching(/^\d+\.[A-Z0-9]+$/),
    });
  });

  test('leads to the portal root when the short code is unknown', async () => {
    const portal = await portalForTest();
    const answer = await send({ url: `${portal.url}/s/unknownunknown1` });
    expect(answer).toMatchObject({ status: 302, headers: { location: portal.url } });
  });

  test('takes names in any case and the numbers 0 to 7, and answers 400 to others', async () => {
    const portal = await portalForTest();
    const statusOf = async (type: string) =>
      (await call(portal, { path: `portal/users/invite/${type}` })).status;
    for (const type of ['guest', 'ROOMADMIN', '0', '3', '7'])
      expect(await statusOf(type)).toBe(200);
    for (const type of ['Visitor', '8', '-1']) expect(await statusOf(type)).toBe(400);
  });

  // Owner, another DocSpace admin, room admin, user, guest: l for a link, - for an empty string.
  test.each([
    ['DocSpaceAdmin', 'l----'],
    ['RoomAdmin', 'll---'],
    ['User', 'lll--'],
    ['Guest', 'lll--'],
  ])('answers 200 with an empty string to who may not add a %s', async (type, expected) => {
    const portal = await portalForTest();
    const roles = ['DocSpaceAdmin', 'RoomAdmin', 'User', 'Guest'] as const;
    const others = roles.map((role, index) =>
      portal.control.addAccount({ email: `r${index}@example.com`, type: role }),
    );
    const keys = [portal.apiKey, ...others.map((other) => other.apiKey)];
    const answers = await Promise.all(
      keys.map((key) =>
        call(portal, { path: `portal/users/invite/${type}`, authorization: `Bearer ${key}` }),
      ),
    );
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(answers.map((answer) => (answer.json.response === '' ? '-' : 'l')).join('')).toBe(
      expected,
    );
    expect(answers.every((answer) => answer.json.count === 1)).toBe(true);
  });

  test('answers 403 for every type, Guest too, when inviting members is off', async () => {
    const portal = await portalForTest();
    portal.control.setInvitingMembers(false);
    for (const type of ['User', 'Guest']) {
      const answer = await call(portal, { path: `portal/users/invite/${type}` });
      expect(answer).toMatchObject({ status: 403, json: { error: { message: 'Access denied' } } });
    }
  });
});

describe('who comes by an open link', () => {
  test('is refused after seven days, and taken a moment before', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now });
    const link = await openLink(portal);
    now += WEEK_MS;
    portal.control.register({ ...person, link });
    now += 1;
    const late = { ...person, email: 'late@example.com', link };
    expect(() => portal.control.register(late)).toThrow(/expired/);
  });

  test('is refused when the inviter is disabled, deleted or demoted', async () => {
    const portal = await portalForTest();
    const inviter = portal.control.addAccount({ email: 'i@example.com', type: 'RoomAdmin' });
    const { userId, apiKey } = inviter;
    const authorization = `Bearer ${apiKey}`;
    const { json } = await call(portal, { path: 'portal/users/invite/User', authorization });
    const attempt = () => portal.control.register({ ...person, link: json.response });
    portal.control.lowerType(userId, 'User');
    expect(attempt).toThrow(/may not invite/);
    portal.control.changeType(userId, 'RoomAdmin');
    portal.control.disable(userId);
    expect(attempt).toThrow(/may not invite/);
    portal.control.enable(userId);
    expect(portal.control.user(attempt())?.createdBy).toBe(userId);
    portal.control.disable(userId);
    portal.control.deleteUser(userId);
    const second = { ...person, email: 'second@example.com', link: json.response };
    expect(() => portal.control.register(second)).toThrow(/may not invite/);
  });

  test('may use the long link as well, but not one that was tampered with', async () => {
    const portal = await portalForTest();
    const long = String((await send({ url: await openLink(portal) })).headers.location);
    const promoted = long.replace('emplType=4', 'emplType=3');
    expect(() => portal.control.register({ ...person, link: promoted })).toThrow(/not valid/);
    const elsewhere = { ...person, link: 'http://127.0.0.1:1/s/unknownunknown1' };
    expect(() => portal.control.register(elsewhere)).toThrow(/not valid/);
    expect(() => portal.control.register({ ...person, link: long })).not.toThrow();
  });

  test('is refused with an address that is taken, in any case, or that is none', async () => {
    const portal = await portalForTest();
    await registerByLink(portal, 'bob@example.com');
    const link = await openLink(portal);
    const again = { ...person, email: 'BOB@example.com', link };
    expect(() => portal.control.register(again)).toThrow(/already an account/);
    expect(() => portal.control.register({ ...person, email: 'bob', link })).toThrow(
      /not an e-mail/,
    );
  });

  test.each([
    ['Guest', 'Guest'],
    ['User', 'User'],
    ['RoomAdmin', 'RoomAdmin'],
    ['DocSpaceAdmin', 'DocSpaceAdmin'],
    ['All', 'RoomAdmin'],
  ])('becomes by a link for %s a %s', async (asked, type) => {
    const portal = await portalForTest();
    const userId = portal.control.register({ ...person, link: await openLink(portal, asked) });
    expect(portal.control.user(userId)?.type).toBe(type);
  });
});

describe('portal/users/invitationlink', () => {
  const path = 'portal/users/invitationlink';

  test('makes one link per type, reads, changes and deletes it', async () => {
    const portal = await portalForTest();
    const none = await call(portal, { path: `${path}/User` });
    expect(none).toMatchObject({ status: 200, json: { count: 0 } });
    expect(none.json).not.toHaveProperty('response');
    const expiration = new Date(Date.now() + WEEK_MS).toISOString();
    const body = { employeeType: 'User', expiration, maxUseCount: 2 };
    const made = await call(portal, { method: 'POST', path, body });
    expect(made.status).toBe(200);
    expect(Object.keys(made.json.response)).toEqual([
      'id',
      'employeeType',
      'expiration',
      'isExpired',
      'maxUseCount',
      'currentUseCount',
      'url',
    ]);
    expect(made.json.response).toMatchObject({ employeeType: 4, isExpired: false });
    expect(made.json.response.expiration).toMatch(/\.0000000Z$/);
    expect((await call(portal, { method: 'POST', path, body })).status).toBe(400);
    const { id } = made.json.response;
    const cleared = await call(portal, { method: 'PUT', path, body: { id } });
    expect(cleared.json.response).not.toHaveProperty('expiration');
    expect(cleared.json.response).not.toHaveProperty('maxUseCount');
    const removed = await call(portal, { method: 'DELETE', path, body: { id } });
    expect(removed.json).not.toHaveProperty('response');
    expect((await call(portal, { method: 'DELETE', path, body: { id } })).status).toBe(404);
  });

  test('counts registrations and refuses the one too many, the expired and the deleted', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now });
    const expiration = new Date(now + WEEK_MS).toISOString();
    const body = { employeeType: 4, expiration, maxUseCount: 1 };
    const { id, url } = (await call(portal, { method: 'POST', path, body })).json.response;
    portal.control.register({ ...person, link: url });
    const read = await call(portal, { path: `${path}/User` });
    expect(read.json.response).toMatchObject({ id, currentUseCount: 1 });
    const second = { ...person, email: 'second@example.com', link: url };
    expect(() => portal.control.register(second)).toThrow(/as often as/);
    await call(portal, { method: 'PUT', path, body: { id, expiration } });
    now += WEEK_MS + 1;
    expect(() => portal.control.register(second)).toThrow(/expired/);
    await call(portal, { method: 'DELETE', path, body: { id } });
    expect(() => portal.control.register(second)).toThrow(/not valid/);
  });

  test('gives every admin another url, whose holder becomes createdBy', async () => {
    const portal = await portalForTest();
    await call(portal, { method: 'POST', path, body: { employeeType: 4 } });
    const admin = portal.control.addAccount({ email: 'a@example.com', type: 'DocSpaceAdmin' });
    const authorization = `Bearer ${admin.apiKey}`;
    const { json } = await call(portal, { path: `${path}/4`, authorization });
    const userId = portal.control.register({ ...person, link: json.response.url });
    expect(portal.control.user(userId)?.createdBy).toBe(admin.userId);
  });

  test('refuses Guest and All, a past expiration, and a count out of range', async () => {
    const portal = await portalForTest();
    const statusOf = async (body: object) =>
      (await call(portal, { method: 'POST', path, body })).status;
    expect(await statusOf({ employeeType: 'Guest' })).toBe(400);
    expect(await statusOf({ employeeType: 'All' })).toBe(400);
    expect(await statusOf({ employeeType: 4, expiration: '2020-01-01T00:00:00' })).toBe(400);
    expect(await statusOf({ employeeType: 4, maxUseCount: 1_001 })).toBe(400);
    expect((await call(portal, { path: `${path}/Guest` })).status).toBe(400);
    const user = portal.control.addAccount({ email: 'u@example.com', type: 'User' });
    const authorization = `Bearer ${user.apiKey}`;
    expect((await call(portal, { path: `${path}/User`, authorization })).status).toBe(403);
  });
});

test('the invitation settings are readable by everybody, and only an admin changes them', async () => {
  const portal = await portalForTest();
  const path = 'settings/invitationsettings';
  const read = async () => (await call(portal, { path, authorization: null })).json.response;
  expect(await read()).toEqual({ allowInvitingMembers: true, allowInvitingGuests: true });
  const body = { allowInvitingMembers: true, allowInvitingGuests: false };
  const user = portal.control.addAccount({ email: 'a@example.com', type: 'User' });
  const authorization = `Bearer ${user.apiKey}`;
  expect((await call(portal, { method: 'PUT', path, body, authorization })).status).toBe(403);
  expect((await call(portal, { method: 'PUT', path, body })).status).toBe(200);
  expect(await read()).toEqual(body);
});
