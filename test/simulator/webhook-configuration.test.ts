import { describe, expect, test } from 'vitest';
import {
  call,
  portalForTest,
  portalWithWebhook,
  receiverForTest,
  registerWebhook,
  SECRET,
} from './support.ts';

const PATH = 'settings/webhook';

async function created(input: Readonly<Record<string, unknown>> = {}, options = {}) {
  const portal = await portalForTest(options);
  const receiver = await receiverForTest();
  const body = { name: 'W', uri: receiver.url, secretKey: SECRET, enabled: true, ...input };
  return { portal, receiver, answer: await call(portal, { method: 'POST', path: PATH, body }) };
}

describe('registering a webhook', () => {
  test('probes with HEAD, stores it, and never returns the secret', async () => {
    const { portal, receiver, answer } = await created({ triggers: 5 });
    expect(answer.status).toBe(200);
    expect(receiver.probes).toHaveLength(1);
    expect(receiver.received).toHaveLength(0);
    expect(Object.keys(answer.json.response)).toEqual([
      'id',
      'name',
      'uri',
      'enabled',
      'ssl',
      'triggers',
      'createdBy',
      'createdOn',
    ]);
    expect(answer.json.response.createdOn).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$/,
    );
    expect(answer.text).not.toContain(SECRET);
    const list = await call(portal, { path: PATH });
    const createdOn = answer.json.response.createdOn.replace(/\.\d+/, '');
    const configs = { ...answer.json.response, createdOn };
    expect(list.json.response).toEqual([{ configs, status: 0 }]);
  });

  test('the list says count 1 whatever its length', async () => {
    const { portal, receiver } = await portalWithWebhook();
    await registerWebhook({ portal, receiver, settings: { name: 'second' } });
    const list = await call(portal, { path: PATH });
    expect(list.json.response).toHaveLength(2);
    expect(list.json.count).toBe(1);
  });

  test.each([301, 404, 500])('refuses a receiver whose HEAD is %i with 400', async (status) => {
    const portal = await portalForTest();
    const receiver = await receiverForTest();
    receiver.answer = () => ({ status, location: '/elsewhere' });
    const body = { name: 'W', uri: receiver.url, secretKey: SECRET };
    const answer = await call(portal, { method: 'POST', path: PATH, body });
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toContain('Webhook URL is not available');
    expect(portal.control.webhooks()).toEqual([]);
  });

  test('answers 500 when nothing listens there', async () => {
    const portal = await portalForTest();
    const body = { name: 'W', uri: 'http://127.0.0.1:1/hook', secretKey: SECRET };
    expect((await call(portal, { method: 'POST', path: PATH, body })).status).toBe(500);
  });

  test.each([
    ['a secret of 7 characters', { secretKey: 'short77' }],
    ['a secret of 31 characters', { secretKey: 'x'.repeat(31) }],
    ['a secret with a space', { secretKey: 'two words' }],
    ['no secret', { secretKey: '' }],
    ['no name', { name: '' }],
    ['a name of 51 characters', { name: 'n'.repeat(51) }],
    ['a relative URL', { uri: '/hook' }],
    ['another scheme', { uri: 'ftp://127.0.0.1/hook' }],
    ['http where https is demanded', { ssl: true }],
    ['a trigger in quotes', { triggers: '15' }],
    ['a target of 256 characters', { targetId: 't'.repeat(256) }],
  ])('refuses %s with 400', async (_what, input) => {
    const { answer } = await created(input);
    expect(answer.status).toBe(400);
  });

  test('refuses a second webhook with the same name and URL', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const body = { name: 'Welcome service', uri: receiver.url, secretKey: SECRET };
    expect((await call(portal, { method: 'POST', path: PATH, body })).status).toBe(400);
  });

  test('refuses a private address when the blacklist applies', async () => {
    const { answer, receiver } = await created({}, { allowPrivateAddresses: false });
    expect(answer.status).toBe(400);
    expect(receiver.probes).toHaveLength(0);
  });

  test('is open to room admins with their triggers, to users with fewer, not to guests', async () => {
    const portal = await portalForTest();
    const receiver = await receiverForTest();
    const attempt = async (type: 'RoomAdmin' | 'User' | 'Guest', triggers: number) => {
      const email = `${type}${triggers}@example.com`;
      const { apiKey } = portal.control.addAccount({ email, type });
      const body = { name: email, uri: receiver.url, secretKey: SECRET, triggers };
      const authorization = `Bearer ${apiKey}`;
      return (await call(portal, { method: 'POST', path: PATH, body, authorization })).status;
    };
    expect(await attempt('RoomAdmin', 15)).toBe(200);
    expect(await attempt('User', 12)).toBe(200);
    expect(await attempt('User', 1)).toBe(400);
    expect(await attempt('Guest', 128)).toBe(403);
  });

  test('everybody but a DocSpace admin sees only the own ones', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const { apiKey } = portal.control.addAccount({ email: 'r@example.com', type: 'RoomAdmin' });
    const authorization = `Bearer ${apiKey}`;
    await registerWebhook({ portal, receiver, apiKey, settings: { name: 'Mine' } });
    const list = await call(portal, { path: PATH, authorization });
    expect(list.json.response).toHaveLength(1);
    expect((await call(portal, { path: PATH })).json.response).toHaveLength(2);
    const foreign = { method: 'DELETE', path: `${PATH}/1`, authorization } as const;
    expect((await call(portal, foreign)).status).toBe(403);
  });
});

describe('changing a webhook', () => {
  test('overwrites ALL fields but an empty secret: absent triggers mean all events', async () => {
    const { portal, receiver, webhookId } = await portalWithWebhook();
    const body = { id: webhookId, name: 'Renamed', uri: receiver.url };
    const answer = await call(portal, { method: 'PUT', path: PATH, body });
    expect(answer.json.response).toMatchObject({ enabled: false, ssl: false, triggers: 0 });
    expect(answer.json.response).toHaveProperty('modifiedOn');
    expect(portal.control.webhooks()[0]).toMatchObject({ name: 'Renamed', secretKey: SECRET });
    expect(receiver.probes).toHaveLength(3);
    const unknown = { ...body, id: 99 };
    expect((await call(portal, { method: 'PUT', path: PATH, body: unknown })).status).toBe(404);
  });

  test('enable needs name and uri, probes, and leaves the rest alone; disable does not probe', async () => {
    const { portal, receiver, webhookId } = await portalWithWebhook();
    const path = `${PATH}/enable`;
    const bare = { id: webhookId, enabled: false };
    expect((await call(portal, { method: 'PUT', path, body: bare })).status).toBe(400);
    const body = { ...bare, name: 'ignored', uri: 'http://ignored.example' };
    const disabled = await call(portal, { method: 'PUT', path, body });
    expect(disabled.json.response).toMatchObject({ enabled: false, name: 'Welcome service' });
    expect(receiver.probes).toHaveLength(2);
    const enabled = await call(portal, { method: 'PUT', path, body: { ...body, enabled: true } });
    expect(enabled.json.response).toMatchObject({ enabled: true, triggers: 15 });
    expect(receiver.probes).toHaveLength(3);
  });

  test('DELETE answers with the deleted webhook, then 404', async () => {
    const { portal, webhookId } = await portalWithWebhook();
    const remove = { method: 'DELETE', path: `${PATH}/${webhookId}` } as const;
    expect((await call(portal, remove)).json.response).toMatchObject({ id: webhookId });
    expect((await call(portal, remove)).status).toBe(404);
  });

  test('lists the triggers with their bits beyond 32', async () => {
    const portal = await portalForTest();
    const { json } = await call(portal, { path: `${PATH}/triggers` });
    expect(json.response.slice(0, 3)).toEqual([
      { name: '*', id: 0, available: true },
      { name: 'user.created', id: 1, available: true },
      { name: 'user.invited', id: 2, available: true },
    ]);
    const bits = Object.fromEntries(
      json.response.map((one: { name: string; id: number }) => [one.name, one.id]),
    );
    expect(bits).toMatchObject({
      'file.created': 128,
      'room.created': 4194304,
      'form.submit': 268435456,
      'agent.deleted': 8589934592,
      'folder.downloaded': 34359738368,
    });
  });
});
