import { describe, expect, onTestFinished, test } from 'vitest';
import { startPortal } from '../../simulator/portal.ts';
import {
  call,
  delivered,
  isSigned,
  portalWithWebhook,
  receiverForTest,
  registerByLink,
  registerWebhook,
} from './support.ts';

const DAY_MS = 24 * 3_600_000;

describe('automatic retries', () => {
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
    const portal = await startPortal({ queuePauseMs: 2, allowPrivateAddresses: true });
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

test('3.2 waits two seconds before the first retry', async () => {
  const portal = await startPortal({
    release: '3.2',
    queuePauseMs: 2,
    allowPrivateAddresses: true,
  });
  onTestFinished(() => portal.stop());
  const receiver = await receiverForTest();
  await registerWebhook({ portal, receiver });
  const arrivals: number[] = [];
  receiver.answer = () => {
    arrivals.push(performance.now());
    return arrivals.length < 2 ? 500 : 200;
  };
  await registerByLink(portal, 'bob@example.com');
  await delivered(portal, 'one retry');
  const [first = 0, second = 0] = arrivals;
  expect(second - first).toBeGreaterThan(1_900);
});

describe('what failure does to a webhook', () => {
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
