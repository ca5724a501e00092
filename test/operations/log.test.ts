import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeError } from '../../src/log.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import {
  adminToken,
  deliveriesOut,
  invitationBecomes,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
  webhookSecret,
} from '../support/world.ts';

const lineSchema = z.looseObject({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  at: z.iso.datetime(),
  message: z.string().min(1),
});

function linesOf(world: World) {
  return world.log.map((line) => {
    expect(line.trimEnd()).not.toContain('\n');
    return lineSchema.parse(JSON.parse(line));
  });
}

test('each decision is one JSON line with the member, the delivery and the attempt', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await inviteAndRegister(world, 'zoe@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  await deliveriesOut(world);

  const ours = linesOf(world).filter((line) => line.member === userId);
  const told = ours.map((line) => line.message);
  expect(told).toEqual(expect.arrayContaining(['user.created received', 'registered', 'welcomed']));
  const arrived = ours.filter((line) => line.message === 'user.created received');
  expect(arrived).toMatchObject([
    { delivery: expect.any(Number), cause: expect.stringMatching(/^delivery \d+/) },
  ]);
  const welcomed = ours.filter((line) => line.message === 'welcomed');
  const { json } = await world.api('GET', `/api/members/${userId}`);
  expect(welcomed).toMatchObject([
    { attempt: json.attempts[0].id, invitation: invitationId, state: 'welcomed' },
  ]);
});

test('no log line contains a secret, a link, a body, an address or a name', async () => {
  const world = await startWorld();
  const { control } = world.portal;
  const { json: invited } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'Zoe.Quill@example.com',
    note: 'a note for the log alone',
  });
  const userId = control.register({
    link: invited.link,
    email: 'zoe.quill@example.com',
    firstName: 'Zoëlina',
    lastName: 'Quillfeather',
  });
  await memberBecomes(world, userId, 'waiting');
  control.confirmEmail(userId);
  await invitationBecomes(world, invited.id, 'welcomed');

  const { json: open } = await world.api('POST', '/api/invitations', { employeeType: 'User' });
  const mailed = { employeeType: 'User', mode: 'email', email: 'mailed.person@example.com' };
  const { json: letter } = await world.api('POST', '/api/invitations', mailed);
  await world.api('POST', '/api/invitations', mailed);
  await world.api('POST', `/api/invitations/${letter.id}/resend`);
  await world.api('POST', `/api/invitations/${open.id}/revoke`);
  const unreadable = '{"payload":"a body that nobody can read"}';
  await deliver(world.service.url, unreadable, signed(unreadable));
  await deliver(world.service.url, deliveryBody({ id: 77 }), signed(deliveryBody({ id: 77 })));
  await deliver(world.service.url, unreadable, { 'x-docspace-signature-256': 'sha256=AB' });
  await world.api('GET', `/api/members/${userId}/preview`);
  await world.api('GET', '/api/invitations?q=quillfeather&email=zoe.quill@example.com');
  await world.api('POST', '/api/reconcile');
  await world.api('POST', '/api/pause');
  await world.api('POST', '/api/resume');
  const disabled = await inviteAndRegister(world, 'somebody.else@example.com');
  control.disable(disabled.userId);
  await deliveriesOut(world);
  await world.api('POST', '/api/forget', { email: 'somebody.else@example.com' });
  await world.restart();

  const lines = linesOf(world);
  expect(lines.length).toBeGreaterThan(25);
  const letters = control.letters().flatMap((one) => (one.link ? [one.link] : []));
  const secrets = [
    adminToken,
    webhookSecret,
    world.portal.apiKey,
    'welcome_guest',
    invited.link,
    open.link,
    ...letters,
    new URL(invited.link).pathname,
    'a body that nobody can read',
    'payload',
    'a note for the log alone',
    'Zoëlina',
    'Quillfeather',
  ];
  const log = world.log.join('').toLowerCase();
  for (const secret of secrets) expect(log).not.toContain(secret.toLowerCase());
  // Everything that looks like an address, whoever it belongs to.
  expect(log.match(/[\w.+-]+@[\w-]+\.\w+/g) ?? []).toEqual([]);
});

test('an error of a statement is logged without the values of the statement', () => {
  const cause = new Error('relation "runs" does not exist');
  const query = new DrizzleQueryError('insert into runs values ($1)', ['ann@example.com'], cause);
  const outer = new Error('the run could not be stored', { cause: query });
  expect(describeError(outer)).toBe('the run could not be stored: relation "runs" does not exist');
});
