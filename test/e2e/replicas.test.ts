import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { ask, form, signIn } from '../dashboard/hostile-support.ts';
import { startReceiver, status } from '../events/support.ts';
import { queryDatabase } from '../support/database.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { startPortal } from '../support/portal.ts';
import {
  canStartPostgres,
  cuttableProxy,
  freshDatabase,
  hasPostgres,
  startPair,
} from '../support/postgres.ts';
import { until } from '../support/until.ts';
import {
  adminToken,
  call,
  registerWebhook,
  startOn,
  temporaryFolder,
  type World,
} from '../support/world.ts';

/** A beat follows the other one after a second. */
const beatsMs = 5_000;

/** Two services on one PostgreSQL database. The portal's webhook leads to the first. */
async function startTwo(
  settings: Readonly<Record<string, string>> = {},
  prepare: (portal: Portal) => void = () => {},
  ofTheFirst: Readonly<Record<string, string>> = {},
) {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  prepare(portal);
  const shared = { DATABASE_URL: settings['DATABASE_URL'] ?? (await freshDatabase()), ...settings };
  const start = async (own = {}) =>
    startOn(await temporaryFolder(), portal, { settings: { ...shared, ...own } });
  const first = await start(ofTheFirst);
  await registerWebhook(portal, first.service.url);
  const second = await start();
  // Together, because each waits for the other one.
  onTestFinished(async () => {
    await Promise.all([first, second].map(({ service }) => service.stop()));
  });
  await until('both know each other', async () => {
    const all = await Promise.all([first, second].map((one) => one.api('GET', '/readyz')));
    return all.every(({ json }) => json.replicas === 2);
  });
  return { portal, first, second, start };
}

async function inviteAt(world: World, email: string): Promise<string> {
  const { json } = await world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
  return json.link;
}

function arrive(world: World, link: string, email: string): string {
  const { control } = world.portal;
  const userId = control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
  control.confirmEmail(userId);
  return userId;
}

const canWrite = async (world: World) =>
  (await world.api('GET', '/readyz?part=store')).status === 200;

async function isPaused(world: World): Promise<boolean> {
  const { pauses } = (await world.api('GET', '/api/stats')).json;
  return pauses.some((one: { name: string }) => one.name === 'restored');
}

const membersAt = async (world: World) => (await world.api('GET', '/api/stats')).json.members;

describe.skipIf(!hasPostgres)('two replicas on one PostgreSQL database', () => {
  test('welcome each person once, and every one of them shows it, also when the first one stops', async () => {
    const { first, second, portal } = await startTwo();
    const stats = (await second.api('GET', '/api/stats')).json;
    expect(stats.replicas).toHaveLength(2);
    expect(new Set(stats.replicas.map((one: { id: string }) => one.id)).size).toBe(2);
    const people = [];
    for (let n = 0; n < 20; n += 1) {
      const email = `p${n}@example.com`;
      people.push({ email, link: await inviteAt(n % 2 === 0 ? first : second, email) });
    }
    const users = people.map(({ email, link }) => arrive(first, link, email));
    await until('all are welcomed', async () => (await membersAt(second)).welcomed === 20, 20_000);
    expect(
      portal.control
        .congratulations()
        .map((one) => one.userId)
        .toSorted(),
    ).toEqual(users.toSorted());
    await first.service.stop();
    const { json } = await second.api('GET', `/api/members/${users[0]}`);
    expect(json.state).toBe('welcomed');
    await until('the second is alone', async () => {
      return (await second.api('GET', '/readyz')).json.replicas === 1;
    });
  }, 60_000);

  test('a start of another one settles nothing that is under way', async () => {
    const { first, portal, start } = await startTwo();
    const link = await inviteAt(first, 'ann@example.com');
    const end = portal.control.interfere({
      on: ({ path }) => path.endsWith('/sendcongratulations'),
      act: { kind: 'hold' },
    });
    const userId = arrive(first, link, 'ann@example.com');
    await until(
      'her welcome is under way',
      async () => (await membersAt(first)).sending === 1,
      10_000,
    );
    const third = await start();
    await third.api('POST', '/api/reconcile');
    expect(await membersAt(third)).toMatchObject({ sending: 1, unknown: 0, failed: 0 });
    end();
    portal.control.release();
    await until('she is welcomed', async () => (await membersAt(third)).welcomed === 1, 10_000);
    expect(portal.control.congratulations().map((one) => one.userId)).toEqual([userId]);
  }, 60_000);

  test('the next leader goes on with the baseline of a leader that ended within it', async () => {
    let letThrough = () => {};
    const { first, second } = await startTwo({ WELCOME_AUDIENCE: 'everyone' }, ({ control }) => {
      letThrough = control.interfere({
        on: ({ path }) => path.endsWith('people/filter'),
        act: { kind: 'hang' },
      });
    });
    const baseline = async () => {
      const sql = "SELECT value FROM docspace_welcome.key_values WHERE key = 'baseline'";
      return (await queryDatabase(first.config.database, sql)).length === 1;
    };
    expect(await baseline()).toBe(false);
    letThrough();
    await first.service.stop();
    await until('the baseline is complete', baseline, 10_000);
    expect((await second.api('GET', '/readyz')).json.replicas).toBe(1);
  }, 60_000);

  test('a pause at one holds both, and a resume at the other lets both go on', async () => {
    const { first, second, portal } = await startTwo();
    const link = await inviteAt(first, 'ann@example.com');
    await second.api('POST', '/api/pause');
    const userId = arrive(first, link, 'ann@example.com');
    await until('she is ready', async () => (await membersAt(first)).ready === 1, 10_000);
    await until(
      'the first shows the pause',
      async () => {
        const { pauses } = (await first.api('GET', '/api/stats')).json;
        return pauses.some((one: { name: string }) => one.name === 'operator');
      },
      beatsMs,
    );
    expect(portal.control.congratulations()).toEqual([]);
    await first.api('POST', '/api/resume');
    await until('she is welcomed', async () => (await membersAt(second)).welcomed === 1, 10_000);
    expect(portal.control.congratulations().map((one) => one.userId)).toEqual([userId]);
    await until(
      'the second shows no pause',
      async () => {
        return (await second.api('GET', '/api/stats')).json.pauses.length === 0;
      },
      beatsMs,
    );
  }, 60_000);

  test('together they send no more requests at a time than DOCSPACE_CONCURRENCY allows', async () => {
    let asked = 0;
    const { first, second, portal } = await startTwo({ DOCSPACE_CONCURRENCY: '2' });
    const end = portal.control.interfere({
      on({ path }) {
        const isWelcome = path.endsWith('/sendcongratulations');
        if (isWelcome) asked += 1;
        return isWelcome;
      },
      act: { kind: 'hold' },
    });
    for (let n = 0; n < 6; n += 1) {
      const email = `p${n}@example.com`;
      arrive(first, await inviteAt(first, email), email);
    }
    const seenAt = async () =>
      Math.min(
        ...(await second.api('GET', '/api/stats')).json.replicas.map((one: { seenAt: string }) =>
          Date.parse(one.seenAt),
        ),
      );
    await until('two requests are under way', () => asked >= 2, 10_000);
    const since = await seenAt();
    await until('every replica had time for more', async () => (await seenAt()) > since + 3_000);
    expect(asked).toBe(2);
    end();
    portal.control.release();
    await until('all are welcomed', async () => (await membersAt(second)).welcomed === 6, 20_000);
  }, 60_000);

  test('together they send exactly as many welcomes as the hourly limit allows', async () => {
    const { first, second, portal } = await startTwo({ WELCOME_MAX_PER_HOUR: '5' });
    const people = [];
    for (let n = 0; n < 12; n += 1) {
      const email = `p${n}@example.com`;
      people.push({ email, link: await inviteAt(first, email) });
    }
    for (const { email, link } of people) arrive(first, link, email);
    await until(
      'five are welcomed and seven are ready',
      async () => {
        const { welcomed, ready, sending } = await membersAt(second);
        return welcomed === 5 && ready === 7 && sending === 0;
      },
      20_000,
    );
    expect(portal.control.congratulations()).toHaveLength(5);
  }, 60_000);

  test('a run that is asked of the one that does not lead is done by the one that does', async () => {
    const { first, second } = await startTwo();
    const [one, other] = await Promise.all(
      [first, second].map((world) => world.api('POST', '/api/reconcile')),
    );
    for (const { status, json, text } of [one, other].flatMap((answer) => answer ?? [])) {
      expect(status, text).toBe(200);
      expect(json).toMatchObject({ kind: 'full', interrupted: null });
    }
    const runs = [first, second].map(
      ({ log }) => log.filter((line) => line.includes('reconciled')).length,
    );
    expect(runs[1]).toBe(0);
    expect(runs[0]).toBeGreaterThan(0);
  }, 60_000);

  test('both show that events fail, and that they are delivered again', async () => {
    const receiver = await startReceiver();
    receiver.answer = status(500);
    const { first, second } = await startTwo(receiver.settings);
    const bothShow = (state: string) =>
      until(
        `both show ${state}`,
        async () => {
          const all = await Promise.all(
            [first, second].map((one) => one.api('GET', '/api/events')),
          );
          return all.every(({ json }) => json.state === state);
        },
        20_000,
      );
    await inviteAt(second, 'ann@example.com');
    await bothShow('failing');
    const { json } = await second.api('GET', '/api/events');
    expect(json).toMatchObject({ reason: { code: 'receiver_answered', status: 500 }, waiting: 1 });
    receiver.answer = status(200);
    await bothShow('delivering');
  }, 60_000);

  test('one Idempotency-Key or one address at both, at the same moment, invites once', async () => {
    const { first, second } = await startTwo();
    const atBoth = (body: unknown, key: Readonly<Record<string, string>> = {}) =>
      Promise.all(
        [first, second, first, second].map((world) =>
          call(world.service.url, 'POST', '/api/invitations', body, {
            authorization: `Bearer ${adminToken}`,
            ...key,
          }),
        ),
      );
    const ann = { employeeType: 'Guest', email: 'ann@example.com' };
    const withKey = await atBoth(ann, { 'idempotency-key': 'one' });
    const created = withKey.filter(({ status }) => status === 201);
    expect(new Set(created.map(({ json }) => json.id)).size).toBe(1);
    expect(withKey.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const withoutKey = await atBoth({ ...ann, email: 'bob@example.com' });
    expect(withoutKey.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const named = withoutKey.map(({ status, json }) =>
      status === 201 ? json.id : json.invitation,
    );
    expect(new Set(named).size).toBe(1);
    expect((await first.api('GET', '/api/invitations')).json.items).toHaveLength(2);
  }, 60_000);

  test('an import of one is shown by the other, which ends it when the first stops, and a sign-out holds at both', async () => {
    const { first, second, portal } = await startTwo();
    const end = portal.control.interfere({
      on: ({ path }) => path.includes('/portal/users/invite/'),
      act: { kind: 'hold' },
    });
    const cookie = await signIn(first);
    const headers = { ...form, cookie };
    const people = ['ann@example.com', 'bob@example.com'];
    const given = { addresses: people.join('\n'), employeeType: 'Guest', mode: 'link' };
    const body = new URLSearchParams(given).toString();
    const { location = '' } = await ask(first, 'POST', '/invite', { body, headers });
    const pageAt = async (world: World) => (await ask(world, 'GET', location, { headers })).text;
    expect(await pageAt(second)).toContain('<progress');
    const stopped = first.service.stop();
    end();
    portal.control.release();
    await stopped;
    const isOver = async () => !(await pageAt(second)).includes('<progress');
    await until('the other one has ended the import', isOver, 20_000);
    const { items } = (await second.api('GET', '/api/invitations')).json;
    expect(items.map(({ email }: { email: string }) => email).sort()).toEqual(people);
    await ask(second, 'POST', '/sign-out', { headers });
    expect((await ask(second, 'GET', location, { headers })).status).toBe(303);
  }, 60_000);

  test('one that is cut off from the database while the portal answers keeps the outcome, and nobody is greeted twice', async () => {
    const portal = await startPortal({ keyCheck: 'any' });
    onTestFinished(() => portal.stop());
    const proxy = await cuttableProxy(await freshDatabase());
    const settings = { DATABASE_URL: proxy.url };
    const world = await startOn(await temporaryFolder(), portal, { settings });
    await registerWebhook(portal, world.service.url);
    const link = await inviteAt(world, 'ann@example.com');
    const end = portal.control.interfere({
      on: ({ path }) => path.endsWith('/sendcongratulations'),
      act: { kind: 'hold' },
    });
    const userId = arrive(world, link, 'ann@example.com');
    await until(
      'her welcome is under way',
      async () => (await membersAt(world)).sending === 1,
      10_000,
    );
    proxy.swallow();
    end();
    portal.control.release();
    await until(
      'the service notices',
      async () => {
        return (await world.api('GET', '/readyz?part=store')).status === 503;
      },
      20_000,
    );
    expect(portal.control.congratulations().map((one) => one.userId)).toEqual([userId]);
    proxy.heal();
    await until(
      'she is welcomed',
      async () => {
        const { json } = await world.api('GET', `/api/members/${userId}`);
        return json?.state === 'welcomed';
      },
      20_000,
    );
    expect(portal.control.congratulations()).toHaveLength(1);
  }, 60_000);

  test('one that stops is not ready at once, but still takes deliveries, which the other applies', async () => {
    const { first, second } = await startTwo();
    const { url } = first.service;
    const stopped = first.service.stop();
    const ready = await call(url, 'GET', '/readyz?part=store');
    expect(ready).toMatchObject({ status: 503, json: { store: { code: 'stopping' } } });
    const body = deliveryBody({ id: 77 });
    expect((await deliver(url, body, signed(body))).status).toBe(200);
    await stopped;
    await until(
      'the other one has applied it',
      async () => {
        const { json } = await second.api('GET', '/api/members');
        return json.items.length === 1;
      },
      beatsMs,
    );
  }, 60_000);

  // It takes 40 seconds, most of them half a minute of beats. `npm run test:faults` runs it.
  test.runIf(canStartPostgres && process.env['FAULTS'] === 'full')(
    'nobody is welcomed again by the other one when a standby takes over without a welcome of the first, which is lost, too',
    async () => {
      const pair = await startPair();
      const lost = await cuttableProxy(pair.url);
      const ofTheFirst = { DATABASE_URL: lost.url };
      const both = await startTwo({ DATABASE_URL: pair.url }, () => {}, ofTheFirst);
      const { first, second, portal } = both;
      await pair.cutOff();
      const link = await inviteAt(first, 'ann@example.com');
      const userId = arrive(first, link, 'ann@example.com');
      await until('she is welcomed', async () => (await membersAt(first)).welcomed === 1, 10_000);

      lost.swallow();
      await pair.failOver();
      await until('the second works', () => canWrite(second), 20_000);
      await second.api('POST', '/api/reconcile');
      await until('the second is paused', () => isPaused(second), 60_000);
      await second.api('POST', '/api/reconcile');
      expect(portal.control.congratulations().map((one) => one.userId)).toEqual([userId]);
      const warning = 'another server of the database has taken over';
      expect(second.log.filter((line) => line.includes(warning))).toHaveLength(1);
      lost.heal();
    },
    180_000,
  );
});
