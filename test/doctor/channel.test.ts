import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { examineChannels } from '../../src/doctor/channel.ts';
import { startMailServer } from '../channels/support.ts';
import { until } from '../support/until.ts';
import { inviteAndRegister, startWorld } from '../support/world.ts';
import { amiss, openPractice, type Practice, pick, practiceBeside } from './support.ts';

const ca = readFileSync(new URL('../channels/tls/cert.pem', import.meta.url), 'utf8');
const machineKey = 'machine-key-of-this-portal';

function machineKeyFile({ folder }: Pick<Practice, 'folder'>, key: string): string {
  const file = `${folder}/machine.key`;
  writeFileSync(file, key, { mode: 0o600 });
  return file;
}

function byMail(url: string) {
  return {
    WELCOME_CHANNEL: 'smtp',
    SMTP_URL: url,
    WELCOME_FROM: 'Example Office <office@example.com>',
  };
}

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['WELCOME_CHANNEL says it', { WELCOME_CHANNEL: 'docspace' }, 'docspace, as WELCOME_CHANNEL says'],
  ['no mail server is set', {}, 'docspace, because neither'],
  [
    'a mail server is set',
    { SMTP_URL: 'smtps://127.0.0.1:1', WELCOME_FROM: 'Office <office@example.com>' },
    'smtp, because SMTP_URL',
  ],
])('it says which channel is used and why: %s', async (_why, settings, seen) => {
  const practice = await openPractice();
  expect(pick(await practice.diagnose(settings), 'channel', 'in-use').seen).toContain(seen);
});

test('a Key that no real portal accepts is a warning, until its first 403 makes it wrong', async () => {
  const world = await startWorld({ portal: { keyCheck: 'strict' } });
  const practice = practiceBeside(world.portal, world.folder);
  const before = pick(await practice.diagnose(), 'channel', 'key');
  expect(before.level).toBe('warning');
  const { userId } = await inviteAndRegister(world, 'anna@example.com');
  world.portal.control.confirmEmail(userId);
  const after = await until('the refusal is in the store', async () => {
    const finding = pick(await practice.diagnose(), 'channel', 'key');
    return finding.level === 'wrong' ? finding : null;
  });
  expect(after).toMatchObject({ mend: expect.stringContaining('WELCOME_CHANNEL=smtp') });
  expect(after.seen).toContain('refused it once');
});

test('with the machine key of the portal a Key is signed for each person', async () => {
  const practice = await openPractice({ machineKey });
  const file = machineKeyFile(practice, machineKey);
  const findings = await practice.diagnose({ DOCSPACE_MACHINE_KEY_FILE: file });
  expect(pick(findings, 'channel', 'key').level).toBe('ok');
});

test('for a refused signed Key, the fix is to compare the machine key', async () => {
  const portal = { keyCheck: 'strict', machineKey } as const;
  const world = await startWorld({ portal });
  const practice = practiceBeside(world.portal, world.folder);
  const settings = { DOCSPACE_MACHINE_KEY_FILE: machineKeyFile(practice, 'of another portal') };
  const own = await world.restart(settings);
  const { userId } = await inviteAndRegister(own, 'anna@example.com');
  own.portal.control.activateSilently(userId);
  await own.api('POST', `/api/members/${userId}/retry`);
  const finding = await until('the refusal is in the store', async () => {
    await own.api('POST', '/api/reconcile');
    const found = pick(await practice.diagnose(settings), 'channel', 'key');
    return found.level === 'wrong' ? found : null;
  });
  expect(finding).toMatchObject({ mend: expect.stringContaining('core:machinekey') });
});

test('a WELCOME_KEY with a signed Key is a warning, and wrong once it was refused', async () => {
  const key = '524916930000.MG2RWMFBUVU4CV3RSMZIAH3WZFW1ZEABOFJGFWD3Y';
  const practice = await openPractice();
  const finding = pick(await practice.diagnose({ WELCOME_KEY: key }), 'channel', 'key');
  expect(finding).toMatchObject({ level: 'warning', means: expect.stringContaining('one person') });
  const world = await startWorld({
    portal: { keyCheck: 'strict' },
    settings: { WELCOME_KEY: key },
  });
  const { userId } = await inviteAndRegister(world, 'anna@example.com');
  world.portal.control.confirmEmail(userId);
  await until('the refusal is in the store', async () => {
    const beside = practiceBeside(world.portal, world.folder);
    return pick(await beside.diagnose({ WELCOME_KEY: key }), 'channel', 'key').level === 'wrong';
  });
});

test('a machine key from the published source of the portal is a warning', async () => {
  const practice = await openPractice();
  const file = machineKeyFile(practice, '1123askdasjklasbnd');
  const findings = await practice.diagnose({ DOCSPACE_MACHINE_KEY_FILE: file });
  expect(pick(findings, 'channel', 'shipped-key').level).toBe('warning');
});

test('the advice on a shipped machine key begins with the warning that a change locks everybody out', async () => {
  const practice = await openPractice();
  const file = machineKeyFile(practice, '1123askdasjklasbnd');
  const findings = await practice.diagnose({ DOCSPACE_MACHINE_KEY_FILE: file });
  const finding = pick(findings, 'channel', 'shipped-key');
  if (finding.level === 'ok') throw new Error('it is a warning');
  expect(finding.mend).toMatch(/^Do NOT change .* locked out.* only before .*smtp/);
});

test('a signed Key is a credential that access logs must not keep', async () => {
  const practice = await openPractice({ machineKey });
  const file = machineKeyFile(practice, machineKey);
  const findings = await practice.diagnose({ DOCSPACE_MACHINE_KEY_FILE: file });
  expect(pick(findings, 'channel', 'credential')).toMatchObject({
    level: 'warning',
    means: expect.stringContaining('credential'),
    mend: expect.stringContaining('access logs'),
  });
});

test('a machine key that others can read is wrong', async () => {
  const practice = await openPractice();
  const file = machineKeyFile(practice, machineKey);
  chmodSync(file, 0o644);
  const findings = await practice.diagnose({ DOCSPACE_MACHINE_KEY_FILE: file });
  expect(pick(findings, 'configuration', 'setting').seen).toContain('can be read by other users');
});

test('the login at the mail server is checked without sending a mail', async () => {
  const practice = await openPractice();
  const mail = await startMailServer();
  const findings = await practice.diagnose(byMail(mail.url), { ca });
  expect(pick(findings, 'channel', 'smtp').level).toBe('ok');
  expect(mail.connectionCount()).toBe(1);
  expect(mail.seen).toEqual([]);
  expect(findings.some((one) => one.subject === 'channel' && one.check === 'key')).toBe(false);
});

test('a login that the mail server refuses is wrong, and the password is not repeated', async () => {
  const practice = await openPractice();
  const mail = await startMailServer();
  const settings = byMail(mail.url.replace('mail-password-77', 'yesterdays-password'));
  const findings = await practice.diagnose(settings, { ca });
  expect(pick(findings, 'channel', 'smtp').seen).toContain('did not accept the login (535');
  expect(pick(findings, 'channel', 'smtp').level).toBe('wrong');
  expect(JSON.stringify(findings)).not.toContain('yesterdays-password');
});

test.each<[string, (url: string) => string, string]>([
  ['is not there', () => 'smtps://127.0.0.1:1', 'cannot be reached'],
  ['has a certificate of nobody', (url) => url, 'is not trusted'],
])('a mail server that %s is wrong', async (_what, urlOf, seen) => {
  const practice = await openPractice();
  const mail = await startMailServer();
  const finding = pick(await practice.diagnose(byMail(urlOf(mail.url))), 'channel', 'smtp');
  expect(finding.level).toBe('wrong');
  expect(finding.seen).toContain(seen);
});

test('a mail server without STARTTLS is wrong', async () => {
  const practice = await openPractice();
  const mail = await startMailServer({
    options: { secure: false, disabledCommands: ['STARTTLS'] },
  });
  const finding = pick(await practice.diagnose(byMail(mail.url)), 'channel', 'smtp');
  expect(finding).toMatchObject({
    level: 'wrong',
    seen: expect.stringContaining('offers no encryption (STARTTLS)'),
  });
});

test('a login that crosses the network in the clear is a warning', async () => {
  const server = { host: 'mail.example.com', port: 587, secure: false, requireTls: false };
  const findings = await examineChannels({
    settings: {
      WELCOME_CHANNEL: ['smtp'],
      WELCOME_KEY: '',
      WELCOME_KEY_LIFETIME: 300_000,
      channelChoice: 'set',
      SMTP_URL: { ...server, login: null },
      WELCOME_FROM: { name: '', address: 'office@example.com' },
    },
    machineKey: null,
    refusals: 0,
    checkSmtp: async () => null,
  });
  expect(amiss(findings)).toEqual(['channel/smtp-plain warning']);
});
