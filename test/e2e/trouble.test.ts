import { describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
  webhookSecret,
} from '../support/world.ts';

async function worldWithClock(settings: Readonly<Record<string, string>> = {}) {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock }, settings });
  return { clock, world, control: world.portal.control };
}

function portalIsPaused(world: World) {
  return until('the trouble at the portal is noticed', async () => {
    const { pauses } = (await world.api('GET', '/api/stats')).json;
    return pauses.some((one: { name: string }) => one.name === 'portal');
  });
}

describe("trouble at the portal changes nobody's state", () => {
  test.each<[string, (world: World) => () => void]>([
    [
      'a suspended portal that answers 404 to everything',
      ({ portal }) => {
        portal.control.suspend();
        return () => portal.control.unsuspend();
      },
    ],
    [
      'a portal that is not paid for',
      ({ portal }) => {
        portal.control.unpaid(true);
        return () => portal.control.unpaid(false);
      },
    ],
    [
      'a key without rights',
      ({ portal }) =>
        portal.control.interfere({ on: () => true, act: { kind: 'answer', status: 403 } }),
    ],
    [
      'a key that is no longer valid',
      ({ portal }) =>
        portal.control.interfere({ on: () => true, act: { kind: 'answer', status: 401 } }),
    ],
    [
      'a proxy that answers HTML',
      ({ portal }) =>
        portal.control.interfere({
          on: () => true,
          act: { kind: 'answer', status: 200, body: '<html>Please log in</html>' },
        }),
    ],
    [
      'a portal that resets every connection',
      ({ portal }) => portal.control.interfere({ on: () => true, act: { kind: 'reset' } }),
    ],
    [
      'a portal that answers 500',
      ({ portal }) =>
        portal.control.interfere({ on: () => true, act: { kind: 'answer', status: 500 } }),
    ],
  ])('%s: everybody keeps their state, and work continues by itself', async (_, begin) => {
    const { clock, world, control } = await worldWithClock();
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    const end = begin(world);
    control.confirmEmail(userId);
    await portalIsPaused(world);
    expect((await world.api('GET', '/readyz')).status).toBe(503);
    expect((await world.api('GET', `/api/members/${userId}`)).json.state).toBe('waiting');
    end();
    clock.move(61_000);
    await until('work continues', () => control.congratulations().length === 1);
    await memberBecomes(world, userId, 'welcomed');
  });

  test('during an outage the portal gets a few requests a minute, however many people wait', async () => {
    const { clock, world, control } = await worldWithClock();
    const people: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      people.push((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    await deliveriesOut(world);
    for (const userId of people) await memberBecomes(world, userId, 'waiting');
    const end = control.interfere({ on: () => true, act: { kind: 'answer', status: 502 } });
    for (const userId of people) control.confirmEmail(userId);
    await portalIsPaused(world);
    await until(
      'the requests in progress have ended',
      async () => {
        const before = control.requests().length;
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return control.requests().length === before;
      },
      30_000,
    );

    control.clearRequests();
    for (let minute = 0; minute < 10; minute += 1) {
      await until('no request is sent to the portal until later', async () => {
        const { pauses } = (await world.api('GET', '/api/stats')).json;
        const [pause] = pauses.filter((one: { name: string }) => one.name === 'portal');
        return Date.parse(pause.until) > clock.now() + 30_000;
      });
      const before = control.requests().length;
      clock.move(61_000);
      await until('the portal got one more request', () => control.requests().length >= before + 3);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Ten minutes: only the read of the portal's own account, with its two repetitions.
    expect(control.requests().length).toBeLessThanOrEqual(10 * 3 + 3);
    end();
    clock.move(61_000);
    await until('everybody is welcomed', () => control.congratulations().length === 20, 20_000);
  });

  test('an answer about another user is never used', async () => {
    const { clock, world, control } = await worldWithClock();
    const ann = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, ann.userId, 'waiting');
    await deliveriesOut(world);
    const active = control.addUser({ email: 'active@example.com', how: 'trustedDomain' });
    const response = await fetchUser(world, active);
    const lift = control.interfere({
      on: ({ path }) => path.endsWith(ann.userId),
      act: { kind: 'answer', status: 200, body: response },
    });
    control.editProfile(ann.userId, { firstName: 'Anne' });
    await until('the answer about another user is logged', () =>
      world.log.some((line) => line.includes('another user')),
    );
    expect((await world.api('GET', `/api/members/${ann.userId}`)).json.state).toBe('waiting');
    lift();
    control.confirmEmail(ann.userId);
    clock.move(61_000);
    await memberBecomes(world, ann.userId, 'welcomed');
  });
});

async function fetchUser(world: World, userId: string): Promise<string> {
  const { url, apiKey } = world.portal;
  const answer = await fetch(`${url}/api/2.0/portal/users/${userId}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  return answer.text();
}

describe('pauses', () => {
  test('a pause by an operator survives a restart, and resume sends the welcomes that waited', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    expect((await world.api('POST', '/api/pause')).status).toBe(200);
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'ready');
    const later = await world.restart();
    expect((await later.api('GET', '/api/stats')).json.pauses).toMatchObject([
      { name: 'operator' },
    ]);
    expect(control.congratulations()).toHaveLength(0);
    await later.api('POST', '/api/resume');
    await memberBecomes(later, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('a person who is disabled during a pause is not greeted after it', async () => {
    const { clock, world, control } = await worldWithClock();
    await world.api('POST', '/api/pause');
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'ready');
    await deliveriesOut(world);
    control.pauseDeliveries();
    control.disable(userId);
    clock.move(6 * 60_000);
    await world.api('POST', '/api/resume');
    await memberBecomes(world, userId, 'gone');
    expect(control.congratulations()).toHaveLength(0);
  });

  test('more welcomes in an hour than allowed cause a pause, and resume grants a new hour', async () => {
    const world = await startWorld({ settings: { WELCOME_MAX_PER_HOUR: '3' } });
    const { control } = world.portal;
    for (let i = 0; i < 5; i += 1) {
      control.confirmEmail((await inviteAndRegister(world, `p${i}@example.com`)).userId);
    }
    await deliveriesOut(world);
    await until('sending is paused after three welcomes', async () => {
      const { json } = await world.api('GET', '/api/stats');
      return json.pauses[0]?.name === 'hourly' && json.members.welcomed === 3;
    });
    expect(control.congratulations()).toHaveLength(3);
    const later = await world.restart();
    expect((await later.api('GET', '/api/stats')).json.pauses).toMatchObject([{ name: 'hourly' }]);
    await later.api('POST', '/api/resume');
    await until('the other two are welcomed', () => control.congratulations().length === 5);
  });
});

describe('the webhook at the portal', () => {
  test('that was registered here and disabled is enabled again, and the missed deliveries are found', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    await register(world);
    const [webhook] = control.webhooks();
    if (!webhook) throw new Error('the portal has no webhook');
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    control.disableWebhook(webhook.id);
    control.confirmEmail(userId);

    await world.api('POST', '/api/reconcile');
    await memberBecomes(world, userId, 'welcomed');
    expect(control.webhooks()).toMatchObject([{ id: webhook.id, enabled: true }]);
    const bob = await inviteAndRegister(world, 'bob@example.com');
    control.confirmEmail(bob.userId);
    await memberBecomes(world, bob.userId, 'welcomed');
  });

  test('that is disabled again and again is enabled twice, and then only reported', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    await register(world);
    const [webhook] = control.webhooks();
    if (!webhook) throw new Error('the portal has no webhook');
    for (const enabled of [true, true, false]) {
      control.disableWebhook(webhook.id);
      await world.api('POST', '/api/reconcile');
      expect(control.webhooks()[0]?.enabled).toBe(enabled);
    }
    expect((await world.api('GET', '/readyz')).json.webhook).toMatchObject({ status: 'wrong' });
  });

  test('that was deleted is reported and never created again, and everybody who came is found', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    await register(world);
    const [webhook] = control.webhooks();
    if (!webhook) throw new Error('the portal has no webhook');
    control.deleteWebhook(webhook.id);
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    control.confirmEmail(userId);
    await world.api('POST', '/api/reconcile');
    await memberBecomes(world, userId, 'welcomed');
    expect(control.webhooks()).toHaveLength(0);
    expect((await world.api('GET', '/readyz')).json.webhook).toMatchObject({ status: 'wrong' });
    expect(control.congratulations()).toHaveLength(1);
  });
});

/** Runs `webhook register` as an admin does, beside the serving process. */
async function register(world: World): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  const envFile = `${world.folder}/settings.env`;
  const lines = [
    `DOCSPACE_URL=${world.portal.url}`,
    `DOCSPACE_API_KEY=${world.portal.apiKey}`,
    `DOCSPACE_WEBHOOK_SECRET=${webhookSecret}`,
    'ADMIN_TOKEN=admin-token-of-the-tests-1',
    `PUBLIC_URL=${world.service.url}`,
    `DATABASE_URL=${world.config.DATABASE_URL}`,
  ];
  await writeFile(envFile, lines.join('\n'));
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  const terminal = { print: say, printError: say, columns: 80 };
  const code = await runCli(['--env-file', envFile, 'webhook', 'register'], terminal);
  expect([code, ...said]).toEqual([0, expect.stringContaining('was created')]);
}
