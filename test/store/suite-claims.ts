import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import {
  everyState,
  fresh,
  memberIn,
  move,
  now,
  type OpenStore,
  put,
  secondMs,
  stored,
  user,
} from './support.ts';

const leaseUntil = now + 60 * secondMs;

async function claim(store: Store, more: Partial<Parameters<Store['claimDue']>[0]> = {}) {
  const claimed = await store.claimDue({ now, leaseUntil, limit: 100, maySend: true, ...more });
  return claimed.map((one) => one.userId);
}

export function claimSuite(open: OpenStore): void {
  describe('a claim', () => {
    test('leases the due members and no others', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 1, { dueAt: now }));
      await put(store, memberIn('waiting', 2, { dueAt: now + 1 }));
      await put(store, memberIn('waiting', 3, { dueAt: null }));
      await put(store, memberIn('welcomed', 4));
      expect(await claim(store)).toEqual([user(1)]);
      expect(await claim(store)).toEqual([]);
    });

    test('leases the members who have been due for the longest time, in that order', async () => {
      const store = await fresh(open);
      const waitedMs = [30, 70, 10, 90, 50];
      for (const [n, ms] of waitedMs.entries()) {
        await put(store, memberIn('waiting', n, { dueAt: now - ms }));
      }
      expect(await claim(store, { limit: 3 })).toEqual([3, 1, 4].map(user));
      expect(await claim(store, { limit: 3 })).toEqual([0, 2].map(user));
    });

    test('leases those for whom an operator waits first, then those who wait at the portal', async () => {
      const store = await fresh(open);
      for (let n = 1; n <= 4; n += 1) {
        await put(store, memberIn('waiting', n, { dueAt: now - 1_000 + n }));
      }
      await move(store, user(2), { dueAt: now }, { priority: 2 });
      await move(store, user(3), { dueAt: now }, { priority: 1 });
      // A later decision that leaves the member due keeps its place; one that postpones it does not.
      await move(store, user(3), { checkCount: 1 });
      await move(store, user(4), { dueAt: now }, { priority: 1 });
      await move(store, user(4), { dueAt: now + 1 });
      await put(store, memberIn('waiting', 5, { dueAt: now }), { priority: 2 });
      expect(await claim(store, { limit: 1 })).toEqual([user(3)]);
      expect(await claim(store, { limit: 1 })).toEqual([user(2)]);
      expect(await claim(store, { limit: 2 })).toEqual([user(5), user(1)]);
      expect(await claim(store, { now: now + 1 })).toEqual([user(4)]);
    });

    test('returns the member with its lease, and a decision on it is not stale because of the lease', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 1));
      const claimed = await store.claimDue({ now, leaseUntil, limit: 1, maySend: true });
      expect(claimed).toEqual([await stored(store, user(1))]);
      expect(claimed).toMatchObject([{ leaseUntil, version: 1 }]);
      expect(await move(store, user(1), { leaseUntil: null, dueAt: null })).toBe('committed');
    });

    test('skips leased members until the lease has ended', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 1));
      await claim(store);
      expect(await claim(store, { now: leaseUntil - 1 })).toEqual([]);
      const again = { now: leaseUntil, leaseUntil: leaseUntil + 1 };
      expect(await claim(store, again)).toEqual([user(1)]);
    });

    test('skips ready members while nothing may be sent', async () => {
      const store = await fresh(open);
      for (const [n, state] of everyState.entries()) {
        await put(store, memberIn(state, n, { dueAt: now }));
      }
      const ready = user(everyState.indexOf('ready'));
      const others = everyState.map((_, n) => user(n)).filter((one) => one !== ready);
      expect((await claim(store, { maySend: false })).sort()).toEqual(others);
      expect((await stored(store, ready)).leaseUntil).toBeNull();
      expect(await claim(store)).toEqual([ready]);
    });

    test('never leases a member to two workers at once', async () => {
      const store = await fresh(open);
      for (let n = 0; n < 60; n += 1) await put(store, memberIn('ready', n));
      const claims = await Promise.all(
        Array.from({ length: 10 }, () => claim(store, { limit: 8 })),
      );
      const all = claims.flat();
      expect(new Set(all).size).toBe(all.length);
      expect(all).toHaveLength(60);
    });

    test('with a limit of zero, or without members, is empty', async () => {
      const store = await fresh(open);
      expect(await claim(store)).toEqual([]);
      await put(store, memberIn('ready', 1));
      expect(await claim(store, { limit: 0 })).toEqual([]);
    });

    test('and the next due time agree, whatever is due and leased', async () => {
      const time = fc.integer({ min: now - 5, max: now + 5 });
      const due = fc.record({
        state: fc.constantFrom(...everyState),
        dueAt: fc.option(time, { nil: null }),
        leaseUntil: fc.option(time, { nil: null }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(due, { maxLength: 12 }),
          fc.boolean(),
          fc.integer({ min: 1, max: 12 }),
          async (members, maySend, limit) => {
            const store = await open();
            try {
              await Promise.all(members.map((one, n) => put(store, memberIn(one.state, n, one))));
              const sendable = members.filter((one) => maySend || one.state !== 'ready');
              const times = sendable.flatMap((one) =>
                one.dueAt === null ? [] : [Math.max(one.dueAt, one.leaseUntil ?? 0)],
              );
              expect(await store.nextDueAt(maySend)).toBe(
                times.length === 0 ? null : Math.min(...times),
              );
              const isFree = times.filter((at) => at <= now).length;
              expect(await claim(store, { maySend, limit })).toHaveLength(Math.min(isFree, limit));
            } finally {
              await store.close();
            }
          },
        ),
        { numRuns: 15 },
      );
    });
  });

  describe('leases', () => {
    test('of a process that has certainly ended are over, except for attempts in progress', async () => {
      const store = await fresh(open);
      const isAlone = store.replication === null;
      await put(store, memberIn('waiting', 1));
      await put(store, memberIn('sending', 2, { dueAt: leaseUntil, leaseUntil }));
      await claim(store);
      await store.releaseLeft();
      expect((await stored(store, user(1))).leaseUntil).toBe(isAlone ? null : leaseUntil);
      expect((await stored(store, user(2))).leaseUntil).toBe(leaseUntil);
      expect(await claim(store)).toEqual(isAlone ? [user(1)] : []);
    });
  });

  describe('a ready member who waits for a later time', () => {
    test('is due at once when an operator resumes, and other members are not', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1, { dueAt: now + 60 * secondMs }));
      await put(store, memberIn('ready', 2, { dueAt: now - 5 }));
      await put(store, memberIn('waiting', 3, { dueAt: now + 60 * secondMs }));
      await put(store, memberIn('sending', 4, { dueAt: now + 60 * secondMs }));
      const later = await stored(store, user(3));
      await store.makeReadyDue(now);
      expect((await stored(store, user(1))).dueAt).toBe(now);
      expect((await stored(store, user(2))).dueAt).toBe(now - 5);
      expect(await stored(store, user(3))).toEqual(later);
      expect((await stored(store, user(4))).dueAt).toBe(now + 60 * secondMs);
      expect(await claim(store)).toEqual([user(2), user(1)]);
    });
  });
}
