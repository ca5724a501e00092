import { describe, expect, test } from 'vitest';
import { kindOptions } from '../../simulator/options.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld, type World } from '../support/world.ts';

/*
 * Invitations by e-mail while the portal is slow, disconnected, limited, or busy with other
 * requests.
 */

const isInviting = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && path.endsWith('people/invite');
const isReading = ({ path }: { readonly path: string }) => path.endsWith('people/email');

function wishes(count: number, address = (i: number) => `p${i}@example.com`) {
  return Array.from({ length: count }, (_, i) => ({
    employeeType: 'User',
    mode: 'email',
    email: address(i),
  }));
}

function invite(world: World, body: unknown) {
  return world.api('POST', '/api/invitations', body);
}

function lettersTo(world: World, address: string): number {
  return world.portal.control.letters().filter(({ to }) => to === address).length;
}

function invitingRequests(world: World): number {
  return world.portal.control.requests().filter(isInviting).length;
}

describe('addresses with the same part before the @', () => {
  test('are invited one request after the other, and nobody is refused', async () => {
    const world = await startWorld({ withWebhook: false, portal: { invitingMs: 30 } });
    const answers = await Promise.all(
      wishes(8, (i) => `info@r${i}.example.com`).map((one) => invite(world, one)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(world.portal.control.letters()).toHaveLength(8);
  });

  test.each([
    [400, 'System.ArgumentException', 'Duplicate UserName'],
    [403, 'System.InvalidOperationException', 'User already exist.'],
  ])(
    'that a registration by link takes at that moment are tried again: %s',
    async (statusCode, type, message) => {
      const world = await startWorld({ withWebhook: false });
      const body = JSON.stringify({ error: { message, type }, status: 1, statusCode });
      world.portal.control.interfere({
        on: isInviting,
        times: 2,
        act: { kind: 'answer', status: statusCode, body },
      });
      const results = (await invite(world, wishes(3))).json;
      expect(results.map((one: { status: string }) => one.status)).toEqual(Array(3).fill('issued'));
      expect(lettersTo(world, 'p0@example.com')).toBe(1);
    },
  );

  test("that never become free are reported as the portal's trouble, not as a refusal", async () => {
    const world = await startWorld({ withWebhook: false });
    const error = { message: 'Duplicate UserName', type: 'System.ArgumentException' };
    const body = JSON.stringify({ error, status: 1, statusCode: 400 });
    world.portal.control.interfere({ on: isInviting, act: { kind: 'answer', status: 400, body } });
    expect((await invite(world, wishes(1)[0])).status).toBe(502);
  });
});

describe('a request whose connection broke', () => {
  test.each([
    { kind: 'effectThenReset' },
    { kind: 'effectThenAnswer', status: 504, body: '<html>' },
    { kind: 'effectThenAnswer', status: 500, body: '' },
    { kind: 'effectThenAnswer', status: 200, body: 'not JSON' },
  ] as const)('after its effect ($kind $status) is issued, and mailed once', async (act) => {
    const world = await startWorld({ withWebhook: false });
    world.portal.control.interfere({ on: isInviting, times: 1, act });
    const results = (await invite(world, wishes(3))).json;
    expect(results.map((one: { status: string }) => one.status)).toEqual(Array(3).fill('issued'));
    expect(invitingRequests(world)).toBe(1);
    expect(lettersTo(world, 'p0@example.com')).toBe(1);
  });

  test('and whose effect comes later is found by the second read, and not repeated', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { control } = world.portal;
    control.interfere({ on: isInviting, times: 1, act: { kind: 'effectThenReset' } });
    // The portal is still busy, so the first read does not find the person yet.
    control.clearRequests();
    control.interfere({
      on: (request) => isReading(request) && invitingRequests(world) > 0,
      times: 1,
      act: { kind: 'answer', status: 404, body: notFound },
    });
    const answer = invite(world, wishes(1)[0]);
    await until('the first read is over', () => {
      const requests = control.requests();
      return requests.findLastIndex(isReading) > requests.findIndex(isInviting);
    });
    clock.move(5_000);
    expect((await answer).json).toMatchObject({ status: 'issued' });
    expect(invitingRequests(world)).toBe(1);
    expect(lettersTo(world, 'p0@example.com')).toBe(1);
  });

  test("before its effect is reported as the portal's trouble after two reads, and can be made again", async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { control } = world.portal;
    control.clearRequests();
    control.interfere({ on: isInviting, times: 1, act: { kind: 'reset' } });
    const answer = invite(world, wishes(1)[0]);
    await until('the first read is over', () => control.requests().filter(isReading).length >= 2);
    clock.move(5_000);
    expect((await answer).status).toBe(502);
    expect(control.requests().filter(isReading)).toHaveLength(3);
    expect((await invite(world, wishes(1)[0])).status).toBe(201);
    expect(lettersTo(world, 'p0@example.com')).toBe(1);
  });
});

describe('a limit of the portal', () => {
  test('that allows some addresses makes the batches smaller', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    control.interfere({
      on: isInviting,
      times: 1,
      act: {
        kind: 'answer',
        status: 429,
        body: '',
        headers: { 'X-RateLimit-Limit': '10', 'X-RateLimit-Remaining': '7' },
      },
    });
    const results = (await invite(world, wishes(20))).json;
    expect(results.map((one: { status: string }) => one.status)).toEqual(Array(20).fill('issued'));
    expect(invitingRequests(world)).toBeGreaterThanOrEqual(3);
  });

  test('of a day is used up once by a batch that is too large, and kept to on the next days', async () => {
    const clock = createMovableClock();
    const world = await startWorld({
      withWebhook: false,
      portal: { ...kindOptions, now: clock.now, rateLimits: { invitationsPerDay: 10 } },
      surroundings: { clock },
    });
    const issuedOf = async (wish: unknown) => {
      const results: { status: string | number }[] = (await invite(world, wish)).json;
      return results.filter(({ status }) => status === 'issued').length;
    };
    const issued: number[] = [];
    for (let day = 0; day < 3; day += 1) {
      issued.push(await issuedOf(wishes(20, (i) => `p${i}.day${day}@example.com`)));
      clock.move(24 * 3_600_000);
    }
    // An admin's single letters of the day count, too.
    await invite(world, wishes(1)[0]);
    issued.push(await issuedOf(wishes(20, (i) => `p${i}.later@example.com`)));
    expect(issued).toEqual([0, 10, 10, 9]);
  });

  test('for inviting does not delay a welcome, a link or a read', async () => {
    const world = await startWorld({
      portal: { ...kindOptions, rateLimits: { invitationsPerDay: 1 } },
    });
    const { userId } = await inviteAndRegister(world, 'bea@example.com');
    expect((await invite(world, wishes(1)[0])).status).toBe(201);
    const limited = await invite(world, wishes(1, () => 'late@example.com')[0]);
    expect(limited.status).toBe(502);
    expect(limited.json.retryAfter).toBeGreaterThan(60);
    world.portal.control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    const link = await invite(world, { employeeType: 'User', email: 'link@example.com' });
    expect(link.status).toBe(201);
  });

  test('people who are pending already get their letters in one request, not in one request each', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const first = (await invite(world, wishes(6))).json;
    for (const { id } of first) await world.api('POST', `/api/invitations/${id}/revoke`);
    control.clearRequests();
    const again = (await invite(world, wishes(6))).json;
    expect(again.map((one: { status: string }) => one.status)).toEqual(Array(6).fill('issued'));
    expect(control.requests().filter(({ method }) => method === 'PUT')).toHaveLength(1);
    expect(lettersTo(world, 'p5@example.com')).toBe(2);
  });
});

const notFound = JSON.stringify({
  error: { message: 'The user could not be found', type: 'ASC.Common.Web.ItemNotFoundException' },
  status: 1,
  statusCode: 404,
});
