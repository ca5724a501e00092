import { describe, expect, test } from 'vitest';
import type { Member } from '../../src/domain/member.ts';
import { changeOf, fresh, memberIn, now, type OpenStore, put, stored } from './support.ts';

/** Columns of every type (text, number, boolean, list), some filled and some emptied. */
const next: Partial<Member> = {
  state: 'failed',
  reason: null,
  dueAt: null,
  email: 'Ann@Example.com',
  firstName: 'Ann',
  hinted: true,
  checkCount: 3,
  openAttempt: { id: 'att_1', channel: 'smtp' },
  refusedBy: ['docspace'],
};

export function changeSuite(open: OpenStore): void {
  describe('a change with the previous version of the member', () => {
    test('stores the same member as a change without it', async () => {
      const store = await fresh(open);
      const before = await put(store, memberIn('waiting', 1));
      const unknown = await put(store, memberIn('waiting', 2));
      await store.commit(changeOf({ ...before, ...next }, { before }));
      await store.commit(changeOf({ ...unknown, ...next }));
      const { userId, ...changed } = await stored(store, before.userId);
      const { userId: otherId, ...whole } = await stored(store, unknown.userId);
      expect(changed).toEqual(whole);

      const again = { ...changed, userId };
      const emptied = { ...next, openAttempt: null, refusedBy: [], hinted: false, email: null };
      await store.commit(changeOf({ ...again, ...emptied }, { before: again }));
      expect(await stored(store, userId)).toEqual({ ...again, ...emptied, version: 3 });
      expect((await store.listMembers({ email: 'ann@example.com' }, { limit: 9 })).items).toEqual([
        expect.objectContaining({ userId: otherId }),
      ]);
    });

    test('keeps the columns that it does not change, even if they are newer than its version', async () => {
      const store = await fresh(open);
      const before = await put(store, memberIn('waiting', 1));
      const leaseUntil = now + 120_000;
      await store.claimDue({ now, leaseUntil, limit: 1, maySend: true });
      await store.commit(changeOf({ ...before, checkCount: 1 }, { before }));
      const after = await stored(store, before.userId);
      expect(after).toMatchObject({ checkCount: 1, leaseUntil });
    });

    test('is stale if the member has changed, whatever previous version it gives', async () => {
      const store = await fresh(open);
      const before = await put(store, memberIn('waiting', 1));
      await store.commit(changeOf({ ...before, checkCount: 1 }, { before }));
      expect(await store.commit(changeOf({ ...before, checkCount: 2 }, { before }))).toBe('stale');
      expect((await stored(store, before.userId)).checkCount).toBe(1);
    });
  });
}
