import { describe, expect, test } from 'vitest';
import type { Replication, Store } from '../../src/store/store.ts';
import type { TestStore } from '../support/test-store.ts';
import {
  apply,
  begin,
  changeOf,
  delivery,
  draft,
  fresh,
  memberIn,
  move,
  now,
  put,
  stored,
  user,
} from './support.ts';

const refusedPoll = 'another replica leads the poll now';
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

function replicationOf(store: Store): Replication {
  if (store.replication === null) throw new Error('this store has no replicas');
  return store.replication;
}

/** The behaviour of two replicas on one database. */
export function replicaSuite(openTest: () => Promise<TestStore>): void {
  async function two(): Promise<readonly [Store, Store]> {
    const { store, openAnother } = await openTest();
    return [await fresh(async () => store), await fresh(openAnother)];
  }

  describe('two replicas on one database', () => {
    test('take different members in hand, also when they look at the same moment', async () => {
      const [a, b] = await two();
      for (const n of numbers(40)) await put(a, memberIn('waiting', n));
      const query = { now, leaseUntil: now + 60_000, limit: 12, maySend: true };
      const claims = await Promise.all([a, b, a, b].map((store) => store.claimDue(query)));
      const users = claims.flat().map((one) => one.userId);
      expect(new Set(users).size).toBe(users.length);
      expect(users).toHaveLength(40);
    });

    test('begin exactly as many attempts as the hourly limit allows, and store one pause', async () => {
      const [a, b] = await two();
      const tries = numbers(60).map((n) =>
        (n % 2 === 0 ? a : b).commit(
          changeOf(memberIn('sending', n), { attempts: [begin(`att_${n}`)], at: now }),
          { maxPerHour: 25 },
        ),
      );
      const results = await Promise.all(tries);
      expect(results.filter((one) => one === 'committed')).toHaveLength(25);
      expect(results.filter((one) => one === 'held')).toHaveLength(35);
      expect(await b.pauses()).toHaveLength(1);
    });

    test('begin nothing after a pause was answered at one of them', async () => {
      const [a, b] = await two();
      const pause = {
        name: 'operator',
        reason: { code: 'paused_by_operator' },
        since: now,
      } as const;
      let isPaused = false;
      const beginAt = async (n: number) => {
        const attempts = [begin(`att_${n}`)];
        const wasPaused = isPaused;
        const change = changeOf(memberIn('sending', n), { attempts });
        const result = await b.commit(change, { maxPerHour: 500 });
        return { wasPaused, result };
      };
      const tries = numbers(30).map(beginAt);
      await a.pause(pause);
      isPaused = true;
      tries.push(...[31, 32, 33].map(beginAt));
      for (const { wasPaused, result } of await Promise.all(tries)) {
        if (wasPaused) expect(result).toBe('held');
      }
    });

    test('accept a delivery once, and leave it to the one that accepted it as long as that one is there', async () => {
      const [a, b] = await two();
      const both = numbers(10).flatMap((n) => [
        a.acceptDelivery(delivery(n)),
        b.acceptDelivery(delivery(n)),
      ]);
      const answers = await Promise.all(both);
      expect(answers.filter((one) => one === 'accepted')).toHaveLength(10);
      await b.acceptDelivery(delivery(11, { receivedAt: Date.now() }));
      const idsAt = async (store: Store) =>
        (await store.unappliedDeliveries(50)).deliveries.map((one) => one.userId);
      expect(await idsAt(b)).toContain(user(11));
      expect(await idsAt(a)).not.toContain(user(11));
      await b.close();
      expect(await idsAt(a)).toContain(user(11));
    });

    test('apply a delivery once, also when both try at the same moment', async () => {
      const [a, b] = await two();
      for (const n of numbers(10)) await a.acceptDelivery(delivery(n));
      const { deliveries } = await a.unappliedDeliveries(50);
      const ids = deliveries.map((one) => one.id);
      const changes = numbers(10).map((n) => changeOf(memberIn('waiting', n)));
      const results = await Promise.all([a, b].map((store) => apply(store, changes, ids)));
      expect(results.toSorted()).toEqual(['all', 'none']);
      expect((await stored(a, user(1))).version).toBe(1);
    });

    test('invite an address once, and answer one key of a request once', async () => {
      const [a, b] = await two();
      const email = 'ann@example.com';
      const opened = await Promise.all(
        numbers(8).map((n) => (n % 2 ? a : b).openInvitation(draft(`inv_${n}`, { email }))),
      );
      expect(opened.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
      expect(opened.filter(({ kind }) => kind === 'conflict')).toHaveLength(7);
      const keyed = await Promise.all(
        numbers(8).map((n) =>
          (n % 2 ? a : b).openInvitation(
            draft(`key_${n}`, { email: 'bob@example.com', idempotencyKey: 'one' }),
          ),
        ),
      );
      expect(keyed.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
      expect(keyed.filter(({ kind }) => kind === 'repeat')).toHaveLength(7);
      const request = { key: 'k', request: 'r', at: now, answeredSince: 0, begunSince: 0 };
      const starts = await Promise.all([a, b, a, b].map((store) => store.beginIdempotent(request)));
      expect(starts.map(({ kind }) => kind).toSorted()).toEqual([
        'begun',
        'under_way',
        'under_way',
        'under_way',
      ]);
    });

    test('change the same members in opposite order, and every change is committed or stale', async () => {
      const [a, b] = await two();
      for (const n of numbers(40)) await put(a, memberIn('waiting', n));
      const change = async (store: Store, n: number) =>
        move(store, user(n), { checkCount: n }).then((result) => result === 'committed');
      for (let round = 0; round < 5; round += 1) {
        const before = (await stored(a, user(1))).version;
        const forth = numbers(40).map((n) => change(a, n));
        const back = numbers(40)
          .toReversed()
          .map((n) => change(b, n));
        const done = [await Promise.all(forth), (await Promise.all(back)).toReversed()] as const;
        for (const n of numbers(40)) {
          const count = done.filter((ones) => ones[n - 1]).length;
          const { version } = await stored(b, user(n));
          if (n === 1) expect(version).toBe(before + count);
          expect(count).toBeGreaterThan(0);
        }
      }
    });

    test('have one leader: only it moves the poll, until it has given the lead up', async () => {
      const [a, b] = await two();
      expect(await replicationOf(a).lead()).toBe(true);
      expect(await replicationOf(b).lead()).toBe(false);
      expect(await replicationOf(a).lead()).toBe(true);
      await a.setValue('sweep_place', '1');
      await expect(b.setValue('sweep_place', '2')).rejects.toThrow(refusedPoll);
      await expect(b.setValue('notices:one', '2')).rejects.toThrow(refusedPoll);
      await b.setValue('account_ids', '2');
      await a.close();
      expect(await replicationOf(b).lead()).toBe(true);
      await b.setValue('sweep_place', '3');
      expect(await b.getValue('sweep_place')).toBe('3');
    });

    test('learn from each other what holds for all: pauses, waits, commands, and runs that were asked for', async () => {
      const [a, b] = await two();
      const [ofA, ofB] = [replicationOf(a), replicationOf(b)];
      const wait = {
        name: 'portal',
        reason: { code: 'portal_rate_limited' },
        since: now,
        until: now + 60_000,
      } as const;
      await ofA.beat([wait]);
      const first = await ofB.beat([]);
      expect(first.waits).toEqual([wait]);
      expect(Math.abs(first.at - Date.now())).toBeLessThan(5_000);
      expect(first).toMatchObject({ pauses: [], runWanted: null, hasWork: false, isLeader: false });
      await a.pause({ name: 'operator', reason: { code: 'paused_by_operator' }, since: now });
      await ofA.hurry();
      const number = await ofB.askForRun();
      await put(a, memberIn('waiting', 1));
      const second = await ofB.beat([]);
      expect(second).toMatchObject({
        hurried: first.hurried + 1,
        runWanted: number,
        hasWork: true,
      });
      expect(second.pauses).toHaveLength(1);
      expect(await ofB.runReport(number)).toBeNull();
      await ofA.answerRun(number, '{"found":0}');
      expect(await ofB.runReport(number)).toBe('{"found":0}');
      const entry = {
        event: 'service_resumed',
        actor: { kind: 'operator', name: null },
        cause: { kind: 'command', name: 'resume' },
      } as const;
      await a.liftPauses({ entry: entry as never, at: now + 5 });
      const third = await ofB.beat([]);
      expect(third).toMatchObject({ pauses: [], resumedAt: now + 5, runWanted: null });
    });
  });
}
