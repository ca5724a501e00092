import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';

const weekMs = 7 * 24 * 3_600_000;

/** Whoever comes late still counts (design, "Invitations"): through the whole service. */
test('who was mailed an invitation, and a second one a week later, is welcomed when they come', async () => {
  const clock = createMovableClock();
  const world = await startWorld({
    surroundings: { clock },
    portal: { invitationLifetimeMs: 100 * weekMs },
  });
  const { control } = world.portal;
  const email = 'ann@example.com';
  const wanted = { employeeType: 'User', mode: 'email', email };
  expect((await world.api('POST', '/api/invitations', wanted)).status).toBe(201);
  const userId = control.userByEmail(email)?.id ?? '';
  await until('the person is known to come by the first invitation', async () => {
    return (await world.api('GET', `/api/members/${userId}`)).json.invitationId;
  });

  clock.move(weekMs + 1_000);
  expect((await world.api('POST', '/api/invitations', wanted)).status).toBe(201);
  const link = control.letters().find((letter) => letter.link !== undefined)?.link ?? '';
  control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
  await memberBecomes(world, userId, 'welcomed');
  expect(control.congratulations()).toHaveLength(1);
});

test('who failed is tried again, also when their address has a newer invitation', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    times: 1,
    act: { kind: 'answer', status: 400 },
  });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'failed');
  // The address moved on: nobody has it in the portal, so it can be invited anew.
  control.changeEmail(userId, 'ann@elsewhere.example');
  control.confirmChangedEmail(userId);
  const wanted = { employeeType: 'Guest', email: 'ann@example.com' };
  expect((await world.api('POST', '/api/invitations', wanted)).status).toBe(201);

  expect((await world.api('POST', `/api/members/${userId}/retry`)).status).toBe(200);
  await memberBecomes(world, userId, 'welcomed');
});
