import { describe, expect, test } from 'vitest';
import { invitationLifetimeMs } from '../../src/domain/invitation.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  invitationBecomes,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const guest = { employeeType: 'Guest', email: 'ann@example.com' };
const mailed = { employeeType: 'User', mode: 'email', email: 'bea@example.com' };

async function invite(world: World, body: unknown) {
  const answer = await world.api('POST', '/api/invitations', body);
  expect(answer.status).toBe(201);
  return answer.json;
}

function reissue(world: World, verb: 'revoke' | 'resend', id: string) {
  return world.api('POST', `/api/invitations/${id}/${verb}`);
}

/** Waits until the next second, because the portal cuts times to seconds. */
async function laterThan(time: string): Promise<void> {
  const second = Math.floor(Date.parse(time) / 1_000);
  await until('the next second begins', () => Math.floor(Date.now() / 1_000) > second);
}

function inviteLetters(world: World, email: string): number {
  return world.portal.control.letters().filter((one) => one.to === email && one.link).length;
}

describe('revoke', () => {
  test('closes the invitation, erases the link and says that the portal cannot take it back', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id, link } = await invite(world, guest);
    const answer = await reissue(world, 'revoke', id);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id, status: 'revoked', link: null });
    expect(answer.json.revokedAt).toMatch(/Z$/);
    expect(answer.json.warning).toContain('cannot take a link back');
    expect(JSON.stringify((await world.api('GET', `/api/invitations/${id}`)).json)).not.toContain(
      link,
    );
    const { json } = await world.api('GET', `/api/invitations/${id}`);
    expect(json.timeline.at(-1)).toMatchObject({
      event: 'invitation_revoked',
      actor: { kind: 'operator' },
      cause: { kind: 'command', name: 'revoke' },
    });
  });

  test('makes the service skip a person who uses the link, and the person may be invited again', async () => {
    const world = await startWorld();
    const { id, link } = await invite(world, guest);
    await laterThan((await reissue(world, 'revoke', id)).json.revokedAt);
    const userId = world.portal.control.register({
      link,
      email: guest.email,
      firstName: 'Ann',
      lastName: 'Lee',
    });
    world.portal.control.confirmEmail(userId);
    const member = await memberBecomes(world, userId, 'skipped');
    expect(member.reason.code).toBe('invitation_revoked');
    expect(world.portal.control.congratulations()).toHaveLength(0);
  });

  test('of an open link affects everybody who has not come yet', async () => {
    const world = await startWorld();
    const { id, link } = await invite(world, { employeeType: 'User' });
    const person = { link, email: 'early@example.com', firstName: 'E', lastName: 'F' };
    const early = world.portal.control.register(person);
    await memberBecomes(world, early, 'waiting');
    await laterThan(new Date().toISOString());
    const { json } = await reissue(world, 'revoke', id);
    expect(json).toMatchObject({ status: 'revoked', link: null });
    await laterThan(json.revokedAt);
    const late = world.portal.control.register({ ...person, email: 'late@example.com' });
    for (const userId of [early, late]) world.portal.control.confirmEmail(userId);
    expect((await memberBecomes(world, late, 'skipped')).reason.code).toBe('invitation_revoked');
    await memberBecomes(world, early, 'welcomed');
  });

  test('skips a person whom the portal created for its e-mail at once, and a new invitation makes them wait again', async () => {
    const world = await startWorld();
    const { id } = await invite(world, mailed);
    const pending = world.portal.control.userByEmail(mailed.email);
    if (!pending) throw new Error('the portal does not know the invited person');
    await memberBecomes(world, pending.id, 'waiting');
    expect((await reissue(world, 'revoke', id)).status).toBe(200);
    expect((await memberBecomes(world, pending.id, 'skipped')).reason.code).toBe(
      'invitation_revoked',
    );

    const again = await invite(world, mailed);
    expect(again.id).not.toBe(id);
    await memberBecomes(world, pending.id, 'waiting');
    const refused = await reissue(world, 'resend', id);
    expect(refused.status).toBe(409);
    expect(refused.json.type).toBe('urn:docspace-welcome:revoked_invite_again');
  });

  test('of an open link promises nothing if another open link has the same role', async () => {
    const world = await startWorld({ withWebhook: false });
    const first = await invite(world, { employeeType: 'User' });
    const second = await invite(world, { employeeType: 'User' });
    await invite(world, { employeeType: 'Guest' });
    const revoked = await reissue(world, 'revoke', first.id);
    expect(revoked.json.warning).toContain(second.id);
    expect(revoked.json.warning).not.toContain('gets no welcome');
    const last = await reissue(world, 'revoke', second.id);
    expect(last.json.warning).toContain('gets no welcome');
  });

  test('of an open link differs from that of another account, and from a personal link', async () => {
    const world = await startWorld({ withWebhook: false });
    const admin = world.portal.control.addAccount({
      email: 'admin@example.com',
      type: 'DocSpaceAdmin',
    });
    const first = await invite(world, { employeeType: 'User' });
    const theirs = await world.restart({ DOCSPACE_API_KEY: admin.apiKey });
    await invite(theirs, { employeeType: 'User' });
    const personal = await invite(theirs, { ...guest, employeeType: 'User' });
    for (const { id } of [first, personal]) {
      expect((await reissue(theirs, 'revoke', id)).json.warning).toContain('gets no welcome');
    }
  });

  test('of an invitation whose person has registered is 409 and says what to do instead', async () => {
    const world = await startWorld();
    const { invitationId } = await inviteAndRegister(world, 'ann@example.com');
    await invitationBecomes(world, invitationId, 'registered');
    for (const verb of ['revoke', 'resend'] as const) {
      const answer = await reissue(world, verb, invitationId);
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({
        type: `urn:docspace-welcome:too_late_to_${verb}`,
        invitation: invitationId,
      });
      expect(answer.json.detail).toContain('already registered');
    }
  });

  test('for the second time, or for a failed invitation, is 409', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id } = await invite(world, guest);
    expect((await reissue(world, 'revoke', id)).status).toBe(200);
    expect((await reissue(world, 'revoke', id)).json.type).toMatch(/:already_revoked$/);

    world.portal.control.setInvitingMembers(false);
    const refused = await world.api('POST', '/api/invitations', { employeeType: 'Guest' });
    for (const verb of ['revoke', 'resend'] as const) {
      const answer = await reissue(world, verb, refused.json.invitation);
      expect([answer.status, answer.json.type]).toEqual([409, 'urn:docspace-welcome:never_issued']);
    }
  });

  test('of an unknown id is 404, whatever the id looks like', async () => {
    const world = await startWorld({ withWebhook: false });
    for (const id of ['inv_nobody', '%27%3B--', '%00', 'x'.repeat(300)]) {
      for (const verb of ['revoke', 'resend'] as const) {
        expect((await reissue(world, verb, id)).status).toBe(404);
      }
    }
    expect((await world.api('GET', '/api/invitations/x/revoke')).status).toBe(404);
  });

  test('ten times at once revokes once', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id } = await invite(world, guest);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => reissue(world, 'revoke', id)),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });
});

describe('resend', () => {
  test('gives an invitation a new link under the same id, and a person can come by either link', async () => {
    const world = await startWorld();
    const { id, link, issuedAt } = await invite(world, guest);
    const again = await reissue(world, 'resend', id);
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ id, status: 'issued' });
    expect(again.json.link).toMatch(/^http/);
    expect(again.json.link).not.toBe(link);
    expect(Date.parse(again.json.issuedAt)).toBeGreaterThanOrEqual(Date.parse(issuedAt));
    const { control } = world.portal;
    const person = { email: guest.email, firstName: 'Ann', lastName: 'Lee' };
    control.confirmEmail(control.register({ link: again.json.link, ...person }));
    const story = await invitationBecomes(world, id, 'welcomed');
    expect(story.link).toBeNull();
    expect(story.timeline).toContainEqual(expect.objectContaining({ event: 'link_renewed' }));
  });

  test('makes the portal mail an e-mail invitation again', async () => {
    const world = await startWorld();
    const { id } = await invite(world, mailed);
    await until('the portal mailed once', () => inviteLetters(world, mailed.email) === 1);
    expect((await reissue(world, 'resend', id)).json).toMatchObject({
      status: 'issued',
      link: null,
    });
    expect(inviteLetters(world, mailed.email)).toBe(2);
  });

  test('makes an expired invitation current again, unless there is a newer one', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { id } = await invite(world, guest);
    clock.move(invitationLifetimeMs + 1_000);
    await invitationBecomes(world, id, 'expired');
    const renewed = await reissue(world, 'resend', id);
    expect(renewed.json).toMatchObject({ id, status: 'issued' });
    expect((await world.api('POST', '/api/invitations', guest)).status).toBe(409);

    clock.move(invitationLifetimeMs + 1_000);
    const next = await invite(world, guest);
    const refused = await reissue(world, 'resend', id);
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ invitation: next.id });
    expect((await reissue(world, 'revoke', id)).json).toMatchObject({ status: 'revoked' });
    expect((await reissue(world, 'revoke', next.id)).status).toBe(200);
  });

  test('sends nothing to a person who has registered without a delivery, or is disabled', async () => {
    const world = await startWorld({ withWebhook: false });
    const { invitationId, userId } = await inviteAndRegister(world, 'ann@example.com');
    const registered = await reissue(world, 'resend', invitationId);
    expect([registered.status, registered.json.type]).toEqual([
      409,
      'urn:docspace-welcome:registered_not_confirmed',
    ]);
    world.portal.control.confirmEmail(userId);
    const confirmed = await reissue(world, 'resend', invitationId);
    expect(confirmed.json.type).toBe('urn:docspace-welcome:too_late_to_resend');
    world.portal.control.disable(userId);
    const disabled = await reissue(world, 'resend', invitationId);
    expect([disabled.status, disabled.json.type]).toEqual([
      409,
      'urn:docspace-welcome:user_disabled',
    ]);
  });

  test('changes nothing if the portal is in trouble or refuses', async () => {
    const world = await startWorld({ withWebhook: false });
    const { id, link } = await invite(world, { employeeType: 'Guest' });
    world.portal.control.setInvitingMembers(false);
    expect((await reissue(world, 'resend', id)).status).toBe(422);
    world.portal.control.setInvitingMembers(true);
    world.portal.control.suspend();
    expect((await reissue(world, 'resend', id)).status).toBe(502);
    world.portal.control.unsuspend();
    expect((await world.api('GET', `/api/invitations/${id}`)).json).toMatchObject({
      status: 'open',
      link,
    });
  });

  test('does not give a link to an invitation that is revoked while the portal is asked', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    const { id } = await invite(world, { employeeType: 'Guest' });
    control.interfere({
      on: ({ path }) => path.includes('portal/users/invite/'),
      times: 1,
      act: { kind: 'effectThenHold' },
    });
    control.clearRequests();
    const resent = reissue(world, 'resend', id);
    await until('the portal is asked', () => control.requests().length > 0);
    expect((await reissue(world, 'revoke', id)).status).toBe(200);
    control.release();
    expect((await resent).status).toBe(409);
    const { json } = await world.api('GET', `/api/invitations/${id}`);
    expect(json).toMatchObject({ status: 'revoked', link: null });
  });

  test('does not affect people who came by the open link before', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { control } = world.portal;
    const { id, link } = await invite(world, { employeeType: 'Guest' });
    const userId = control.register({
      link,
      email: 'early@example.com',
      firstName: 'E',
      lastName: 'F',
    });
    control.confirmEmail(userId);
    clock.move(3_600_000);
    await reissue(world, 'resend', id);
    await world.api('POST', '/api/reconcile');
    expect((await memberBecomes(world, userId, 'welcomed')).invitationId).toBe(id);
  });
});

test('does not keep a person who comes late by an expired invitation from being welcomed, although another invitation followed', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock } });
  const { control } = world.portal;
  const first = await invite(world, mailed);
  const pending = control.userByEmail(mailed.email);
  if (!pending) throw new Error('the portal does not know the invited person');
  await memberBecomes(world, pending.id, 'waiting');
  clock.move(invitationLifetimeMs + 1_000);
  const second = await invite(world, mailed);
  expect(second.id).not.toBe(first.id);
  const letter = control.letters().find((one) => one.to === mailed.email && one.link);
  if (!letter?.link) throw new Error('the portal mailed no invitation');
  control.register({ link: letter.link, email: mailed.email, firstName: 'B', lastName: 'C' });
  await memberBecomes(world, pending.id, 'welcomed');
  expect(control.congratulations()).toHaveLength(1);
});
