import { describe, expect, test } from 'vitest';
import { ask, signIn } from '../dashboard/hostile-support.ts';
import { filesWith, verb } from '../keep/support.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

describe('an address that an admin changed', () => {
  test.each([
    ['before the first check', true],
    ['after the first check', false],
  ])('%s: the person is still the invited one, and welcomed', async (_says, isBefore) => {
    const world = await startWorld();
    const { control } = world.portal;
    const { json } = await world.api('POST', '/api/invitations', {
      employeeType: 'User',
      email: 'old@example.com',
    });
    // Until it is lifted nobody can be checked.
    const lift = isBefore
      ? control.interfere({
          on: ({ path }) => /people\/[0-9a-f-]{36}$|portal\/users\/[0-9a-f-]{36}$/.test(path),
          act: { kind: 'answer', status: 500 },
        })
      : () => {};
    const userId = control.register({
      link: json.link,
      email: 'old@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    if (!isBefore) await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);
    control.changeEmail(userId, 'new@example.com');
    await deliveriesOut(world);
    lift();
    control.confirmEmail(userId);
    await deliveriesOut(world);
    await world.api('POST', '/api/resume');
    await world.api('POST', `/api/members/${userId}/retry`).catch(() => null);
    const member = await memberBecomes(world, userId, 'welcomed');
    expect(member).toMatchObject({ email: 'new@example.com', invitationId: json.id });
    const found = await world.api('GET', '/api/members?email=new@example.com');
    expect(found.json.items).toMatchObject([{ userId }]);
    expect(control.congratulations()).toHaveLength(1);
  });

  test('another person with a former address of nobody is a stranger still', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    await world.api('POST', '/api/invitations', { employeeType: 'User', email: 'old@example.com' });
    const userId = control.addUser({ email: 'other@example.com', how: 'trustedDomain' });
    expect(await memberBecomes(world, userId, 'skipped')).toMatchObject({
      reason: { code: 'not_invited' },
    });
  });
});

/** A welcomed person who was invited as old@example.com and is new@example.com at the portal now. */
async function movedWorld(learn: (world: World, userId: string) => Promise<unknown>) {
  // The name that `verb` uses.
  const world = await startWorld({ settings: { DATABASE_URL: 'file:welcome.db' } });
  const { control } = world.portal;
  const { userId, invitationId } = await inviteAndRegister(world, 'old@example.com');
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  await deliveriesOut(world);
  control.changeEmail(userId, 'new@example.com');
  await learn(world, userId);
  await until('the service knows the new address', async () => {
    const { json } = await world.api('GET', `/api/members/${userId}`);
    return json.email === 'new@example.com';
  });
  return { world, userId, invitationId };
}

const reconcile = (world: World) => world.api('POST', '/api/reconcile');
const confirm = async (world: World, userId: string) => world.portal.control.confirmEmail(userId);

describe('an address that an admin changed after the welcome', () => {
  test.each([
    ['the poll', reconcile],
    ['a delivery', confirm],
  ])('is learnt from %s, and the person is found by both', async (_says, learn) => {
    const { world, userId, invitationId } = await movedWorld(learn);
    const cookie = await signIn(world);
    for (const email of ['old@example.com', 'NEW@example.com']) {
      const members = await world.api('GET', `/api/members?email=${email}`);
      expect(members.json.items).toMatchObject([{ userId, state: 'welcomed' }]);
      const invitations = await world.api('GET', `/api/invitations?email=${email}`);
      expect(invitations.json.items).toMatchObject([{ id: invitationId }]);
      for (const path of ['invitations', 'people']) {
        const [q = ''] = email.split('@');
        const page = await ask(world, 'GET', `/${path}?q=${q}`, { headers: { cookie } });
        expect(page.text).toMatch(/(old|new)@example\.com/);
      }
      const { output } = await verb(world, ['show', email]);
      expect(output).toContain(userId);
      expect(output).not.toContain('no invitation of this service');
    }
    expect(world.portal.control.congratulations()).toHaveLength(1);
  });

  test('neither address can be invited again while the person is a user', async () => {
    const { world, userId } = await movedWorld(confirm);
    const invite = (email: string) =>
      world.api('POST', '/api/invitations', { employeeType: 'User', email });
    const old = await invite('OLD@example.com');
    expect([old.status, old.json.type]).toEqual([409, expect.stringMatching(/former_address$/)]);
    expect(old.json.detail).toContain('new@example.com');
    expect((await invite('new@example.com')).json.type).toMatch(/already_user$/);
    // The person leaves, so the address is free again.
    world.portal.control.disable(userId);
    world.portal.control.deleteUser(userId);
    await until('the person is absent', async () => {
      return (await world.api('GET', `/api/members/${userId}`)).json.absentSince;
    });
    expect((await invite('old@example.com')).status).toBe(201);
  });

  test.each(['old@example.com', 'new@example.com'])('forgetting %s erases both', async (email) => {
    const { world } = await movedWorld(reconcile);
    const { json } = await world.api('POST', '/api/forget', { email });
    expect(json).toMatchObject({ known: true, scrubbed: true });
    for (const one of ['old@example.com', 'new@example.com']) {
      expect(filesWith(world.folder, one)).toEqual([]);
      const { items } = (await world.api('GET', `/api/members?email=${one}`)).json;
      expect(items).toEqual([]);
    }
  });
});
