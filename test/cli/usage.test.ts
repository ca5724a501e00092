import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/world.ts';
import { runVerb, startCliSetup } from './support.ts';

/** The verbs, as the program itself lists them. */
async function verbs(): Promise<string[][]> {
  const listed = async (above: string[]): Promise<string[][]> => {
    const { out } = await runVerb([...above, '--help']);
    const commands = out.split('Commands:\n')[1] ?? '';
    const names = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name ?? '');
    const own = names.filter((name) => name !== 'help');
    if (own.length === 0) return above.length === 0 ? [] : [above];
    return (await Promise.all(own.map((name) => listed([...above, name])))).flat();
  };
  return listed([]);
}

describe('--help', () => {
  test('of the program says what it does and which verbs it has', async () => {
    const { code, out, err } = await runVerb(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const word of ['docspace-welcome', 'serve', 'invite', '--env-file']) {
      expect(out).toContain(word);
    }
    expect((await verbs()).length).toBeGreaterThan(10);
  });

  test('of every verb says how to use it, does nothing, and needs no configuration', async () => {
    for (const verb of await verbs()) {
      const { code, out, err } = await runVerb([...verb, '--help']);
      expect([verb, code, err]).toEqual([verb, 0, '']);
      expect(out).toContain(`Usage: docspace-welcome ${verb.join(' ')}`);
      expect(out.split('\n').length).toBeGreaterThan(4);
    }
  });

  // Every verb with a result offers `--json` (docs/design.md#command-line). `serve` logs JSON
  // anyway.
  test('offers --json with every verb that has a result', async () => {
    const without: string[] = [];
    for (const verb of await verbs()) {
      const { out } = await runVerb([...verb, '--help']);
      if (!out.includes('--json')) without.push(verb.join(' '));
    }
    expect(without.sort()).toEqual(['completion', 'demo', 'health', 'init', 'serve']);
  });
});

describe('wrong usage', () => {
  test.each([
    ['no verb', []],
    ['an unknown verb', ['invte']],
    ['an unknown option', ['list', '--stauts', 'issued']],
    ['a choice that there is not', ['list', '--status', 'lost']],
    ['an unknown type', ['invite', '--type', 'Owner', 'a@example.com']],
    ['an unknown mode', ['invite', '--mode', 'pigeon', 'a@example.com']],
    ['nobody to show', ['show']],
    ['too many to show', ['show', 'a@example.com', 'b@example.com']],
    ['nobody to retry', ['retry']],
    ['an outcome that there is not', ['resolve', 'a@example.com', 'maybe']],
    ['a resolve without its outcome', ['resolve', 'a@example.com']],
    ['no word on the webhook', ['webhook']],
    ['an unknown word on the webhook', ['webhook', 'delete']],
    ['nobody to preview', ['preview']],
    ['an option without its value', ['invite', '--note']],
  ] as const)('is 64 for %s, with a message on standard error', async (_, args) => {
    const { code, out, err } = await runVerb(args);
    expect(code).toBe(64);
    expect(err.length).toBeGreaterThan(10);
    expect(out).toBe('');
  });

  test.each([
    ['an invalid address', ['invite', 'anna'], 'anna'],
    ['one of several that is none', ['invite', 'a@example.com', 'b@'], 'b@'],
    ['a mailed guest', ['invite', '--mode', 'email', 'a@example.com'], 'mode'],
    ['a mail to nobody', ['invite', '--mode', 'email', '--type', 'User'], 'email'],
    ['a note that is too long', ['invite', '--note', 'x'.repeat(501), 'a@example.com'], 'note'],
    ['a date that is none', ['list', '--since', 'yesterday'], '--since'],
    ['a day that there is not', ['list', '--since', '2026-02-30'], '--since'],
    ['a number that is none', ['list', '--limit', 'many'], '--limit'],
    ['more than a page holds', ['list', '--limit', '201'], '--limit'],
  ] as const)('is 64 for %s, names it, and writes nothing', async (_, args, named) => {
    const setup = await startCliSetup();
    const { code, out, err } = await setup.run(...args);
    expect(code).toBe(64);
    expect(err).toContain(named);
    expect(out).toBe('');
    expect(readdirSync(setup.folder)).toEqual(['.env']);
    expect(setup.portal.control.requests()).toHaveLength(0);
  });
});

describe('a configuration with faults', () => {
  test('with faults is 78 for every verb except demo, with each fault on its own line', async () => {
    const folder = await temporaryFolder();
    for (const args of [
      ['serve'],
      ['invite', 'a@example.com'],
      ['list'],
      ['show', 'a@example.com'],
      ['stats'],
      ['retry', 'a@example.com'],
      ['retry', '--failed'],
      ['resolve', 'a@example.com', 'sent'],
      ['pause'],
      ['resume'],
      ['reconcile'],
      ['webhook', 'register'],
      ['webhook', 'status'],
      ['preview', 'a@example.com'],
      ['test-send', 'a@example.com'],
    ]) {
      const { code, out, err } = await runVerb(['--env-file', `${folder}/none`, ...args]);
      expect([args, code, out]).toEqual([args, 78, '']);
      expect(err).toContain(`${folder}/none: there is no such file`);
    }
    const setup = await startCliSetup({ PORT: 'x', ADMIN_TOKEN: 'short-token-7', LOG_LEVEL: 'y' });
    const { code, err } = await setup.run('stats');
    expect(code).toBe(78);
    expect(
      err
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(' ')[0]),
    ).toEqual(['ADMIN_TOKEN', 'PORT', 'LOG_LEVEL']);
    expect(err).not.toContain('short-token-7');
  });

  test.each([
    ['webhook register', ['webhook', 'register'], 'PUBLIC_URL'],
    ['webhook status', ['webhook', 'status'], 'PUBLIC_URL'],
    ['test-send', ['test-send', 'a@example.com'], 'SMTP_URL'],
  ] as const)('%s exits with 78 and names the setting that it needs', async (_, args, name) => {
    const setup = await startCliSetup();
    const { code, err } = await setup.run(...args);
    expect(code).toBe(78);
    expect(err).toContain(name);
  });
});
