import { describe, expect, test } from 'vitest';
import { deliveriesOut, memberBecomes, startWorld } from '../support/world.ts';

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
