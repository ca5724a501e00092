import { describe, expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { memberBecomes, startWorld, type World } from '../support/world.ts';

const email = 'ann@example.com';
const person = { email, firstName: 'Ann', lastName: 'Lee' };

async function invite(world: World, body: Readonly<Record<string, string>>) {
  const answer = await world.api('POST', '/api/invitations', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}

/** The portal cuts times to seconds, so two moments are told apart only after that. */
const secondsMs = 2_100;

/** The portal and the service have the same clock. */
async function worldAt(timeZone: string) {
  const clock = createMovableClock();
  const portal = { timeZone, now: clock.now };
  return { clock, world: await startWorld({ portal, surroundings: { clock } }) };
}

// Each portal writes the times of registration in its own zone (docs/docspace-wire.md 13.2 number 35).
describe.each(['America/New_York', 'UTC', 'Asia/Taipei'])('a portal at %s', (timeZone) => {
  test('a person who registered before the invitation was revoked is welcomed', async () => {
    const { clock, world } = await worldAt(timeZone);
    const { control } = world.portal;
    const { id, link } = await invite(world, { employeeType: 'User' });
    const userId = control.register({ link, ...person });
    clock.move(secondsMs);
    expect((await world.api('POST', `/api/invitations/${id}/revoke`)).status).toBe(200);
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('a person who registered after the invitation was revoked is skipped', async () => {
    const { clock, world } = await worldAt(timeZone);
    const { control } = world.portal;
    const { id, link } = await invite(world, { employeeType: 'User' });
    expect((await world.api('POST', `/api/invitations/${id}/revoke`)).status).toBe(200);
    clock.move(secondsMs);
    const userId = control.register({ link, ...person });
    control.confirmEmail(userId);
    const member = await memberBecomes(world, userId, 'skipped');
    expect(member.reason.code).toBe('invitation_revoked');
    expect(control.congratulations()).toEqual([]);
  });

  test('a person who came by a letter is welcomed, and joined when they registered', async () => {
    const { clock, world } = await worldAt(timeZone);
    const { control } = world.portal;
    const { id } = await invite(world, { employeeType: 'User', mode: 'email', email });
    clock.move(secondsMs);
    const registeredAt = clock.now();
    const letter = control.letters().findLast(({ to }) => to === email);
    const userId = control.register({ link: letter?.link ?? '', ...person });
    const member = await memberBecomes(world, userId, 'welcomed');
    expect(member.invitationId).toBe(id);
    expect(Math.abs(Date.parse(member.registeredAt) - registeredAt)).toBeLessThan(10_000);
  });
});
