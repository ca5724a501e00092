import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { reasonText } from '../../src/messages/render.ts';
import { startService } from '../../src/service.ts';
import { until } from '../support/until.ts';
import {
  configFor,
  invitationBecomes,
  memberBecomes,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';
import { fastClock, startMailServer } from './support.ts';

const machineKey = '1123askdasjklasbnd';

async function machineKeyFile(content = machineKey): Promise<string> {
  const path = join(await temporaryFolder(), 'machine.key');
  await writeFile(path, `${content}\n`, { mode: 0o600 });
  return path;
}

/** Invites and registers this number of guests. All of them confirm their e-mail address. */
async function guests(world: World, count: number): Promise<string[]> {
  const wanted = Array.from({ length: count }, (_, i) => ({
    employeeType: 'Guest',
    email: `guest${i}@example.com`,
  }));
  const { json } = await world.api('POST', '/api/invitations', wanted);
  return json.map((invitation: { link: string; email: string }) => {
    const { link, email } = invitation;
    const { control } = world.portal;
    const userId = control.register({ link, email, firstName: 'Gü', lastName: 'Est' });
    control.confirmEmail(userId);
    return userId;
  });
}

test('with the machine key, a strict portal accepts a new Key for each person, and greets each person once', async () => {
  const world = await startWorld({
    portal: { keyCheck: 'strict', tenantId: 7 },
    settings: { DOCSPACE_MACHINE_KEY_FILE: await machineKeyFile() },
  });
  const people = await guests(world, 5);
  for (const userId of people) await memberBecomes(world, userId, 'welcomed');
  const sent = world.portal.control.congratulations();
  expect(sent.map((one) => one.userId).sort()).toEqual([...people].sort());
  expect(new Set(sent.map((one) => one.key)).size).toBe(people.length);
  for (const { key } of sent) expect(key).toMatch(/^\d+\.[0-9A-Z]+$/);
  const ready = await world.api('GET', '/readyz');
  expect(ready.json.channel).toMatchObject({ status: 'ok', code: 'ready' });
  expect(world.log.join('')).not.toContain(machineKey);
  expect(JSON.stringify(process.env)).not.toContain(machineKey);
});

test('welcome_guest is not accepted: the service knows it at start, and the 403 confirms it', async () => {
  const world = await startWorld({ portal: { keyCheck: 'strict' } });
  const ready = await world.api('GET', '/readyz');
  expect(ready.json.channel).toMatchObject({ status: 'warning', code: 'key_not_signed' });
  expect(world.log.join('\n')).toContain(reasonText({ code: 'portal_rejects_key' }));
  expect(world.portal.control.congratulations()).toEqual([]);

  const [userId = ''] = await guests(world, 1);
  const member = await memberBecomes(world, userId, 'failed');
  expect(member.reason).toMatchObject({ code: 'portal_rejects_key' });
  expect(world.portal.control.congratulations()).toEqual([]);
});

test('a portal whose clock is hours ahead or behind accepts our Keys, because they use its Date', async () => {
  for (const aheadMs of [2 * 3_600_000, -2 * 3_600_000]) {
    const now = () => Date.now() + aheadMs;
    const world = await startWorld({
      portal: { keyCheck: 'strict', now },
      settings: { DOCSPACE_MACHINE_KEY_FILE: await machineKeyFile() },
    });
    const [userId = ''] = await guests(world, 1);
    await memberBecomes(world, userId, 'welcomed');
  }
});

test('Keys of another machine key are not accepted: the channel pauses, and no person fails', async () => {
  const world = await startWorld({
    portal: { keyCheck: 'strict', machineKey: 'another' },
    settings: { DOCSPACE_MACHINE_KEY_FILE: await machineKeyFile() },
  });
  const people = await guests(world, 3);
  await until('the channel pauses', async () => {
    const { json } = await world.api('GET', '/readyz');
    return json.channel.code === 'all_channels_paused';
  });
  for (const userId of people) {
    await memberBecomes(world, userId, 'ready');
    const { json } = await world.api('GET', `/api/members/${userId}/preview`);
    expect(json).toMatchObject({ state: 'ready', wouldSend: false, channel: 'docspace' });
    expect(json.why).toMatch(/refused 3 times in a row/);
  }
  expect(world.portal.control.congratulations()).toEqual([]);
});

test('a machine key that others can read, or a broken template, prevents the start, and all faults are listed', async () => {
  const path = await machineKeyFile();
  await chmod(path, 0o644);
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'en.txt'), 'Subject: {{x}}\n\n{{firstName}} {{portalUrl}}');
  const portal = { url: 'http://127.0.0.1:9', apiKey: 'sk-not-asked' };
  const settings = { DOCSPACE_MACHINE_KEY_FILE: path, WELCOME_TEMPLATES: folder };
  const config = configFor(folder, portal, settings);
  const started = await startService(config, {
    clock: systemClock,
    random: Math.random,
    newId: createNewId(Date.now),
    log: createLog({ level: 'silent', write: () => {} }),
  });
  expect(started).toMatchObject({ kind: 'refused' });
  const { reason } = started as { reason: string };
  expect(reason).toContain('DOCSPACE_MACHINE_KEY_FILE can be read by other users');
  expect(reason).toContain('en.txt:1: {{x}} is not known');
  expect(reason).not.toContain(machineKey);
});

test('smtp in WELCOME_CHANNEL without its settings, or a machine key in the environment, is a fault of the configuration', async () => {
  const folder = await temporaryFolder();
  const portal = { url: 'http://127.0.0.1:9', apiKey: 'sk-not-asked' };
  const read = (settings: Record<string, string>) => () => configFor(folder, portal, settings);
  expect(read({ WELCOME_CHANNEL: 'docspace,smtp' })).toThrow(
    /SMTP_URL is missing(.|\n)*WELCOME_FROM/,
  );
  expect(read({ DOCSPACE_MACHINE_KEY: 'x' })).toThrow(/DOCSPACE_MACHINE_KEY is not accepted/);
  expect(read({ SMTP_URL: 'smtps://u:hush%hush@host' })).toThrow(/^SMTP_URL has a % /);
  for (const bad of ['https://host', 'smtp://u@host', 'smtps://h/?tls.rejectUnauthorized=false']) {
    expect(read({ SMTP_URL: bad })).toThrow(/^SMTP_URL /);
  }
  for (const bad of ['nobody', 'A <b@c', 'A\r\nBcc: x <b@c.de>']) {
    expect(read({ WELCOME_FROM: bad })).toThrow(/^WELCOME_FROM /);
  }
  const config = configFor(folder, portal, {
    SMTP_URL: 'smtp://us%40er:p%2Fw@mail.example.com?requireTLS=false',
    WELCOME_FROM: 'Example Office <office@example.com>',
    WELCOME_TEMPLATES: 'letters',
  });
  expect(config.SMTP_URL).toEqual({
    host: 'mail.example.com',
    port: 587,
    secure: false,
    requireTls: false,
    login: { user: 'us@er', password: 'p/w' },
  });
  expect(config.WELCOME_FROM).toEqual({ name: 'Example Office', address: 'office@example.com' });
  expect(config.WELCOME_TEMPLATES).toBe(join(folder, 'letters'));
});

test('with docspace,smtp a refused person gets the mail, a served person does not, and during a pause everybody gets the mail', async () => {
  const mail = await startMailServer({ options: { secure: false, hideSTARTTLS: true } });
  const world = await startWorld({
    portal: { keyCheck: 'any' },
    settings: {
      WELCOME_CHANNEL: 'docspace,smtp',
      SMTP_URL: `${mail.url}?requireTLS=false`,
      WELCOME_FROM: 'Example Office <office@example.com>',
      DOCSPACE_CONCURRENCY: '1',
    },
  });
  const isCongratulation = (one: { path: string }) => one.path.endsWith('sendcongratulations');
  world.portal.control.interfere({
    on: isCongratulation,
    times: 1,
    act: {
      kind: 'answer',
      status: 404,
      body: '{"error":{"message":"The user could not be found"},"status":1,"statusCode":404}',
    },
  });
  const people = await guests(world, 4);
  for (const userId of people) await memberBecomes(world, userId, 'welcomed');
  const byPortal = world.portal.control.congratulations().map((one) => one.userId);
  expect(byPortal).toHaveLength(3);
  expect(mail.received).toHaveLength(1);
  const [mailed = ''] = mail.received.map((one) => one.to);
  const { json } = await world.api('GET', `/api/members?email=${mailed}`);
  expect(byPortal).not.toContain(json.items[0].userId);
  expect(mail.received[0]?.raw).toMatch(/^Subject: .*Welcome/m);

  // The portal refuses everyone. After three refusals in a row the channel pauses, and nobody waits
  // for the portal any more.
  world.portal.control.interfere({ on: isCongratulation, act: { kind: 'answer', status: 403 } });
  const more = Array.from({ length: 6 }, (_, i) => ({
    employeeType: 'User',
    email: `user${i}@example.com`,
  }));
  const { json: invited } = await world.api('POST', '/api/invitations', more);
  for (const { link, email } of invited) {
    const { control } = world.portal;
    control.confirmEmail(control.register({ link, email, firstName: 'U', lastName: 'Ser' }));
  }
  for (const { id } of invited) await invitationBecomes(world, id, 'welcomed');
  expect(mail.received).toHaveLength(7);
  expect(new Set(mail.received.map((one) => one.to)).size).toBe(7);
  expect(world.portal.control.congratulations()).toHaveLength(3);
  const ready = await world.api('GET', '/readyz');
  expect(ready.json.channel.code).toBe('one_channel_paused');
});

test('with smtp,docspace a wrong password pauses the mail at once, no person fails, and the portal sends the welcomes', async () => {
  const mail = await startMailServer({ options: { secure: false, hideSTARTTLS: true } });
  const world = await startWorld({
    settings: {
      WELCOME_CHANNEL: 'smtp,docspace',
      SMTP_URL: `${mail.url.replace('mail-password', 'wrong-password')}?requireTLS=false`,
      WELCOME_FROM: 'office@example.com',
      RECONCILE_EVERY: '0',
    },
    surroundings: { clock: fastClock(20) },
  });
  const people = await guests(world, 3);
  for (const userId of people) await memberBecomes(world, userId, 'welcomed');
  expect(world.portal.control.congratulations()).toHaveLength(3);
  expect(mail.received).toEqual([]);
  const [userId = ''] = people;
  const { json } = await world.api('GET', `/api/members/${userId}`);
  const last = json.attempts.find((one: { channel: string }) => one.channel === 'docspace');
  expect(last).toMatchObject({ outcome: 'sent' });
  expect(world.log.join('')).toMatch(/the mail server did not accept the login \(535/);
  expect(world.log.join('')).not.toContain('wrong-password');
});

test('a strict portal refuses a Key that was signed with the machine key of another portal', async () => {
  const world = await startWorld({
    portal: { keyCheck: 'strict', machineKey: 'another' },
    settings: { DOCSPACE_MACHINE_KEY_FILE: await machineKeyFile() },
  });
  const [userId = ''] = await guests(world, 1);
  await memberBecomes(world, userId, 'failed');
  expect(world.portal.control.congratulations()).toEqual([]);
});
