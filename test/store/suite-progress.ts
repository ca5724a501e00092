import { describe, expect, test } from 'vitest';
import { delivery, fresh, now, type OpenStore } from './support.ts';

export function progressSuite(open: OpenStore): void {
  describe('small facts', () => {
    test('are remembered, each by its name, the newest counts', async () => {
      const store = await fresh(open);
      expect(await store.progress('account_id')).toBeNull();
      await store.remember('account_id', 'a');
      await store.remember('portal_tenant_id', '');
      await store.remember('account_id', 'Ünïcode "b" 🎉');
      await store.remember('refusals:smtp', '{"count":1}');
      expect(await store.progress('account_id')).toBe('Ünïcode "b" 🎉');
      expect(await store.progress('portal_tenant_id')).toBe('');
      expect(await store.progress('refusals:smtp')).toBe('{"count":1}');
      expect(await store.progress('refusals:docspace')).toBeNull();
    });

    test('that are remembered at once are kept in their order', async () => {
      const store = await fresh(open);
      await Promise.all(['1', '2', '3'].map((value) => store.remember('swept_at', value)));
      expect(await store.progress('swept_at')).toBe('3');
    });
  });

  describe('pauses', () => {
    test('stand side by side with their first reason, until all are lifted', async () => {
      const store = await fresh(open);
      expect(await store.pauses()).toEqual([]);
      const hourly = { name: 'hourly', reason: '500 in an hour', since: now } as const;
      const operator = { name: 'operator', reason: 'paused by hand', since: now + 1 } as const;
      await store.pause(hourly);
      await store.pause(operator);
      await store.pause({ ...hourly, reason: 'again', since: now + 9 });
      const stands = [...(await store.pauses())].sort((a, b) => a.since - b.since);
      expect(stands).toEqual([hourly, operator]);
      await store.liftPauses();
      expect(await store.pauses()).toEqual([]);
      await store.pause({ ...hourly, since: now + 20 });
      expect(await store.pauses()).toEqual([{ ...hourly, since: now + 20 }]);
    });
  });

  describe('the queue of writes', () => {
    test('counts what waits for its commit, and is empty after', async () => {
      const store = await fresh(open);
      expect(store.queuedWrites()).toBe(0);
      const writes = [1, 2, 3].map((n) => store.acceptDelivery(delivery(n)));
      expect(store.queuedWrites()).toBe(3);
      await Promise.all(writes);
      expect(store.queuedWrites()).toBe(0);
    });

    test('is written out before the store closes', async () => {
      const store = await fresh(open);
      const written = store.remember('swept_at', '1');
      const accepted = store.acceptDelivery(delivery(1));
      await store.close();
      await expect(written).resolves.toBeUndefined();
      await expect(accepted).resolves.toBe('accepted');
    });

    test('takes a probe like any other write', async () => {
      const store = await fresh(open);
      await expect(store.probe()).resolves.toBeUndefined();
      await expect(Promise.all([store.probe(), store.probe()])).resolves.toHaveLength(2);
    });
  });
}
