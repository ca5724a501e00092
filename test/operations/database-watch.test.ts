import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createDatabaseWatch } from '../../src/operations/database-watch.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';

/** A watch whose store holds the first correction of due times until the test releases it. */
function startWatch() {
  const clock = createMovableClock();
  let resolve = () => {};
  let reject = (_error: Error) => {};
  const held = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  /** The corrections in seconds. */
  const corrections: number[] = [];
  let ticks = 0;
  const watch = createDatabaseWatch({
    store: {
      isInPlace: () => true,
      noteProgress() {
        ticks += 1;
      },
      async advanceWaits(byMs) {
        corrections.push(Math.round(byMs / 1_000));
        if (corrections.length === 1) await held;
      },
    },
    databaseName: 'welcome.db',
    health: { set: () => {} },
    clock,
    log: createLog({ level: 'silent', write: () => {} }),
  });
  onTestFinished(() => watch.stop());
  watch.start(
    () => {},
    () => true,
  );
  return { clock, resolve, reject, corrections, ticks: () => ticks, watch };
}

test('the end of the service waits until the due times are corrected after the clock was set back', async () => {
  const { clock, resolve, corrections, watch } = startWatch();
  clock.set(-10_000);
  await until('the correction has begun', () => corrections.length === 1);
  let isStopped = false;
  const stopped = watch.stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  resolve();
  await stopped;
  expect(corrections).toEqual([10]);
});

test('a clock that is set back again during a correction that fails is corrected by the whole time, once', async () => {
  const { clock, reject, corrections, ticks, watch } = startWatch();
  clock.set(-10_000);
  await until('the correction has begun', () => corrections.length === 1);
  clock.set(-5_000);
  const before = ticks();
  await until('the clock was looked at again', () => ticks() > before);
  reject(new StoreUnavailable('the disk is full'));
  await until('the whole time is corrected', () => corrections.includes(15));
  await watch.stop();
  expect(corrections).toEqual([10, 15]);
});
