import { describe, expect, test } from 'vitest';
import { deliveriesOut, invitationBecomes, memberBecomes, startWorld } from '../support/world.ts';

/** A read of one person other than the account of the API key. */
const isCheck =
  (accountId: string) =>
  ({ path }: { readonly path: string }) =>
    /(people|portal\/users)\/[0-9a-f-]{36}$/.test(path) && !path.endsWith(accountId);

describe('a person who leaves before the first check, known only from deliveries', () => {
  test.each([
    ['link', 'deleted'],
    ['email', 'deleted'],
    ['link', 'disabled'],
    ['email', 'disabled'],
  ] as const)('invited by %s and %s: gone, and so is the invitation', async (mode, how) => {
    const world = await startWorld();
    const { control, accountId } = world.portal;
    // Until it is lifted nobody can be checked.
    const lift = control.interfere({
      on: isCheck(accountId),
      act: { kind: 'answer', status: 500 },
    });
    const wish = { employeeType: 'User', mode, email: 'ann@example.com' };
    const { json } = await world.api('POST', '/api/invitations', wish);
    expect(json.status).toBe('issued');
    if (mode === 'link') {
      const names = { firstName: 'Ann', lastName: 'Lee' };
      control.register({ link: json.link, email: 'ann@example.com', ...names });
    }
    const userId = control.userByEmail('ann@example.com')?.id ?? '';
    await deliveriesOut(world);
    control.disable(userId);
    if (how === 'deleted') control.deleteUser(userId);
    await deliveriesOut(world);
    lift();
    await world.api('POST', '/api/resume');
    const member = await memberBecomes(world, userId, 'gone');
    expect(member).toMatchObject({ reason: { code: how }, invitationId: json.id });
    await invitationBecomes(world, json.id, 'gone');
    expect(control.congratulations()).toEqual([]);
  });

  test('and whom only the delivery about the deletion names is gone', async () => {
    const world = await startWorld({ withWebhook: true });
    const { control } = world.portal;
    control.dropNextDeliveries(2);
    const userId = control.addUser({ email: 'ann@example.com', how: 'admin' });
    control.disable(userId);
    control.deleteUser(userId);
    await deliveriesOut(world);
    expect(await memberBecomes(world, userId, 'gone')).toMatchObject({
      reason: { code: 'deleted' },
    });
  });
});
