import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMailServer } from '../channels/support.ts';
import { startCliSetup } from '../cli/support.ts';
import { mailSettings, mailsTo, subjectOf } from './support.ts';

const email = 'ann@example.com';

test('without a mail server "invite --mode smtp" exits with 78, names the settings, and invites nobody', async () => {
  const setup = await startCliSetup();
  const single = await setup.run('invite', email, '--mode', 'smtp');
  expect([single.code, single.err]).toEqual([78, expect.stringContaining('SMTP_URL')]);
  const file = join(setup.folder, 'people.csv');
  writeFileSync(file, `email,mode\n${email},smtp\nben@example.com,link\n`);
  for (const flags of [[], ['--dry-run']]) {
    const { code, err } = await setup.run('invite', '--csv', file, ...flags);
    expect([code, err]).toEqual([78, expect.stringContaining('Nobody was invited')]);
  }
  expect((await setup.run('list', '--json')).json().items).toEqual([]);
});

test('the command line invites with a letter, shows it beforehand, and says when reminders are due', async () => {
  const mail = await startMailServer();
  const settings = { ...mailSettings(mail), INVITE_REMIND_AFTER: '3d,6d' };
  const setup = await startCliSetup(settings);
  const wrong = await setup.run('invite', email, '--mode', 'smtp', '--language', 'klingon');
  expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining('language')]);
  const invited = await setup.run('invite', email, '--mode', 'smtp', '--language', 'fr');
  expect([invited.code, invited.out]).toEqual([0, expect.stringContaining('mails the letter')]);
  const file = join(setup.folder, 'people.csv');
  writeFileSync(
    file,
    `email;Sprache;mode\n${email};fr;smtp\nben@example.com;pt-BR;SMTP\ncleo@example.com;Deutsch;smtp\n`,
  );
  const dry = await setup.run('invite', '--csv', file, '--dry-run');
  expect(dry.out).toContain('reminders are due at');
  expect(dry.out).toMatch(/4\s+not valid\s+cleo@example.com\s+language is not a language/);
  const shown = await setup.run('preview', email, '--invitation');
  expect(shown.out).toMatch(/Subject: Votre accès invité.*\/s\/sample/s);
  expect((await setup.run('show', email)).out).toMatch(/letter\s+pending/);
  for (const kind of ['invitation', 'reminder'] as const) {
    const sent = await setup.run(
      'test-send',
      'me@example.com',
      '--letter',
      kind,
      '--language',
      'de',
    );
    expect(sent.code, sent.err).toBe(0);
  }
  expect(mailsTo(mail, 'me@example.com').map(subjectOf)).toEqual([
    expect.stringContaining('Ihre Einladung zu'),
    expect.stringContaining('ist noch offen'),
  ]);
});

test('a letter without {{link}} in its body is refused at start, with the name of its file', async () => {
  const setup = await startCliSetup();
  const folder = join(setup.folder, 'templates');
  mkdirSync(folder);
  writeFileSync(
    setup.envFile,
    `${readFileSync(setup.envFile, 'utf8')}WELCOME_TEMPLATES=${folder}\n`,
  );
  writeFileSync(join(folder, 'de.reminder.txt'), 'Subject: {{link}}\n\nKommen Sie.\n');
  writeFileSync(
    join(folder, 'en.guest.invitation.txt'),
    'Subject: Hi\n\n[Come]({{link}})\n\n{{firstName}}\n',
  );
  const { code, err } = await setup.run('invite', email);
  expect(code).toBe(78);
  expect(err).toContain('de.reminder.txt:1: {{link}} is missing: a reminder needs it');
  expect(err).toContain('en.guest.invitation.txt:5: {{firstName}} is not known');
});
