import { describe, expect, test } from 'vitest';
import type { PortalOptions } from '../../simulator/portal.ts';
import {
  call,
  delivered,
  portalWithWebhook,
  receiverForTest,
  registerByLink,
  registerWebhook,
} from './support.ts';

const PATH = 'settings/webhooks/log';

async function idsOf(portal: Parameters<typeof call>[0], query: string): Promise<number[]> {
  const { json } = await call(portal, { path: `${PATH}?${query}` });
  return json.response.map((row: { id: number }) => row.id);
}

/** Five rows: 2xx, 404, 500, no answer, and one that was never sent; ids in that order. */
async function fiveFates(options: PortalOptions = {}) {
  const { portal, receiver, webhookId } = await portalWithWebhook({
    retryDelaysMs: [],
    ...options,
  });
  for (const answer of [200, 404, 500, 'reset'] as const) {
    receiver.answer = () => answer;
    await registerByLink(portal, `a${answer}@example.com`);
    await delivered(portal, `answered with ${answer}`);
  }
  portal.control.dropNextDeliveries(1);
  await registerByLink(portal, 'lost@example.com');
  const ids = portal.control
    .journal()
    .map(({ id }) => id)
    .reverse();
  return { portal, receiver, webhookId, ids };
}

describe('GET settings/webhooks/log', () => {
  test('lists the newest id first; count is 1, total is right, method and route are absent', async () => {
    const { portal, ids } = await fiveFates();
    const { json } = await call(portal, { path: PATH });
    expect(json.response.map((row: { id: number }) => row.id)).toEqual([...ids].reverse());
    expect(json).toMatchObject({ count: 1, total: 5 });
    expect(Object.keys(json.response[4])).toEqual([
      'id',
      'configName',
      'trigger',
      'creationTime',
      'requestHeaders',
      'requestPayload',
      'responseHeaders',
      'responsePayload',
      'status',
      'delivery',
    ]);
    expect(json.response[4]).toMatchObject({
      configName: 'Welcome service',
      trigger: 1,
      status: 200,
    });
    expect(json.response[4].creationTime).toMatch(/T\d\d:\d\d:\d\dZ$/);
    expect(json.response[0]).not.toHaveProperty('delivery');
  });

  test('groupStatus keeps classes: 1 not sent, 2 = 2xx, 8 = 4xx, 16 = 5xx, 29 all but 2xx', async () => {
    const { portal, ids } = await fiveFates();
    const [ok, missing, broken, noAnswer, lost] = ids;
    expect(await idsOf(portal, 'groupStatus=1')).toEqual([lost, noAnswer]);
    expect(await idsOf(portal, 'groupStatus=2')).toEqual([ok]);
    expect(await idsOf(portal, 'groupStatus=4')).toEqual([]);
    expect(await idsOf(portal, 'groupStatus=8')).toEqual([missing]);
    expect(await idsOf(portal, 'groupStatus=16')).toEqual([broken]);
    expect(await idsOf(portal, 'groupStatus=29')).toEqual([lost, noAnswer, broken, missing]);
    expect(await idsOf(portal, 'groupStatus=0')).toHaveLength(5);
  });

  test('any filter by delivery time hides what was not delivered', async () => {
    const { portal, ids } = await fiveFates();
    expect(await idsOf(portal, 'deliveryFrom=2020-01-01T00:00:00')).toEqual([ids[0]]);
    expect(await idsOf(portal, 'deliveryTo=2020-01-01T00:00:00Z')).toEqual([]);
  });

  test('filters by webhook, URI, event, trigger and owner, and pages', async () => {
    const { portal, receiver, webhookId, ids } = await fiveFates();
    expect(await idsOf(portal, `configId=${webhookId}`)).toHaveLength(5);
    expect(await idsOf(portal, 'configId=99')).toEqual([]);
    expect(await idsOf(portal, `hookUri=${encodeURIComponent(receiver.url)}`)).toHaveLength(5);
    expect(await idsOf(portal, `hookUri=${encodeURIComponent(`${receiver.url}/`)}`)).toEqual([]);
    expect(await idsOf(portal, `eventId=${ids[2]}`)).toEqual([ids[2]]);
    expect(await idsOf(portal, 'trigger=UserCreated')).toHaveLength(5);
    expect(await idsOf(portal, 'trigger=4')).toEqual([]);
    expect(await idsOf(portal, `userId=${portal.accountId}`)).toHaveLength(5);
    expect(await idsOf(portal, 'count=2&startIndex=1')).toEqual([ids[3], ids[2]]);
  });

  test('answers 400 to a combination of triggers and a count out of range', async () => {
    const { portal } = await portalWithWebhook();
    for (const query of ['trigger=5', 'trigger=Nothing', 'count=0', 'count=101', 'eventId=x']) {
      expect((await call(portal, { path: `${PATH}?${query}` })).status).toBe(400);
    }
  });

  test('does not list rows of deleted webhooks, even between two pages', async () => {
    const { portal, webhookId } = await fiveFates();
    expect(await idsOf(portal, '')).toHaveLength(5);
    portal.control.deleteWebhook(webhookId);
    expect(await idsOf(portal, '')).toEqual([]);
  });

  test('shows others than admins only what their own webhooks sent', async () => {
    const { portal } = await fiveFates();
    const receiver = await receiverForTest();
    const { userId, apiKey } = portal.control.addAccount({
      email: 'r@example.com',
      type: 'RoomAdmin',
    });
    const authorization = `Bearer ${apiKey}`;
    await registerWebhook({ portal, receiver, apiKey, settings: { name: 'Mine' } });
    await registerByLink(portal, 'one@example.com');
    const own = await call(portal, { path: `${PATH}?userId=${portal.accountId}`, authorization });
    expect(own.json.response.map((row: { configName: string }) => row.configName)).toEqual([
      'Mine',
    ]);
    expect(await idsOf(portal, `userId=${userId}`)).toHaveLength(1);
  });
});

describe('the retry API', () => {
  test('makes a new row for one log id, successful ones too', async () => {
    const { portal, receiver, ids } = await fiveFates();
    receiver.answer = () => 200;
    const path = `settings/webhook/${ids[0]}/retry`;
    const { json } = await call(portal, { method: 'PUT', path });
    expect(json.response.id).toBe((ids[4] ?? 0) + 1);
    expect(json.response.status).toBe(0);
    await delivered(portal, 'the retry');
    expect(receiver.received.at(-1)?.json.event.id).toBe(json.response.id);
  });

  test('answers 404 to an unknown id and 400 to 0', async () => {
    const { portal } = await portalWithWebhook();
    const statusOf = async (id: number) =>
      (await call(portal, { method: 'PUT', path: `settings/webhook/${id}/retry` })).status;
    expect(await statusOf(99_999)).toBe(404);
    expect(await statusOf(0)).toBe(400);
  });

  test('repeats many, skips unknown ids silently, and says count 1', async () => {
    const { portal, receiver, ids } = await fiveFates();
    receiver.answer = () => 200;
    const before = receiver.received.length;
    const body = { ids: [ids[1], 99_999, ids[4]] };
    const { json } = await call(portal, { method: 'PUT', path: 'settings/webhook/retry', body });
    expect(json.response).toHaveLength(2);
    expect(json.count).toBe(1);
    await delivered(portal, 'both retries');
    expect(receiver.received).toHaveLength(before + 2);
  });

  test('takes five bulk calls in 15 minutes, and five per single id', async () => {
    const { portal, ids } = await fiveFates({ rateLimits: { sensitivePer15Minutes: 5 } });
    const bulk = { method: 'PUT', path: 'settings/webhook/retry', body: { ids: [] } } as const;
    const single = (id: number | undefined) =>
      ({ method: 'PUT', path: `settings/webhook/${id}/retry` }) as const;
    for (let count = 0; count < 5; count += 1) {
      expect((await call(portal, bulk)).status).toBe(200);
      expect((await call(portal, single(ids[0]))).status).toBe(200);
    }
    expect((await call(portal, bulk)).status).toBe(429);
    expect((await call(portal, single(ids[0]))).status).toBe(429);
    expect((await call(portal, single(ids[1]))).status).toBe(200);
  });
});
