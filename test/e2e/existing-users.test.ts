import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { answering } from '../docspace/support.ts';
import { startPortal } from '../support/portal.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  memberBecomes,
  registerWebhook,
  startOn,
  temporaryFolder,
  type World,
} from '../support/world.ts';

/** A portal that has people already. Its clock is ahead of the time when they came. */
async function openOldPortal(timeZone: string, fill: (portal: Portal) => void) {
  let aheadMs = -3_600_000;
  const portal = await startPortal({
    keyCheck: 'any',
    queuePauseMs: 5,
    retryDelaysMs: [10, 20],
    timeZone,
    now: () => Date.now() + aheadMs,
  });
  onTestFinished(() => portal.stop());
  fill(portal);
  aheadMs = 0;
  return portal;
}

/** A pending person opens the newest letter of the portal and registers. */
function join({ control }: Portal, userId: string): void {
  control.forgetPassword(userId);
  const email = control.user(userId)?.email ?? '';
  const link = control.letters().findLast((one) => one.to === email)?.link ?? '';
  control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
}

async function reconciled(world: World) {
  return until('a run is complete', async () => {
    const { json } = await world.api('POST', '/api/reconcile');
    return json.interrupted === null;
  });
}

describe.each(['UTC', 'Asia/Taipei', 'America/New_York'])('a portal at %s', (timeZone) => {
  test.each([
    ['skip', 0],
    ['welcome', 3],
  ])(
    'everyone, WELCOME_BASELINE_PENDING=%s: %i of the existing users are welcomed',
    async (setting, expected) => {
      const before: string[] = [];
      const portal = await openOldPortal(timeZone, ({ control }) => {
        const add = (email: string, how: 'admin' | 'trustedDomain') => {
          const userId = control.addUser({ email, how });
          before.push(userId);
          return userId;
        };
        add('active@example.com', 'trustedDomain');
        control.disable(add('disabled@example.com', 'trustedDomain'));
        control.changeEmail(add('old@example.com', 'trustedDomain'), 'changed@example.com');
        add('added@example.com', 'admin');
        before.push(
          ...control.seedPeople({
            count: 1,
            status: 4,
            activationStatus: 2,
            email: () => 'pending@example.com',
          }),
        );
      });
      const { control } = portal;
      const world = await startOn(await temporaryFolder(), portal, {
        settings: { WELCOME_AUDIENCE: 'everyone', WELCOME_BASELINE_PENDING: setting },
      });
      await registerWebhook(portal, world.service.url);
      await reconciled(world);
      for (const userId of before) {
        if (control.user(userId)?.status === 2) control.enable(userId);
        if (control.user(userId)?.status === 4) join(portal, userId);
        control.activateSilently(userId);
        control.editProfile(userId, { firstName: 'Ann' });
      }
      const newcomer = control.addUser({ email: 'new@example.com', how: 'trustedDomain' });
      await deliveriesOut(world);
      await reconciled(world);
      await memberBecomes(world, newcomer, 'welcomed');
      await until('those who count are welcomed', async () => {
        const { members } = (await world.api('GET', '/api/stats')).json;
        return members.welcomed === expected + 1 && members.ready + members.sending === 0;
      });
      expect(control.congratulations()).toHaveLength(expected + 1);
    },
    40_000,
  );
});

test('everyone: a person whom this service invited is welcomed, although the baseline contains them', async () => {
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
  onTestFinished(() => portal.stop());
  const folder = await temporaryFolder();
  const first = await startOn(folder, portal);
  const invited = await first.api('POST', '/api/invitations', {
    employeeType: 'User',
    email: 'ann@example.com',
    mode: 'email',
  });
  const later = await first.restart({ WELCOME_AUDIENCE: 'everyone' });
  await reconciled(later);
  const person = portal.control.userByEmail('ann@example.com');
  expect([invited.status, person?.status]).toEqual([201, 4]);
  join(portal, person?.id ?? '');
  portal.control.activateSilently(person?.id ?? '');
  await reconciled(later);
  const member = (await later.api('GET', `/api/members/${person?.id}`)).json;
  expect(member.state).not.toBe('skipped');
});

test('a second database on the same account welcomes nobody who came by the first one', async () => {
  const clockAt = { aheadMs: -3_600_000 };
  const portal = await startPortal({
    keyCheck: 'any',
    queuePauseMs: 5,
    retryDelaysMs: [10],
    now: () => Date.now() + clockAt.aheadMs,
  });
  onTestFinished(() => portal.stop());
  const { control } = portal;
  const people = control.seedPeople({
    count: 5,
    createdBy: portal.accountId,
    status: 1,
    activationStatus: 1,
  });
  clockAt.aheadMs = 0;
  const world = await startOn(await temporaryFolder(), portal);
  await registerWebhook(portal, world.service.url);
  // The time of this link was written by the clock of another machine. Only the time of the first
  // start keeps these people out.
  await world.api('POST', '/api/invitations', { employeeType: 'User' });
  for (const userId of people) control.editProfile(userId, { firstName: 'Ann' });
  await deliveriesOut(world);
  await reconciled(world);
  await until('all are skipped', async () => {
    const { members } = (await world.api('GET', '/api/stats')).json;
    return members.skipped === 5;
  });
  expect(control.congratulations()).toEqual([]);
  expect(world.log.join('')).toContain('has already invited people');
});

test.each([
  ['1h', 1],
  ['0', 0],
])(
  'after the baseline a run follows at once with RECONCILE_EVERY=%s: %i',
  async (every, expected) => {
    const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
    onTestFinished(() => portal.stop());
    const { control } = portal;
    control.seedPeople({ count: 3 });
    await startOn(await temporaryFolder(), portal, {
      settings: { WELCOME_AUDIENCE: 'everyone', RECONCILE_EVERY: every },
    });
    const lists = () => control.requests().filter(({ path }) => path.endsWith('people/filter'));
    // The baseline reads three lists.
    await until('the baseline is read', () => lists().length >= 3);
    const runs = () => control.requests().filter(({ path }) => path.endsWith('settings/webhook'));
    if (expected > 0) await until('a run has begun', () => runs().length > 0);
    else await expect(until('a run has begun', () => runs().length > 0, 500)).rejects.toThrow();
    expect(runs()).toHaveLength(expected);
  },
);

describe('a new database on an account that was used before', () => {
  async function startSecond(
    fill: (portal: Portal) => Promise<unknown> | unknown,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<World> {
    const clockAt = { aheadMs: -3_600_000 };
    const portal = await startPortal({
      keyCheck: 'any',
      allowPrivateAddresses: true,
      queuePauseMs: 5,
      now: () => Date.now() + clockAt.aheadMs,
    });
    onTestFinished(() => portal.stop());
    await fill(portal);
    clockAt.aheadMs = 0;
    const world = await startOn(await temporaryFolder(), portal, { settings });
    await reconciled(world);
    return world;
  }

  const pausesOf = async (world: World) =>
    (await world.api('GET', '/api/stats')).json.pauses.map((one: { name: string }) => one.name);
  const seed = (portal: Portal, status: 1 | 4) =>
    portal.control.seedPeople({
      count: 1,
      createdBy: portal.accountId,
      status,
      activationStatus: status === 1 ? 1 : 2,
    });

  test.each([
    ['somebody whom it invited has joined', (portal: Portal) => seed(portal, 1)],
    ['somebody whom it invited is expected', (portal: Portal) => seed(portal, 4)],
  ])('starts paused if %s, and "resume" is remembered', async (_, fill) => {
    const world = await startSecond(fill);
    expect(await pausesOf(world)).toEqual(['account_used']);
    const ready = await world.api('GET', '/readyz');
    expect(ready.text).toContain('may be used with another database');
    const restarted = await world.restart();
    expect(await pausesOf(restarted)).toEqual(['account_used']);
    expect((await restarted.api('POST', '/api/resume')).status).toBe(200);
    await reconciled(restarted);
    const again = await restarted.restart();
    await reconciled(again);
    expect(await pausesOf(again)).toEqual([]);
  });

  test.each([
    ['another address', 'http://127.0.0.1:8', ['account_used']],
    ['its own address', null, []],
  ])('looks at the webhooks of the account: %s', async (_, publicUrl, expected) => {
    const { origin } = await answering(200, '');
    const settings = { PUBLIC_URL: publicUrl ?? origin };
    const world = await startSecond((portal) => registerWebhook(portal, origin), settings);
    expect(await pausesOf(world)).toEqual(expected);
  });

  test('is not paused if the portal has only other people', async () => {
    const world = await startSecond(({ control }) =>
      control.addUser({ email: 'old@example.com', how: 'trustedDomain' }),
    );
    expect(await pausesOf(world)).toEqual([]);
  });

  test('is checked at the next run if the portal did not answer the first one', async () => {
    const clockAt = { aheadMs: -3_600_000 };
    const now = () => Date.now() + clockAt.aheadMs;
    const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5, now });
    onTestFinished(() => portal.stop());
    seed(portal, 1);
    clockAt.aheadMs = 0;
    portal.control.suspend();
    const world = await startOn(await temporaryFolder(), portal);
    await world.api('POST', '/api/reconcile');
    const later = await world.restart({}, () => portal.control.unsuspend());
    await reconciled(later);
    expect(await pausesOf(later)).toEqual(['account_used']);
  });
});
