import { describe, expect, test } from 'vitest';
import {
  delivered,
  inviteByEmail,
  portalForTest,
  portalWithWebhook,
  type Receiver,
  registerByLink,
} from './support.ts';

const SYSTEM_ACCOUNT = 'a37ee56e-3302-4a7b-b67e-ddbea64cd032';
const person = { email: 'bob@example.com', firstName: 'Bob', lastName: 'Stone' };

/** Trigger, status, activationStatus and actor of each delivery, in order of publication. */
function told(receiver: Receiver): unknown[] {
  return receiver.received
    .map(({ json }) => json)
    .sort((a, b) => a.event.id - b.event.id)
    .map(({ event, payload }) => [
      event.trigger,
      payload.status,
      payload.activationStatus,
      event.createBy,
    ]);
}

describe('which action publishes what', () => {
  test('a, b: an e-mail invitation is user.invited, its completion user.created by the inviter', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const link = await inviteByEmail(portal, 'bob@example.com');
    const userId = portal.control.register({ ...person, link });
    await delivered(portal, 'invitation and registration');
    expect(told(receiver)).toEqual([
      ['user.invited', 4, 2, portal.accountId],
      ['user.created', 1, 1, portal.accountId],
    ]);
    const [invited, created] = receiver.received.map(({ json }) => json.payload);
    expect([invited.id, created.id]).toEqual([userId, userId]);
    // The object of the invitation was fresh; of its creation only the second is left.
    expect(created.createDate).toBe(`${invited.createDate.slice(0, 19)}Z`);
    expect(invited).toMatchObject({ firstName: '', lastName: '', checkActivation: true });
    expect(invited).not.toHaveProperty('isActive');
    expect(created).not.toHaveProperty('checkActivation');
  });

  test('c1, c2: a link registration is user.created by the inviter, its confirmation user.updated by the user', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = await registerByLink(portal, 'bob@example.com');
    portal.control.confirmEmail(userId);
    await delivered(portal, 'registration and confirmation');
    expect(told(receiver)).toEqual([
      ['user.created', 1, undefined, portal.accountId],
      ['user.updated', 1, 1, userId],
    ]);
    const [created] = receiver.received.map(({ json }) => json.payload);
    expect(created).not.toHaveProperty('isActive');
    expect(created).not.toHaveProperty('activationStatus');
    expect(created.checkActivation).toBe(true);
  });

  test('e1, e3: an account added by an admin is Pending until the person activates it', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const added = portal.control.addUser({ email: 'c@example.com', how: 'admin' });
    portal.control.confirmEmail(added);
    await delivered(portal, 'added and activated');
    expect(told(receiver)).toEqual([
      ['user.created', 1, 2, portal.accountId],
      ['user.updated', 1, 1, added],
    ]);
  });

  test('e2: an "activated user" is Pending in spite of the name', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.addUser({ email: 'c@example.com', how: 'admin', activated: true });
    await delivered(portal, 'added');
    expect(told(receiver)).toEqual([['user.created', 1, 2, portal.accountId]]);
  });

  test('d1: a social sign-up is user.created by the system account, 4 without an e-mail', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.addUser({ email: 'd@example.com', how: 'social' });
    portal.control.addUser({ email: 'e@example.com', how: 'social', activated: false });
    await delivered(portal, 'social sign-ups');
    expect(told(receiver)).toEqual([
      ['user.created', 1, 1, SYSTEM_ACCOUNT],
      ['user.created', 1, 4, SYSTEM_ACCOUNT],
    ]);
  });

  test('e4: a trusted domain is user.created, active, by the system account', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.addUser({ email: 'd@example.com', how: 'trustedDomain' });
    await delivered(portal, 'trusted domain');
    expect(told(receiver)).toEqual([['user.created', 1, 1, SYSTEM_ACCOUNT]]);
  });

  test.each([
    ['d2', 'sso', 1],
    ['d3', 'ldap', 1],
    ['d4', 'import', 2],
  ] as const)('%s: %s publishes nothing', async (_row, how, activationStatus) => {
    const { portal } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how });
    expect(portal.control.user(userId)).toMatchObject({ status: 1, activationStatus });
    expect(portal.control.journal()).toEqual([]);
  });

  test('d3: LDAP settings may leave people inactive', async () => {
    const portal = await portalForTest();
    const person = { email: 'd@example.com', how: 'ldap', activated: false } as const;
    const userId = portal.control.addUser(person);
    expect(portal.control.user(userId)?.activationStatus).toBe(0);
  });

  test('f1: a profile edit is user.updated by the user, even if nothing changed', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    portal.control.editProfile(userId, {});
    portal.control.editProfile(userId, { lastName: "O'Neil" });
    await delivered(portal, 'profile edits');
    expect(told(receiver)).toEqual([
      ['user.updated', 1, 1, userId],
      ['user.updated', 1, 1, userId],
    ]);
    expect(portal.control.user(userId)?.lastName).toBe("O'Neil");
  });

  test('f3: disabling and enabling are user.updated by the admin; isActive stays', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    portal.control.disable(userId);
    portal.control.disable(userId);
    portal.control.enable(userId);
    await delivered(portal, 'disabled and enabled');
    expect(told(receiver)).toEqual([
      ['user.updated', 2, 1, portal.accountId],
      ['user.updated', 2, 1, portal.accountId],
      ['user.updated', 1, 1, portal.accountId],
    ]);
    const disabled = receiver.received[0]?.json.payload;
    expect(disabled.isActive).toBe(true);
    expect(disabled).not.toHaveProperty('terminatedDate');
  });

  test('f3: a never-registered invitee who is enabled again is Pending', async () => {
    const portal = await portalForTest();
    const link = await inviteByEmail(portal, 'bob@example.com');
    const userId = portal.control.userByEmail('bob@example.com')?.id ?? '';
    portal.control.disable(userId);
    expect(portal.control.user(userId)?.status).toBe(2);
    expect(() => portal.control.register({ ...person, link })).toThrow(/not valid/);
    portal.control.enable(userId);
    expect(portal.control.user(userId)?.status).toBe(4);
  });

  test('f5: a change of type is user.updated without the type', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    portal.control.changeType(userId, 'RoomAdmin');
    await delivered(portal, 'type changed');
    expect(told(receiver)).toEqual([['user.updated', 1, 1, portal.accountId]]);
    expect(receiver.received[0]?.body).not.toContain('RoomAdmin');
  });

  test('f6: who deletes the own profile is user.updated with status 2 by the system account', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    portal.control.deleteOwnProfile(userId);
    await delivered(portal, 'own profile deleted');
    expect(told(receiver)).toEqual([['user.updated', 2, 1, SYSTEM_ACCOUNT]]);
  });

  test('f7: only a disabled user can be deleted; user.deleted has no "removed"', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    expect(() => portal.control.deleteUser(userId)).toThrow(/disable a user before/);
    portal.control.disable(userId);
    portal.control.deleteUser(userId);
    await delivered(portal, 'deleted');
    expect(told(receiver).at(-1)).toEqual(['user.deleted', 2, 1, portal.accountId]);
    expect(receiver.received.at(-1)?.json.payload).not.toHaveProperty('removed');
    expect(portal.control.user(userId)).toBeUndefined();
    expect(portal.control.userByEmail('d@example.com')).toBeUndefined();
  });

  test('f8, f9 and a password reset are silent', async () => {
    const { portal } = await portalWithWebhook();
    const changed = portal.control.addUser({ email: 'd@example.com', how: 'sso' });
    portal.control.changeEmail(changed, 'new@example.com');
    expect(portal.control.user(changed)?.activationStatus).toBe(0);
    expect(portal.control.userByEmail('d@example.com')).toBeUndefined();
    portal.control.confirmChangedEmail(changed);
    expect(portal.control.user(changed)?.activationStatus).toBe(1);
    const reset = portal.control.addUser({ email: 'l@example.com', how: 'ldap', activated: false });
    portal.control.activateSilently(reset);
    expect(portal.control.user(reset)?.activationStatus).toBe(1);
    expect(portal.control.journal()).toEqual([]);
  });
});

describe('letters DocSpace sends by itself', () => {
  test('a link registration gets the welcome at once, and the activation letter with its link', async () => {
    const portal = await portalForTest();
    await registerByLink(portal, 'bob@example.com');
    const [welcome, activation] = portal.control.letters();
    expect(welcome).toMatchObject({ to: 'bob@example.com' });
    expect(welcome).not.toHaveProperty('link');
    expect(activation?.link).toContain(`${portal.url}/confirm/EmailActivation?`);
  });

  test('an e-mail invitee gets the invitation, then only the welcome', async () => {
    const portal = await portalForTest();
    const link = await inviteByEmail(portal, 'bob@example.com');
    portal.control.register({ ...person, link });
    expect(portal.control.letters().map((letter) => 'link' in letter)).toEqual([true, false]);
  });

  test('SSO and LDAP users get none', async () => {
    const portal = await portalForTest();
    portal.control.addUser({ email: 'a@example.com', how: 'sso' });
    portal.control.addUser({ email: 'b@example.com', how: 'ldap' });
    expect(portal.control.letters()).toEqual([]);
  });
});

describe('misuse of the control', () => {
  test('is told in a sentence that names the user', async () => {
    const portal = await portalForTest();
    const { control } = portal;
    expect(() => control.confirmEmail('nobody')).toThrow('There is no user nobody');
    expect(() => control.disable(portal.accountId)).toThrow(/owner can't be disabled/);
    expect(() => control.redeliver(7)).toThrow(/no row 7/);
    expect(() => control.deleteWebhook(7)).toThrow(/no webhook 7/);
    expect(() => control.revokeKey('sk-none')).toThrow(/no such API key/);
    const taken = { email: 'owner@portal.example', how: 'sso' } as const;
    expect(() => control.addUser(taken)).toThrow(/belongs to user/);
    await inviteByEmail(portal, 'bob@example.com');
    const pending = control.userByEmail('bob@example.com')?.id ?? '';
    expect(() => control.confirmEmail(pending)).toThrow(/has not registered yet/);
  });
});
