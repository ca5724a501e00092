import { expect, test } from 'vitest';
import { createMailPace } from '../../src/channels/mail-pace.ts';
import type { Clock } from '../../src/clock.ts';

/** A clock whose time passes only while the test waits for it. */
function createTimeline(): Clock {
  let at = 1_000_000;
  return {
    now: () => at,
    elapsed: () => at,
    schedule(until, work) {
      const timer = setImmediate(() => {
        at = Math.max(at, until);
        work();
      });
      return () => clearImmediate(timer);
    },
  };
}

const signal = new AbortController().signal;
const paceOf = (maxPerMinute: number | null, clock = createTimeline()) => ({
  clock,
  pace: createMailPace({ maxPerMinute, clock, random: () => 0 }),
});

test('without a limit, mails do not wait as long as the server accepts them', async () => {
  const { pace, clock } = paceOf(null);
  const startedAt = clock.now();
  for (let i = 0; i < 100; i += 1) {
    const turn = await pace.turn(signal);
    expect(turn.waitMs).toBe(0);
    pace.note('accepted', turn);
  }
  expect(clock.now()).toBe(startedAt);
});

test('SMTP_MAX_PER_MINUTE spreads mails evenly', async () => {
  const { pace, clock } = paceOf(60);
  const startedAt = clock.now();
  for (let i = 0; i < 31; i += 1) expect((await pace.turn(signal)).waitMs).toBe(0);
  expect(clock.now() - startedAt).toBe(30_000);
});

test('a mail whose turn is far away does not wait inside of the channel', async () => {
  const { pace } = paceOf(1);
  expect((await pace.turn(signal)).waitMs).toBe(0);
  expect((await pace.turn(signal)).waitMs).toBe(60_000);
});

test('one deferred mail in ten concerns its recipient, and does not slow the channel', async () => {
  const { pace, clock } = paceOf(null);
  const startedAt = clock.now();
  for (let i = 0; i < 100; i += 1) {
    const turn = await pace.turn(signal);
    pace.note(i % 10 === 3 ? 'deferred' : 'accepted', turn);
  }
  expect(clock.now()).toBe(startedAt);
});

test('several deferred mails slow the channel, and accepted ones make it fast again', async () => {
  const { pace, clock } = paceOf(null);
  const turns = [await pace.turn(signal), await pace.turn(signal), await pace.turn(signal)];
  for (const turn of turns) pace.note('deferred', turn);
  const before = clock.now();
  await pace.turn(signal);
  await pace.turn(signal);
  expect(clock.now() - before).toBeGreaterThanOrEqual(1_000);
  for (let i = 0; i < 120; i += 1) pace.note('accepted', await pace.turn(signal));
  await pace.turn(signal);
  const fast = clock.now();
  for (let i = 0; i < 10; i += 1) await pace.turn(signal);
  expect(clock.now()).toBe(fast);
});

test.each([20, 60])(
  'a server that refuses the rate of SMTP_MAX_PER_MINUTE=%i gets a lower rate for a minute',
  async (maxPerMinute) => {
    const { pace, clock } = paceOf(maxPerMinute);
    const gapMs = async () => {
      const before = clock.now();
      pace.note('accepted', await pace.turn(signal));
      return clock.now() - before;
    };
    pace.note('deferred', await pace.turn(signal));
    pace.note('deferred', await pace.turn(signal));
    await gapMs();
    for (let i = 0; i < 12; i += 1) {
      expect(await gapMs()).toBeGreaterThan((60_000 / maxPerMinute) * 1.09);
    }
  },
);

test.each([-24, 24])('a clock that is set by %d hours does not change the rate', async (hours) => {
  const timeline = createTimeline();
  let shiftMs = 0;
  const clock: Clock = {
    now: () => timeline.now() + shiftMs,
    elapsed: timeline.elapsed,
    schedule: (at, work) => timeline.schedule(at - shiftMs, work),
  };
  const { pace } = paceOf(60, clock);
  await pace.turn(signal);
  shiftMs = hours * 3_600_000;
  const before = clock.elapsed();
  expect((await pace.turn(signal)).waitMs).toBe(0);
  expect(clock.elapsed() - before).toBe(1_000);
});

test('the waits before retries are random and grow with the pause between mails', () => {
  const clock = createTimeline();
  const at = (random: number) =>
    createMailPace({ maxPerMinute: 20, clock, random: () => random }).retryInMs();
  expect(at(0)).toBe(10_000);
  expect(at(0.5)).toBe(25_000);
});
