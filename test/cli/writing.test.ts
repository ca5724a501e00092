import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/store/sqlite/lock.ts';
import { begin, end, invite, memberIn, move, put, user } from '../store/support.ts';
import { until } from '../support/until.ts';
import { type CliSetup, startCliSetup } from './support.ts';

const email = 'anna@example.com';

/** The verb works alone or through the running service. Both must have the same result. */
const ways = ['alone', 'through the running service'] as const;
async function setup(way: (typeof ways)[number], settings = {}): Promise<CliSetup> {
  const made = await startCliSetup(settings);
  if (way !== 'alone') await made.serve();
  return made;
}

describe.each(ways)('invite, %s', (way) => {
  test('prints a link to hand over, and writes the database', async () => {
    const { run, portal } = await setup(way);
    const invited = await run('invite', email, '--note', 'from the fair');
    expect([invited.code, invited.err]).toEqual([0, '']);
    expect(invited.out).toContain(email);
    const link = /https?:\/\/\S+/.exec(invited.out)?.[0] ?? '';
    const person = { link, email, firstName: 'Anna', lastName: 'Lee' };
    expect(portal.control.register(person)).toMatch(/^[0-9a-f-]{36}$/);
    const { items } = (await run('list', '--json')).json();
    expect(items).toMatchObject([{ email, note: 'from the fair', employeeType: 'Guest' }]);
  });

  test('without an address prints an open link, and with e-mail delivery the portal mails the invitation', async () => {
    const { run, portal } = await setup(way);
    expect((await run('invite', '--type', 'User')).out).toContain('open link');
    const mailed = await run('invite', '--type', 'User', '--mode', 'email', email);
    expect(mailed.out).toContain('the portal mails');
    expect(portal.control.letters().map((letter) => letter.to)).toContain(email);
  });

  test('with --json prints one list with an entry for each address, in their order', async () => {
    const { run } = await setup(way);
    const emails = ['a@example.com', 'b@example.com', 'c@example.com'];
    const { code, err, json } = await run('invite', ...emails, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json()).toMatchObject(
      emails.map((one) => ({ ok: true, email: one, link: expect.stringMatching(/^http/) })),
    );
  });

  test('of an invited person is 1 and names the invitation, and the other people are invited', async () => {
    const { run } = await setup(way);
    const first = (await run('invite', email, '--json')).json();
    const again = await run('invite', email, 'b@example.com');
    expect(again.code).toBe(1);
    expect(again.err).toContain(email);
    expect(again.out).toContain('b@example.com');
    const machines = (await run('invite', email, '--json')).json();
    expect(machines).toMatchObject([{ ok: false, id: first[0].id }]);
  });

  test('that the portal refuses is 1, and the invitation has the reason', async () => {
    const { run, portal } = await setup(way);
    portal.control.setInvitingMembers(false);
    const { code, err } = await run('invite', email);
    expect(code).toBe(1);
    expect(err).toContain(email);
    expect((await run('list', '--json')).json().items).toMatchObject([{ status: 'failed' }]);
  });

  test('while the portal cannot be reached is 69', async () => {
    const { run, portal } = await setup(way);
    await portal.stop();
    for (const args of [
      ['invite', email],
      ['invite', '--type', 'User'],
    ]) {
      const { code, out, err } = await run(...args);
      expect([args, code, out]).toEqual([args, 69, '']);
      expect(err).toContain('cannot be reached');
    }
  });

  test('while the portal refuses the key fails, and names the setting to check', async () => {
    const { run, portal } = await setup(way);
    portal.control.revokeKey(portal.apiKey);
    const { code, err } = await run('invite', email);
    expect(code).not.toBe(0);
    expect(err).toContain('DOCSPACE_API_KEY');
    expect(err).not.toContain(portal.apiKey);
  });
});

describe('output for programs', () => {
  test('of invite is the same alone and through the running service', async () => {
    const told = async (way: (typeof ways)[number]) => {
      const { run, portal } = await setup(way);
      const said: unknown[] = [];
      const note = async () => {
        const { json } = await run('invite', email, '--json');
        const [{ ok, status, reason, portalTrouble, ...rest }] = json();
        said.push({
          ok,
          status,
          reason,
          portalTrouble,
          fields: Object.keys(rest).sort(),
        });
      };
      await note();
      await note();
      portal.control.setInvitingMembers(false);
      const refused = (await run('invite', 'b@example.com', '--json')).json()[0];
      said.push([refused.ok, refused.status, refused.reason, refused.id === null]);
      await portal.stop();
      const trouble = (await run('invite', 'c@example.com', '--json')).json()[0];
      said.push([trouble.ok, trouble.status, trouble.portalTrouble, trouble.id === null]);
      return said;
    };
    expect(await told('through the running service')).toEqual(await told('alone'));
  });

  test('of invite covers as many addresses beside a running service as alone', async () => {
    const { run, portal } = await setup('through the running service');
    const emails = Array.from({ length: 1_001 }, (_, n) => `p${n}@example.com`);
    const { code, err, json } = await run('invite', ...emails, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json()).toHaveLength(1_001);
    expect(portal.control.peakConcurrency()).toBeLessThanOrEqual(8);
  });
});

describe('a database that is in use', () => {
  test('by a process that gives no address is 1, and the portal is not asked', async () => {
    const { run, databaseFile, portal, write } = await startCliSetup();
    await write(async () => {});
    const locked = acquireLock(databaseFile);
    for (const args of [['invite', email], ['pause']]) {
      const { code, err, out } = await run(...args);
      expect([args, code, out]).toEqual([args, 1, '']);
      expect(err).toMatch(/another process/i);
    }
    expect(portal.control.requests()).toHaveLength(0);
    if (locked.kind === 'held') locked.lock.release();
  });

  test('by a process that no longer answers at its address is 1, and names the address', async () => {
    const { run, databaseFile } = await startCliSetup();
    const locked = acquireLock(databaseFile);
    if (locked.kind !== 'held') throw new Error(locked.kind);
    locked.lock.announce('http://127.0.0.1:9');
    const { code, err } = await run('invite', email);
    expect(code).toBe(1);
    expect(err).toContain('http://127.0.0.1:9');
    locked.lock.release();
  });

  test('by a service with another admin token is 1, and says so', async () => {
    const made = await setup('through the running service');
    writeFileSync(
      `${made.folder}/other.env`,
      [
        `DOCSPACE_URL=${made.portal.url}`,
        `DOCSPACE_API_KEY=${made.portal.apiKey}`,
        'DOCSPACE_WEBHOOK_SECRET=Docspace-Webhook-1',
        'ADMIN_TOKEN=another-token-of-24-letters',
        `DATABASE_URL=file:${made.databaseFile}`,
      ].join('\n'),
    );
    chmodSync(`${made.folder}/other.env`, 0o600);
    for (const args of [['invite', email], ['pause'], ['retry', '--failed']]) {
      const { code, err } = await made.run('--env-file', `${made.folder}/other.env`, ...args);
      expect([args, code]).toEqual([args, 1]);
      expect(err.toLowerCase()).toContain('token');
    }
  });

  test('by another portal is 78, and names both portals', async () => {
    const first = await startCliSetup();
    const second = await startCliSetup({ DATABASE_URL: `file:${first.databaseFile}` });
    expect((await first.run('invite', email)).code).toBe(0);
    const { code, err } = await second.run('invite', email);
    expect(code).toBe(78);
    expect(err).toContain(first.portal.url);
    expect(err).toContain(second.portal.url);
    expect((await first.run('invite', 'b@example.com')).code).toBe(0);
  });
});

describe.each(ways)('an operator, %s', (way) => {
  /** A person with an unknown outcome, and a person whose welcome failed. */
  async function troubled() {
    const made = await startCliSetup();
    await made.write(async (store) => {
      await store.setValue('portal_origin', made.portal.url);
      await store.pause({
        name: 'operator',
        reason: { code: 'paused_by_operator' },
        since: Date.now(),
      });
      for (const [n, outcome, state] of [
        [1, 'unknown', 'unknown'],
        [2, 'refused', 'failed'],
        [3, 'sent', 'welcomed'],
      ] as const) {
        const address = `p${n}@example.com`;
        await invite(store, `inv_${n}`, { email: address, at: Date.now() });
        const more = { email: address, invitationId: `inv_${n}`, registeredAt: Date.now() };
        await put(store, memberIn('ready', n, more), { attempts: [begin(`att_${n}`)] });
        await move(
          store,
          user(n),
          {
            state,
            dueAt: null,
            reason: state === 'failed' ? { code: 'portal_refused', status: 400 } : null,
            unknownAttemptId: state === 'unknown' ? `att_${n}` : null,
          },
          { attempts: [end(`att_${n}`, outcome)] },
        );
      }
    });
    if (way !== 'alone') await made.serve();
    return made;
  }

  test('resolves an unknown outcome, once', async () => {
    const { run } = await troubled();
    const { code, out } = await run('resolve', 'P1@example.com', 'sent');
    expect([code, out]).toEqual([0, expect.stringContaining('welcomed')]);
    const again = await run('resolve', user(1), 'sent');
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err.length).toBeGreaterThan(10);
  });

  test('resolves every unknown outcome at once', async () => {
    const { run } = await troubled();
    const all = await run('resolve', '--unknown', 'sent', '--json');
    expect(all.json()).toEqual({ resolved: 1 });
    expect((await run('show', 'p1@example.com')).out).toContain('welcomed');
    expect((await run('resolve', '--unknown', 'sent', '--json')).json()).toEqual({ resolved: 0 });
  });

  test('retries failed people, one or all, and gets the reason if that is not possible', async () => {
    const { run } = await troubled();
    const none = await run('retry', '--failed', '--reason', 'portal_rejects_key', '--json');
    expect(none.json()).toEqual({ retried: 0 });
    expect((await run('retry', '--failed', '--json')).json()).toEqual({ retried: 1 });
    expect((await run('retry', user(2), '--json')).code).toBe(0);
    for (const who of ['p1@example.com', 'p3@example.com', 'nobody@example.com', user(9)]) {
      const { code, out, err } = await run('retry', who);
      expect([who, code, out]).toEqual([who, 1, '']);
      expect(err.length).toBeGreaterThan(10);
    }
    expect((await run('retry', 'p1@example.com')).err).toContain('resolve');
  });

  test('gets 64 and the list of codes when retrying for a reason that is not a code', async () => {
    const { run } = await troubled();
    const { code, out, err } = await run('retry', '--failed', '--reason', 'refused');
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain('The failed members have these codes: portal_refused');
    expect((await run('resolve', 'p1@example.com', 'sent')).code).toBe(0);
  });

  test('pauses and resumes, as stats shows', async () => {
    const { run } = await troubled();
    expect((await run('resume', '--json')).json()).toEqual({
      done: 'resume',
      pauses: [],
    });
    expect((await run('stats', '--json')).json().pauses).toEqual([]);
    expect((await run('pause')).code).toBe(0);
    expect((await run('stats', '--json')).json().pauses).toMatchObject([{ name: 'operator' }]);
  });

  test('reconciles now, and while the portal cannot be reached that is 69', async () => {
    const { run, portal } = await troubled();
    const done = await run('reconcile', '--json');
    expect([done.code, done.err]).toEqual([0, '']);
    expect(done.json()).toMatchObject({ interrupted: null, parts: expect.any(Array) });
    await portal.stop();
    const { code, err } = await run('reconcile');
    expect(code).toBe(69);
    expect(err).toContain('Interrupted');
  });
});

describe('webhook', () => {
  test('register creates it once, beside a running service too, and status shows its state', async () => {
    const made = await startCliSetup();
    const world = await made.serve();
    writeFileSync(made.envFile, `PUBLIC_URL=${world.service.url}\n`, { flag: 'a' });
    const before = await made.run('webhook', 'status');
    expect([before.code, before.out]).toEqual([1, '']);
    expect(before.err).toContain('webhook register');
    for (let n = 0; n < 2; n += 1) expect((await made.run('webhook', 'register')).code).toBe(0);
    expect(made.portal.control.webhooks()).toHaveLength(1);
    expect((await made.run('webhook', 'status')).code).toBe(0);
    await until('the service knows its webhook', async () =>
      world.service.store.getValue('webhook'),
    );
    await made.portal.stop();
    for (const verb of ['register', 'status']) {
      expect([verb, (await made.run('webhook', verb)).code]).toEqual([verb, 69]);
    }
  });

  test('register and status are 1, not 69, if the key may not read the webhooks', async () => {
    const made = await startCliSetup({ PUBLIC_URL: 'http://127.0.0.1:9' });
    made.portal.control.interfere({
      on: ({ path }) => path.endsWith('settings/webhook'),
      act: { kind: 'answer', status: 403, body: forbidden },
    });
    for (const verb of ['register', 'status']) {
      const { code, err } = await made.run('webhook', verb);
      expect([verb, code]).toEqual([verb, 1]);
      expect(err).toContain('The webhooks cannot be read');
    }
  });

  // Exit code 69 means that the portal cannot be reached. A portal that refuses was reached.
  test('register that the portal refuses is 1, not 69', async () => {
    const made = await startCliSetup({ PUBLIC_URL: 'http://127.0.0.1:9' });
    const { code, err } = await made.run('webhook', 'register');
    expect(code).toBe(1);
    expect(err.length).toBeGreaterThan(10);
  });
});

const forbidden = JSON.stringify({
  error: { message: 'Access denied', type: 'System.Security.SecurityException' },
  status: 1,
  statusCode: 403,
});
