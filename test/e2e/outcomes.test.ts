import { describe, expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const congratulate = ({ path }: { readonly path: string }) => path.includes('sendcongratulations');

/** One activated person. The portal does this to the first welcome. */
async function firstWelcomeMeets(
  act: Parameters<World['portal']['control']['interfere']>[0]['act'],
  settings: Readonly<Record<string, string>> = {},
) {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock }, settings });
  const { control } = world.portal;
  control.interfere({ on: congratulate, times: 1, act });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  control.confirmEmail(userId);
  return { world, control, userId, clock };
}

async function attemptsOf(world: World, userId: string) {
  return (await world.api('GET', `/api/members/${userId}`)).json.attempts;
}

const ok = '{"count":0,"links":[],"status":0,"statusCode":200}';

describe('the outcome of a welcome', () => {
  test.each([
    ['429', { 'retry-after': '120' }, 120_000],
    ['503', {}, 60_000],
    ['429', { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 3_600_000],
    ['503', { 'retry-after': '-5' }, 60_000],
  ])(
    'after %s with %o is not_sent: it is tried again after the wait, and sent once',
    async (status, headers, waitMs) => {
      const { world, control, userId, clock } = await firstWelcomeMeets({
        kind: 'answer',
        status: Number(status),
        headers,
      });
      const member = await until('the attempt is recorded as not sent', async () => {
        const { json } = await world.api('GET', `/api/members/${userId}`);
        return json.attempts?.[0]?.outcome === 'not_sent' ? json : null;
      });
      expect(member.state).toBe('ready');
      const waits = Date.parse(member.dueAt) - Date.parse(member.attempts[0].endedAt);
      expect(waits).toBeGreaterThanOrEqual(waitMs);
      expect(waits).toBeLessThan(waitMs + 1_000);

      control.clearRequests();
      clock.move(waitMs / 2);
      expect(control.requests()).toHaveLength(0);
      clock.move(waitMs);
      await memberBecomes(world, userId, 'welcomed');
      expect(control.congratulations()).toHaveLength(1);
    },
  );

  test.each([400, 404])('after %i is refused, and only this person fails', async (status) => {
    const { world, control, userId } = await firstWelcomeMeets({ kind: 'answer', status });
    await memberBecomes(world, userId, 'failed');
    const other = await inviteAndRegister(world, 'bob@example.com');
    control.confirmEmail(other.userId);
    await memberBecomes(world, other.userId, 'welcomed');
    expect(control.congratulations()).toMatchObject([{ userId: other.userId }]);
  });

  test.each([
    ['500', { kind: 'effectThenAnswer', status: 500 } as const, 1],
    ['502', { kind: 'answer', status: 502, body: '<html>Bad gateway</html>' } as const, 0],
    ['504', { kind: 'effectThenAnswer', status: 504 } as const, 1],
    ['a reset after the request', { kind: 'effectThenReset' } as const, 1],
    ['an unreadable 200', { kind: 'answer', status: 200, body: '<html>login</html>' } as const, 0],
  ])(
    'after %s is unknown: it is held, never sent again by itself, and settled by the operator',
    async (_, act, effects) => {
      const { world, control, userId, clock } = await firstWelcomeMeets(act);
      await memberBecomes(world, userId, 'unknown');
      clock.move(24 * 3_600_000);
      await deliveriesOut(world);
      await world.api('POST', '/api/reconcile');
      expect(control.congratulations()).toHaveLength(effects);
      expect((await world.api('POST', `/api/members/${userId}/retry`)).status).toBe(409);

      const outcome = effects === 1 ? 'sent' : 'retry';
      const resolved = await world.api('POST', `/api/members/${userId}/resolve`, { outcome });
      expect(resolved.status).toBe(200);
      const member = await memberBecomes(world, userId, 'welcomed');
      expect(control.congratulations()).toHaveLength(1);
      expect(member.timeline).toContainEqual(
        expect.objectContaining({ actor: { kind: 'operator' } }),
      );
      const again = await world.api('POST', `/api/members/${userId}/resolve`, { outcome });
      expect(again.status).toBe(409);
    },
  );

  test('that is unknown becomes ready by itself with WELCOME_ON_UNKNOWN=resend', async () => {
    const { world, control, userId, clock } = await firstWelcomeMeets(
      { kind: 'answer', status: 502 },
      { WELCOME_ON_UNKNOWN: 'resend' },
    );
    await until('the first attempt is unknown', async () => {
      return (await attemptsOf(world, userId))?.[0]?.outcome === 'unknown';
    });
    clock.move(60_000);
    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
    expect(
      (await attemptsOf(world, userId)).map((one: { outcome: string }) => one.outcome),
    ).toEqual(['unknown', 'sent']);
  });

  test("after the portal's own 200 is sent, whatever else the answer says", async () => {
    const { world, userId } = await firstWelcomeMeets({
      kind: 'effectThenAnswer',
      status: 200,
      body: ok,
    });
    await memberBecomes(world, userId, 'welcomed');
  });
});

describe('a channel that refuses everybody', () => {
  test.each([401, 402, 403])(
    'pauses after three %i in a row, and nobody fails because of it',
    async (status) => {
      const clock = createMovableClock();
      const world = await startWorld({ surroundings: { clock } });
      const { control } = world.portal;
      const lift = control.interfere({ on: congratulate, act: { kind: 'answer', status } });
      const people: string[] = [];
      for (let i = 0; i < 5; i += 1) {
        const { userId } = await inviteAndRegister(world, `p${i}@example.com`);
        people.push(userId);
        control.confirmEmail(userId);
      }
      await deliveriesOut(world);
      await until('the channel is paused and nobody has failed', async () => {
        const { json } = await world.api('GET', '/api/stats');
        const isPaused = json.pauses.some(
          (one: { name: string }) => one.name === 'channel:docspace',
        );
        return isPaused && json.members.ready === 5;
      });
      const ready = await world.api('GET', '/readyz');
      expect(ready.json.channel.status).toBe('wrong');

      lift();
      expect((await world.api('POST', '/api/resume')).status).toBe(200);
      for (const userId of people) await memberBecomes(world, userId, 'welcomed');
      expect(control.congratulations()).toHaveLength(5);
      expect((await world.api('GET', '/readyz')).json.channel.status).not.toBe('wrong');
    },
  );

  test('finds out by itself when the portal works again', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ surroundings: { clock } });
    const { control } = world.portal;
    const lift = control.interfere({ on: congratulate, act: { kind: 'answer', status: 403 } });
    for (let i = 0; i < 3; i += 1) {
      control.confirmEmail((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    await until('the channel is paused', async () => {
      return (await world.api('GET', '/api/stats')).json.pauses.length > 0;
    });
    lift();
    clock.move(16 * 60_000);
    await until('all three are welcomed', async () => {
      return (await world.api('GET', '/api/stats')).json.members.welcomed === 3;
    });
    expect(control.congratulations()).toHaveLength(3);
  });

  test('is tested with one person at a time, so that a portal that never answers leaves few outcomes unknown', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ surroundings: { clock } });
    const { control } = world.portal;
    const endRefusals = control.interfere({
      on: congratulate,
      act: { kind: 'answer', status: 403 },
    });
    for (let i = 0; i < 8; i += 1) {
      control.confirmEmail((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    const stats = async () => (await world.api('GET', '/api/stats')).json;
    await until('the channel is paused and nobody has failed', async () => {
      const { pauses, members } = await stats();
      return pauses.length > 0 && members.ready === 8;
    });
    endRefusals();
    const endSilence = control.interfere({ on: congratulate, act: { kind: 'effectThenReset' } });
    for (const unknown of [1, 2]) {
      clock.move(16 * 60_000);
      await until(`${unknown} outcomes are unknown`, async () => {
        return (await stats()).members.unknown === unknown;
      });
      expect((await stats()).members).toMatchObject({ unknown, ready: 8 - unknown, sending: 0 });
      expect((await stats()).pauses.map((one: { name: string }) => one.name)).toEqual([
        'channel:docspace',
      ]);
    }
    endSilence();
    clock.move(16 * 60_000);
    await until('the others are welcomed', async () => (await stats()).members.welcomed === 6);
    expect((await stats()).pauses).toEqual([]);
  });

  test('stays paused when a welcome that was already being sent arrives', async () => {
    const world = await startWorld({ surroundings: { clock: createMovableClock() } });
    const { control } = world.portal;
    control.interfere({ on: congratulate, times: 1, act: { kind: 'hold' } });
    control.interfere({ on: congratulate, act: { kind: 'answer', status: 403 } });
    const slow = await inviteAndRegister(world, 'slow@example.com');
    control.confirmEmail(slow.userId);
    await memberBecomes(world, slow.userId, 'sending');
    for (let i = 0; i < 3; i += 1) {
      control.confirmEmail((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    const pauses = async () => (await world.api('GET', '/api/stats')).json.pauses;
    await until('the channel is paused', async () => (await pauses()).length === 1);
    control.release();
    await memberBecomes(world, slow.userId, 'welcomed');
    expect((await pauses()).map((one: { name: string }) => one.name)).toEqual(['channel:docspace']);
    expect(world.log.filter((line) => line.includes('"resumed"'))).toEqual([]);
  });

  test('is tested again at once if a test showed nothing, for example because of a rate limit', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ surroundings: { clock } });
    const { control } = world.portal;
    const lift = control.interfere({ on: congratulate, act: { kind: 'answer', status: 403 } });
    for (let i = 0; i < 3; i += 1) {
      control.confirmEmail((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    const stats = async () => (await world.api('GET', '/api/stats')).json;
    await until('the channel is paused', async () => (await stats()).pauses.length === 1);
    lift();
    let limited = 0;
    control.interfere({
      on: (request) => congratulate(request) && ++limited === 1,
      act: { kind: 'answer', status: 429, headers: { 'retry-after': '5' } },
    });
    clock.move(16 * 60_000);
    await until('the test was limited', () => limited >= 1);
    await until('the channel is open', async () => (await stats()).pauses.length === 0);
    // Ten minutes, so the next regular test of a paused channel is not due yet.
    for (let minute = 0; minute < 10; minute += 1) {
      clock.move(60_000);
      await until('the due people are processed', async () => {
        const { items } = (await world.api('GET', '/api/members')).json;
        return items.every(
          (one: { dueAt: string | null }) => !one.dueAt || Date.parse(one.dueAt) > clock.now(),
        );
      });
    }
    expect((await stats()).members.welcomed).toBe(3);
  });

  test('with one refusal among successes fails only that member', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    control.interfere({ on: congratulate, times: 1, act: { kind: 'answer', status: 403 } });
    const first = await inviteAndRegister(world, 'a@example.com');
    control.confirmEmail(first.userId);
    await memberBecomes(world, first.userId, 'failed');
    const second = await inviteAndRegister(world, 'b@example.com');
    control.confirmEmail(second.userId);
    await memberBecomes(world, second.userId, 'welcomed');
    expect((await world.api('POST', '/api/members/retry')).json).toEqual({ retried: 1 });
    await memberBecomes(world, first.userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(2);
  });
});

test('all welcomes with unknown outcome are decided at once', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  control.interfere({ on: congratulate, act: { kind: 'effectThenReset' } });
  const userIds: string[] = [];
  for (const email of ['ann@example.com', 'bob@example.com']) {
    const { userId } = await inviteAndRegister(world, email);
    control.confirmEmail(userId);
    userIds.push(userId);
  }
  for (const userId of userIds) await memberBecomes(world, userId, 'unknown');
  const resolved = await world.api('POST', '/api/members/resolve', { outcome: 'sent' });
  expect(resolved.json).toEqual({ resolved: 2 });
  for (const userId of userIds) await memberBecomes(world, userId, 'welcomed');
  expect(control.congratulations()).toHaveLength(2);
  expect((await world.api('POST', '/api/members/resolve', { outcome: 'retry' })).json).toEqual({
    resolved: 0,
  });
});

test.each([
  [-6, 'clock_differs'],
  [0, 'working'],
  [6, 'clock_differs'],
])('a portal whose clock is %d minutes ahead: /readyz says %s', async (minutes, code) => {
  const world = await startWorld({ portal: { now: () => Date.now() + minutes * 60_000 } });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  await until(`the worker reports ${code}`, async () => {
    const { json } = await world.api('GET', '/readyz');
    return json.worker.code === code;
  });
});
