import { describe, expect, test } from 'vitest';
import {
  call,
  delivered,
  isSigned,
  portalForTest,
  portalWithWebhook,
  receiverForTest,
  registerByLink,
  registerWebhook,
  until,
} from './support.ts';

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('a delivery', () => {
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

  test('has another event.id for each webhook that matched', async () => {
    const { portal, receiver } = await portalWithWebhook();
    await registerWebhook({ portal, receiver, settings: { name: 'second' } });
    await registerByLink(portal, 'bob@example.com');
    await delivered(portal, 'both webhooks');
    const ids = receiver.received.map(({ json }) => json.event.id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is not made for a guest that the webhook's creator may not see", async () => {
    const portal = await portalForTest();
    const receiver = await receiverForTest();
    const admin = portal.control.addAccount({ email: 'r@example.com', type: 'RoomAdmin' });
    await registerWebhook({ portal, receiver, apiKey: admin.apiKey });
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
