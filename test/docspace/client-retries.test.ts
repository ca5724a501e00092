import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PortalClient } from '../../src/docspace/client.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  answering,
  clientOf,
  closedPort,
  createPauseRecorder,
  envelope,
  scriptedPortal,
  userId,
  within,
} from './support.ts';

const person = envelope({
  id: userId,
  status: 1,
  isActive: true,
  createDate: '2026-08-20T11:02:10',
  tenantId: 1,
});

describe('a read', () => {
  test.each([500, 502, 504, 520])(
    'that gets %i is repeated twice, then reported as trouble',
    async (status) => {
      const portal = await answering(status, '');
      const client = clientOf(portal.origin, { clock: createPauseRecorder() });
      expect(await client.user(userId)).toMatchObject({ kind: 'trouble', waitMs: null });
      expect(portal.seen).toHaveLength(3);
    },
  );

  test('that fails once gets its answer from the repetition', async () => {
    const portal = await scriptedPortal(({ outgoing, nth }) => {
      outgoing.writeHead(nth === 1 ? 500 : 200).end(nth === 1 ? '' : person);
    });
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    expect(await client.user(userId)).toMatchObject({ kind: 'ok' });
    expect(portal.seen).toHaveLength(2);
  });

  test('of a portal that cannot be reached is repeated too', async () => {
    const clock = createPauseRecorder();
    const client = clientOf(await closedPort(), { clock });
    expect(await client.user(userId)).toMatchObject({ kind: 'trouble' });
    expect(clock.pausesMs).toHaveLength(2);
  });

  test.each([200, 400, 401, 402, 403, 404, 429, 503])(
    'that is answered %i is not repeated',
    async (status) => {
      const portal = await answering(status, 'x');
      await clientOf(portal.origin, { clock: createPauseRecorder() }).user(userId);
      expect(portal.seen).toHaveLength(1);
    },
  );

  test('is repeated, whichever it is; a request that changes the portal never is', async () => {
    const portal = await answering(500, '');
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    const webhook = { name: 'w', uri: 'http://x', enabled: true, ssl: false, triggers: 15 };
    const query = { employeeStatus: 1, sortBy: 'email', sortOrder: 'ascending' } as const;
    const times = async (work: () => Promise<unknown>) => {
      const before = portal.seen.length;
      await work();
      return portal.seen.length - before;
    };
    expect({
      user: await times(() => client.user(userId)),
      employee: await times(() => client.employee(userId)),
      employeeByEmail: await times(() => client.employeeByEmail('a@example.com')),
      self: await times(() => client.self()),
      people: await times(() => client.people({ ...query, startIndex: 0 })),
      webhooks: await times(() => client.webhooks()),
      undelivered: await times(() => client.undelivered({ webhookId: 1, startIndex: 0 })),
      invitationLink: await times(() => client.invitationLink('Guest')),
      inviteByEmail: await times(() =>
        client.inviteByEmail([{ email: 'a@example.com', type: 'User' }]),
      ),
      remailInvitation: await times(() => client.remailInvitations([userId])),
      createWebhook: await times(() => client.createWebhook({ ...webhook, secretKey: 's' })),
      updateWebhook: await times(() => client.updateWebhook({ ...webhook, id: 1, secretKey: 's' })),
      sendCongratulations: await times(() => client.sendCongratulations(userId, 'k')),
    }).toEqual({
      user: 3,
      employee: 3,
      employeeByEmail: 3,
      self: 3,
      people: 3,
      webhooks: 3,
      undelivered: 3,
      invitationLink: 3,
      inviteByEmail: 1,
      remailInvitation: 1,
      createWebhook: 1,
      updateWebhook: 1,
      sendCongratulations: 1,
    });
  });

  test('waits a random time before each repetition, up to twice as long each time', async () => {
    const portal = await answering(500, '');
    const pausesOf = async (random: number) => {
      const clock = createPauseRecorder();
      const client = clientOf(portal.origin, { clock, random: () => random });
      await client.user(userId);
      await client.close();
      return clock.pausesMs;
    };
    expect(await pausesOf(0)).toEqual([0, 0]);
    expect(await pausesOf(0.5)).toEqual([250, 500]);
    expect(await pausesOf(1)).toEqual([500, 1_000]);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (random) => {
        const [first = -1, second = -1] = await pausesOf(random);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(first).toBeLessThanOrEqual(500);
        expect(second).toBeGreaterThanOrEqual(0);
        expect(second).toBeLessThanOrEqual(1_000);
      }),
      { numRuns: 20 },
    );
  });

  test('is not repeated after half a minute', async () => {
    const clock = createPauseRecorder();
    const portal = await scriptedPortal(({ outgoing }) => {
      clock.move(31_000);
      outgoing.writeHead(500).end();
    });
    await clientOf(portal.origin, { clock }).user(userId);
    expect(portal.seen).toHaveLength(1);
  });

  test('that waits before a repetition continues when the operator cancels the wait', async () => {
    const portal = await answering(500, '');
    // A clock whose waits never end by themselves. Only `cancelBackoff` ends them.
    const clock = { now: () => 0, elapsed: () => 0, schedule: () => () => {} };
    const client = clientOf(portal.origin, { clock, random: () => 1 });
    const asked = client.user(userId);
    await until('the first answer has arrived and the read waits', async () => {
      client.cancelBackoff();
      return portal.seen.length === 3;
    });
    expect(await within('the read whose wait was cancelled ends', 3_000, asked)).toMatchObject({
      kind: 'trouble',
    });
  });
});

describe('a portal that asks to wait', () => {
  const date = (at: number) => new Date(at).toUTCString();
  const start = Date.UTC(2026, 0, 10, 12);

  test.each([
    [429, {}, 60_000],
    [503, {}, 60_000],
    [429, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': date(start + 90_000) }, 90_000],
    [429, { 'retry-after': '99999999' }, 3_600_000],
    [503, { 'retry-after': '-1' }, 60_000],
    [429, { 'retry-after': 'x' }, 60_000],
    [429, { 'x-ratelimit-reset': '1', 'retry-after': '2' }, 2_000],
  ] as const)(
    'by %i with %o gets no request of that kind before',
    async (status, headers, waitMs) => {
      const portal = await scriptedPortal(({ outgoing, nth }) => {
        if (nth === 1) outgoing.writeHead(status, headers).end();
        else outgoing.writeHead(200).end(person);
      });
      const clock = createPauseRecorder(start);
      const client = clientOf(portal.origin, { clock });
      expect(await client.user(userId)).toMatchObject({ kind: 'trouble', waitMs });
      expect(client.backoffMs()).toBe(waitMs);

      expect((await client.employee(userId)).kind).toBe('trouble');
      expect((await client.invitationLink('Guest')).kind).toBe('trouble');
      expect(portal.seen).toHaveLength(1);
      expect(clock.pausesMs).toEqual([]);

      clock.move(waitMs - 1);
      expect((await client.user(userId)).kind).toBe('trouble');
      expect(portal.seen).toHaveLength(1);
      clock.move(1);
      expect(client.backoffMs()).toBe(0);
      expect((await client.user(userId)).kind).toBe('ok');
    },
  );

  test('gets requests again at once when an operator asks for it', async () => {
    const portal = await scriptedPortal(({ outgoing, nth }) => {
      if (nth === 1) outgoing.writeHead(503).end();
      else outgoing.writeHead(200).end(person);
    });
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    await client.sendCongratulations(userId, 'k');
    expect(client.backoffMs()).toBe(60_000);
    client.cancelBackoff();
    expect(client.backoffMs()).toBe(0);
    expect((await client.user(userId)).kind).toBe('ok');
  });

  const kinds = [
    ['a read', (client: PortalClient) => client.user(userId), 'read'],
    ['a welcome', (client: PortalClient) => client.sendCongratulations(userId, 'k'), 'welcome'],
    ['an invitation', (client: PortalClient) => client.remailInvitations([userId]), 'sensitive'],
  ] as const;

  test.each(kinds)(
    'with 429 to %s still gets the other kinds of request',
    async (_, call, kind) => {
      const portal = await scriptedPortal(({ outgoing }) => outgoing.writeHead(429).end());
      const client = clientOf(portal.origin, { clock: createPauseRecorder() });
      await call(client);
      expect(client.backoffMs(kind)).toBe(60_000);
      for (const [, other, otherKind] of kinds) {
        if (otherKind === kind) continue;
        expect(client.backoffMs(otherKind)).toBe(0);
        await other(client);
      }
      expect(portal.seen).toHaveLength(kinds.length);
      await call(client);
      expect(portal.seen).toHaveLength(kinds.length);
    },
  );

  test.each(kinds)('with 503 to %s gets no request', async (_, call) => {
    const portal = await scriptedPortal(({ outgoing }) => outgoing.writeHead(503).end());
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    await call(client);
    for (const [, other] of kinds) await other(client);
    expect(portal.seen).toHaveLength(1);
  });

  test('twice gets no request until the later of the two times', async () => {
    const portal = await scriptedPortal(({ outgoing, nth }) => {
      outgoing.writeHead(429, { 'retry-after': nth === 1 ? '600' : '5' }).end();
    });
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    await Promise.all([client.user(userId), client.employee(userId)]);
    expect(client.backoffMs()).toBe(600_000);
  });

  test('between the repetitions of a read gets no further repetition', async () => {
    const portal = await scriptedPortal(({ outgoing, nth }) => {
      outgoing.writeHead(nth === 1 ? 500 : 429).end();
    });
    const client = clientOf(portal.origin, { clock: createPauseRecorder() });
    expect((await client.user(userId)).kind).toBe('trouble');
    expect(portal.seen).toHaveLength(2);
  });

  test('does not stop the client for days when the clock is set back by days', async () => {
    const portal = await answering(429, '', { 'retry-after': '3600' });
    const clock = createPauseRecorder(start);
    const client = clientOf(portal.origin, { clock });
    await client.user(userId);
    clock.set(-30 * 24 * 3_600_000);
    expect(client.backoffMs()).toBeLessThanOrEqual(3_600_000);
    clock.move(3_600_000);
    expect(client.backoffMs()).toBe(0);
  });
});

test('once the portal has refused a write with 429, no more of them run at a time than its limiter allows', async () => {
  let open = 0;
  let most = 0;
  const portal = await scriptedPortal(({ outgoing, nth }) => {
    if (nth === 1) {
      outgoing.writeHead(429).end();
      return;
    }
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      outgoing.writeHead(200).end(envelope(null));
    }, 20);
  });
  const client = clientOf(portal.origin, { concurrency: 32 });
  expect(await client.sendCongratulations(userId, 'key')).toMatchObject({ kind: 'not_sent' });
  client.cancelBackoff();
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, () => client.sendCongratulations(userId, 'key')),
  );
  expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
  expect(most).toBe(12);
});

test('a write that waited longer than its attempt may wait for it is not sent at all', async () => {
  const clock = createMovableClock();
  const held: (() => void)[] = [];
  const portal = await scriptedPortal(({ outgoing, nth }) => {
    if (nth === 1) outgoing.writeHead(429).end();
    else held.push(() => outgoing.writeHead(200).end(envelope(null)));
  });
  const client = clientOf(portal.origin, { concurrency: 32, clock });
  await client.sendCongratulations(userId, 'key');
  client.cancelBackoff();
  const outcomes = Array.from({ length: 13 }, () => client.sendCongratulations(userId, 'key'));
  await until('twelve are on their way', () => held.length === 12);
  clock.move(61_000);
  for (const answer of held) answer();
  const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
  expect(kinds).toEqual([...Array.from({ length: 12 }, () => 'sent'), 'not_sent']);
  expect(portal.seen).toHaveLength(13);
});
