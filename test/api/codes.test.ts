import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  adminToken,
  call,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const type = (code: string) => `urn:docspace-welcome:${code}`;

function asked(world: World, path: string, language: string) {
  const headers = { authorization: `Bearer ${adminToken}`, 'accept-language': language };
  return call(world.service.url, 'GET', path, undefined, headers);
}

/** A person who registered and was checked in the portal. */
async function unconfirmed(world: World, email: string) {
  const person = await inviteAndRegister(world, email);
  await until('the portal was asked', async () => {
    const { json } = await world.api('GET', `/api/members/${person.userId}`);
    return json.reason?.code === 'address_not_confirmed';
  });
  return person;
}

describe('a reason', () => {
  test('has a code and a text, and the list can be filtered by the code', async () => {
    const world = await startWorld();
    const { userId } = await unconfirmed(world, 'ann@example.com');
    const listed = async (query: string) =>
      (await world.api('GET', `/api/members?${query}`)).json.items;
    const [member] = await listed('reason=address_not_confirmed');
    expect(member).toMatchObject({
      userId,
      reason: {
        code: 'address_not_confirmed',
        text: 'has not confirmed the e-mail address yet',
      },
    });
    expect(await listed('reason=not_invited')).toEqual([]);
    const wrong = await world.api('GET', '/api/members?reason=no_such_code');
    expect([wrong.status, wrong.json.errors[0].path]).toEqual([400, 'query.reason']);
    const retry = await world.api('POST', '/api/members/retry', { reason: 'no_such_code' });
    expect([retry.status, retry.json.errors[0].path]).toEqual([400, 'reason']);
    const known = await world.api('POST', '/api/members/retry', { reason: 'portal_refused' });
    expect(known.json).toEqual({ retried: 0 });
  });

  test('has its text in the language of the request, or else in English', async () => {
    const world = await startWorld();
    const { userId } = await unconfirmed(world, 'ann@example.com');
    const textIn = async (language: string): Promise<string> =>
      (await asked(world, `/api/members/${userId}`, language)).json.reason.text;
    const { de } = await import('../../src/messages/de.ts');
    expect(await textIn('xx')).toBe('has not confirmed the e-mail address yet');
    expect(await textIn('xx, de-CH;q=0.9, en;q=0.5')).toBe(de.reasons.address_not_confirmed);
    expect((await asked(world, '/readyz', 'de')).json.worker).toEqual({
      status: 'ok',
      code: 'working',
      detail: de.health.working,
    });
  });
});

test('a timeline entry has its event, actor and cause as data, and a text', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
  world.portal.control.confirmEmail(userId);
  const member = await memberBecomes(world, userId, 'welcomed');
  expect(member.timeline).toContainEqual({
    at: expect.any(String),
    event: 'delivery_received',
    trigger: 'user.created',
    actor: { kind: 'portal' },
    cause: { kind: 'delivery', id: expect.any(Number) },
    userId,
    text: 'user.created received',
  });
  expect(member.attempts).toMatchObject([
    {
      channel: 'docspace',
      outcome: 'sent',
      reason: { code: 'portal_accepted' },
      detail: 'the portal accepted the welcome (200)',
    },
  ]);
  const { json } = await world.api('GET', `/api/invitations/${invitationId}`);
  expect(json.timeline[0]).toMatchObject({
    event: 'invitation_requested',
    employeeType: 'Guest',
    actor: { kind: 'operator' },
    cause: { kind: 'command', name: 'invite' },
  });
});

test('different causes of a refusal have different types', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  const invite = (body: unknown) => world.api('POST', '/api/invitations', body);
  const guest = { employeeType: 'Guest', email: 'ann@example.com' };
  const first = await invite(guest);
  const invited = await invite(guest);
  expect(invited.json).toMatchObject({ status: 409, type: type('already_invited') });
  expect(invited.json.invitation).toBe(first.json.id);

  const { userId } = await inviteAndRegister(world, 'bea@example.com');
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  const user = await invite({ ...guest, email: 'bea@example.com' });
  expect(user.json).toMatchObject({ status: 409, type: type('already_user') });
  const retry = await world.api('POST', `/api/members/${userId}/retry`);
  expect(retry.json).toMatchObject({ status: 409, type: type('already_welcomed') });
  const resolve = await world.api('POST', `/api/members/${userId}/resolve`, { outcome: 'sent' });
  expect(resolve.json).toMatchObject({ status: 409, type: type('not_unknown') });

  control.disable(userId);
  const disabled = await invite({ ...guest, email: 'bea@example.com' });
  expect(disabled.json).toMatchObject({ status: 409, type: type('user_disabled') });

  control.setInvitingMembers(false);
  const refused = await invite({ employeeType: 'User' });
  expect(refused.json).toMatchObject({ status: 422, type: type('inviting_switched_off') });
  const failed = await world.api('GET', `/api/invitations/${refused.json.invitation}`);
  expect(failed.json.reason.code).toBe('inviting_switched_off');
  const missing = await world.api('GET', '/api/members/nobody');
  expect(missing.json).toMatchObject({ status: 404, type: type('not-found'), title: 'Not found' });
});

test('a pause has a code, and the answer about sending says why nothing is sent', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  const { json } = await world.api('POST', '/api/pause');
  expect(json.pauses).toEqual([
    {
      name: 'operator',
      reason: { code: 'paused_by_operator', text: 'paused by an operator' },
      since: expect.any(String),
      until: null,
    },
  ]);
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'ready');
  const preview = await world.api('GET', `/api/members/${userId}/preview`);
  expect(preview.json).toMatchObject({
    wouldSend: false,
    why: 'paused by an operator',
    notSent: { kind: 'paused', pauses: [{ name: 'operator' }] },
  });
});

test('members are found by name, by address and by their invitation', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await unconfirmed(world, 'ann.ohara@example.com');
  for (const query of ['q=hara', 'q=ann.o', `invitationId=${invitationId}`]) {
    const { json } = await world.api('GET', `/api/members?${query}`);
    expect([query, json.items.map((one: { userId: string }) => one.userId)]).toEqual([
      query,
      [userId],
    ]);
  }
  expect((await world.api('GET', '/api/members?invitationId=inv_nobody')).json.items).toEqual([]);
  expect((await world.api('GET', '/api/members?q=ab')).status).toBe(400);
  expect((await world.api('GET', `/api/members?q=${encodeURIComponent('李明')}`)).status).toBe(200);
});
