import { describe, expect, test } from 'vitest';
import {
  apply,
  changeOf,
  dayMs,
  delivery,
  entry,
  fresh,
  memberIn,
  move,
  now,
  type OpenStore,
  otherReason,
  put,
  stored,
  user,
} from './support.ts';

const idsOf = (deliveries: readonly { readonly id: number }[]) => deliveries.map(({ id }) => id);

export function deliverySuite(open: OpenStore): void {
  describe('a delivery', () => {
    test('is accepted once: equal webhook, event and time mean the same delivery', async () => {
      const store = await fresh(open);
      expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
      const retry = delivery(1, { body: Buffer.from('other bytes'), receivedAt: now + 1_000 });
      expect(await store.acceptDelivery(retry)).toBe('duplicate');
      expect((await store.unappliedDeliveries(10)).deliveries).toHaveLength(1);
    });

    test.each([
      ['webhook', { webhookId: 13 }],
      ['event', { eventId: 2 }],
      ['time', { createdOn: now + 1_000 }],
    ])('with another %s is another delivery', async (_, more) => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1));
      expect(await store.acceptDelivery(delivery(1, more))).toBe('accepted');
    });

    test('that arrives 20 times at once is accepted once', async () => {
      const store = await fresh(open);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => store.acceptDelivery(delivery(1))),
      );
      expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
    });

    test('is answered in the order of arrival, even if 600 arrive at once', async () => {
      const store = await fresh(open);
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 600 }, (_, n) =>
          store.acceptDelivery(delivery(n + 1)).then(() => order.push(n + 1)),
        ),
      );
      expect(order).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
      const { deliveries } = await store.unappliedDeliveries(1_000);
      expect(deliveries.map((one) => one.userId)).toEqual(order.map(user));
    });
  });

  describe('stored deliveries', () => {
    test('are listed oldest first, with the members that they are about', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 2));
      await put(store, memberIn('welcomed', 9));
      for (const n of [1, 2, 3]) await store.acceptDelivery(delivery(n));
      await store.acceptDelivery(delivery(4, { userId: user(2), trigger: 'user.deleted' }));
      const { deliveries, members } = await store.unappliedDeliveries(10);
      expect(deliveries.map((one) => [one.userId, one.trigger])).toEqual([
        [user(1), 'user.updated'],
        [user(2), 'user.updated'],
        [user(3), 'user.updated'],
        [user(2), 'user.deleted'],
      ]);
      expect(members.map((one) => one.userId)).toEqual([user(2)]);
      expect((await store.unappliedDeliveries(2)).deliveries).toEqual(deliveries.slice(0, 2));
    });

    test('become hints in one commit, and are not listed again', async () => {
      const store = await fresh(open);
      for (const n of [1, 2, 3]) await store.acceptDelivery(delivery(n));
      const { deliveries } = await store.unappliedDeliveries(2);
      const changes = [1, 2].map((n) =>
        changeOf(memberIn('waiting', n), { entries: [entry('user.updated arrived')] }),
      );
      expect(await apply(store, changes, idsOf(deliveries))).toBe('all');
      const left = await store.unappliedDeliveries(10);
      expect(left.deliveries.map((one) => one.userId)).toEqual([user(3)]);
      expect((await store.memberStory(user(1)))?.timeline).toHaveLength(1);
      expect(await store.acceptDelivery(delivery(1))).toBe('duplicate');
      expect((await store.unappliedDeliveries(10)).deliveries).toHaveLength(1);
    });

    test('that change nobody are applied too', async () => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1));
      const { deliveries } = await store.unappliedDeliveries(1);
      expect(await apply(store, [], idsOf(deliveries))).toBe('all');
      expect((await store.unappliedDeliveries(1)).deliveries).toEqual([]);
    });

    test('are applied once, and a second time is stale', async () => {
      const store = await fresh(open);
      for (const n of [1, 2]) await store.acceptDelivery(delivery(n));
      const ids = idsOf((await store.unappliedDeliveries(10)).deliveries);
      expect(await apply(store, [], ids)).toBe('all');
      const change = changeOf(memberIn('waiting', 1));
      expect(await apply(store, [change], ids)).toBe('none');
      expect(await store.member(user(1))).toBeNull();
    });

    test('about a member who changed meanwhile are kept, and applied once when they are read again', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 2, { dueAt: null }));
      for (const n of [1, 2]) await store.acceptDelivery(delivery(n));
      const read = await store.unappliedDeliveries(10);
      const applyAll = ({ deliveries, members }: typeof read) => {
        const changes = deliveries.map(({ userId }) => {
          const known = members.find((member) => member.userId === userId);
          return changeOf(
            { ...(known ?? memberIn('waiting', 1)), dueAt: now, checkCount: 7 },
            { entries: [entry('hint')] },
          );
        });
        return apply(store, changes, idsOf(deliveries));
      };
      await move(store, user(2), { reason: otherReason });

      // SQLite keeps the other ones too.
      expect(await applyAll(read)).toBe(store.replication ? 'some' : 'none');
      expect((await stored(store, user(2))).checkCount).toBe(0);
      expect((await store.memberStory(user(2)))?.timeline).toEqual([]);

      const again = await store.unappliedDeliveries(10);
      expect(again.deliveries.at(-1)).toEqual(read.deliveries.at(-1));
      expect(await applyAll(again)).toBe('all');
      for (const one of [user(1), user(2)]) {
        expect((await stored(store, one)).checkCount).toBe(7);
        expect((await store.memberStory(one))?.timeline).toHaveLength(1);
      }
      expect((await store.unappliedDeliveries(10)).deliveries).toEqual([]);
    });

    test('about a user who became a member meanwhile are stale, and not lost', async () => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1));
      const { deliveries } = await store.unappliedDeliveries(1);
      await put(store, memberIn('ready', 1));
      const late = [changeOf(memberIn('waiting', 1))];
      expect(await apply(store, late, idsOf(deliveries))).toBe('none');
      expect((await stored(store, user(1))).state).toBe('ready');
      expect((await store.unappliedDeliveries(1)).deliveries).toHaveLength(1);
    });

    test('that are stale roll back no other job of the same commit', async () => {
      const store = await fresh(open);
      for (const n of [3, 1]) await store.acceptDelivery(delivery(n));
      const { deliveries } = await store.unappliedDeliveries(10);
      await put(store, memberIn('ready', 1));
      const [before, result, after] = await Promise.all([
        store.commit(changeOf(memberIn('waiting', 2))),
        apply(
          store,
          [changeOf(memberIn('waiting', 3)), changeOf(memberIn('gone', 1))],
          idsOf(deliveries),
        ),
        store.commit(changeOf(memberIn('waiting', 4))),
      ]);
      expect([before, after]).toEqual(['committed', 'committed']);
      // SQLite rolls back the other hints, too.
      expect(result).toBe(store.replication ? 'some' : 'none');
      const there = await store.members([2, 4].map(user));
      expect(there.map((one) => one.userId).sort()).toEqual([user(2), user(4)]);
      expect((await stored(store, user(1))).state).toBe('ready');
      const left = idsOf((await store.unappliedDeliveries(10)).deliveries);
      expect(left).toEqual(result === 'none' ? idsOf(deliveries) : idsOf(deliveries).slice(1));
    });

    test('that show a user as inactive are known until they are applied', async () => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1, { shows: 'not_active' }));
      await store.acceptDelivery(delivery(2, { shows: 'activated' }));
      await store.acceptDelivery(delivery(3, { shows: 'terminated' }));
      await store.acceptDelivery(delivery(4, { shows: 'not_active' }));
      await store.acceptDelivery(delivery(5, { shows: 'not_active', userId: user(1) }));
      const asked = [1, 2, 3].map(user);
      expect(await store.shownInactive(asked)).toEqual([user(1)]);
      expect(await store.shownInactive([])).toEqual([]);
      const { deliveries } = await store.unappliedDeliveries(10);
      await apply(store, [], idsOf(deliveries));
      expect(await store.shownInactive(asked)).toEqual([]);
    });

    test('count how often the same one arrived again', async () => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1));
      await store.acceptDelivery(delivery(2));
      for (let n = 0; n < 3; n += 1) await store.acceptDelivery(delivery(1));
      const { items } = await store.listDeliveries({}, { limit: 9 });
      expect(items.map((one) => [one.eventId, one.repeats])).toEqual([
        [2, 0],
        [1, 3],
      ]);
    });

    test('say which webhook sent the newest one', async () => {
      const store = await fresh(open);
      expect(await store.lastWebhookId()).toBeNull();
      await store.acceptDelivery(delivery(1, { webhookId: 3 }));
      await store.acceptDelivery(delivery(2, { webhookId: 2 }));
      await store.keepUnreadable(Buffer.from('x'), { code: 'not_json' }, now);
      expect(await store.lastWebhookId()).toBe(2);
    });
  });

  describe('an unreadable delivery', () => {
    test('is kept and never becomes a hint', async () => {
      const store = await fresh(open);
      await store.keepUnreadable(new Uint8Array([0, 255]), { code: 'not_json' }, now);
      await store.keepUnreadable(new Uint8Array(), { code: 'not_json' }, now);
      await store.acceptDelivery(delivery(1));
      expect((await store.unappliedDeliveries(10)).deliveries).toHaveLength(1);
    });
  });

  describe('retention', () => {
    const applyAll = async (store: Awaited<ReturnType<OpenStore>>) => {
      const { deliveries } = await store.unappliedDeliveries(1_000);
      await apply(store, [], idsOf(deliveries));
    };

    test('deletes old applied deliveries, a few at a time, oldest first', async () => {
      const store = await fresh(open);
      for (const n of [1, 2, 3, 4, 5]) {
        await store.acceptDelivery(delivery(n, { receivedAt: now + n * dayMs }));
      }
      await applyAll(store);
      const before = now + 4 * dayMs;
      expect(await store.deleteDeliveries({ before, limit: 2 })).toBe(2);
      expect(await store.acceptDelivery(delivery(3))).toBe('duplicate');
      expect(await store.deleteDeliveries({ before, limit: 2 })).toBe(1);
      expect(await store.deleteDeliveries({ before, limit: 2 })).toBe(0);
      expect(await store.acceptDelivery(delivery(4))).toBe('duplicate');
      expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
    });

    test('never deletes a delivery that was not applied yet, however old it is', async () => {
      const store = await fresh(open);
      await store.acceptDelivery(delivery(1, { receivedAt: now - 900 * dayMs }));
      expect(await store.deleteDeliveries({ before: now, limit: 10 })).toBe(0);
      await applyAll(store);
      expect(await store.deleteDeliveries({ before: now, limit: 10 })).toBe(1);
    });

    test('deletes old unreadable deliveries too', async () => {
      const store = await fresh(open);
      await store.keepUnreadable(
        Buffer.from('{"payload":"ann@example.com"}'),
        { code: 'not_json' },
        now,
      );
      expect(await store.deleteDeliveries({ before: now + dayMs, limit: 10 })).toBe(1);
    });
  });
}
