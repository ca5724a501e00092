import { describe, expect, test } from 'vitest';
import { delivery, fresh, now, type OpenStore } from './support.ts';

export function valueSuite(open: OpenStore): void {
  describe('stored values', () => {
    test('are read by their keys, and the newest value counts', async () => {
      const store = await fresh(open);
      expect(await store.getValue('account_ids')).toBeNull();
      await store.setValue('account_ids', 'a');
      await store.setValue('portal_tenant_id', '');
      await store.setValue('account_ids', 'Ünïcode "b" 🎉');
      await store.setValue('refusals:smtp', '{"count":1}');
      expect(await store.getValue('account_ids')).toBe('Ünïcode "b" 🎉');
      expect(await store.getValue('portal_tenant_id')).toBe('');
      expect(await store.getValue('refusals:smtp')).toBe('{"count":1}');
      expect(await store.getValue('refusals:docspace')).toBeNull();
    });

    test('that are written at once keep their order', async () => {
      const store = await fresh(open);
      await Promise.all(['1', '2', '3'].map((value) => store.setValue('swept_at', value)));
      expect(await store.getValue('swept_at')).toBe('3');
    });
  });

  describe('pauses', () => {
    test('are stored side by side, each with its first reason, until all are lifted', async () => {
      const store = await fresh(open);
      expect(await store.pauses()).toEqual([]);
      const hourly = {
        name: 'hourly',
        reason: { code: 'hourly_limit_reached', maxPerHour: 500 },
        since: now,
      } as const;
      const operator = {
        name: 'operator',
        reason: { code: 'paused_by_operator' },
        since: now + 1,
      } as const;
      await store.pause(hourly);
      await store.pause(operator);
      await store.pause({
        ...hourly,
        reason: { code: 'hourly_limit_reached', maxPerHour: 1 },
        since: now + 9,
      });
      const stands = [...(await store.pauses())].sort((a, b) => a.since - b.since);
      expect(stands).toEqual([hourly, operator]);
      await store.liftPauses();
      expect(await store.pauses()).toEqual([]);
      await store.pause({ ...hourly, since: now + 20 });
      expect(await store.pauses()).toEqual([{ ...hourly, since: now + 20 }]);
    });
  });

  describe('a session that was signed out', () => {
    test('is known until it would have ended by itself', async () => {
      const store = await fresh(open);
      expect(await store.isSessionEnded('one')).toBe(false);
      await store.endSession({ id: 'one', until: now + 10, now });
      await store.endSession({ id: 'one', until: now + 10, now });
      await store.endSession({ id: 'two', until: now + 30, now: now + 9 });
      expect(await store.isSessionEnded('one')).toBe(true);
      expect(await store.isSessionEnded('three')).toBe(false);
      await store.endSession({ id: 'three', until: now + 40, now: now + 10 });
      expect(await store.isSessionEnded('one')).toBe(false);
      expect(await store.isSessionEnded('two')).toBe(true);
    });
  });

  describe('the queue of writes', () => {
    test('counts the jobs that wait for their commit, and is empty after it', async () => {
      const store = await fresh(open);
      expect(store.queuedWrites()).toBe(0);
      const writes = [1, 2, 3].map((n) => store.acceptDelivery(delivery(n)));
      expect(store.queuedWrites()).toBe(3);
      await Promise.all(writes);
      expect(store.queuedWrites()).toBe(0);
    });

    test('is written before the store closes', async () => {
      const store = await fresh(open);
      const written = store.setValue('swept_at', '1');
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
