import { describe, expect, test } from 'vitest';
import type { EmployeeType } from '../../src/domain/vocabulary.ts';
import { until } from '../support/until.ts';
import { invitationBecomes, startWorld, type World } from '../support/world.ts';

/*
 * Invitations to an address that the portal knows already: what is issued, and what the answer
 * says.
 */

const email = 'ann@example.com';

function invite(world: World, body: object) {
  return world.api('POST', '/api/invitations', { employeeType: 'User', email, ...body });
}

function resend(world: World, id: string) {
  return world.api('POST', `/api/invitations/${id}/resend`);
}

function lettersTo(world: World, address = email): number {
  return world.portal.control.letters().filter(({ to }) => to === address).length;
}

function codeOf(answer: { readonly json: { readonly type: string } }): string | undefined {
  return answer.json.type.split(':').at(-1);
}

/** A person whom another account invited by a letter. */
async function pendingByOthers(world: World, type: EmployeeType = 'User'): Promise<string> {
  const { url, apiKey } = world.portal;
  const invited = await fetch(`${url}/api/2.0/people/invite`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ invitations: [{ email, type }] }),
  });
  expect(invited.status).toBe(200);
  const user = world.portal.control.userByEmail(email);
  if (!user) throw new Error('the portal did not invite the person');
  return user.id;
}

describe('an address that the portal confuses with another one', () => {
  test.each([
    ['victim2@example.com', 'victim2@éxample.com'],
    ['rene.k@example.com', 'rené.k@example.com'],
    ['jurgen@example.com', 'jürgen@example.com'],
  ])('%s is not the user %s, and nobody is invited', async (asked, found) => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const link = (await world.api('POST', '/api/invitations', { employeeType: 'User' })).json.link;
    const userId = control.register({ link, email: found, firstName: 'A', lastName: 'B' });
    control.confirmEmail(userId);
    for (const mode of ['link', 'email']) {
      const answer = await invite(world, { email: asked, mode });
      expect([answer.status, codeOf(answer)]).toEqual([409, 'address_of_another_user']);
      expect(answer.json.detail).toContain(asked);
      expect(answer.json.detail).toContain(found);
    }
    expect(lettersTo(world, asked)).toBe(0);
    const { json } = await world.api('GET', `/api/invitations?email=${asked}`);
    expect(json.items).toEqual([]);
  });

  test('is not welcomed by an earlier invitation, and that invitation cannot be sent again', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const { id } = (await invite(world, { email: 'rene@example.com' })).json;
    const other = control.addUser({ email: 'rené@example.com', how: 'admin' });
    control.activateSilently(other);
    await world.api('POST', '/api/reconcile');
    const answer = await resend(world, id);
    expect([answer.status, codeOf(answer)]).toEqual([409, 'address_of_another_user']);
    expect(control.congratulations()).toEqual([]);
  });
});

describe('a link that could not work is not issued', () => {
  test('to a person who is pending by a letter of another account', async () => {
    const world = await startWorld({ withWebhook: false });
    await pendingByOthers(world);
    const answer = await invite(world, { mode: 'link' });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'pending_by_letter']);
    expect(answer.json.detail).toContain('mode "email"');
    expect((await invite(world, { mode: 'email' })).status).toBe(201);
    expect(lettersTo(world)).toBe(2);
  });

  test('to a person who registered and has not confirmed', async () => {
    const world = await startWorld({ withWebhook: false });
    const { link } = (await world.api('POST', '/api/invitations', { employeeType: 'User' })).json;
    world.portal.control.register({ link, email, firstName: 'A', lastName: 'B' });
    const before = lettersTo(world);
    for (const mode of ['link', 'email']) {
      const answer = await invite(world, { mode });
      expect([answer.status, codeOf(answer)]).toEqual([409, 'registered_not_confirmed']);
      expect(answer.json.detail).toContain('confirmation e-mail');
    }
    expect(lettersTo(world)).toBe(before);
  });

  test('to the owner, whether or not they have confirmed their address', async () => {
    const world = await startWorld({ withWebhook: false });
    const owner = world.portal.control.users().find(({ type }) => type === 'DocSpaceAdmin');
    const answer = await invite(world, { email: owner?.email });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'already_user']);
  });

  test('to a person whom an admin added, and the answer offers the password reset', async () => {
    const world = await startWorld({ withWebhook: false });
    world.portal.control.addUser({ email, how: 'admin' });
    const before = lettersTo(world);
    for (const mode of ['link', 'email']) {
      const answer = await invite(world, { mode });
      expect([answer.status, codeOf(answer)]).toEqual([409, 'added_by_admin']);
      expect(answer.json.detail).toContain('Forgot your password');
    }
    expect(lettersTo(world)).toBe(before);
  });
});

describe('a person who is pending with another role', () => {
  test('gets the higher role, a letter that names it, and timeline entries that say so', async () => {
    const world = await startWorld({ withWebhook: false });
    const userId = await pendingByOthers(world, 'User');
    const answer = await invite(world, { mode: 'email', employeeType: 'RoomAdmin' });
    expect(answer.json).toMatchObject({ status: 'issued', employeeType: 'RoomAdmin' });
    expect(world.portal.control.user(userId)?.type).toBe('RoomAdmin');
    expect(lettersTo(world)).toBe(2);
  });

  test('keeps the higher role, and 409 names both roles', async () => {
    const world = await startWorld({ withWebhook: false });
    await pendingByOthers(world, 'RoomAdmin');
    const answer = await invite(world, { mode: 'email', employeeType: 'User' });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'pending_as_other_type']);
    expect(answer.json.detail).toContain('RoomAdmin');
    expect(lettersTo(world)).toBe(1);
  });

  test('is a conflict if the portal does not raise the role, and the invitation has failed', async () => {
    const world = await startWorld({ withWebhook: false });
    await pendingByOthers(world, 'User');
    world.portal.control.interfere({
      on: ({ method, path }) => method === 'POST' && path.endsWith('people/invite'),
      act: { kind: 'answer', status: 200, body: '{"response":[],"status":0,"statusCode":200}' },
    });
    const answer = await invite(world, { mode: 'email', employeeType: 'RoomAdmin' });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'pending_as_other_type']);
    await invitationBecomes(world, answer.json.invitation, 'failed');
    expect(lettersTo(world)).toBe(1);
  });

  test('is not reported as mailed if this account may not send the letter', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    await pendingByOthers(world, 'DocSpaceAdmin');
    const admin = control.addAccount({ email: 'admin@example.com', type: 'DocSpaceAdmin' });
    const theirs = await world.restart({ DOCSPACE_API_KEY: admin.apiKey });
    const answer = await invite(theirs, { mode: 'email', employeeType: 'DocSpaceAdmin' });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'type_not_allowed']);
    expect(lettersTo(world)).toBe(1);
  });
});

describe('resend reads the user first', () => {
  async function mailed(world: World) {
    const { json } = await invite(world, { mode: 'email' });
    const user = world.portal.control.userByEmail(email);
    if (!user) throw new Error('the portal does not know the invited person');
    return { id: json.id as string, userId: user.id };
  }

  test('an invitation to a deleted person is refused without mentioning a letter', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id, userId } = await mailed(world);
    world.portal.control.disable(userId);
    world.portal.control.deleteUser(userId);
    const answer = await resend(world, id);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'user_not_found']);
    // The advice works: the address is free after it.
    expect((await world.api('POST', `/api/invitations/${id}/revoke`)).status).toBe(200);
    expect((await invite(world, { mode: 'email' })).status).toBe(201);
  });

  test('an invitation to a person who is deleted while the portal is asked is refused too', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const { id, userId } = await mailed(world);
    control.interfere({
      on: ({ method, path }) => method === 'PUT' && path.endsWith('people/invite'),
      times: 1,
      act: { kind: 'hold' },
    });
    control.clearRequests();
    const resent = resend(world, id);
    await expect
      .poll(() => control.requests().some(({ method }) => method === 'PUT'), { timeout: 5_000 })
      .toBe(true);
    control.disable(userId);
    control.deleteUser(userId);
    control.release();
    const answer = await resent;
    expect([answer.status, codeOf(answer)]).toEqual([422, 'user_not_found']);
  });

  test('the address of a deleted person is free, and no advice leads back to the start', async () => {
    const world = await startWorld();
    const { id, userId } = await mailed(world);
    await until('the portal was asked about the person', async () => {
      const { json } = await world.api('GET', `/api/members/${userId}`);
      return json.reason;
    });
    world.portal.control.disable(userId);
    world.portal.control.deleteUser(userId);
    await invitationBecomes(world, id, 'gone');
    expect(codeOf(await resend(world, id))).toBe('person_left');
    expect((await invite(world, { mode: 'email' })).status).toBe(201);
  });

  test('a person whose address was changed still gets the letter', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id, userId } = await mailed(world);
    world.portal.control.changeEmail(userId, 'new@example.com');
    const before = lettersTo(world, 'new@example.com');
    expect((await resend(world, id)).status).toBe(200);
    expect(lettersTo(world, 'new@example.com')).toBe(before + 1);
  });

  test('a type that this account may not invite gets no letter, and none is reported', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const { json } = await invite(world, { mode: 'email', employeeType: 'DocSpaceAdmin' });
    const admin = control.addAccount({ email: 'admin@example.com', type: 'DocSpaceAdmin' });
    const theirs = await world.restart({ DOCSPACE_API_KEY: admin.apiKey });
    const answer = await resend(theirs, json.id);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'type_not_allowed']);
    expect(lettersTo(world)).toBe(1);
  });
});

describe('a key without a permission', () => {
  test.each([
    [['accounts:read', 'accounts:write'], 'email', '*:read'],
    [['accounts:read', 'accounts:write'], 'link', '*:read'],
    [['*:read'], 'email', 'accounts:write'],
  ])('%s cannot invite by %s: it needs %s', async (permissions, mode, needed) => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const [owner] = control.users();
    const apiKey = control.addKey(owner?.id ?? '', { permissions });
    const narrow = await world.restart({ DOCSPACE_API_KEY: apiKey });
    const answer = await invite(narrow, { mode });
    expect(codeOf(answer)).toBe('permission_missing');
    expect(answer.json.detail).toContain(needed);
    expect(lettersTo(world)).toBe(0);
  });

  test('reading alone is enough for links', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const [owner] = control.users();
    const apiKey = control.addKey(owner?.id ?? '', { permissions: ['*:read'] });
    const narrow = await world.restart({ DOCSPACE_API_KEY: apiKey });
    expect((await invite(narrow, { mode: 'link' })).status).toBe(201);
  });
});
