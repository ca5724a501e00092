import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationFindings } from '../../src/doctor/configuration.ts';
import { amiss, openPractice, pick } from './support.ts';

test('each fault of the configuration is a finding, and neither portal nor mail server is asked', async () => {
  const practice = await openPractice();
  const findings = await practice.diagnose({ DOCSPACE_API_KEY: '', PORT: 'eighty' });
  expect(amiss(findings)).toEqual(['configuration/setting wrong', 'configuration/setting wrong']);
  expect(findings.map((one) => one.seen).join()).toMatch(/DOCSPACE_API_KEY.*PORT/);
  expect(practice.portal.control.requests()).toEqual([]);
});

test('a valid configuration says where it was read from', async () => {
  const practice = await openPractice();
  const finding = pick(await practice.diagnose(), 'configuration', 'settings');
  expect(finding.seen).toContain('from the environment alone');
});

test('a misspelt setting is a warning', async () => {
  const practice = await openPractice();
  const findings = await practice.diagnose({ WELCOME_CHANEL: 'smtp' });
  expect(pick(findings, 'configuration', 'unusual').seen).toContain('WELCOME_CHANEL');
});

test('a broken letter is wrong, and the finding names its file', async () => {
  const practice = await openPractice();
  const folder = `${practice.folder}/letters`;
  mkdirSync(folder);
  writeFileSync(`${folder}/en.txt`, 'Subject: Hello\n\nDear {{surname}}\n');
  const findings = await practice.diagnose({ WELCOME_TEMPLATES: folder });
  expect(pick(findings, 'configuration', 'setting').seen).toContain('en.txt');
});

test('a .env that others can read is a warning with the command', async () => {
  const practice = await openPractice();
  const path = `${practice.folder}/.env`;
  writeFileSync(path, 'LOG_LEVEL=info\n', { mode: 0o644 });
  const findings = await practice.diagnose();
  expect(pick(findings, 'configuration', 'env-file')).toMatchObject({ mend: `chmod 600 ${path}` });
});

test('a portal without https is a warning, but not on this machine', () => {
  const of = (portalOrigin: string) =>
    amiss(configurationFindings({ faults: [], envFile: null, portalOrigin }));
  expect(of('http://office.example.com')).toEqual(['configuration/plain-portal warning']);
  expect(of('https://office.example.com')).toEqual([]);
  expect(of('http://localhost:8092')).toEqual([]);
});
