import { request } from 'undici';
import { expect, test } from 'vitest';
import type { NewAccount } from '../../simulator/control.ts';
import { inviteAndRegister, startWorld } from '../support/world.ts';
import { openPractice, type Practice, pick, practiceBeside } from './support.ts';

const serviceAccount = { email: 'welcome@portal.example', type: 'DocSpaceAdmin' } as const;

function withKeyOf(practice: Practice, account: NewAccount) {
  const { apiKey } = practice.portal.control.addAccount(account);
  return practice.diagnose({ DOCSPACE_API_KEY: apiKey });
}

test('an unrestricted key of an account that only this service uses is fine', async () => {
  const findings = await withKeyOf(await openPractice(), serviceAccount);
  const own = findings.filter((one) => one.subject === 'key');
  expect(own.map((one) => [one.check, one.level])).toEqual([
    ['rights', 'ok'],
    ['role', 'ok'],
    ['owner', 'ok'],
  ]);
});

test('a revoked key is wrong', async () => {
  const practice = await openPractice();
  practice.portal.control.revokeKey(practice.portal.apiKey);
  expect(pick(await practice.diagnose(), 'key', 'valid').level).toBe('wrong');
});

test('the key of a disabled account is wrong', async () => {
  const practice = await openPractice();
  const { userId, apiKey } = practice.portal.control.addAccount(serviceAccount);
  practice.portal.control.disable(userId);
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: apiKey });
  expect(pick(findings, 'key', 'valid').level).toBe('wrong');
});

test.each<[readonly string[], string, string]>([
  [['files:read'], 'wrong', 'no narrower permission'],
  [['accounts:write', 'accounts.self:read'], 'wrong', 'no narrower permission'],
  [['*:read'], 'warning', 'invitations by e-mail and "webhook register"'],
  [['*:read', 'accounts:write'], 'warning', '"webhook register" with its repairs'],
  [['*:read', '*:write'], 'ok', ''],
  [['*:write'], 'ok', ''],
])('a key with the rights %j is %s', async (permissions, level, means) => {
  const findings = await withKeyOf(await openPractice(), { ...serviceAccount, permissions });
  const finding = pick(findings, 'key', 'rights');
  expect(finding.level).toBe(level);
  if (finding.level !== 'ok') expect(finding.means).toContain(means);
});

test('if the portal answers 403 to a valid key, the finding names its IP restriction', async () => {
  const practice = await openPractice();
  practice.portal.control.interfere({
    on: ({ path }) => path.endsWith('/people/@self'),
    act: { kind: 'answer', status: 403 },
  });
  expect(pick(await practice.diagnose(), 'key', 'barred').level).toBe('wrong');
});

test('a key whose permissions cannot be read is a warning', async () => {
  const practice = await openPractice();
  practice.portal.control.interfere({
    on: ({ path }) => path.endsWith('/keys/@self'),
    act: { kind: 'answer', status: 500 },
  });
  expect(pick(await practice.diagnose(), 'key', 'rights').level).toBe('warning');
});

const envelope = { count: 1, links: [], status: 0, statusCode: 200 };

function answerAboutKey(practice: Practice, status: number, record: unknown) {
  practice.portal.control.interfere({
    on: ({ path }) => path.endsWith('/keys/@self'),
    act: { kind: 'answer', status, body: JSON.stringify({ response: record, ...envelope }) },
  });
}

const dayMs = 24 * 3_600_000;
test.each<[number, string | null]>([
  [15, null],
  [13, 'warning'],
  [1, 'warning'],
])('a key that expires in %i days: %s', async (days, level) => {
  const practice = await openPractice();
  // A day as the portal writes it: with an offset.
  const expiresAt = new Date(Date.now() + days * dayMs).toISOString().replace('Z', '0000+00:00');
  answerAboutKey(practice, 200, { permissions: [], expiresAt });
  const found = (await practice.diagnose()).find((one) => one.check === 'expiry');
  expect(found?.level ?? null).toBe(level);
  if (found) expect(found.seen).toContain('the key expires');
});

// docs/docspace-wire.md 13.7: keys/@self came with 3.1.
test('a portal that is too old for API keys is wrong', async () => {
  const practice = await openPractice();
  practice.portal.control.interfere({
    on: ({ path }) => path.endsWith('/keys/@self'),
    act: { kind: 'answer', status: 404, body: '' },
  });
  const finding = pick(await practice.diagnose(), 'key', 'release');
  expect(finding).toMatchObject({ level: 'wrong', means: expect.stringContaining('3.1') });
});

test('a session token is a warning, and an ended session is wrong', async () => {
  const practice = await openPractice();
  const token = practice.portal.control.sessionToken(practice.portal.accountId);
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: token });
  expect(pick(findings, 'key', 'rights').level).toBe('warning');
  const ended = await practice.diagnose({ DOCSPACE_API_KEY: 'token-of-yesterday' });
  expect(pick(ended, 'key', 'valid').seen).toContain('the token');
});

test.each<[NewAccount['type'], string]>([
  ['DocSpaceAdmin', 'ok'],
  ['RoomAdmin', 'warning'],
  ['User', 'wrong'],
  ['Guest', 'wrong'],
])('the key of a %s is %s', async (type, level) => {
  const findings = await withKeyOf(await openPractice(), { email: 'a@portal.example', type });
  expect(pick(findings, 'key', 'role').level).toBe(level);
});

test('the key of the portal’s owner counts as the key of a person', async () => {
  const practice = await openPractice();
  const finding = pick(await practice.diagnose(), 'key', 'owner');
  expect(finding.level).toBe('warning');
  expect(finding.seen).toContain('the owner of the portal');
});

test('an account that signs in by SSO counts as a person', async () => {
  const practice = await openPractice();
  const { control } = practice.portal;
  const userId = control.addUser({ email: 'sso@portal.example', how: 'sso' });
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: control.sessionToken(userId) });
  expect(pick(findings, 'key', 'owner').seen).toContain('SSO or LDAP');
});

test('an account that invited people outside this service counts as a person', async () => {
  const practice = await openPractice();
  const { apiKey } = practice.portal.control.addAccount(serviceAccount);
  const link = await linkBy(practice, apiKey);
  practice.portal.control.register({ link, email: 'x@y.example', firstName: 'X', lastName: 'Y' });
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: apiKey });
  const finding = pick(findings, 'key', 'owner');
  expect(finding.level).toBe('warning');
  expect(finding.seen).toContain('1 of its 1 newest invitees were not invited here');
});

test('people whom this service invited do not make the account a person', async () => {
  const world = await startWorld();
  const { apiKey } = world.portal.control.addAccount(serviceAccount);
  const own = await world.restart({ DOCSPACE_API_KEY: apiKey });
  await inviteAndRegister(own, 'anna@example.com');
  const practice = practiceBeside(world.portal, world.folder);
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: apiKey });
  expect(pick(findings, 'key', 'owner').level).toBe('ok');
});

/** An invitation link made by hand, with the account's key. */
async function linkBy(practice: Practice, apiKey: string): Promise<string> {
  const answer = await request(`${practice.portal.url}/api/2.0/portal/users/invite/4`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const text = await answer.body.text();
  const { response } = JSON.parse(text);
  if (typeof response === 'string' && response !== '') return response;
  throw new Error(`the portal gave no link: ${text}`);
}
