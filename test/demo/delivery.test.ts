import { createHmac } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWorld } from '../../src/demo/portal/create-world.ts';
import { momentAt } from '../../src/demo/portal/moments.ts';
import { type PortalOptions, startPortal } from '../../src/demo/portal/portal.ts';
import { checkAddress } from '../../src/demo/portal/webhooks/address-check.ts';
import { createOutgoing } from '../../src/demo/portal/webhooks/outgoing.ts';
import {
  call,
  delivered,
  portalForTest,
  portalWithWebhook,
  type Received,
  receiverForTest,
  registerByLink,
  registerWebhook,
  SECRET,
  until,
} from './support.ts';

const DAY_MS = 24 * 3_600_000;

function isSigned({ body, headers }: Received): boolean {
  const hmac = createHmac('sha256', SECRET).update(body).digest('hex').toUpperCase();
  return headers['x-docspace-signature-256'] === `sha256=${hmac}`;
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('a delivery (wire 7.3)', () => {
  test('carries the signature over its bytes, and no User-Agent', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.register({
      link: (await call(portal, { path: 'portal/users/invite/User' })).json.response,
      email: 'zoe+news@example.com',
      firstName: 'Zoë-Жанна',
      lastName: "O'Neil Söhne",
    });
    await delivered(portal, 'one registration');
    const [first] = receiver.received;
    expect(first && isSigned(first)).toBe(true);
    expect(first?.headers).toMatchObject({
      accept: '*/*',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(first?.body.length),
    });
    expect(first?.headers).not.toHaveProperty('user-agent');
    expect(first?.body).toContain('"Zo\\u00EB-\\u0416\\u0430\\u043D\\u043D\\u0430"');
    expect(first?.body).toContain('O\\u0027Neil S\\u00F6hne');
    expect(first?.body).toContain('zoe\\u002Bnews@example.com');
  });

  test('is recorded in the journal and on the webhook', async () => {
    const { portal, webhookId } = await portalWithWebhook();
    await registerByLink(portal, 'bob@example.com');
    const [waiting] = portal.control.journal();
    expect(waiting).toMatchObject({ status: 0, trigger: 1, webhookId });
    expect(JSON.parse(waiting?.requestPayload ?? '').event).not.toHaveProperty('id');
    await delivered(portal, 'one registration');
    const [row] = portal.control.journal();
    expect(row).toMatchObject({ status: 200, delivery: expect.any(String) });
    expect(JSON.parse(row?.requestPayload ?? '').event.id).toBe(row?.id);
    const { json } = await call(portal, { path: 'settings/webhook' });
    expect(json.response[0]).toMatchObject({ status: 200, configs: { enabled: true } });
    expect(json.response[0].configs).toHaveProperty('lastSuccessOn');
  });

  test('goes out ten at a time, and a slow one holds up the next ten', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const slow = gate();
    const others = gate();
    receiver.answer = async ({ json }) => {
      await (json.payload.email === 'p0@example.com' ? slow : others).opened;
      return 200;
    };
    portal.control.pauseDeliveries();
    for (let index = 0; index < 25; index += 1) {
      await registerByLink(portal, `p${index}@example.com`);
    }
    portal.control.resumeDeliveries();
    await until('ten are in flight at once', () => receiver.received.length === 10);
    others.open();
    await expect(
      portal.control.deliveriesIdle({ deadlineMs: 100, label: 'a slow receiver' }),
    ).rejects.toThrow('a slow receiver: 16 deliveries are unfinished after 100 ms.');
    expect(receiver.received).toHaveLength(10);
    slow.open();
    await delivered(portal, 'all 25');
    expect(receiver.received).toHaveLength(25);
  });

  test('is only made for the triggers asked for, for all with 0, and for the target alone', async () => {
    const portal = await portalForTest();
    const settings = [{ triggers: 4 }, { triggers: 0 }];
    const receivers = await Promise.all(
      settings.map(async (one) => {
        const receiver = await receiverForTest();
        await registerWebhook({ portal, receiver, settings: one });
        return receiver;
      }),
    );
    const userId = await registerByLink(portal, 'bob@example.com');
    const targeted = await receiverForTest();
    await registerWebhook({ portal, receiver: targeted, settings: { targetId: userId } });
    await registerByLink(portal, 'other@example.com');
    portal.control.confirmEmail(userId);
    await delivered(portal, 'three events');
    expect(receivers.map(({ received }) => received.length)).toEqual([1, 3]);
    expect(receivers[1]?.received[0]?.json.webhook.triggers).toEqual(['*']);
    expect(targeted.received.map(({ json }) => json.webhook.target)).toEqual([
      { id: userId, type: 'user' },
    ]);
  });

  test('has another event.id for each webhook that matched (wire 7.4)', async () => {
    const { portal, receiver } = await portalWithWebhook();
    await registerWebhook({ portal, receiver, settings: { name: 'second' } });
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'both webhooks');
    const ids = receiver.received.map(({ json }) => json.event.id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is not made for a guest that the webhook's creator may not see (wire 7.2)", async () => {
    const portal = await portalForTest();
    const receiver = await receiverForTest();
    const admin = portal.control.addAccount({ email: 'r@example.com', type: 'RoomAdmin' });
    await registerWebhook({ portal, receiver, authorization: `Bearer ${admin.apiKey}` });
    portal.control.addUser({ email: 'g@example.com', type: 'Guest', how: 'admin' });
    portal.control.addUser({ email: 'u@example.com', type: 'User', how: 'admin' });
    const createdBy = admin.userId;
    portal.control.addUser({ email: 'own@example.com', type: 'Guest', how: 'admin', createdBy });
    await delivered(portal, 'a room admin’s webhook');
    const emails = receiver.received.map(({ json }) => json.payload.email);
    expect(emails.sort()).toEqual(['own@example.com', 'u@example.com']);
  });

  test('is not made when the webhook is disabled', async () => {
    const { portal, receiver, webhookId } = await portalWithWebhook();
    portal.control.disableWebhook(webhookId);
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'nothing');
    expect(receiver.received).toEqual([]);
    expect(portal.control.journal()).toEqual([]);
  });
});

describe('automatic retries (wire 7.3, 7.4)', () => {
  test('repeat the same event with five more attempts, each with another body and signature', async () => {
    let now = Date.parse('2026-08-20T11:20:03.700Z');
    const { portal, receiver, webhookId } = await portalWithWebhook({ now: () => now });
    receiver.answer = () => {
      now += 1_000;
      return 503;
    };
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'six attempts');
    const bodies = receiver.received.map(({ json }) => json);
    expect(bodies).toHaveLength(6);
    expect(receiver.received.every(isSigned)).toBe(true);
    expect(new Set(bodies.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(6);
    expect(bodies[0].webhook).not.toHaveProperty('retryCount');
    expect(bodies[1].webhook).toMatchObject({
      lastFailureOn: '2026-08-20T11:20:03Z',
      lastFailureContent:
        'Response status code does not indicate success: 503 (Service Unavailable).',
      retryCount: 1,
      retryOn: '2026-08-20T11:20:04Z',
    });
    expect(bodies[1].webhook).not.toHaveProperty('lastSuccessOn');
    expect(bodies[2].webhook).toMatchObject({
      lastFailureOn: '2026-08-20T11:20:04Z',
      retryCount: 2,
    });
    const [row] = portal.control.journal();
    expect(row).toMatchObject({ status: 503, requestPayload: receiver.received[5]?.body });
    expect(row?.responsePayload).toBe(bodies[1].webhook.lastFailureContent);
    expect(row?.delivery).toBeUndefined();
    expect(portal.control.webhooks()).toMatchObject([{ id: webhookId, enabled: true }]);
  });

  test('tell of the last success once there was one, without a zone', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const userId = await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'the success');
    let refusals = 1;
    receiver.answer = () => (refusals-- > 0 ? 500 : 200);
    portal.control.confirmEmail(userId);
    await delivered(portal, 'one retry');
    expect(receiver.received[1]?.json.webhook).not.toHaveProperty('lastSuccessOn');
    expect(receiver.received[2]?.json.webhook.lastSuccessOn).toMatch(/T\d\d:\d\d:\d\d$/);
  });

  test('follow every answer that is not 2xx, redirects too, which are not followed', async () => {
    const { portal, receiver } = await portalWithWebhook();
    const answers = [{ status: 302, location: receiver.url }, 404, 401, 410, 201] as const;
    receiver.answer = () => answers[receiver.received.length - 1] ?? 200;
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'five attempts');
    expect(receiver.received).toHaveLength(5);
    expect(portal.control.journal()).toMatchObject([{ status: 201 }]);
  });

  test('follow lost connections, which leave status 0', async () => {
    const { portal, receiver } = await portalWithWebhook();
    receiver.answer = () => 'reset';
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'six lost connections');
    expect(receiver.received).toHaveLength(6);
    expect(portal.control.journal()).toMatchObject([{ status: 0 }]);
  });

  test('follow time-outs, which leave status 500', async () => {
    const { portal, receiver } = await portalWithWebhook({
      deliveryTimeoutMs: 20,
      retryDelaysMs: [1],
    });
    receiver.answer = () => 'hang';
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'two time-outs');
    expect(receiver.received).toHaveLength(2);
    const [row] = portal.control.journal();
    expect(row).toMatchObject({ status: 500, responsePayload: expect.stringContaining('Timeout') });
  });

  test('wait one second and then two when no delays are given', async () => {
    const portal = await startPortal({ queuePauseMs: 2 });
    onTestFinished(() => portal.stop());
    const receiver = await receiverForTest();
    await registerWebhook({ portal, receiver });
    const arrivals: number[] = [];
    receiver.answer = () => {
      arrivals.push(performance.now());
      return arrivals.length < 3 ? 500 : 200;
    };
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'two retries');
    const [first = 0, second = 0, third = 0] = arrivals;
    expect((second - first) / 1_000).toBeCloseTo(1, 0);
    expect((third - second) / 1_000).toBeCloseTo(2, 0);
  });
});

describe('what failure does to a webhook (wire 7.3)', () => {
  test('410 deletes it, but only as the last answer', async () => {
    const { portal, receiver } = await portalWithWebhook();
    receiver.answer = () => 410;
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'six times 410');
    expect(receiver.received).toHaveLength(6);
    expect(portal.control.webhooks()).toEqual([]);
    expect((await call(portal, { path: 'settings/webhooks/log' })).json.response).toEqual([]);
  });

  test('a failure disables it more than three days after the last success or its creation', async () => {
    let now = Date.parse('2026-08-20T10:00:00Z');
    const { portal, receiver } = await portalWithWebhook({ now: () => now, retryDelaysMs: [] });
    receiver.answer = () => 500;
    now += 3 * DAY_MS;
    await registerByLink(portal, 'a@example.com');
    await delivered(portal, 'a failure on the third day');
    expect(portal.control.webhooks()).toMatchObject([{ enabled: true }]);
    now += 1_000;
    await registerByLink(portal, 'b@example.com');
    await delivered(portal, 'a failure after three days');
    expect(portal.control.webhooks()).toMatchObject([
      { enabled: false, lastFailureContent: expect.stringContaining('500') },
    ]);
  });

  test('a time-out does not disable it', async () => {
    let now = Date.parse('2026-08-20T10:00:00Z');
    const options = { now: () => now, retryDelaysMs: [], deliveryTimeoutMs: 20 };
    const { portal, receiver } = await portalWithWebhook(options);
    receiver.answer = () => 'hang';
    now += 4 * DAY_MS;
    await registerByLink(portal, 'a@example.com');
    await delivered(portal, 'a time-out');
    expect(portal.control.webhooks()).toMatchObject([{ enabled: true }]);
  });

  test('the sender writes back what it loaded: a change during retries is undone', async () => {
    const { portal, receiver, webhookId } = await portalWithWebhook();
    receiver.answer = ({ json }) => {
      if (json.webhook.retryCount === undefined) portal.control.disableWebhook(webhookId);
      return json.webhook.retryCount === 1 ? 200 : 500;
    };
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'a retry series');
    expect(portal.control.webhooks()).toMatchObject([{ enabled: true }]);
  });
});

describe('losing and repeating deliveries', () => {
  test('a restart loses what is in memory; the rows stay at status 0 and nothing picks them up', async () => {
    const { portal, receiver } = await portalWithWebhook();
    receiver.answer = () => 'hang';
    await registerByLink(portal, 'a@example.com');
    await until('the first is in flight', () => receiver.received.length === 1);
    await registerByLink(portal, 'b@example.com');
    portal.control.restart();
    receiver.answer = () => 200;
    await delivered(portal, 'nothing is left');
    await registerByLink(portal, 'c@example.com');
    await delivered(portal, 'the one after the restart');
    expect(portal.control.journal().map(({ status }) => status)).toEqual([200, 0, 0]);
  });

  test('dropped deliveries have a row at status 0 and are never sent', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.dropNextDeliveries(1);
    await registerByLink(portal, 'a@example.com');
    await registerByLink(portal, 'b@example.com');
    await delivered(portal, 'the second');
    expect(receiver.received.map(({ json }) => json.payload.email)).toEqual(['b@example.com']);
    expect(portal.control.journal().map(({ status }) => status)).toEqual([200, 0]);
  });

  test('a redelivery is a new row with a new event.id and the old createOn, without retry fields', async () => {
    const { portal, receiver } = await portalWithWebhook({ retryDelaysMs: [1] });
    receiver.answer = () => 500;
    await registerByLink(portal, 'a@example.com');
    await delivered(portal, 'the failure');
    receiver.answer = () => 200;
    const oldId = portal.control.journal()[0]?.id ?? 0;
    const newId = portal.control.redeliver(oldId);
    await delivered(portal, 'the redelivery');
    const [, retried, again] = receiver.received.map(({ json }) => json);
    expect(retried.webhook.retryCount).toBe(1);
    expect(again.event).toEqual({ ...retried.event, id: newId });
    expect(again.webhook).not.toHaveProperty('retryCount');
    expect(again.webhook).not.toHaveProperty('lastFailureOn');
    expect(again.payload).toEqual(retried.payload);
    expect(portal.control.journal().map(({ id, status }) => [id, status])).toEqual([
      [newId, 200],
      [oldId, 500],
    ]);
  });

  test('paused deliveries wait', async () => {
    const { portal, receiver } = await portalWithWebhook();
    portal.control.pauseDeliveries();
    await registerByLink(portal, 'a@example.com');
    const wait = portal.control.deliveriesIdle({ deadlineMs: 30, label: 'paused' });
    await expect(wait).rejects.toThrow(/^paused: 1 deliveries/);
    expect(receiver.received).toEqual([]);
    portal.control.resumeDeliveries();
    await delivered(portal, 'resumed');
    expect(receiver.received).toHaveLength(1);
  });
});

describe('the address at the time of sending (wire 7.3)', () => {
  /** A portal's inside with one event for a webhook at `uri`, which no registration would take. */
  function eventFor(uri: string, options: PortalOptions) {
    const outgoing = createOutgoing();
    const origin = 'http://127.0.0.1:1';
    const world = createWorld({ options: { queuePauseMs: 2, ...options }, origin, outgoing });
    onTestFinished(() => {
      world.sender.stop();
      return outgoing.stop();
    });
    const webhook = world.webhooks.add({
      name: 'W',
      uri,
      secretKey: SECRET,
      enabled: true,
      ssl: false,
      triggers: 0,
      createdBy: world.ownerId,
      createdOn: momentAt(Date.now()),
    });
    const row = world.journal.add({
      webhookId: webhook.id,
      trigger: 1,
      creationTime: momentAt(Date.now()),
      requestPayload: '{"event":{},"payload":{},"webhook":{}}',
    });
    world.sender.enqueue(row.id);
    return { world, webhook, row };
  }

  test('a name that does not resolve disables the webhook at once and leaves the row alone', async () => {
    // A label of more than 63 characters fails before any name server is asked.
    const { world, webhook, row } = eventFor(`http://${'x'.repeat(64)}.example/hook`, {});
    await world.sender.idle({ deadlineMs: 5_000, label: 'an unknown name' });
    expect(world.webhooks.get(webhook.id)).toEqual({ ...webhook, enabled: false });
    expect(world.journal.get(row.id)).toEqual(row);
  });

  test('a blacklisted address deletes the webhook without a request', async () => {
    const receiver = await receiverForTest();
    const { world, webhook } = eventFor(receiver.url, { allowPrivateAddresses: false });
    await world.sender.idle({ deadlineMs: 5_000, label: 'a blacklisted address' });
    expect(world.webhooks.get(webhook.id)).toBeUndefined();
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['0.1.2.3', 'blacklisted'],
    ['10.0.0.1', 'blacklisted'],
    ['100.127.255.255', 'blacklisted'],
    ['100.128.0.0', 'allowed'],
    ['127.0.0.1', 'blacklisted'],
    ['169.254.0.1', 'blacklisted'],
    ['172.31.255.255', 'blacklisted'],
    ['172.32.0.0', 'allowed'],
    ['192.168.1.1', 'blacklisted'],
    ['[::]', 'blacklisted'],
    ['[::1]', 'blacklisted'],
    ['[fd12::1]', 'blacklisted'],
    ['[febf::1]', 'blacklisted'],
    ['[2001:db8::1]', 'allowed'],
  ])('%s is %s (wire 7.1)', async (host, kind) => {
    const uri = `http://${host}/hook`;
    const verdict = await checkAddress({ uri, ssl: false, allowPrivateAddresses: false });
    expect(verdict.kind).toBe(kind);
  });
});
