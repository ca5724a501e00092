import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { amiss, openPractice, type Practice, pick } from './support.ts';

/** A part of the path, because every read of the portal is meant. */
function answering(practice: Practice, path: string, status: number, body = '') {
  practice.portal.control.interfere({
    on: (request) => request.path.includes(path),
    act: { kind: 'answer', status, body },
  });
}

test('for a portal that works, the finding shows its answer times', async () => {
  const practice = await openPractice();
  const findings = await practice.diagnose();
  expect(pick(findings, 'portal', 'reachable')).toMatchObject({ level: 'ok' });
  expect(pick(findings, 'portal', 'reachable').seen).toMatch(/answers in \d+, \d+, \d+ ms/);
  expect(pick(findings, 'portal', 'clock').level).toBe('ok');
});

test('a portal that cannot be reached is wrong, and then key and webhook are not checked', async () => {
  const practice = await openPractice();
  const findings = await practice.diagnose({ DOCSPACE_URL: 'http://127.0.0.1:1' });
  expect(pick(findings, 'portal', 'reachable').level).toBe('wrong');
  expect(findings.filter((one) => ['key', 'webhook'].includes(one.subject))).toEqual([]);
});

test('a suspended portal is wrong', async () => {
  const practice = await openPractice();
  practice.portal.control.suspend();
  const finding = pick(await practice.diagnose(), 'portal', 'reachable');
  expect(finding.level).toBe('wrong');
  expect(finding.seen).toContain('404 to everything');
});

test('a portal that is suspended between two requests is wrong too', async () => {
  const practice = await openPractice();
  answering(practice, '/portal/users/', 404);
  const findings = (await practice.diagnose()).filter((one) => one.subject === 'portal');
  expect(findings.some((one) => one.level === 'wrong' && one.seen.includes('404'))).toBe(true);
});

test('a portal that is not paid for is wrong', async () => {
  const practice = await openPractice();
  practice.portal.control.unpaid(true);
  expect(pick(await practice.diagnose(), 'portal', 'paid').level).toBe('wrong');
});

test.each([429, 503])('a portal that asks to wait (%i) is a warning', async (status) => {
  const practice = await openPractice();
  answering(practice, '/people/@self', status);
  expect(pick(await practice.diagnose(), 'portal', 'reachable').level).toBe('warning');
});

test('a portal that is down behind its proxy is wrong', async () => {
  const practice = await openPractice();
  answering(practice, '/people/@self', 502);
  expect(pick(await practice.diagnose(), 'portal', 'reachable').seen).toContain('answers 502');
});

test.each<[string, number, string]>([
  ['a sign-in page', 200, '<html>Please log in</html>'],
  ['a redirect', 302, ''],
  ['other JSON', 200, '{"hello":"world"}'],
])('something else at the address is wrong: %s', async (_what, status, body) => {
  const practice = await openPractice();
  answering(practice, '/people/@self', status, body);
  const finding = pick(await practice.diagnose(), 'portal', 'reachable');
  expect(finding.level).toBe('wrong');
  expect(finding.seen).toContain('not as a DocSpace portal does');
});

test('a slow portal is a warning', async () => {
  const practice = await openPractice();
  practice.portal.control.interfere({
    on: () => true,
    times: 3,
    act: { kind: 'delay', ms: 2_050 },
  });
  expect(pick(await practice.diagnose(), 'portal', 'slow').level).toBe('warning');
});

test.each<[string, number]>([
  ['a minute fast', 60_000],
  ['a minute slow', -60_000],
  ['ten minutes fast', 600_000],
  ['two hours slow', -7_200_000],
])('a clock that is %s is found by the portal’s Date', async (_what, offsetMs) => {
  const practice = await openPractice();
  const findings = await practice.diagnose({}, { now: () => Date.now() + offsetMs });
  const finding = pick(findings, 'portal', 'clock');
  // The service converts the portal's times, so it works.
  expect(finding.level).toBe('warning');
  expect(finding.seen).toContain(
    offsetMs > 0 ? 'behind this machine’s' : 'ahead of this machine’s',
  );
});

test('another portal at the same address is wrong', async () => {
  const practice = await openPractice();
  const store = openSqliteStore(`${practice.folder}/data/docspace-welcome.db`);
  await store.setValue('portal_origin', practice.portal.url);
  await store.setValue('portal_tenant_id', '7');
  await store.close();
  expect(amiss(await practice.diagnose())).toContain('portal/tenant wrong');
});
