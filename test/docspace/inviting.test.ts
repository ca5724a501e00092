import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { answering, clientOf, createPauseRecorder, scriptedPortal, userId } from './support.ts';

const done = '{"response":[],"count":0,"status":0,"statusCode":200}';
const anna = [{ email: 'anna@example.com', type: 'User' }] as const;

test('an invitation may take longer than a read, depending on the number of addresses', async () => {
  const portal = await scriptedPortal(async ({ outgoing }) => {
    // Longer than two time limits of a read.
    await sleep(700);
    outgoing.writeHead(200).end(done);
  });
  const client = clientOf(portal.origin, { timeoutMs: 300 });
  expect(await client.inviteByEmail(anna)).toMatchObject({ kind: 'done' });
  expect(await client.remailInvitations([userId])).toMatchObject({ kind: 'done' });
  expect(await client.sendCongratulations(userId, 'k')).toMatchObject({ kind: 'unknown' });
});

test('requests for invitations are sent one after the other', async () => {
  let open = 0;
  let most = 0;
  const portal = await scriptedPortal(async ({ outgoing }) => {
    open += 1;
    most = Math.max(most, open);
    await sleep(20);
    open -= 1;
    outgoing.writeHead(200).end(done);
  });
  const client = clientOf(portal.origin, { concurrency: 8 });
  await Promise.all(Array.from({ length: 8 }, () => client.inviteByEmail(anna)));
  expect(portal.seen).toHaveLength(8);
  expect(most).toBe(1);
});

test("a name that stays taken is tried five times, and then reported as the portal's trouble", async () => {
  const error = { message: 'Duplicate UserName', type: 'System.ArgumentException' };
  const portal = await answering(400, JSON.stringify({ error, status: 1, statusCode: 400 }));
  const client = clientOf(portal.origin, { clock: createPauseRecorder() });
  const answer = await client.inviteByEmail(anna);
  expect(answer).toMatchObject({ kind: 'trouble', fault: { code: 'portal_name_taken' } });
  expect(portal.seen).toHaveLength(5);
});

test.each([
  ['7', 7, 0],
  ['0', null, 60_000],
  [undefined, null, 60_000],
])(
  '429 with X-RateLimit-Remaining %s allows %s addresses and waits %s ms',
  async (remaining, allowed, waitMs) => {
    const headers = remaining === undefined ? {} : { 'X-RateLimit-Remaining': remaining };
    const portal = await answering(429, '', headers);
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    expect(await client.inviteByEmail(anna)).toMatchObject({ kind: 'trouble' });
    expect(client.addressesAllowed()).toBe(allowed);
    expect(client.backoffMs('sensitive')).toBe(waitMs);
    expect(client.backoffMs('welcome')).toBe(0);
  },
);
