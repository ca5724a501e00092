import { describe, expect, test } from 'vitest';
import { RELEASES } from '../../simulator/portal.ts';
import {
  call,
  delivered,
  inviteByEmail,
  isSigned,
  openLink,
  portalForTest,
  portalWithWebhook,
  receiverForTest,
  registerByLink,
  registerWebhook,
  send,
} from './support.ts';

const UNKNOWN = '11111111-2222-3333-4444-555555555555';
const BEFORE = RELEASES.filter((release) => release.startsWith('3.') && release !== '3.7');

describe.each(BEFORE)('DocSpace %s (docs/docspace-wire.md 13.7)', (release) => {
  test('answers for an id that nobody has with the stand-in user', async () => {
    const portal = await portalForTest({ release });
    const { status, json } = await call(portal, { path: `portal/users/${UNKNOWN}` });
    expect(status).toBe(200);
    expect(json.response).toMatchObject({
      id: '4a515a15-d4d6-4b8e-828e-e0586f18f3a3',
      tenantId: 0,
    });
  });

  test('passes over what it cannot invite, without a word', async () => {
    const portal = await portalForTest({ release });
    portal.control.disable(await registerByLink(portal, 'gone@example.com'));
    const body = {
      invitations: [
        { email: 'gone@example.com', type: 'User' },
        { email: 'guest@example.com', type: 'Guest' },
        { email: 'fine@example.com', type: 'User' },
      ],
    };
    const { status } = await call(portal, { method: 'POST', path: 'people/invite', body });
    expect(status).toBe(200);
    expect(portal.control.userByEmail('guest@example.com')).toBeUndefined();
    expect(portal.control.userByEmail('fine@example.com')?.status).toBe(4);
  });

  test('dates the first day of who registers at midnight', async () => {
    const { portal, receiver } = await portalWithWebhook({ release });
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'bob came');
    expect(receiver.received[0]?.json.payload.workFromDate).toMatch(/T00:00:00Z$/);
  });

  test('follows redirects of a probe, and of a delivery as a GET', async () => {
    const portal = await portalForTest({ release });
    const target = await receiverForTest();
    const receiver = await receiverForTest();
    receiver.answer = () => ({ status: 302, location: target.url });
    await registerWebhook({ portal, receiver });
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'bob came');
    expect(receiver.received).toHaveLength(1);
    expect(target.received.map(({ method }) => method)).toEqual(['GET']);
    expect(portal.control.journal()[0]?.status).toBe(200);
  });

  test('takes private addresses by name, and refuses them as literals with its own words', async () => {
    const portal = await portalForTest({ release, allowPrivateAddresses: false });
    const receiver = await receiverForTest();
    const create = (uri: string) =>
      call(portal, {
        method: 'POST',
        path: 'settings/webhook',
        body: { name: 'W', uri, secretKey: 'Docspace-Webhook-1', enabled: true },
      });
    expect((await create(receiver.url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
    const refused = await create(receiver.url);
    expect(refused.status).toBe(400);
    expect(refused.json.error.message).toContain('Value does not fall within the expected range');
  });

  test('lists the triggers as an object', async () => {
    const portal = await portalForTest({ release });
    const { json } = await call(portal, { path: 'settings/webhook/triggers' });
    expect(json.response).toMatchObject({ 'user.created': 1, 'user.invited': 2 });
  });

  test('asks a key for no scope at portal and settings, and for both to write', async () => {
    const portal = await portalForTest({ release });
    const keyWith = (...permissions: string[]) =>
      `Bearer ${portal.control.addKey(portal.accountId, { permissions })}`;
    const files = keyWith('files:read');
    const status = async (authorization: string, path: string, body?: unknown) =>
      (await call(portal, { path, authorization, ...(body ? { method: 'POST', body } : {}) }))
        .status;
    expect(await status(files, `portal/users/${portal.accountId}`)).toBe(200);
    expect(await status(files, 'settings/webhook')).toBe(200);
    expect(await status(files, 'people/filter')).toBe(403);
    const invitations = { invitations: [{ email: 'a@example.com', type: 'User' }] };
    expect(await status(keyWith('accounts:write'), 'people/invite', invitations)).toBe(403);
    const both = keyWith('accounts:read', 'accounts:write');
    expect(await status(both, 'people/invite', invitations)).toBe(200);
  });

  test('has no shared links', async () => {
    const portal = await portalForTest({ release });
    const path = 'portal/users/invitationlink';
    const body = { employeeType: 'User' };
    expect(await call(portal, { method: 'POST', path, body })).toMatchObject({
      status: 404,
      text: '',
    });
    expect((await call(portal, { path: `${path}/User` })).status).toBe(404);
  });

  test('answers people/filter unpaid from 3.6 on', async () => {
    const portal = await portalForTest({ release });
    portal.control.unpaid(true);
    const { status } = await call(portal, { path: 'people/filter' });
    expect(status).toBe(release === '3.6' ? 200 : 402);
  });

  test('has the address in the link of a letter in clear until 3.2', async () => {
    const portal = await portalForTest({ release });
    const { headers } = await send({ url: await inviteByEmail(portal, 'ann@example.com') });
    const link = new URL(String(headers['location']), portal.url);
    expect(link.searchParams.get('email')).toBe(release === '3.2' ? 'ann@example.com' : null);
    expect(link.searchParams.has('encemail')).toBe(release !== '3.2');
    const person = { email: 'ann@example.com', firstName: 'Ann', lastName: 'Stone' };
    const userId = portal.control.register({ link: link.href, ...person });
    expect(portal.control.user(userId)?.activationStatus).toBe(1);
  });
});

test('3.7 refuses what releases before it pass over, and knows nobody by an unknown id', async () => {
  const portal = await portalForTest();
  expect((await call(portal, { path: `portal/users/${UNKNOWN}` })).status).toBe(404);
  const link = await openLink(portal);
  expect(link).toMatch(/\/s\//);
  const body = { invitations: [{ email: 'g@example.com', type: 'Guest' }] };
  expect((await call(portal, { method: 'POST', path: 'people/invite', body })).status).toBe(403);
});

describe('the next server (docs/docspace-wire.md 12)', () => {
  test('delivers a profile, with the id and the time of the event as headers', async () => {
    const { portal, receiver } = await portalWithWebhook({ release: 'next' });
    const userId = await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'bob came');
    const [received] = receiver.received;
    expect(received?.json.payload).toMatchObject({
      id: userId,
      status: 1,
      createdBy: { id: portal.accountId },
      registrationDate: expect.any(String),
    });
    for (const name of ['isActive', 'createDate', 'tenantId']) {
      expect(received?.json.payload).not.toHaveProperty(name);
    }
    expect(received?.headers['x-docspace-event-id']).toBe(String(received?.json.event.id));
    expect(received?.headers).toHaveProperty('x-docspace-event-timestamp');
    expect(received && isSigned(received)).toBe(true);
  });

  test('keeps the id of what is sent again by hand', async () => {
    const { portal, receiver } = await portalWithWebhook({ release: 'next' });
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'bob came');
    portal.control.redeliver(portal.control.journal()[0]?.id ?? 0);
    await delivered(portal, 'bob came again');
    const ids = receiver.received.map(({ json }) => json.event.id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test('removes a webhook at the first 410', async () => {
    const { portal, receiver } = await portalWithWebhook({ release: 'next' });
    receiver.answer = () => 410;
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'bob came');
    expect(receiver.received).toHaveLength(1);
    expect(portal.control.webhooks()).toEqual([]);
  });
});
