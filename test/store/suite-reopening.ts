import { describe, expect, onTestFinished, test } from 'vitest';
import type { TestStore } from '../support/test-store.ts';
import { delivery, memberIn, put, user } from './support.ts';

export function reopeningSuite(openTest: () => Promise<TestStore>): void {
  describe('a store that is opened again', () => {
    test('has everything that was acknowledged before', async () => {
      const { store, reopen } = await openTest();
      await store.acceptDelivery(delivery(1));
      await put(store, memberIn('welcomed', 1));
      await store.close();
      const again = await reopen();
      onTestFinished(() => again.close());
      expect(await again.acceptDelivery(delivery(1))).toBe('duplicate');
      expect(await again.member(user(1))).toMatchObject({ state: 'welcomed', version: 1 });
    });
  });

  describe('a store that is opened for reading', () => {
    test('shows what another one has committed', async () => {
      const { store, openReads } = await openTest();
      onTestFinished(() => store.close());
      const reads = await openReads();
      onTestFinished(() => reads.close());
      expect(await reads.member(user(1))).toBeNull();
      await put(store, memberIn('ready', 1));
      expect(await reads.member(user(1))).toMatchObject({ state: 'ready' });
    });
  });
}
