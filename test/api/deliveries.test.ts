import { describe, expect, test } from 'vitest';
import { isSqlite, queryDatabase } from '../support/database.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { inviteAndRegister, memberBecomes, startWorld, type World } from '../support/world.ts';

const ann = '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01';
const bea = '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c02';

async function tell(world: World, body: string): Promise<void> {
  expect((await deliver(world.service.url, body, signed(body))).status).toBe(200);
}

async function listed(world: World, query = ''): Promise<number[]> {
  const { json } = await world.api('GET', `/api/deliveries${query}`);
  return json.items.map((one: { id: number }) => one.id);
}

/** Makes the stored bytes readable, as a later version of this program might. */
async function becomesReadable(world: World, id: number, body: string): Promise<void> {
  const sql = 'UPDATE deliveries SET body = $1 WHERE id = $2';
  await queryDatabase(world.config.database, sql, Buffer.from(body), id);
}

describe('GET /api/deliveries', () => {
  test('lists the deliveries, newest first, by page and by filter', async () => {
    const world = await startWorld({ withWebhook: false });
    await tell(world, deliveryBody({ id: 1, trigger: 'user.created', userId: ann }));
    await tell(world, deliveryBody({ id: 2, trigger: 'user.updated', userId: bea }));
    await tell(world, '{"event":');
    await tell(world, deliveryBody({ id: 3, trigger: 'user.updated', userId: ann }));

    expect(await listed(world)).toEqual([4, 3, 2, 1]);
    expect(await listed(world, `?userId=${ann.toUpperCase()}`)).toEqual([4, 1]);
    expect(await listed(world, '?trigger=user.updated')).toEqual([4, 2]);
    expect(await listed(world, `?trigger=user.updated&userId=${bea}`)).toEqual([2]);
    expect(await listed(world, '?answer=unreadable')).toEqual([3]);
    expect(await listed(world, '?answer=accepted')).toEqual([4, 2, 1]);
    expect(await listed(world, '?userId=nobody')).toEqual([]);

    const page = await world.api('GET', '/api/deliveries?limit=3');
    expect(page.json.items).toHaveLength(3);
    await tell(world, deliveryBody({ id: 9, userId: bea }));
    const rest = await world.api('GET', `/api/deliveries?limit=3&cursor=${page.json.nextCursor}`);
    expect(rest.json.items.map((one: { id: number }) => one.id)).toEqual([1]);
    expect(rest.json.nextCursor).toBeNull();
  });

  test('shows a delivery with its raw body, unchanged', async () => {
    const world = await startWorld({ withWebhook: false });
    const body = deliveryBody({ id: 7, trigger: 'user.created', userId: ann });
    await tell(world, body);
    await tell(world, body);
    const { json } = await world.api('GET', '/api/deliveries/1');
    expect(json).toMatchObject({
      id: 1,
      answer: 'accepted',
      trigger: 'user.created',
      userId: ann,
      repeats: 1,
      eventId: 7,
      createdOn: '2026-08-20T10:15:42.000Z',
      body,
    });
    const { items } = (await world.api('GET', '/api/deliveries')).json;
    expect(items[0]).not.toHaveProperty('body');
  });

  test.each([
    ['?answer=lost', 'query.answer'],
    ['?trigger=user.sneezed', 'query.trigger'],
    ['?limit=0', 'query.limit'],
    ['?limit=201', 'query.limit'],
    ['?cursor=x', 'query.cursor'],
    ['?user=1', 'query.user'],
  ])('%s is refused with the path of the fault', async (query, path) => {
    const world = await startWorld({ withWebhook: false });
    const answer = await world.api('GET', `/api/deliveries${query}`);
    expect([answer.status, answer.json.errors[0].path]).toEqual([400, path]);
  });

  test('an unknown delivery is 404, and nobody reads deliveries without the token', async () => {
    const world = await startWorld({ withWebhook: false });
    for (const id of ['1', '0', '-1', '1.5', 'x', '9'.repeat(15), '9'.repeat(40), '%27']) {
      expect([id, (await world.api('GET', `/api/deliveries/${id}`)).status]).toEqual([id, 404]);
      const replay = await world.api('POST', `/api/deliveries/${id}/replay`);
      expect([id, replay.status]).toEqual([id, 404]);
    }
  });

  test.skipIf(!isSqlite)('every filter has its index', async () => {
    const world = await startWorld({ withWebhook: false });
    for (const [where, index] of [
      ["answer = 'unreadable'", 'deliveries_unreadable'],
      ["trigger = 'x'", 'deliveries_trigger'],
    ]) {
      const sql = `EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE ${where} AND id < 9 ORDER BY id DESC LIMIT 9`;
      const plan = JSON.stringify(await queryDatabase(world.config.database, sql));
      expect(plan).toContain(index);
      expect(plan).not.toContain('TEMP B-TREE');
    }
  });
});

describe('replay', () => {
  test('applies a stored delivery again, and the timeline names the delivery and the operator', async () => {
    const world = await startWorld({ withWebhook: false });
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await tell(world, deliveryBody({ id: 5, trigger: 'user.created', userId }));
    await memberBecomes(world, userId, 'waiting');
    world.portal.control.activateSilently(userId);

    const answer = await world.api('POST', '/api/deliveries/1/replay');
    expect([answer.status, answer.json]).toEqual([200, { status: 'applied', userId }]);
    const member = await memberBecomes(world, userId, 'welcomed');
    expect(member.timeline).toContainEqual(
      expect.objectContaining({
        actor: { kind: 'operator' },
        cause: { kind: 'replay', id: 1 },
      }),
    );
    expect((await world.api('POST', '/api/deliveries/1/replay')).status).toBe(200);
    expect(world.portal.control.congratulations()).toHaveLength(1);
  });

  test('of an unreadable delivery is 409 with the reason, until it can be read', async () => {
    const world = await startWorld({ withWebhook: false });
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    world.portal.control.activateSilently(userId);
    await tell(world, '{"event":');
    const before = await world.api('POST', '/api/deliveries/1/replay');
    expect(before.json).toMatchObject({
      status: 409,
      type: 'urn:docspace-welcome:still_unreadable',
      detail: 'still unreadable: the body is not JSON',
    });
    expect((await world.api('GET', '/api/deliveries/1')).json).toMatchObject({
      answer: 'unreadable',
      reason: { code: 'not_json', text: 'the body is not JSON' },
    });

    await becomesReadable(world, 1, deliveryBody({ id: 6, trigger: 'user.created', userId }));
    expect((await world.api('POST', '/api/deliveries/1/replay')).status).toBe(200);
    await memberBecomes(world, userId, 'welcomed');
    expect((await world.api('GET', '/api/deliveries/1')).json).toMatchObject({
      answer: 'accepted',
      trigger: 'user.created',
      userId,
      eventId: 6,
      reason: null,
    });
  });

  test('of a delivery whose duplicate was read meanwhile leaves the identity to the duplicate', async () => {
    const world = await startWorld({ withWebhook: false });
    await tell(world, '{}');
    const body = deliveryBody({ id: 6, userId: ann });
    await tell(world, body);
    await becomesReadable(world, 1, body);
    expect((await world.api('POST', '/api/deliveries/1/replay')).status).toBe(200);
    expect((await world.api('GET', '/api/deliveries/1')).json).toMatchObject({
      answer: 'accepted',
      eventId: null,
    });
    expect((await world.api('GET', '/api/deliveries/2')).json).toMatchObject({ eventId: 6 });
  });

  test('of a delivery that is about no user, or was erased, is 409', async () => {
    const world = await startWorld({ withWebhook: false });
    await tell(world, '{}');
    await becomesReadable(world, 1, deliveryBody({ id: 6, trigger: 'room.created' }));
    const other = await world.api('POST', '/api/deliveries/1/replay');
    expect(other.json).toMatchObject({
      status: 409,
      type: 'urn:docspace-welcome:not_about_a_user',
      detail: 'this delivery is not about a user: room.created',
    });
    await becomesReadable(world, 1, '');
    expect((await world.api('POST', '/api/deliveries/1/replay')).status).toBe(409);
  });

  test('of one delivery ten times at once greets nobody twice', async () => {
    const world = await startWorld({ withWebhook: false });
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    world.portal.control.activateSilently(userId);
    await tell(world, deliveryBody({ id: 5, userId }));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.api('POST', '/api/deliveries/1/replay')),
    );
    expect(answers.map((one) => one.status)).toEqual(Array(10).fill(200));
    await memberBecomes(world, userId, 'welcomed');
    expect(world.portal.control.congratulations()).toHaveLength(1);
  });
});
