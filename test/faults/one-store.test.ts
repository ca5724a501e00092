import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { freePort } from '../support/free-port.ts';
import { startPortal } from '../support/portal.ts';
import { holderPid, serviceEnvironment, spawnVerb } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call } from '../support/world.ts';
import { arrive, greetings, invite, prepareStage, testTimeoutMs } from './stage.ts';

describe('one database, one process, one portal', () => {
  test(
    'a second process names the process that holds the database, and ends with 1',
    async () => {
      const stage = await prepareStage();
      const first = await stage.start();
      expect(holderPid(stage.folder)).toBe(first.child.pid);

      const second = await serveAgain(stage.portal, stage.folder);

      expect(second.code).toBe(1);
      expect(second.output).toContain(`in use by process ${first.child.pid} at ${stage.url}`);
      expect((await call(stage.url, 'GET', '/healthz')).status).toBe(200);
    },
    testTimeoutMs,
  );

  test(
    'the lock ends with its process, whatever text stays beside the database',
    async () => {
      const stage = await prepareStage();
      const first = await stage.start();
      await first.kill();
      expect(holderPid(stage.folder)).toBe(first.child.pid);

      const second = await stage.start();

      expect(holderPid(stage.folder)).toBe(second.child.pid);
    },
    testTimeoutMs,
  );

  test(
    'a database of another origin is refused with a message that names both origins',
    async () => {
      const stage = await prepareStage();
      await (await stage.start()).kill();
      const other = await portalAt({});

      const refused = await serveAgain(other, stage.folder);

      expect(refused.code).toBe(78);
      expect(refused.output).toContain(
        `welcome.db belongs to the portal ${stage.portal.url}, but DOCSPACE_URL is ${other.url}`,
      );
      expect(refused.output).not.toContain('    at ');
    },
    testTimeoutMs,
  );

  test(
    'a database of another tenant behind the same origin greets nobody, and the service says why',
    async () => {
      const port = await freePort();
      const mine = await startPortal({ port, keyCheck: 'any', tenantId: 1, queuePauseMs: 5 });
      const stage = await prepareStage({ settings: { DOCSPACE_URL: mine.url } });
      const settings = { DOCSPACE_API_KEY: mine.apiKey };
      const first = await stage.start(settings);
      await welcomeOne({ ...stage, portal: mine }, 'ann@example.com', 1);
      first.child.kill('SIGTERM');
      expect(await first.ended()).toBe(0);
      await mine.stop();

      const theirs = await portalAt({ port, tenantId: 2 });
      const second = await stage.start({ DOCSPACE_API_KEY: theirs.apiKey }).catch(String);
      if (typeof second === 'string') {
        expect(second).toContain('this database belongs to the portal 1');
        return;
      }
      const sentence = 'this database belongs to the portal 1';
      const bob = { employeeType: 'Guest', email: 'bob@example.com' };
      const refused = await call(stage.url, 'POST', '/api/invitations', bob);
      expect([refused.status, refused.json.detail]).toEqual([
        502,
        expect.stringContaining(sentence),
      ]);

      const userId = theirs.control.addUser({ email: 'cleo@example.com', how: 'trustedDomain' });
      theirs.control.confirmEmail(userId);
      const body = deliveryBody({ id: 2, userId });
      await deliver(stage.url, body, signed(body));
      const greeted = () => greetings(theirs, [userId])[0] ?? 0;
      await until('the message about the other portal, or a wrong welcome', () => {
        return second.output().includes(sentence) || greeted() > 0;
      });

      expect(greeted()).toBe(0);
      expect(second.output()).toContain(sentence);
    },
    testTimeoutMs,
  );

  test(
    'a database that is newer than the program is refused with a message, and is not changed',
    async () => {
      const stage = await prepareStage();
      const first = await stage.start();
      first.child.kill('SIGTERM');
      expect(await first.ended()).toBe(0);
      const database = new Database(`${stage.folder}/welcome.db`);
      const later = Date.UTC(2099, 0, 1);
      const insert = 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)';
      database.prepare(insert).run('of a later version', later);
      database.close();

      const refused = await serveAgain(stage.portal, stage.folder);

      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain('was written by a newer version of docspace-welcome');
      expect(refused.output).not.toContain('    at ');
    },
    testTimeoutMs,
  );
});

async function portalAt(options: { port?: number; tenantId?: number }): Promise<Portal> {
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5, ...options });
  onTestFinished(() => portal.stop());
  return portal;
}

/** Starts `serve` where it must not start, and waits for its end. */
async function serveAgain(portal: Portal, folder: string) {
  const environment = serviceEnvironment(portal, folder);
  const { child, output } = spawnVerb(['serve'], { environment, folder });
  const code = await until('the refused process ends', () => child.exitCode ?? null, 20_000).catch(
    (error) => (child.exitCode === 0 ? 0 : Promise.reject(error)),
  );
  return { code, output: output() };
}

type Place = { readonly url: string; readonly portal: Portal };

async function tell(place: Place, email: string, id: number): Promise<string> {
  const [userId] = arrive(place.portal, await invite(place, [email]));
  if (userId === undefined) throw new Error('nobody arrived');
  const body = deliveryBody({ id, userId });
  expect((await deliver(place.url, body, signed(body))).status).toBe(200);
  return userId;
}

async function welcomeOne(place: Place, email: string, id: number): Promise<void> {
  const userId = await tell(place, email, id);
  await until(`${email} is greeted`, () => greetings(place.portal, [userId])[0] === 1);
}
