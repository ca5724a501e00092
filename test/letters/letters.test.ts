import { describe, expect, test } from 'vitest';
import { type Fate, startMailServer } from '../channels/support.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { invitationBecomes, memberBecomes, startWorld, type World } from '../support/world.ts';
import { letterBecomes, linkIn, mailsTo, startMailWorld, subjectOf } from './support.ts';

const dayMs = 24 * 3_600_000;
const email = 'ann@example.com';

async function invite(world: World, more: Record<string, unknown> = {}) {
  const body = { employeeType: 'Guest', mode: 'smtp', email, ...more };
  const answer = await world.api('POST', '/api/invitations', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}

test('a guest is invited by a letter of this service in their language, follows its link, and gets one letter and one welcome', async () => {
  const mail = await startMailServer();
  // A letter does not count towards the limit of welcomes.
  const world = await startMailWorld(mail, { settings: { WELCOME_MAX_PER_HOUR: '1' } });
  const { id } = await invite(world, { language: 'de_AT' });
  const sent = await letterBecomes(world, id, 'sent');
  expect(sent).toMatchObject({ language: 'de-AT', status: 'issued', reminderDueAt: null });
  expect(sent.letters).toMatchObject([
    { kind: 'invitation', outcome: 'sent', reason: { code: 'mail_accepted' } },
  ]);
  expect(sent.timeline.map((entry: { event: string }) => entry.event)).toEqual([
    'invitation_requested',
    'invitation_issued',
    'letter_started',
    'letter_sent',
  ]);
  const [letter] = mailsTo(mail, email);
  expect(subjectOf(letter)).toContain('Ihre Einladung als Gast');
  const { control } = world.portal;
  const userId = control.register({
    link: linkIn(letter),
    email,
    firstName: 'Ann',
    lastName: 'Lee',
  });
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  expect(mailsTo(mail, email).map(subjectOf)).toHaveLength(2);
  const again = await world.api('POST', `/api/invitations/${id}/resend`);
  expect([again.status, again.json.type]).toEqual([409, 'urn:docspace-welcome:too_late_to_resend']);
});

describe('a mail server', () => {
  test('that refuses an address leaves the invitation for a person to look at, and "resend" mails it again', async () => {
    let fate: Fate = 'rcpt:550';
    const mail = await startMailServer({ fate: () => fate });
    const world = await startMailWorld(mail);
    const { id } = await invite(world);
    const metric = async (outcome: string) => {
      const { text } = await world.api('GET', '/metrics');
      const name = 'docspace_welcome_letters_total';
      return new RegExp(`${name}{kind="invitation",outcome="${outcome}"} (.*)`).exec(text)?.[1];
    };
    expect(await metric('unknown')).toBe('0');
    await letterBecomes(world, id, 'refused');
    expect(await metric('refused')).toBe('1');
    const stats = await world.api('GET', '/api/stats');
    expect(stats.json.letters).toEqual({ refused: 1, unknown: 0 });
    const listed = await world.api('GET', '/api/invitations?letter=refused');
    expect(listed.json.items).toMatchObject([{ id, letter: 'refused' }]);
    fate = 'take';
    expect((await world.api('POST', `/api/invitations/${id}/resend`)).status).toBe(200);
    const sent = await letterBecomes(world, id, 'sent');
    expect(sent.letters.map((one: { outcome: string }) => one.outcome)).toEqual([
      'refused',
      'sent',
    ]);
    expect(mailsTo(mail, email)).toHaveLength(1);
    expect([await metric('sent'), await metric('refused')]).toEqual(['1', '1']);
    expect((await world.api('GET', '/api/stats')).json.letters).toEqual({ refused: 0, unknown: 0 });
  });

  test('that is silent after the text leaves the letter unknown, which is never mailed again by itself', async () => {
    const clock = createMovableClock();
    let fate: Fate = 'dot:drop';
    const mail = await startMailServer({ fate: (_, step) => (step === 'dot' ? fate : 'take') });
    const settings = { INVITE_REMIND_AFTER: '1h' };
    const world = await startMailWorld(mail, { settings, surroundings: { clock } });
    const { id } = await invite(world);
    await letterBecomes(world, id, 'unknown');
    expect((await world.api('GET', '/metrics')).text).toContain(
      'docspace_welcome_letters_total{kind="invitation",outcome="unknown"} 1',
    );
    fate = 'take';
    clock.move(2 * dayMs);
    const restarted = await world.restart();
    const other = await invite(restarted, { email: 'ben@example.com' });
    await letterBecomes(restarted, other.id, 'sent');
    expect(mail.seen.filter((to) => to === email)).toHaveLength(1);
    expect((await restarted.api('POST', `/api/invitations/${id}/resend`)).status).toBe(200);
    await letterBecomes(restarted, id, 'sent');
  });

  test('that refuses everybody gets no further letter for a while, and then the rest of them', async () => {
    const clock = createMovableClock();
    let fate: Fate = 'rcpt:550';
    const mail = await startMailServer({ fate: () => fate });
    const settings = { SMTP_CONNECTIONS: '2' };
    const world = await startMailWorld(mail, { settings, surroundings: { clock } });
    const emails = Array.from({ length: 6 }, (_, index) => `p${index}@example.com`);
    for (const address of emails) await invite(world, { email: address });
    const countOf = async (letter: string) =>
      (await world.api('GET', `/api/invitations?letter=${letter}`)).json.items.length;
    await until('three were refused', async () => (await countOf('refused')) === 3);
    await until('the hold is logged', () => world.log.join('').includes('letters wait'));
    expect(await countOf('pending')).toBe(3);
    fate = 'take';
    clock.move(15 * 60_000);
    await until('the rest is sent', async () => (await countOf('sent')) === 3);
    expect(await countOf('refused')).toBe(3);
  });

  test('that defers a letter gets it again later, while welcomes go on', async () => {
    const clock = createMovableClock();
    let isDeferring = true;
    const mail = await startMailServer({
      fate: (to) => (isDeferring && to === email ? 'rcpt:450' : 'take'),
    });
    const settings = { WELCOME_CHANNEL: 'docspace', WELCOME_KEY: 'any' };
    const world = await startMailWorld(mail, { settings, surroundings: { clock } });
    const { id } = await invite(world);
    await until('the first try is over', async () => {
      const { json } = await world.api('GET', `/api/invitations/${id}`);
      return json.letters[0]?.outcome === 'not_sent' && json.letter === 'pending';
    });
    const link = (await world.api('GET', `/api/invitations/${id}`)).json.link;
    const { control } = world.portal;
    const other = await world.api('POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'ben@example.com',
    });
    const userId = control.register({
      link: other.json.link,
      email: 'ben@example.com',
      firstName: 'Ben',
      lastName: 'Lee',
    });
    control.confirmEmail(userId);
    await memberBecomes(world, userId, 'welcomed');
    isDeferring = false;
    clock.move(3_600_000);
    await letterBecomes(world, id, 'sent');
    expect(linkIn(mailsTo(mail, email)[0])).toBe(link);
  });
});

describe('a reminder', () => {
  test('comes once, with a fresh link when the old one expires soon, and not to a person who came', async () => {
    const clock = createMovableClock();
    const mail = await startMailServer();
    const settings = { INVITE_REMIND_AFTER: '3d,6d' };
    const world = await startMailWorld(mail, { settings, surroundings: { clock } });
    const { id } = await invite(world);
    const first = await letterBecomes(world, id, 'sent');
    const startedAt = Date.parse(first.letters[0].startedAt);
    expect(Date.parse(first.reminderDueAt)).toBe(startedAt + 3 * dayMs);
    const came = await invite(world, { email: 'ben@example.com' });
    await letterBecomes(world, came.id, 'sent');
    const { control } = world.portal;
    const benLink = linkIn(mailsTo(mail, 'ben@example.com')[0]);
    control.register({
      link: benLink,
      email: 'ben@example.com',
      firstName: 'Ben',
      lastName: 'Lee',
    });
    await invitationBecomes(world, came.id, 'registered');

    const lettersAre = (count: number) =>
      until(`${count} letters`, async () => {
        const { json } = await world.api('GET', `/api/invitations/${id}`);
        const isDone = json.letters.length === count && json.letters.at(-1).outcome === 'sent';
        return isDone ? json : null;
      });
    clock.move(3 * dayMs);
    const second = await lettersAre(2);
    expect(second.link).toBe(first.link);
    clock.move(3 * dayMs);
    const third = await lettersAre(3);
    expect(third.link).not.toBe(first.link);
    expect(third.reminderDueAt).toBeNull();
    const mails = mailsTo(mail, email);
    expect(mails.map(subjectOf).map((subject) => subject.includes('still open'))).toEqual([
      false,
      true,
      true,
    ]);
    expect(linkIn(mails[2])).toBe(third.link);
    expect(mailsTo(mail, 'ben@example.com')).toHaveLength(1);
  });

  test('is withheld from a person who became a user of the portal in another way', async () => {
    const clock = createMovableClock();
    const mail = await startMailServer();
    const settings = { INVITE_REMIND_AFTER: '1d' };
    const world = await startMailWorld(mail, {
      settings,
      surroundings: { clock },
      withWebhook: false,
    });
    const { id } = await invite(world);
    await letterBecomes(world, id, 'sent');
    world.portal.control.addUser({ email, how: 'sso' });
    clock.move(dayMs);
    const story = await until('the reminder is withheld', async () => {
      const { json } = await world.api('GET', `/api/invitations/${id}`);
      return json.timeline.at(-1).event === 'letter_withheld' ? json : null;
    });
    expect(story.timeline.at(-1).reason.code).toBe('already_user');
    expect(mailsTo(mail, email)).toHaveLength(1);
  });

  test('goes to people who were invited before reminders were switched on, and not to the revoked', async () => {
    const mail = await startMailServer();
    const world = await startMailWorld(mail);
    const { id } = await invite(world);
    const revoked = await invite(world, { email: 'ben@example.com' });
    await letterBecomes(world, id, 'sent');
    await letterBecomes(world, revoked.id, 'sent');
    await world.api('POST', `/api/invitations/${revoked.id}/revoke`);
    const restarted = await world.restart({ INVITE_REMIND_AFTER: '1s' });
    await until('the reminder arrives', () => mailsTo(mail, email).length === 2);
    await restarted.restart({ INVITE_REMIND_AFTER: '1s' });
    expect(mailsTo(mail, email)).toHaveLength(2);
    expect(mailsTo(mail, 'ben@example.com')).toHaveLength(1);
  });
});

describe('bad input', () => {
  test('is refused with the field that is wrong, and nobody is invited', async () => {
    const mail = await startMailServer();
    const world = await startMailWorld(mail);
    const refused = async (more: Record<string, unknown>) => {
      const body = { employeeType: 'Guest', mode: 'smtp', email, ...more };
      const { status, json } = await world.api('POST', '/api/invitations', body);
      return [status, json.errors?.[0].path];
    };
    expect(await refused({ email: null })).toEqual([400, 'email']);
    expect(await refused({ email: 'not an address' })).toEqual([400, 'email']);
    expect(await refused({ email: '"ann lee"@example.com' })).toEqual([400, 'email']);
    for (const language of ['klingon', 'xx', 'German', 'de,fr', 'und']) {
      expect(await refused({ language }), language).toEqual([400, 'language']);
    }
    expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
  });

  test('without the settings of a mail server the mode is refused as a whole', async () => {
    const world = await startWorld();
    const body = { employeeType: 'Guest', mode: 'smtp', email };
    const { status, json } = await world.api('POST', '/api/invitations', body);
    expect([status, json.type]).toEqual([422, 'urn:docspace-welcome:mail_not_configured']);
    const several = await world.api('POST', '/api/invitations', [body]);
    expect(several.json).toMatchObject([{ type: 'urn:docspace-welcome:mail_not_configured' }]);
    expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
  });
});

test('a pause of the operator holds letters back, and "resume" mails them', async () => {
  const mail = await startMailServer();
  const world = await startMailWorld(mail);
  await world.api('POST', '/api/pause');
  const { id, letter } = await invite(world);
  expect(letter).toBe('pending');
  const preview = await world.api('GET', `/api/invitations/${id}/preview`);
  expect(preview.json.letter).toMatchObject({ to: email, language: 'en' });
  expect(preview.json.letter.text).toContain('/s/sample');
  expect(mail.received).toHaveLength(0);
  await world.api('POST', '/api/resume');
  await letterBecomes(world, id, 'sent');
});

test('forgetting a person erases what the letters hold of them, and no letter follows', async () => {
  const mail = await startMailServer();
  const world = await startMailWorld(mail, { settings: { INVITE_REMIND_AFTER: '1s' } });
  const { id } = await invite(world, { language: 'fr' });
  await letterBecomes(world, id, 'sent');
  expect((await world.api('POST', '/api/forget', { email })).status).toBe(200);
  const { json } = await world.api('GET', `/api/invitations/${id}`);
  expect(json).toMatchObject({
    language: null,
    link: null,
    status: 'revoked',
    reminderDueAt: null,
  });
  expect(json.letters).toMatchObject([{ outcome: 'sent', reason: null }]);
});
