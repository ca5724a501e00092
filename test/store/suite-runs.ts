import { describe, expect, onTestFinished, test } from 'vitest';
import { operator } from '../../src/domain/timeline.ts';
import type { RunRow, Store } from '../../src/store/store.ts';
import type { TestStore } from '../support/test-store.ts';
import { dayMs, fresh, invite, now, secondMs } from './support.ts';

const run = { id: 'run_1', actor: { ...operator, name: 'anna' }, total: 3 };
const lease = { replica: 'rep_1', leaseUntil: now + 30 * secondMs };
const allRows = { id: 'run_1', after: -1, limit: 100 };
const nothing = { results: [], waiting: null, end: null, at: now };
const invited = (id: string) => ({ result: 'invited', id, reason: null }) as const;

function asked(row: number, email: string | null, note: string | null = null): RunRow {
  const request = { employeeType: 'Guest', mode: 'link', note, language: null } as const;
  return { row, email, request: { ...request, idempotencyKey: 'file:1' }, result: null };
}

export function runSuite(openTest: () => Promise<TestStore>): void {
  const open = async () => (await openTest()).store;

  async function withRun(store: Store, rows: readonly RunRow[]): Promise<Store> {
    await store.addRun({ ...run, ...lease }, rows);
    return store;
  }

  describe('a run of invitations', () => {
    test('has its rows in their order, with the results and the present links', async () => {
      const store = await fresh(open);
      await store.addRun({ ...run, ...lease }, [asked(7, 'bea@example.com'), asked(2, null)]);
      const reason = { code: 'row_without_address' } as const;
      const known = { result: 'not valid', id: null, reason } as const;
      const notValid: RunRow = { row: 3, email: 'x', request: null, result: known };
      await store.addRun({ ...run, ...lease }, [notValid]);
      await invite(store, 'inv_7');
      const results = [{ row: 7, result: invited('inv_7') }];
      const waiting = { reason: { code: 'portal_rate_limited' }, until: now + 5 } as const;
      expect(await store.saveRun({ ...run, ...lease, ...nothing, results, waiting })).toBe(true);

      expect(await store.run('run_1')).toEqual({ ...run, isStopping: false, waiting, end: null });
      expect(await store.run('run_2')).toBeNull();
      const seven = { row: 7, email: 'bea@example.com', request: null, result: invited('inv_7') };
      expect(await store.runRows(allRows)).toEqual([
        { ...asked(2, null), link: null },
        { ...notValid, link: null },
        { ...seven, link: 'https://portal.example/s/inv_7' },
      ]);
      const page = await store.runRows({ ...allRows, after: 2, limit: 1 });
      expect(page.map(({ row }) => row)).toEqual([3]);
    });

    test('is claimed when its lease is over, by one replica, until it has ended', async () => {
      const store = await withRun(await fresh(open), [asked(1, null)]);
      const claim = (replica: string, at: number) =>
        store.claimRun({ replica, now: at, leaseUntil: at + 30 * secondMs });
      const { leaseUntil } = lease;
      expect(await claim('rep_2', leaseUntil - 1)).toBeNull();
      const both = await Promise.all([claim('rep_2', leaseUntil), claim('rep_3', leaseUntil)]);
      expect(both.filter((one) => one !== null)).toEqual(['run_1']);
      const [winner, loser] = both[0] === null ? ['rep_3', 'rep_2'] : ['rep_2', 'rep_3'];

      const later = leaseUntil + 60 * secondMs;
      const saved = { ...run, ...nothing, leaseUntil: later };
      const results = [{ row: 1, result: invited('inv_1') }];
      // The result of a replica that has lost the run is true all the same.
      expect(await store.saveRun({ ...saved, replica: loser, results })).toBe(false);
      expect(await store.runRows(allRows)).toMatchObject([{ result: invited('inv_1') }]);
      expect(await store.saveRun({ ...saved, replica: winner })).toBe(true);
      expect(await claim(loser, later - 1)).toBeNull();

      const end = { kind: 'finished' } as const;
      await store.saveRun({ ...saved, replica: winner, end });
      expect(await store.run('run_1')).toMatchObject({ end, waiting: null });
      expect(await store.saveRun({ ...saved, replica: winner })).toBe(false);
      expect(await claim(loser, later + dayMs)).toBeNull();
    });

    test('learns with its next write that it must stop', async () => {
      const store = await withRun(await fresh(open), []);
      expect(await store.stopRun('run_2')).toBe(false);
      expect(await store.stopRun('run_1')).toBe(true);
      expect(await store.run('run_1')).toMatchObject({ isStopping: true });
      expect(await store.saveRun({ ...run, ...lease, ...nothing })).toBe(false);
    });

    test('is deleted some time after its end, a few rows at a time', async () => {
      const rows = [asked(1, null), asked(2, null), asked(3, null)];
      const store = await withRun(await fresh(open), rows);
      await store.addRun({ ...run, ...lease, id: 'run_2' }, rows);
      const end = { kind: 'interrupted' } as const;
      await store.saveRun({ ...run, ...lease, ...nothing, end });
      expect(await store.deleteRuns({ before: now, limit: 2 })).toBe(0);
      expect(await store.deleteRuns({ before: now + 1, limit: 2 })).toBe(2);
      expect(await store.deleteRuns({ before: now + 1, limit: 2 })).toBe(1);
      expect([await store.run('run_1'), await store.runRows(allRows)]).toEqual([null, []]);
      expect(await store.runRows({ ...allRows, id: 'run_2' })).toHaveLength(3);
    });

    test('of a process that has ended is still there', async () => {
      const { store, reopen } = await openTest();
      await withRun(store, [asked(1, null)]);
      await store.close();
      const again = await reopen();
      onTestFinished(() => again.close());
      expect(await again.runRows(allRows)).toHaveLength(1);
      const { leaseUntil } = lease;
      const claim = { replica: 'rep_2', now: leaseUntil, leaseUntil: leaseUntil + 1 };
      expect(await again.claimRun(claim)).toBe('run_1');
    });

    test('forgets a person, and nobody whose address contains theirs', async () => {
      const store = await fresh(open);
      const email = "jörg.o'hara@müller.example";
      const other = asked(2, `x${email}`, `for "${email.toUpperCase()}"\nand ${email}`);
      await withRun(store, [
        asked(1, "JÖRG.O'Hara@müller.example", 'my note'),
        other,
        asked(3, null),
      ]);
      const result = { ...invited('inv_4'), reason: { code: 'other', text: `no ${email}` } };
      const answered = { ...asked(4, email), request: null, result };
      await store.addRun({ ...run, ...lease }, [answered]);

      const forgotten = await store.forget({
        email,
        userIdsInDeliveries: [],
        changes: [],
        at: now,
      });

      expect(forgotten).toMatchObject({ kind: 'erased', erased: { mentions: 3 } });
      const [first, second, third, fourth] = await store.runRows(allRows);
      expect(first).toMatchObject({ email: 'forgotten', request: null, result: null });
      expect(second).toMatchObject({
        email: `x${email}`,
        request: { ...other.request, note: 'for "forgotten"\nand forgotten' },
      });
      expect(third).toMatchObject(asked(3, null));
      const reason = { code: 'forgotten' };
      expect(fourth).toMatchObject({ email: 'forgotten', result: { id: 'inv_4', reason } });
      const again = await store.forget({ email, userIdsInDeliveries: [], changes: [], at: now });
      expect(again).toMatchObject({ erased: { mentions: 0 } });
    });
  });
}
