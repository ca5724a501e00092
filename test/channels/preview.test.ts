import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { until } from '../support/until.ts';
import {
  adminToken,
  call,
  memberBecomes,
  memberIsUnconfirmed,
  startWorld,
  temporaryFolder,
  type World,
  webhookSecret,
} from '../support/world.ts';
import { type MailServer, startMailServer } from './support.ts';

// The service trusts the authorities that Node trusts. The certificate of the test is not from one
// of them.
beforeEach(() => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function smtpSettings(mail: MailServer): Record<string, string> {
  return {
    WELCOME_CHANNEL: 'smtp',
    SMTP_URL: mail.url,
    WELCOME_FROM: 'Example Office <office@example.com>',
  };
}

async function register(world: World, email: string, employeeType = 'Guest'): Promise<string> {
  const { json } = await world.api('POST', '/api/invitations', { employeeType, email });
  return world.portal.control.register({ link: json.link, email, firstName: 'Zoë', lastName: 'M' });
}

/** Runs a verb with the settings of a world, as in a second terminal. */
async function cli(world: World, settings: Readonly<Record<string, string>>, args: string[]) {
  const envFile = join(await temporaryFolder(), '.env');
  const all = {
    DOCSPACE_URL: world.portal.url,
    DOCSPACE_API_KEY: world.portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: webhookSecret,
    ADMIN_TOKEN: adminToken,
    DATABASE_URL: `file:${world.config.database.name}`,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  await writeFile(envFile, lines.join('\n'));
  const printed: string[] = [];
  const complained: string[] = [];
  const terminal = {
    print: (text: string) => void printed.push(text),
    printError: (text: string) => void complained.push(text),
    columns: 100,
  };
  const code = await runCli(['--env-file', envFile, ...args], terminal);
  return { code, out: printed.join('\n'), err: complained.join('\n') };
}

test('a preview equals the mail that this person gets later, and says why it is not sent yet', async () => {
  const mail = await startMailServer();
  const world = await startWorld({ settings: smtpSettings(mail) });
  const userId = await register(world, 'zoe@example.com');
  await memberIsUnconfirmed(world, userId);
  const path = `/api/members/${userId}/preview`;
  await world.api('POST', '/api/pause', {});

  const early = await world.api('GET', path);
  expect(early.json).toMatchObject({ wouldSend: false, state: 'waiting', channel: 'smtp' });
  expect(early.json.why).toMatch(/^waiting: has not confirmed/);

  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'ready');
  const paused = await world.api('GET', path);
  expect(paused.json).toMatchObject({ wouldSend: false, why: expect.stringMatching(/paused/) });
  const { letter } = paused.json;
  expect(letter).toMatchObject({
    kind: 'mail',
    from: 'Example Office <office@example.com>',
    to: 'Zoë M <zoe@example.com>',
  });
  expect(letter.subject).toMatch(/^Welcome, Zoë: you are our guest at 127\.0\.0\.1/);

  await world.api('POST', '/api/resume', {});
  await memberBecomes(world, userId, 'welcomed');
  const sent = await simpleParser(mail.received[0]?.raw ?? '');
  expect(sent.subject).toBe(letter.subject);
  expect(sent.text?.trim()).toBe(letter.text.trim());
  expect(String(sent.html).trim()).toBe(letter.html.trim());
  const late = await world.api('GET', path);
  expect(late.json).toMatchObject({
    wouldSend: false,
    why: expect.stringMatching(/already welcomed/),
  });
  expect(mail.received).toHaveLength(1);
});

test('the preview of the docspace channel says which letter the portal writes', async () => {
  const world = await startWorld();
  const userId = await register(world, 'zoe@example.com');
  await memberBecomes(world, userId, 'waiting');
  const { json } = await world.api('GET', `/api/members/${userId}/preview`);
  expect(json.letter).toMatchObject({ kind: 'portal_letter' });
  expect(json.letter.description).toMatch(/administrator of a new portal/);
});

test('a user who is not a member has no preview, and without the token nobody gets one', async () => {
  const world = await startWorld({ withWebhook: false });
  const unknown = '00000000-0000-0000-0000-000000000000';
  const path = `/api/members/${unknown}/preview`;
  expect((await world.api('GET', path)).status).toBe(404);
  expect((await call(world.service.url, 'GET', path, undefined, {})).status).toBe(401);
});

test('the verb preview shows the mail with and without a running service', async () => {
  const mail = await startMailServer();
  const settings = smtpSettings(mail);
  const world = await startWorld({ settings });
  const userId = await register(world, 'zoe@example.com');
  await until('the deliveries about the person arrived', async () => {
    return (await world.api('GET', `/api/members/${userId}`)).json.email === 'zoe@example.com';
  });

  const asked = await cli(world, settings, ['preview', 'ZOE@example.com']);
  expect(asked.code, asked.err).toBe(0);
  expect(asked.out).toMatch(/would not be sent.*waiting: has not confirmed/);
  expect(asked.out).toMatch(/Subject: Welcome, Zoë: you are our guest/);
  expect(asked.out).toMatch(/To: {6}Zoë M <zoe@example\.com>/);

  // A copy of the database that no service uses.
  const copy = join(await temporaryFolder(), 'copy.db');
  const database = new Database(world.config.database.name, { readonly: true });
  await database.backup(copy);
  database.close();
  const unserved = { ...settings, DATABASE_URL: `file:${copy}` };
  const alone = await cli(world, unserved, ['preview', 'zoe@example.com']);
  expect(alone.out, alone.err).toBe(asked.out);
  const html = await cli(world, unserved, ['preview', 'zoe@example.com', '--html']);
  expect(html.out).toMatch(/^<!doctype html>/);
  const json = await cli(world, unserved, ['preview', 'zoe@example.com', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ wouldSend: false, letter: { kind: 'mail' } });
  const nobody = await cli(world, unserved, ['preview', 'nobody@example.com']);
  expect(nobody).toMatchObject({ code: 1, err: expect.stringMatching(/test-send/) });
  expect(mail.received).toEqual([]);
});

test('test-send mails a sample in the requested language, each with its own Message-ID', async () => {
  const mail = await startMailServer();
  const world = await startWorld({ withWebhook: false });
  const settings = smtpSettings(mail);
  const sample = ['test-send', 'me@example.com', '--language', 'de', '--guest'];
  const sent = await cli(world, settings, sample);
  expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/sent.*me@example\.com/) });
  await cli(world, settings, sample);
  const parsed = await Promise.all(mail.received.map((one) => simpleParser(one.raw)));
  expect(parsed[0]?.subject).toMatch(/^Willkommen, Ada: Sie sind unser Gast/);
  expect(parsed[0]?.messageId).not.toBe(parsed[1]?.messageId);
  expect((await world.api('GET', '/api/members')).json.items).toEqual([]);
});

test('test-send reports why the mail server refuses, and requires a mail server', async () => {
  const mail = await startMailServer({ fate: () => 'rcpt:550' });
  const world = await startWorld({ withWebhook: false });
  const refused = await cli(world, smtpSettings(mail), ['test-send', 'me@example.com']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/refused .*\(550\)/) });
  const without = await cli(world, {}, ['test-send', 'me@example.com']);
  expect(without).toMatchObject({ code: 78, err: expect.stringMatching(/SMTP_URL/) });
});
