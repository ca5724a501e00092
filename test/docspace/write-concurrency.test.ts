import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { clientOf, createPauseRecorder, scriptedPortal, userId } from './support.ts';

const configured = 16;

/** A portal that takes a moment for each write, and answers 429 while it is `limited`. */
async function startPortal() {
  let open = 0;
  let peak = 0;
  let isLimited = false;
  const { origin } = await scriptedPortal(({ outgoing }) => {
    open += 1;
    peak = Math.max(peak, open);
    setTimeout(() => {
      open -= 1;
      if (isLimited) outgoing.writeHead(429, { 'retry-after': '1' }).end();
      else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(done);
    }, 20);
  });
  const clock = createPauseRecorder();
  const client = clientOf(origin, { concurrency: configured, clock });
  return {
    clock,
    /** How many of many writes run at the same time. */
    async peakOfMany(): Promise<number> {
      peak = 0;
      await Promise.all(
        Array.from({ length: 40 }, () => client.sendCongratulations(userId, 'key')),
      );
      return peak;
    },
    async refuseOnce(): Promise<void> {
      isLimited = true;
      await client.sendCongratulations(userId, 'key');
      isLimited = false;
      clock.move(2_000);
    },
  };
}
const done = JSON.stringify({ response: null, status: 0, statusCode: 200 });
const minuteMs = 60_000;

test('after a 429, one more write at a time is tried after each quiet minute', async () => {
  const { clock, peakOfMany, refuseOnce } = await startPortal();
  expect(await peakOfMany()).toBe(configured);
  await refuseOnce();
  expect(await peakOfMany()).toBe(12);
  clock.move(minuteMs);
  expect(await peakOfMany()).toBe(13);
  expect(await peakOfMany()).toBe(13);
  clock.move(minuteMs);
  expect(await peakOfMany()).toBe(14);
});

test('a long silence is one step, and the number that is set is never exceeded', async () => {
  const { clock, peakOfMany, refuseOnce } = await startPortal();
  await refuseOnce();
  const peaks = [];
  for (let hour = 0; hour < 6; hour += 1) {
    clock.move(60 * minuteMs);
    peaks.push(await peakOfMany());
  }
  expect(peaks).toEqual([13, 14, 15, 16, 16, 16]);
});

test('a 429 during the recovery begins it again', async () => {
  const { clock, peakOfMany, refuseOnce } = await startPortal();
  await refuseOnce();
  clock.move(minuteMs);
  expect(await peakOfMany()).toBe(13);
  await refuseOnce();
  expect(await peakOfMany()).toBe(12);
  clock.move(minuteMs / 2);
  expect(await peakOfMany()).toBe(12);
});

test('a request that waits for more than a minute behind others is not sent, and the reason says so', async () => {
  const held: (() => void)[] = [];
  const { origin } = await scriptedPortal(({ outgoing }) => {
    held.push(() => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(done));
  });
  const clock = createPauseRecorder();
  const client = clientOf(origin, { concurrency: 1, clock });
  const first = client.sendCongratulations(userId, 'key');
  await until('the portal has the first request', () => held.length === 1);
  const late = [client.sendCongratulations(userId, 'key'), client.user(userId)];
  clock.move(minuteMs + 1);
  for (const answer of held) answer();
  expect(await first).toMatchObject({ kind: 'sent' });
  const fault = { code: 'portal_queue_timed_out' };
  expect(await Promise.all(late)).toMatchObject([
    { kind: 'not_sent', reason: fault },
    { kind: 'trouble', fault },
  ]);
  expect(held).toHaveLength(1);
});
