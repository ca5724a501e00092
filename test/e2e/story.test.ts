import { describe, expect, test } from 'vitest';
import { RELEASES } from '../../simulator/releases.ts';
import { invitationBecomes, memberBecomes, startWorld } from '../support/world.ts';

// The story of the README, at every supported release.
describe.each(RELEASES)('release %s', (release) => {
  test('a guest is invited, registers, confirms the e-mail address and is welcomed once, and the timeline contains all of it', async () => {
    const world = await startWorld({ portal: { release } });
    const { control } = world.portal;

    const invited = await world.api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'Zoe.Muller@Example.com',
      note: 'spring project',
    });
    expect(invited.status).toBe(201);
    expect(invited.json).toMatchObject({ status: 'issued', employeeType: 'Guest', mode: 'link' });
    expect(invited.json.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/s\//);

    const userId = control.register({
      link: invited.json.link,
      email: 'zoe.Muller@example.com',
      firstName: 'Zoë',
      lastName: 'O’Müller',
    });
    await invitationBecomes(world, invited.json.id, 'registered');
    expect(control.congratulations()).toHaveLength(0);

    control.confirmEmail(userId);
    const story = await invitationBecomes(world, invited.json.id, 'welcomed');

    expect(control.congratulations()).toMatchObject([{ userId, key: 'welcome_guest' }]);
    expect(story.link).toBeNull();
    expect(story.members).toMatchObject([{ userId, state: 'welcomed', firstName: 'Zoë' }]);
    const events = story.timeline.map((entry: { event: string }) => entry.event);
    expect(events).toEqual(
      expect.arrayContaining(['invitation_issued', 'delivery_received', 'registered', 'welcomed']),
    );
    const { json: member } = await world.api('GET', `/api/members/${userId}`);
    expect(member.attempts).toMatchObject([{ channel: 'docspace', outcome: 'sent' }]);
  });

  test("a user who is invited by the portal's e-mail is welcomed after registering", async () => {
    const world = await startWorld({ portal: { release } });
    const { control } = world.portal;
    const invited = await world.api('POST', '/api/invitations', {
      employeeType: 'User',
      mode: 'email',
      email: 'anna@example.com',
    });
    expect(invited.json).toMatchObject({ status: 'issued', mode: 'email', link: null });
    const pending = control.userByEmail('anna@example.com');
    if (!pending) throw new Error('the portal does not know the invited person');
    await memberBecomes(world, pending.id, 'waiting');
    const letter = control.letters().find((one) => one.to === 'anna@example.com' && one.link);
    if (!letter?.link) throw new Error('the portal mailed no invitation');

    control.register({
      link: letter.link,
      email: 'anna@example.com',
      firstName: 'Anna',
      lastName: 'Berg',
    });

    await invitationBecomes(world, invited.json.id, 'welcomed');
    expect(control.congratulations()).toMatchObject([{ userId: pending.id }]);
  });

  test('several invitations in one request are answered one by one, and each person is welcomed once', async () => {
    const world = await startWorld({ portal: { release } });
    const { control } = world.portal;
    const answer = await world.api('POST', '/api/invitations', [
      { employeeType: 'Guest', email: 'one@example.com' },
      { employeeType: 'User', email: 'two@example.com' },
      { employeeType: 'Guest', email: 'ONE@example.com' },
      { employeeType: 'RoomAdmin', email: 'three@example.com' },
    ]);
    expect(answer.status).toBe(201);
    const [one, two, again, three] = answer.json;
    expect(again).toMatchObject({ status: 409, invitation: one.id });

    for (const [index, invitation] of [one, two, three].entries()) {
      const userId = control.register({
        link: invitation.link,
        email: invitation.email,
        firstName: `Person ${index}`,
        lastName: 'Example',
      });
      control.confirmEmail(userId);
    }

    for (const invitation of [one, two, three]) {
      await invitationBecomes(world, invitation.id, 'welcomed');
    }
    expect(new Set(control.congratulations().map((one) => one.userId)).size).toBe(3);
    expect(control.congratulations()).toHaveLength(3);
  });

  test('an open link used by three people welcomes each of them, and counts them', async () => {
    const world = await startWorld({ portal: { release } });
    const { control } = world.portal;
    const { json: open } = await world.api('POST', '/api/invitations', { employeeType: 'User' });
    expect(open.status).toBe('open');

    const people = ['a@example.com', 'b@example.com', 'c@example.com'].map((email) =>
      control.register({ link: open.link, email, firstName: 'P', lastName: 'Q' }),
    );
    for (const userId of people) control.confirmEmail(userId);

    for (const userId of people) await memberBecomes(world, userId, 'welcomed');
    const { json } = await world.api('GET', `/api/invitations/${open.id}`);
    expect(json).toMatchObject({ status: 'open', memberCounts: { welcomed: 3 } });
    expect(control.congratulations()).toHaveLength(3);
  });
});
