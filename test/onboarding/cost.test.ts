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

/** The requests of the service since the last clearing, as method and route without ids. */
function requestsOf(world: World): string[] {
  return world.portal.control
    .requests()
    .filter(({ path }) => path.startsWith('/api/'))
    .map(
      ({ method, path }) =>
        `${method} ${path.replace('/api/2.0/', '').replace(/[0-9a-f-]{36}/, 'ID')}`,
    );
}

/** The first check is over: a member waits from its first hint on. */
async function isRegistered(world: World, userId: string): Promise<void> {
  await until('the first check showed them registered', async () => {
    return (await world.api('GET', `/api/members/${userId}`)).json.registeredAt;
  });
}

const threeRequests = ['GET people/ID', 'GET portal/users/ID', 'POST portal/sendcongratulations'];

describe('what a welcome costs the portal', () => {
  test('who joins by a personal link, confirms and is welcomed: three requests', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    await inviteAndRegister(world, 'first@example.com');
    await deliveriesOut(world);
    const { json } = await world.api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'ann@example.com',
    });
    control.clearRequests();
    const userId = control.register({
      link: json.link,
      email: 'ann@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    await isRegistered(world, userId);
    await deliveriesOut(world);
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    await deliveriesOut(world);
    const { text } = await world.api('GET', '/metrics');
    expect(text).toContain('\ndocspace_welcome_requests_per_welcome ');
    const calls = requestsOf(world).filter(
      (one) => !one.includes('register') && !one.includes('POST people'),
    );
    expect(calls).toEqual(threeRequests);
  });

  test.each(['Guest', 'User', 'RoomAdmin'])(
    'a %s by an open link: three requests, and the type is known',
    async (employeeType) => {
      const world = await startWorld();
      const { control } = world.portal;
      await inviteAndRegister(world, 'first@example.com');
      await deliveriesOut(world);
      const { json } = await world.api('POST', '/api/invitations', { employeeType });
      control.clearRequests();
      const userId = control.register({
        link: json.link,
        email: 'ann@example.com',
        firstName: 'Ann',
        lastName: 'Lee',
      });
      await isRegistered(world, userId);
      await deliveriesOut(world);
      control.confirmEmail(userId);
      const member = await memberBecomes(world, userId, 'welcomed');
      expect(requestsOf(world)).toEqual(threeRequests);
      expect([member.employeeType, member.invitedAs]).toEqual([employeeType, employeeType]);
    },
  );

  test('who is active at once: three requests', async () => {
    const world = await startWorld({ settings: { WELCOME_AUDIENCE: 'everyone' } });
    const { control } = world.portal;
    await memberBecomes(
      world,
      control.addUser({ email: 'first@example.com', how: 'trustedDomain' }),
      'welcomed',
    );
    await deliveriesOut(world);
    control.clearRequests();
    const userId = control.addUser({ email: 'ann@example.com', how: 'trustedDomain' });
    await memberBecomes(world, userId, 'welcomed');
    expect(requestsOf(world)).toEqual(threeRequests);
  });
});

describe('the type is what the portal made', () => {
  test('no seat left: a room admin’s link makes a user, which is shown and counted', async () => {
    const world = await startWorld({ portal: { paidSeats: 0 } });
    const { control } = world.portal;
    const { json } = await world.api('POST', '/api/invitations', {
      employeeType: 'RoomAdmin',
      email: 'ann@example.com',
    });
    const userId = control.register({
      link: json.link,
      email: 'ann@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    control.confirmEmail(userId);
    const member = await memberBecomes(world, userId, 'welcomed');
    expect([member.invitedAs, member.employeeType]).toEqual(['RoomAdmin', 'User']);
    expect((await world.api('GET', '/api/stats')).json.otherType).toBe(1);
    expect((await world.api('GET', `/api/invitations/${json.id}`)).json.members).toMatchObject([
      { invitedAs: 'RoomAdmin', employeeType: 'User' },
    ]);
  });

  test('a type that is raised before the person confirms is read again', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { json } = await world.api('POST', '/api/invitations', {
      employeeType: 'User',
      email: 'ann@example.com',
    });
    const userId = control.register({
      link: json.link,
      email: 'ann@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    control.changeType(userId, 'RoomAdmin');
    await deliveriesOut(world);
    control.confirmEmail(userId);
    const member = await memberBecomes(world, userId, 'welcomed');
    expect([member.invitedAs, member.employeeType]).toEqual(['User', 'RoomAdmin']);
  });
});

test('many who wait are read in pages, and who became active unnoticed is found', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock } });
  const { control } = world.portal;
  const people: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    people.push((await inviteAndRegister(world, `p${n}@example.com`)).userId);
  }
  for (const userId of people) await memberBecomes(world, userId, 'waiting');
  await deliveriesOut(world);
  const noneIsDue = () =>
    until('nobody is due', async () => {
      const { text } = await world.api('GET', '/metrics');
      return text.includes('\ndocspace_welcome_due_members 0\n');
    });
  await noneIsDue();

  control.clearRequests();
  clock.move(61_000);
  await noneIsDue();
  const isSingle = (one: string) => one.endsWith('/ID');
  expect(requestsOf(world).filter(isSingle).length).toBeLessThanOrEqual(10);

  const [first = ''] = people;
  control.activateSilently(first);
  clock.move(31 * 60_000);
  await memberBecomes(world, first, 'welcomed');
  await memberBecomes(world, first, 'welcomed');
  await noneIsDue();
  const { length } = requestsOf(world).filter(isSingle);
  expect(length).toBeLessThanOrEqual(20);
}, 40_000);
