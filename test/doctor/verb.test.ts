import { once } from 'node:events';
import { expect, test } from 'vitest';
import { wrap } from '../../src/cli/layout.ts';
import { doctor } from '../../src/cli/verbs/doctor.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';
import { openPractice, type Practice, pick, practiceBeside, roomyDisk } from './support.ts';

async function printed(
  practice: Practice,
  given: { readonly columns?: number; readonly json?: boolean; readonly publicUrl?: string },
) {
  const lines: string[] = [];
  const print = (text: string) => lines.push(...text.split('\n'));
  const { columns = 80, json = false, publicUrl = 'https://192.168.1.5' } = given;
  const code = await doctor(
    { terminal: { print, printError: print, columns }, envFile: null, json },
    {
      environment: { ...practice.environment, PUBLIC_URL: publicUrl },
      workingFolder: practice.folder,
      now: Date.now,
      readDisk: async () => roomyDisk,
    },
  );
  return { code, lines };
}

async function runDoctor(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const practice = await openPractice();
  const environment = serviceEnvironment(practice.portal, practice.folder, settings);
  const { child, output } = spawnVerb(['doctor', ...args], {
    environment,
    folder: practice.folder,
  });
  const [code] = await once(child, 'close');
  return { code, output: output(), practice };
}

test('the exit code is 1 when something is wrong, and the output is plain without a terminal', async () => {
  const { code, output, practice } = await runDoctor([]);
  expect(code).toBe(1);
  expect(output).toMatch(/^Configuration\n {2}ok {7}every setting/);
  expect(output).toMatch(/1 wrong, \d+ warnings?, \d+ ok\n$/);
  expect(output).not.toContain('\u001b');
  expect(output).not.toContain(practice.portal.apiKey);
});

test('the exit code is 0 when there are only warnings', async () => {
  const world = await startWorld();
  const practice = practiceBeside(world.portal, world.folder);
  const { code, lines } = await printed(practice, { json: true, publicUrl: world.service.url });
  const report = JSON.parse(lines.join('\n'));
  expect(report.findings.filter((one: { level: string }) => one.level === 'wrong')).toEqual([]);
  expect([code, report.level]).toEqual([0, 'warning']);
});

test('the portal requests for each welcome and each run are shown while a service runs', async () => {
  const world = await startWorld();
  const practice = practiceBeside(world.portal, world.folder);
  const seen = async () => pick(await practice.diagnose(), 'portal', 'requests').seen;
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  expect(await seen()).toMatch(/: \d\.0 for each welcome, no figure yet for each run/);
  await world.api('POST', '/api/reconcile');
  expect(await seen()).toMatch(/: \d\.0 for each welcome, \d+\.0 for each run/);
});

test('--json gives each finding with its subject, check, level and sentences', async () => {
  const { code, output } = await runDoctor(['--json'], { ADMIN_TOKEN: 'short' });
  expect(code).toBe(1);
  expect(JSON.parse(output)).toEqual({
    level: 'wrong',
    findings: [
      {
        subject: 'configuration',
        check: 'setting',
        level: 'wrong',
        seen: expect.stringContaining('ADMIN_TOKEN must be 24'),
        means: 'the service does not start',
        mend: expect.stringContaining('"init"'),
      },
    ],
  });
});

test.each([80, 120])(
  'at %i columns no line is too long, except a path without a space',
  async (columns) => {
    const { lines } = await printed(await openPractice(), { columns });
    const long = lines.filter((line) => line.length > columns);
    expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
    const starts = new Set(
      lines.filter((line) => /^ {11}/.test(line)).map((line) => line.search(/\S/)),
    );
    expect([...starts].sort()).toEqual([11, 13]);
  },
);

test('text is broken between words, and a long word stays whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('see /a/very/long/path now', 6)).toEqual(['see', '/a/very/long/path', 'now']);
});
