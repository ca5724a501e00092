import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { begin, end, entry, hourMs, invite, memberIn, move, put, user } from '../store/support.ts';
import { type CliSetup, startCliSetup, timesIn } from './support.ts';

const now = Date.now();

/** A database with an example of everything. */
async function stocked(): Promise<CliSetup> {
  const setup = await startCliSetup();
  await setup.write(async (store) => {
    await invite(store, 'inv_1', { email: 'anna@example.com', note: 'from the fair', at: now });
    await invite(store, 'inv_2', { email: 'bernadette.longname@subsidiary.example.com', at: now });
    await invite(store, 'inv_3', { email: null, employeeType: 'User', at: now });
    const came = { registeredAt: now - hourMs, activatedAt: now, entries: [entry()] };
    await put(
      store,
      memberIn('ready', 1, { ...came, invitationId: 'inv_1', email: 'anna@example.com' }),
    );
    await move(store, user(1), { state: 'sending' }, { attempts: [begin('att_1')] });
    const welcomed = { state: 'welcomed', welcomedAt: now } as const;
    await move(store, user(1), welcomed, {
      attempts: [end('att_1', 'sent')],
      entries: [entry('welcomed')],
    });
    await put(store, memberIn('ready', 2, { invitationId: 'inv_3', registeredAt: now }));
    await put(
      store,
      memberIn('skipped', 3, { email: 'stranger@example.com', reason: { code: 'not_invited' } }),
      {
        entries: [entry('skipped')],
      },
    );
    await store.pause({ name: 'operator', reason: { code: 'paused_by_operator' }, since: now });
  });
  return setup;
}

describe('verbs that only read', () => {
  test.each([
    ['list', []],
    ['list --json', ['--json']],
    ['show', ['a@example.com']],
    ['stats', []],
    ['preview', ['a@example.com']],
  ] as const)('%s creates no database: it exits with 78 and names the path', async (verb, args) => {
    const setup = await startCliSetup();
    const { code, out, err } = await setup.run(verb.split(' ')[0] ?? '', ...args);
    expect([code, out]).toEqual([78, '']);
    expect(err).toContain(setup.databaseFile);
    expect(readdirSync(setup.folder)).toEqual(['.env']);
  });

  test('print the same beside a serving process, and do not disturb it', async () => {
    const setup = await stocked();
    const alone = await setup.run('list', '--json');
    const world = await setup.serve();
    const beside = await setup.run('list', '--json');
    expect([beside.code, beside.out]).toEqual([0, alone.out]);
    expect((await setup.run('stats')).code).toBe(0);
    expect((await world.api('GET', '/readyz')).json.store.status).toBe('ok');
  });
});

describe('--json', () => {
  const calls = [
    ['list'],
    ['list', '--status', 'welcomed', '--type', 'Guest', '--email', 'ANNA@example.com'],
    ['show', 'anna@example.com'],
    ['show', 'inv_3'],
    ['show', user(3)],
    ['show', 'stranger@example.com'],
    ['stats'],
  ] as const;
  const rows = calls.map((args) => [args.join(' '), args] as const);

  test.each(rows)('of %s is one JSON value on standard output', async (_, args) => {
    const setup = await stocked();
    const { code, err, json } = await setup.run(...args, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json()).toBeTypeOf('object');
  });

  // Times in JSON are RFC 3339 in UTC (docs/design.md#http).
  test.each(rows)('of %s has its times in RFC 3339', async (_, args) => {
    const setup = await stocked();
    const { json } = await setup.run(...args, '--json');
    const wrong = [...timesIn(json())].filter(
      ([, value]) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)),
    );
    expect(wrong).toEqual([]);
  });

  test('of list has pages, and says where the next one starts', async () => {
    const setup = await stocked();
    const { json } = await setup.run('list', '--limit', '2', '--json');
    expect(json().items.map((one: { id: string }) => one.id)).toEqual(['inv_3', 'inv_2']);
    expect(json().nextCursor).not.toBeNull();
  });

  test('of stats adds up', async () => {
    const setup = await stocked();
    const { members, invitations, pauses } = (await setup.run('stats', '--json')).json();
    expect(members).toMatchObject({ total: 3, welcomed: 1, ready: 1, skipped: 1, failed: 0 });
    expect(invitations).toEqual({ welcomed: 1, issued: 1, open: 1 });
    expect(pauses).toMatchObject([
      { name: 'operator', reason: { code: 'paused_by_operator', text: 'paused by an operator' } },
    ]);
  });
});

describe('output for people', () => {
  test('of list shows who, when, what and the status, and filters keep the matching rows', async () => {
    const setup = await stocked();
    const all = await setup.runIn(200, 'list');
    for (const word of ['STATUS', 'anna@example.com', 'welcomed', 'inv_1', 'from the fair']) {
      expect(all.out).toContain(word);
    }
    expect(all.out).toContain('1 ready');
    const issued = await setup.runIn(200, 'list', '--status', 'issued');
    expect(issued.out).toContain('bernadette');
    expect(issued.out).not.toContain('anna@');
    const since = new Date(now + 48 * hourMs).toISOString().slice(0, 10);
    expect((await setup.run('list', '--since', since)).out).toBe('No invitation matches.');
    expect((await setup.run('list', '--limit', '1')).out).toContain('more');
  });

  test('of show explains one person from invitation to welcome', async () => {
    const setup = await stocked();
    for (const wanted of ['ANNA@example.com', 'inv_1']) {
      const { code, out } = await setup.run('show', wanted);
      expect(code).toBe(0);
      for (const word of ['anna@example.com', 'issuing', 'issued', 'welcomed', 'next']) {
        expect(out).toContain(word);
      }
    }
    expect((await setup.run('show', user(3).toUpperCase())).out).toContain('stranger@example.com');
  });

  test('of show for an unknown person is exit code 1, and names the person', async () => {
    const setup = await stocked();
    for (const wanted of ['nobody@example.com', 'inv_9', user(9)]) {
      const { code, out, err } = await setup.run('show', wanted);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(wanted);
    }
  });

  test('of stats counts members and invitations, and lists the pauses', async () => {
    const setup = await stocked();
    const { code, out } = await setup.run('stats');
    expect(code).toBe(0);
    for (const word of ['INVITATIONS', 'MEMBERS', 'welcomed', 'paused by an operator']) {
      expect(out).toContain(word);
    }
  });
});

describe('a terminal of 80 columns', () => {
  test('has no longer line of a table, and every line has the columns of its heading', async () => {
    const setup = await stocked();
    for (const verb of ['list', 'stats']) {
      const { out } = await setup.runIn(80, verb);
      for (const line of out.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    }
  });

  test('still shows who was invited, because that is the purpose of list', async () => {
    const setup = await startCliSetup();
    for (const email of ['anna@example.com', 'bob@example.com']) {
      expect((await setup.run('invite', email)).code).toBe(0);
    }
    const { out } = await setup.runIn(80, 'list');
    expect(out).toContain('anna@example.com');
    expect(out).toContain('bob@example.com');
  });
});

describe('names of strangers', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\u202eevil\r\nSTATUS faked\u009b31m';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach the terminal
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u;

  test('move no cursor and change no style of the screen, wherever they are shown', async () => {
    const setup = await startCliSetup();
    await setup.write(async (store) => {
      await invite(store, 'inv_1', { email: 'anna@example.com', note: hostile, at: now });
      const named = { firstName: hostile, lastName: '\u061c\u2066x', email: 'anna@example.com' };
      await put(
        store,
        memberIn('waiting', 1, { ...named, invitationId: 'inv_1', registeredAt: now }),
        { entries: [entry(hostile)] },
      );
      await put(store, memberIn('skipped', 2, { email: `x${hostile}@example.com` }), {
        entries: [entry(hostile)],
      });
    });
    const through: string[] = [];
    for (const args of [
      ['list'],
      ['show', 'anna@example.com'],
      ['show', 'inv_1'],
      ['show', user(2)],
      ['show', `no${hostile}@example.com`],
      ['retry', `no${hostile}`],
      ['resolve', `no${hostile}`, 'sent'],
      ['preview', `no${hostile}@example.com`],
      ['invite', `no${hostile}`],
    ]) {
      const { out, err } = await setup.run(...args);
      const lines = `${out}\n${err}`.split('\n');
      expect(lines.join('').length).toBeGreaterThan(5);
      const isFaked = lines.some((line) => line.startsWith('STATUS faked'));
      const letter = control.exec(lines.join('\n'))?.[0];
      if (isFaked || letter) through.push(`${JSON.stringify(args)}: ${JSON.stringify(letter)}`);
    }
    expect(through).toEqual([]);
  });
});
