import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createHousekeeping } from '../../src/operations/housekeeping.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';

test('housekeeping that takes longer than its interval is not begun twice, and the end of the service waits for it', async () => {
  const clock = createMovableClock();
  let release = (_deleted: number) => {};
  const held = new Promise<number>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const none = async () => 0;
  const housekeeping = createHousekeeping({
    store: {
      deleteDeliveries: () => held,
      expireInvitations: none,
      deleteIdempotencyKeys: none,
      deleteRuns: none,
      overwriteErased: async () => true,
    },
    inviter: {
      async settleIssuing() {
        begun += 1;
      },
    },
    retentionDays: 1,
    notesExpiry: false,
    isLeader: () => true,
    clock,
    log: createLog({ level: 'silent', write: () => {} }),
  });
  let isOver = false;
  housekeeping.start(null);
  clock.schedule(clock.now() + 11 * 60_000, () => {
    isOver = true;
  });
  clock.move(11 * 60_000);
  await until('the interval is over', () => isOver);
  expect(begun).toBe(1);
  let isStopped = false;
  const stopped = housekeeping.stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  release(0);
  await stopped;
});
