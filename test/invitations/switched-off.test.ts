import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startMailServer } from '../channels/support.ts';
import { startCliSetup } from '../cli/support.ts';
import { openPractice, pick } from '../doctor/support.ts';
import { letterBecomes, mailsTo, startMailWorld } from '../letters/support.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

/* Members or guests that an admin switched off under Settings, Security, Invitation settings. */

const isSettings = ({ path }: { readonly path: string }) => path.endsWith('/invitationsettings');
const isIssuing = ({ method, path }: { readonly method: string; readonly path: string }) =>
  path.includes('/portal/users/invite/') || (method !== 'GET' && path.endsWith('people/invite'));

function invite(world: World, body: unknown) {
  return world.api('POST', '/api/invitations', body);
}

function countOf(world: World, which: typeof isIssuing): number {
  return world.portal.control.requests().filter(which).length;
}

const ann = { email: 'ann@example.com' };

describe('guests that are switched off in the portal', () => {
  test.each([
    ['by an open link', { employeeType: 'Guest' }],
    ['by a personal link', { employeeType: 'Guest', ...ann }],
  ])('are not invited %s, and the reason says what to switch on and where', async (_, body) => {
    const world = await startWorld({ withWebhook: false });
    world.portal.control.setInvitingGuests(false);
    const { status, json } = await invite(world, body);
    expect([status, json.type]).toEqual([422, 'urn:docspace-welcome:guests_switched_off']);
    expect(json.detail).toContain('guests are switched off');
    expect(json.detail).toContain('Settings, Security, Invitation settings');
    expect(countOf(world, isIssuing)).toBe(0);
    expect((await invite(world, { employeeType: 'User' })).status).toBe(201);

    world.portal.control.setInvitingGuests(true);
    expect((await invite(world, { employeeType: 'Guest' })).status).toBe(201);
  });

  test('get no letter of this service until they are switched on again', async () => {
    const mail = await startMailServer();
    const clock = createMovableClock();
    const settings = { INVITE_REMIND_AFTER: '1h' };
    const world = await startMailWorld(mail, { settings, surroundings: { clock } });
    const { json } = await invite(world, { employeeType: 'Guest', mode: 'smtp', ...ann });
    await letterBecomes(world, json.id, 'sent');
    world.portal.control.setInvitingGuests(false);
    clock.move(90 * 60_000);
    await until('the reminder waits', () =>
      world.log.some((line) => line.includes('a letter waits for an hour: guests are switched')),
    );
    expect(mailsTo(mail, ann.email)).toHaveLength(1);
    world.portal.control.setInvitingGuests(true);
    clock.move(3_600_000);
    await until('the reminder is mailed', () => mailsTo(mail, ann.email).length === 2);
    await until('the reminder is counted', async () =>
      (await world.api('GET', '/metrics')).text.includes(
        'docspace_welcome_letters_total{kind="reminder",outcome="sent"} 1',
      ),
    );
  });

  test('are not sent a link or letter again', async () => {
    const world = await startWorld({ withWebhook: false });
    const { json } = await invite(world, { employeeType: 'Guest', ...ann });
    world.portal.control.setInvitingGuests(false);
    const later = await world.restart();
    const again = await later.api('POST', `/api/invitations/${json.id}/resend`);
    expect([again.status, again.json.type]).toEqual([
      422,
      'urn:docspace-welcome:guests_switched_off',
    ]);
  });
});

describe('members that are switched off in the portal', () => {
  test.each([
    ['a user by an open link', { employeeType: 'User' }],
    ['a guest by an open link', { employeeType: 'Guest' }],
    ['a user by e-mail', { employeeType: 'User', mode: 'email', ...ann }],
    ['a room admin by a personal link', { employeeType: 'RoomAdmin', ...ann }],
  ])('%s is not invited', async (_, body) => {
    const world = await startWorld({ withWebhook: false });
    world.portal.control.setInvitingMembers(false);
    const { status, json } = await invite(world, body);
    expect([status, json.type]).toEqual([422, 'urn:docspace-welcome:inviting_switched_off']);
    expect(countOf(world, isIssuing)).toBe(0);
  });
});

test('many invitations read the settings once', async () => {
  const world = await startWorld({ withWebhook: false });
  const many = Array.from({ length: 50 }, (_, i) => ({
    employeeType: i % 2 === 0 ? 'Guest' : 'User',
    email: `p${i}@example.com`,
  }));
  expect((await invite(world, many)).status).toBe(201);
  expect(countOf(world, isSettings)).toBe(1);
});

test.each([404, 500, 403])(
  'a portal that answers %i about the settings is asked for the invitation',
  async (status) => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    control.interfere({ on: isSettings, act: { kind: 'answer', status, body: '' } });
    expect((await invite(world, { employeeType: 'Guest' })).status).toBe(201);
  },
);

test('a CSV with guests and members says before and after the import who is refused', async () => {
  const { folder, portal, run } = await startCliSetup();
  portal.control.setInvitingGuests(false);
  const file = join(folder, 'people.csv');
  writeFileSync(file, 'email,type\nann@example.com,Guest\nbob@example.com,User\n');
  for (const flags of [['--dry-run'], []]) {
    const { out } = await run('invite', '--csv', file, '--json', ...flags);
    const { rows } = JSON.parse(out.slice(out.indexOf('{')));
    expect(rows).toMatchObject([
      { reason: { code: 'guests_switched_off' } },
      flags.length > 0 ? { verdict: 'new' } : { result: 'invited' },
    ]);
  }
  const { items } = (await run('list', '--json')).json();
  const statuses = items.map((one: { email: string; status: string }) => [one.email, one.status]);
  expect(Object.fromEntries(statuses)).toEqual({
    'ann@example.com': 'failed',
    'bob@example.com': 'issued',
  });
});

test('"show" says it about an invitation that is out, until guests are switched on again', async () => {
  const { portal, run, serve } = await startCliSetup();
  await run('invite', ann.email, '--type', 'Guest');
  await run('invite', 'bob@example.com', '--type', 'User');
  portal.control.setInvitingGuests(false);
  const world = await serve();
  await world.api('POST', '/api/reconcile');
  expect((await run('show', ann.email)).out.replace(/\s+/g, ' ')).toContain(
    'guests are switched off in the portal',
  );
  expect((await run('show', 'bob@example.com')).out).toContain('opens the link');
  portal.control.setInvitingGuests(true);
  await world.api('POST', '/api/reconcile');
  expect((await run('show', ann.email)).out).toContain('opens the link');
});

test.each(['guests', 'members'])('doctor warns that %s are switched off', async (whom) => {
  const { portal, diagnose } = await openPractice();
  if (whom === 'guests') portal.control.setInvitingGuests(false);
  else portal.control.setInvitingMembers(false);
  const finding = pick(await diagnose(), 'portal', `inviting_${whom}`);
  expect(finding).toMatchObject({
    level: 'warning',
    mend: expect.stringContaining('Settings, Security, Invitation settings'),
  });
});
