import { describe, expect, test } from 'vitest';
import { call, inviteByEmail, portalForTest, registerByLink } from './support.ts';

const _WEEK_MS = 7 * 24 * 3_600_000;
const person = { email: 'bob@example.com', firstName: 'Bob', lastName: 'Stone' };

describe('POST and PUT people/invite', () => {
  const invite = (invitations: unknown, more: object = {}) =>
    ({ method: 'POST', path: 'people/invite', body: { invitations, ...more } }) as const;

  test('makes a pending user and answers with ALL pending people', async () => {
    const portal = await portalForTest();
    await inviteByEmail(portal, 'first@example.com');
    const one = [{ EMAIL: 'second@example.com', Type: 'user' }];
    const answer = await call(portal, invite(one, { culture: 'de' }));
    expect(answer.json.response).toHaveLength(2);
    expect(answer.json.count).toBe(2);
    const last = answer.json.response.find((dto: { profileUrl: string }) =>
      dto.profileUrl.endsWith('search=second%40example.com'),
    );
    expect(last).not.toHaveProperty('email');
    expect(portal.control.user(last.id)).toMatchObject({
      status: 4,
      activationStatus: 2,
      firstName: '',
      lastName: '',
      userName: 'second',
      type: 'User',
      cultureName: 'de',
      createdBy: portal.accountId,
    });
    expect(portal.control.user(last.id)?.workFromDate).toBeUndefined();
  });

  test('sends a letter whose link registers its reader, active at once, once', async () => {
    const portal = await portalForTest();
    const link = await inviteByEmail(portal, 'bob@example.com');
    const userId = portal.control.register({ ...person, link });
    expect(portal.control.userByEmail('bob@example.com')?.id).toBe(userId);
    expect(portal.control.user(userId)).toMatchObject({ status: 1, activationStatus: 1 });
    expect(() => portal.control.register({ ...person, link })).toThrow(/already been used/);
  });

  test('refuses Guest, and what the caller may not add; entries before it stay invited', async () => {
    const portal = await portalForTest();
    const entries = [
      { email: 'a@example.com', type: 'User' },
      { email: 'b@example.com', type: 'Guest' },
      { email: 'c@example.com', type: 'User' },
    ];
    expect((await call(portal, invite(entries))).status).toBe(403);
    expect(portal.control.userByEmail('a@example.com')?.status).toBe(4);
    expect(portal.control.userByEmail('c@example.com')).toBeUndefined();
    const admin = portal.control.addAccount({ email: 'd@example.com', type: 'DocSpaceAdmin' });
    const authorization = `Bearer ${admin.apiKey}`;
    const asOwner = [{ email: 'e@example.com', type: 'DocSpaceAdmin' }];
    expect((await call(portal, { ...invite(asOwner), authorization })).status).toBe(403);
  });

  test('is 403 for users and guests and when members invitations are off', async () => {
    const portal = await portalForTest();
    const user = portal.control.addAccount({ email: 'u@example.com', type: 'User' });
    const authorization = `Bearer ${user.apiKey}`;
    const one = [{ email: 'a@example.com', type: 'User' }];
    expect((await call(portal, { ...invite(one), authorization })).status).toBe(403);
    portal.control.setInvitingMembers(false);
    expect((await call(portal, invite(one))).status).toBe(403);
  });

  test('answers 400 to bad addresses, a disabled user, and a body that does not fit', async () => {
    const portal = await portalForTest();
    const statusOf = async (body: unknown) =>
      (await call(portal, { method: 'POST', path: 'people/invite', body })).status;
    const disabled = await registerByLink(portal, 'off@example.com');
    portal.control.disable(disabled);
    for (const email of [
      'nobody',
      'a b@example.com',
      'a@xn--bcher-kva.example',
      'off@example.com',
    ]) {
      expect(await statusOf({ invitations: [{ email, type: 'User' }] })).toBe(400);
    }
    expect(await statusOf({})).toBe(400);
    expect(await statusOf({ invitations: [{ email: `${'a'.repeat(251)}@x.yz` }] })).toBe(400);
    expect(await statusOf({ invitations: [{ email: 'a@x.yz', type: 'Nobody' }] })).toBe(400);
  });

  test('sends nothing to who is there already, but may raise the type', async () => {
    const portal = await portalForTest();
    const userId = await registerByLink(portal, 'bob@example.com');
    const before = portal.control.letters().length;
    await call(portal, invite([{ email: 'bob@example.com', type: 'RoomAdmin' }]));
    expect(portal.control.user(userId)?.type).toBe('RoomAdmin');
    await call(portal, invite([{ email: 'bob@example.com', type: 'User' }]));
    expect(portal.control.user(userId)?.type).toBe('RoomAdmin');
    expect(portal.control.letters()).toHaveLength(before);
  });

  test('without a type invites type 0, which counts as a room admin', async () => {
    const portal = await portalForTest();
    await call(portal, invite([{ email: 'bob@example.com' }]));
    expect(portal.control.userByEmail('bob@example.com')?.type).toBe('RoomAdmin');
  });

  test('a repeated invitation leaves active and disabled people as they are', async () => {
    let now = Date.parse('2026-01-02T03:04:05Z');
    const portal = await portalForTest({ now: () => now });
    const active = await registerByLink(portal, 'active@example.com');
    portal.control.confirmEmail(active);
    const off = await registerByLink(portal, 'off@example.com');
    portal.control.disable(off);
    const before = portal.control.letters().length;
    const read = async (id: string) =>
      (await call(portal, { path: `portal/users/${id}` })).json.response;
    const people = [await read(active), await read(off)];
    now += 3_600_000;
    const body = { userIds: [active, off] };
    await call(portal, { method: 'PUT', path: 'people/invite', body });
    expect([await read(active), await read(off)]).toEqual(people);
    expect(portal.control.letters()).toHaveLength(before);
  });

  test('sends again: the invitation to the pending, the activation letter to the unconfirmed', async () => {
    const portal = await portalForTest();
    await inviteByEmail(portal, 'pending@example.com');
    const waiting = await registerByLink(portal, 'waiting@example.com');
    const active = await registerByLink(portal, 'active@example.com');
    portal.control.confirmEmail(active);
    const before = portal.control.letters().length;
    const pending = portal.control.userByEmail('pending@example.com')?.id;
    const body = { userIds: [pending, waiting, active] };
    const answer = await call(portal, { method: 'PUT', path: 'people/invite', body });
    expect(answer.json.response.map((dto: { id: string }) => dto.id)).toEqual([
      pending,
      waiting,
      active,
    ]);
    const sent = portal.control.letters().slice(before);
    expect(sent.map(({ to }) => to)).toEqual(['pending@example.com', 'waiting@example.com']);
    const link = sent[0]?.link ?? '';
    const invited = { ...person, email: 'pending@example.com', link };
    expect(() => portal.control.register(invited)).not.toThrow();
    const all = { method: 'PUT', path: 'people/invite', body: { resendAll: true } } as const;
    expect((await call(portal, all)).json.response).toEqual([]);
  });
});
