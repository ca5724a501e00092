import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

async function reconcile(world: World) {
  const answer = await world.api('POST', '/api/reconcile');
  expect(answer.status).toBe(200);
  return answer.json;
}

async function stateOf(world: World, userId: string) {
  return (await world.api('GET', `/api/members/${userId}`)).json.state;
}

async function membersAre(world: World, expected: Readonly<Record<string, number>>) {
  return until(`members are ${JSON.stringify(expected)}`, async () => {
    const { members } = (await world.api('GET', '/api/stats')).json;
    return Object.entries(expected).every(([state, count]) => members[state] === count);
  });
}

describe('activations without a delivery', () => {
  test('an activation without a delivery is found by the poll and welcomed once', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    control.activateSilently(userId);

    await reconcile(world);

    await memberBecomes(world, userId, 'welcomed');
    await reconcile(world);
    expect(control.congratulations()).toHaveLength(1);
  });

  test('without any webhook, everybody who came is found and welcomed', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const people: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { userId } = await inviteAndRegister(world, `p${i}@example.com`);
      people.push(userId);
      if (i % 2 === 0) control.confirmEmail(userId);
    }
    await reconcile(world);
    await membersAre(world, { welcomed: 3, waiting: 3 });
    for (const userId of people) control.activateSilently(userId);
    await reconcile(world);
    await membersAre(world, { welcomed: 6 });
    expect(control.congratulations()).toHaveLength(6);
  });

  test('a person who was invited by address but came by SSO is found by the address', async () => {
    const world = await startWorld({ settings: { RECONCILE_EVERY: '1h' } });
    const { control } = world.portal;
    await world.api('POST', '/api/invitations', { employeeType: 'User', email: 'sso@example.com' });
    const userId = control.addUser({ email: 'sso@example.com', how: 'sso' });
    const later = await world.restart();
    await memberBecomes(later, userId, 'welcomed');
    expect(control.congratulations()).toMatchObject([{ userId }]);
  });

  test('deliveries that a restarted portal forgot are read from its journal', async () => {
    let aheadMs = 0;
    const world = await startWorld({ portal: { now: () => Date.now() + aheadMs } });
    const { control } = world.portal;
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    // Only when the first check is over is the portal's clock known.
    await until('the first check is over', async () => {
      const { json } = await world.api('GET', `/api/members/${userId}`);
      return json.timeline.some(({ event }: { event: string }) => event === 'registered');
    });
    control.dropNextDeliveries(1);
    control.confirmEmail(userId);
    expect(await stateOf(world, userId)).toBe('waiting');

    // Until its retries are over, the delivery may still arrive.
    aheadMs = 61_000;

    const report = await reconcile(world);
    const journal = report.parts.find((one: { part: string }) => one.part === 'journal');
    expect(journal).toMatchObject({ lookedAt: 1, found: 1 });
    const member = await memberBecomes(world, userId, 'welcomed');
    const causes = member.timeline.map((entry: { cause: { kind: string } }) => entry.cause.kind);
    expect(causes).toContain('journal_row');
    expect((await reconcile(world)).parts[0]).toMatchObject({ part: 'journal', lookedAt: 0 });
    expect(control.congratulations()).toHaveLength(1);
  });

  test('people who are disabled, deleted or return are followed', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    control.disable(userId);
    await memberBecomes(world, userId, 'gone');
    control.enable(userId);
    await memberBecomes(world, userId, 'waiting');
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    control.disable(userId);
    await until('the welcomed member shows that they left', async () => {
      return (await world.api('GET', `/api/members/${userId}`)).json.absentSince !== null;
    });
    control.enable(userId);
    await until('the welcomed member shows that they are back', async () => {
      return (await world.api('GET', `/api/members/${userId}`)).json.absentSince === null;
    });
    expect(control.congratulations()).toHaveLength(1);
  });
});

describe('the cost of a reconciliation run', () => {
  test.each([0, 150, 800])(
    'a full run over %i people without changes takes at most n/100 + 10 requests',
    async (count) => {
      const world = await startWorld({ withWebhook: false });
      const { control, accountId } = world.portal;
      await world.api('POST', '/api/pause');
      const half = Math.floor(count / 2);
      control.seedPeople({
        count: count - half,
        createdBy: accountId,
        status: 1,
        activationStatus: 1,
      });
      control.seedPeople({
        count: half,
        createdBy: accountId,
        status: 4,
        activationStatus: 2,
        email: (i) => `pending${i}@example.com`,
      });
      await reconcile(world);
      await until(
        // Users whom the run finds while they are being checked are checked once more.
        'everybody who was found is checked, and nobody waits for another check',
        async () => {
          const { members } = (await world.api('GET', '/api/stats')).json;
          if (members.total < count || members.skipped + members.ready < count) return false;
          const metrics = await world.api('GET', '/metrics');
          return metrics.text.includes('\ndocspace_welcome_due_members 0\n');
        },
        30_000,
      );

      control.clearRequests();
      const report = await reconcile(world);
      expect(report.interrupted).toBeNull();
      expect(control.requests().length).toBeLessThanOrEqual(count / 100 + 10);
      // The account itself is active, and nobody invited it.
      expect(report.parts.at(-1)).toMatchObject({ part: 'active', found: 0 });
    },
    60_000,
  );

  test('an interrupted run continues where it stopped', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control, accountId } = world.portal;
    await world.api('POST', '/api/pause');
    control.seedPeople({ count: 450, createdBy: accountId, status: 1, activationStatus: 1 });
    const lift = control.interfere({
      on: ({ path, query }) =>
        path.includes('people/filter') &&
        query.get('activationStatus') === '1' &&
        query.get('startIndex') === '300',
      act: { kind: 'answer', status: 400 },
    });
    const first = await reconcile(world);
    expect(first.interrupted).toMatchObject({ code: 'portal_answered', status: 400 });
    lift();
    control.clearRequests();
    await reconcile(world);
    const starts = control
      .requests()
      .filter((one) => one.path.includes('people/filter') && /activationStatus=1/.test(one.query))
      .map((one) => /startIndex=(\d+)/.exec(one.query)?.[1]);
    expect(starts[0]).toBe('300');
  });

  test('a requested run is a full one, also while an ordinary run is in progress, and two requests share it', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    await reconcile(world);
    const lift = control.interfere({
      on: ({ path, query }) =>
        path.includes('people/filter') && query.get('sortBy') === 'registrationDate',
      act: { kind: 'hold' },
    });
    control.clearRequests();
    const later = await world.restart({ RECONCILE_EVERY: '1h' });
    await until('an ordinary run is in progress', async () =>
      control.requests().some(({ query }) => query.includes('registrationDate')),
    );
    const requested = [reconcile(later), reconcile(later)];
    // Both requests have arrived when the service answers a later one.
    await later.api('GET', '/api/stats');
    lift();
    control.release();
    const [first, second] = await Promise.all(requested);
    expect(first).toMatchObject({ kind: 'full', interrupted: null });
    expect(first.parts.at(-1)).toMatchObject({ part: 'active' });
    expect(second).toEqual(first);
    expect(later.log.filter((line) => line.includes('reconciled with'))).toHaveLength(2);
  });

  test('nobody is missed if people leave during the run', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control, accountId } = world.portal;
    await world.api('POST', '/api/pause');
    const ids = control.seedPeople({
      count: 350,
      createdBy: accountId,
      status: 1,
      activationStatus: 1,
      email: (i) => `p${String(i).padStart(4, '0')}@example.com`,
    });
    let pages = 0;
    control.interfere({
      on: ({ path, query }) => {
        const isSweep = path.includes('people/filter') && query.get('activationStatus') === '1';
        if (isSweep) {
          pages += 1;
          // Five people of the first page leave while the second page is read.
          if (pages === 2) for (const id of ids.slice(0, 5)) control.disable(id);
        }
        return false;
      },
      act: { kind: 'hang' },
    });
    // The list of the newest users would show most of them, and this test is only about the full
    // list.
    control.interfere({
      on: ({ path, query }) =>
        path.includes('people/filter') && query.get('sortBy') === 'registrationDate',
      act: {
        kind: 'answer',
        status: 200,
        body: '{"response":[],"count":0,"total":0,"status":0,"statusCode":200}',
      },
    });
    await reconcile(world);
    await until('all people who stayed are members', async () => {
      const known = await Promise.all(ids.slice(5).map((id) => stateOf(world, id)));
      return known.every((state) => state !== undefined);
    });
  });
});

describe('the audience', () => {
  test('invited: a stranger is skipped, and only the id is kept', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const admin = control.addAccount({ email: 'boss@example.com', type: 'DocSpaceAdmin' });
    const userId = control.addUser({
      email: 'stranger@example.com',
      firstName: 'Sam',
      how: 'trustedDomain',
      createdBy: admin.userId,
    });
    const member = await memberBecomes(world, userId, 'skipped');
    expect(member).toMatchObject({ reason: { code: 'not_invited' }, email: null, firstName: null });
    expect(control.congratulations()).toHaveLength(0);
  });

  test('invited: a person who came by this account with another address is listed, and retry welcomes them', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const invited = await world.api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'ann@work.example',
    });
    const userId = control.register({
      link: invited.json.link,
      email: 'ann@home.example',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    control.confirmEmail(userId);
    const member = await memberBecomes(world, userId, 'skipped');
    expect(member).toMatchObject({
      reason: { code: 'address_not_invited' },
      email: 'ann@home.example',
    });
    expect((await world.api('POST', `/api/members/${userId}/retry`)).status).toBe(200);
    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('invited: a skipped stranger who is invited later is checked again and welcomed', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const email = 'later@example.com';
    const userId = await invitedInThePortal(world, email);
    await memberBecomes(world, userId, 'skipped');

    const body = { employeeType: 'User', email, mode: 'email' };
    const invited = await world.api('POST', '/api/invitations', body);
    expect(invited.status, invited.text).toBe(201);
    const member = await memberBecomes(world, userId, 'waiting');
    expect(member).toMatchObject({ invitationId: invited.json.id, email });
    const letter = control.letters().findLast(({ to }) => to === email);
    if (!letter?.link) throw new Error('the letter has no link');
    control.register({ link: letter.link, email, firstName: 'Late', lastName: 'Comer' });
    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('everyone: an existing user is not welcomed, and everybody who comes later is', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const [first = ''] = control.seedPeople({ count: 250, status: 1, activationStatus: 1 });
    const pending = control.addUser({ email: 'slow@example.com', how: 'admin' });
    const later = await world.restart({ WELCOME_AUDIENCE: 'everyone' });
    await until(
      'the baseline is complete',
      async () => (await reconcile(later)).interrupted === null,
    );
    expect((await later.api('GET', '/api/stats')).json.members.skipped).toBe(252);
    control.editProfile(first, { firstName: 'Old' });
    control.activateSilently(pending);
    const newcomer = control.addUser({ email: 'new@example.com', how: 'trustedDomain' });
    await reconcile(later);
    await memberBecomes(later, newcomer, 'welcomed');
    expect(await stateOf(later, pending)).toBe('skipped');
    expect(await stateOf(later, first)).toBe('skipped');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('everyone: deliveries wait until the baseline is complete, and users whom they show as inactive are welcomed', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    control.seedPeople({ count: 30, status: 1, activationStatus: 1 });
    const lift = control.interfere({
      on: ({ path }) => path.includes('people/filter'),
      act: { kind: 'answer', status: 400 },
    });
    const later = await world.restart({ WELCOME_AUDIENCE: 'everyone' });
    const { registerWebhook } = await import('../support/world.ts');
    await registerWebhook(world.portal, later.service.url);
    const { json } = await later.api('POST', '/api/invitations', { employeeType: 'User' });
    const userId = control.register({
      link: json.link,
      email: 'new@example.com',
      firstName: 'N',
      lastName: 'N',
    });
    await deliveriesOut(later);
    control.confirmEmail(userId);
    await deliveriesOut(later);
    expect((await later.api('GET', '/api/stats')).json.members.total).toBe(0);
    lift();
    await later.api('POST', '/api/resume');
    await memberBecomes(later, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });
});

/** Somebody whom an admin of the portal invited by letter, without this service. */
async function invitedInThePortal({ portal }: World, email: string): Promise<string> {
  const invited = await fetch(`${portal.url}/api/2.0/people/invite`, {
    method: 'POST',
    headers: { authorization: `Bearer ${portal.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ invitations: [{ email, type: 'User' }] }),
  });
  expect(invited.status).toBe(200);
  const user = portal.control.userByEmail(email);
  if (!user) throw new Error('the portal did not invite the person');
  return user.id;
}
