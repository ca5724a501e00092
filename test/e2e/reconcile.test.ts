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

describe('activations that no delivery told', () => {
  test('a silent activation is found by the poll and welcomed once', async () => {
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

  test('without any webhook everybody who came is found and welcomed', async () => {
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

  test('who was invited by address but came by SSO is found by their address', async () => {
    const world = await startWorld({ settings: { RECONCILE_EVERY: '1h' } });
    const { control } = world.portal;
    await world.api('POST', '/api/invitations', { employeeType: 'User', email: 'sso@example.com' });
    const userId = control.addUser({ email: 'sso@example.com', how: 'sso' });
    const later = await world.restart();
    await memberBecomes(later, userId, 'welcomed');
    expect(control.congratulations()).toMatchObject([{ userId }]);
  });

  test('what a restarted portal forgot is read from its journal', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    control.dropNextDeliveries(1);
    control.confirmEmail(userId);
    expect(await stateOf(world, userId)).toBe('waiting');

    const report = await reconcile(world);
    const journal = report.parts.find((one: { part: string }) => one.part === 'journal');
    expect(journal).toMatchObject({ lookedAt: 1, found: 1 });
    const member = await memberBecomes(world, userId, 'welcomed');
    const causes = member.timeline.map((entry: { cause: { kind: string } }) => entry.cause.kind);
    expect(causes).toContain('journal_row');
    expect((await reconcile(world)).parts[0]).toMatchObject({ part: 'journal', lookedAt: 0 });
    expect(control.congratulations()).toHaveLength(1);
  });

  test('people who disable, delete and return are followed', async () => {
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
    await until('and that they are back', async () => {
      return (await world.api('GET', `/api/members/${userId}`)).json.absentSince === null;
    });
    expect(control.congratulations()).toHaveLength(1);
  });
});

describe('the cost of a pass', () => {
  test.each([0, 150, 2_000])(
    'a full sweep of %i people without change takes at most n/100 + 10 requests',
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
        // Who is seen again by the pass while they are looked at is looked at once more.
        'everybody found is looked at, and nobody waits for another look',
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
      // The account itself is active and nobody's invitee.
      expect(report.parts.at(-1)).toMatchObject({ part: 'active', found: 0 });
    },
    60_000,
  );

  test('an interrupted sweep goes on where it was', async () => {
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

  test('nobody is missed while people leave during the sweep', async () => {
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
          // Five people of the first page leave while the second one is asked for.
          if (pages === 2) for (const id of ids.slice(0, 5)) control.disable(id);
        }
        return false;
      },
      act: { kind: 'hang' },
    });
    // The newest registrations would show most of them: only the sweep is to be tested.
    control.interfere({
      on: ({ path, query }) =>
        path.includes('people/filter') && query.get('sortBy') === 'registrationDate',
      act: { kind: 'answer', status: 200, body: '{"response":[],"count":0,"total":0,"status":0}' },
    });
    await reconcile(world);
    await until('all who stayed are members', async () => {
      const known = await Promise.all(ids.slice(5).map((id) => stateOf(world, id)));
      return known.every((state) => state !== undefined);
    });
  });
});

describe('the audience', () => {
  test('invited: a stranger is skipped and only the id is kept', async () => {
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

  test('invited: who came by this account with another address is listed, and retry welcomes them', async () => {
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

  test('invited: a skipped stranger who is invited later is judged again, and welcomed', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const admin = control.addAccount({ email: 'boss@example.com', type: 'DocSpaceAdmin' });
    const email = 'later@example.com';
    const userId = control.addUser({ email, how: 'admin', createdBy: admin.userId });
    await memberBecomes(world, userId, 'skipped');

    const invited = await world.api('POST', '/api/invitations', { employeeType: 'User', email });
    expect(invited.status).toBe(201);
    const member = await memberBecomes(world, userId, 'waiting');
    expect(member).toMatchObject({ invitationId: invited.json.id, email });
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('everyone: nobody who was here before is welcomed, everybody who comes is', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const [first = ''] = control.seedPeople({ count: 250, status: 1, activationStatus: 1 });
    const pending = control.addUser({ email: 'slow@example.com', how: 'admin' });
    const later = await world.restart({ WELCOME_AUDIENCE: 'everyone' });
    await until(
      'the baseline is complete',
      async () => (await reconcile(later)).interrupted === null,
    );
    expect((await later.api('GET', '/api/stats')).json.members.skipped).toBe(251);
    control.editProfile(first, { firstName: 'Old' });
    control.activateSilently(pending);
    const newcomer = control.addUser({ email: 'new@example.com', how: 'trustedDomain' });
    await reconcile(later);
    await memberBecomes(later, newcomer, 'welcomed');
    await memberBecomes(later, pending, 'welcomed');
    expect(await stateOf(later, first)).toBe('skipped');
    expect(control.congratulations()).toHaveLength(2);
  });

  test('everyone: deliveries wait until the baseline is complete, and who they show inactive is welcomed', async () => {
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
