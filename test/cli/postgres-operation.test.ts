import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { serveVerb } from '../../src/cli/verbs/serve.ts';
import { placeOf } from '../../src/store/place.ts';
import { endClient, openClient } from '../../src/store/postgres/connection.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { openStore, run as query } from '../store/postgres/support.ts';
import { startPortal } from '../support/portal.ts';
import {
  canStartPostgres,
  freshDatabase,
  hasPostgres,
  startPostgres,
} from '../support/postgres.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/world.ts';
import { type CliSetup, startCliSetup } from './support.ts';

/*
 * Two programs in one process: while `nextFolder` is set, this process is the program of the next
 * version, which has one more migration.
 */
const program = vi.hoisted(() => {
  // An earlier test file of this process may have loaded the real module.
  vi.resetModules();
  return { nextFolder: '' };
});
vi.mock('../../src/project.ts', async (original) => {
  const { projectPath, ...rest } = await original<typeof import('../../src/project.ts')>();
  const isNext = (path: string) => program.nextFolder !== '' && path === 'drizzle/postgres';
  return {
    ...rest,
    projectPath: (path: string) => (isNext(path) ? program.nextFolder : projectPath(path)),
  };
});

const migrations = fileURLToPath(new URL('../../drizzle/postgres', import.meta.url));
const journalFile = 'meta/_journal.json';
const known = JSON.parse(readFileSync(join(migrations, journalFile), 'utf8')).entries.length;
const deadlineMs = 20_000;
const additions = `ALTER TABLE "docspace_welcome"."members" ADD COLUMN "colour" text;--> statement-breakpoint
  CREATE TABLE "docspace_welcome"."paints" ("colour" text);`;

/**
 * @param statements of the migration that it adds
 * @returns a function that runs its work as the program of the next version
 */
async function nextProgram(statements = additions) {
  const folder = join(await temporaryFolder(), 'postgres');
  cpSync(migrations, folder, { recursive: true });
  const journal = JSON.parse(readFileSync(join(folder, journalFile), 'utf8'));
  journal.entries.push({ tag: 'next' });
  writeFileSync(join(folder, journalFile), JSON.stringify(journal));
  writeFileSync(join(folder, 'next.sql'), statements);
  return async (work: () => Promise<void>) => {
    program.nextFolder = folder;
    await work().finally(() => {
      program.nextFolder = '';
    });
  };
}

const off = { MIGRATE: 'off', LOG_LEVEL: 'silent' };
const bob = ['invite', 'bob@example.com'];

/** Expects exit code 78, and a sentence with these words. */
async function expectRefused({ run }: CliSetup, verbs: readonly string[][], ...words: string[]) {
  for (const verb of verbs) {
    const { code, out, err } = await run(...verb);
    expect([verb, code, out]).toEqual([verb, 78, '']);
    for (const word of words) expect(err).toContain(word);
  }
}

describe.runIf(hasPostgres)('with PostgreSQL, migrate', () => {
  test('makes the tables once, and with MIGRATE=off nothing else does', async () => {
    const url = await freshDatabase();
    const setup = await startCliSetup({ DATABASE_URL: url, ...off });
    await expectRefused(setup, [['serve'], bob, ['pause']], '"docspace-welcome migrate"');
    const found = await query(url, `SELECT FROM pg_namespace WHERE nspname = 'docspace_welcome'`);
    expect(found.rowCount).toBe(0);

    const ran = await Promise.all([1, 2, 3, 4].map(() => setup.run('migrate', '--json')));
    expect(ran.map((one) => [one.code, one.json()])).toEqual(
      expect.arrayContaining([
        [0, { from: 0, to: known }],
        ...[1, 2, 3].map(() => [0, { from: known, to: known }]),
      ]),
    );
    expect((await setup.run('migrate')).out).toContain('Nothing to do');
    expect((await setup.run(...bob)).code).toBe(0);
  });

  test('is done once by four first starts at the same time', async () => {
    const url = await freshDatabase();
    const { run } = await startCliSetup({ DATABASE_URL: url });
    const ran = await Promise.all([1, 2, 3, 4].map((n) => run('invite', `p${n}@example.com`)));
    expect(ran.map(({ code, err }) => [code, err])).toEqual(ran.map(() => [0, '']));
    const { rows } = await query(url, 'SELECT number FROM docspace_welcome.migrations');
    expect(rows).toHaveLength(known);
  });

  test('may take longer than the time-outs of the role, also while another one waits for it', async () => {
    const url = await freshDatabase();
    const setup = await startCliSetup({ DATABASE_URL: url });
    await setup.run('migrate');
    const database = `ALTER DATABASE ${new URL(url).pathname.slice(1)}`;
    await query(
      url,
      `${database} SET statement_timeout = 300`,
      `${database} SET lock_timeout = 300`,
    );
    const asNext = await nextProgram('SELECT pg_sleep(1)');
    await asNext(async () => {
      const ran = await Promise.all([1, 2].map(() => setup.run('migrate')));
      expect(ran.map(({ code, err }) => [code, err])).toEqual(ran.map(() => [0, '']));
    });
  });

  test('lets two versions work at once, until the newer one takes something away', async () => {
    const url = await freshDatabase();
    const setup = await startCliSetup({ DATABASE_URL: url });
    const asNext = await nextProgram();
    const world = await setup.serve();
    const { url: portalUrl, apiKey } = setup.portal;
    const strict = await startCliSetup({
      DATABASE_URL: url,
      DOCSPACE_URL: portalUrl,
      DOCSPACE_API_KEY: apiKey,
      ...off,
    });
    await asNext(async () => {
      await expectRefused(strict, [bob], 'older version', 'docspace-welcome migrate');
      await expectRefused(strict, [['list']], 'older version', 'docspace-welcome migrate');
      expect((await strict.run('doctor')).out).toContain('was written by an older version');
      expect((await strict.run('migrate')).out).toContain(`from version ${known} to ${known + 1}`);
    });

    // The old version still serves, starts, reads and writes.
    expect((await setup.run(...bob)).code).toBe(0);
    await world.service.stop();
    const again = await strict.serve();
    expect((await strict.run('invite', 'ann@example.com')).code).toBe(0);
    expect((await strict.run('list')).out).toContain('bob@example.com');
    expect((await strict.run('migrate', '--json')).json()).toEqual({
      from: known + 1,
      to: known + 1,
    });
    await again.service.stop();

    await query(url, `UPDATE docspace_welcome.migrations SET compatible_since = ${known + 1}`);
    const verbs = [['list'], ['migrate'], bob];
    await expectRefused(strict, verbs, 'newer version', 'update this program');
    expect((await strict.run('doctor')).out).toContain('was written by a newer version');
    await asNext(async () => expect((await strict.run('pause')).code).toBe(0));
  });

  test('ends the writing of a version that still serves, but for which too much is taken away', async () => {
    const url = await freshDatabase();
    const setup = await startCliSetup({ DATABASE_URL: url });
    const world = await setup.serve();
    const ann = { employeeType: 'User', email: 'ann@example.com' };
    expect((await world.api('POST', '/api/invitations', ann)).status).toBe(201);
    const asNext = await nextProgram('DROP TABLE "docspace_welcome"."paints"');
    await query(url, 'CREATE TABLE docspace_welcome.paints (colour text)');
    await asNext(async () => {
      const place = placeOf(url, 'docspace_welcome');
      const client = await openClient(place);
      await migrate(client, place, known + 1).finally(() => endClient(client));
      // The files of the old version may be replaced while it still runs.
      await until('its readiness says so', async () => {
        return (await fetch(`${world.service.url}/readyz?part=store`)).status === 503;
      });
      await until('its log says what to do', () =>
        world.log.join('').includes('update this program'),
      );
    });

    const refused = await world.api('POST', '/api/invitations', {
      ...ann,
      email: 'bob@example.com',
    });
    expect(refused.status).toBe(503);
    await asNext(async () => expect((await setup.run('pause')).code).toBe(0));
    const { rows } = await query(
      url,
      `SELECT (SELECT count(*) FROM docspace_welcome.invitations) AS invitations,
        (SELECT array_agg(name) FROM docspace_welcome.pauses) AS pauses`,
    );
    expect(rows).toEqual([{ invitations: 1, pauses: ['operator'] }]);
  });
});

describe.runIf(hasPostgres)('an import beside a service', () => {
  test('leaves alone what the service is inviting at this moment', async () => {
    const setup = await startCliSetup({ DATABASE_URL: await freshDatabase() });
    const world = await setup.serve();
    const { control } = setup.portal;
    control.interfere({
      on: ({ path }) => path.includes('/portal/users/invite/'),
      times: 1,
      act: { kind: 'hold' },
    });
    const wish = { employeeType: 'User', email: 'ann@example.com', mode: 'link' };
    const asked = world.api('POST', '/api/invitations', wish);
    const ofAnn = async () =>
      (await world.api('GET', '/api/invitations?email=ann@example.com')).json.items;
    await until('it is being issued', async () => (await ofAnn())[0]?.status === 'issuing');
    const file = join(setup.folder, 'people.csv');
    writeFileSync(file, 'email,type\nbob@example.com,User\n');
    expect((await setup.run('invite', '--csv', file)).code).toBe(0);
    expect((await ofAnn())[0].status).toBe('issuing');
    control.release();
    expect((await asked).status).toBe(201);
    expect((await ofAnn())[0].status).toBe('issued');
  });
});

describe('with SQLite, migrate', () => {
  const released = fileURLToPath(new URL('../fixtures/databases/0.2.0.db', import.meta.url));

  test('makes a file, and with MIGRATE=off nothing else does', async () => {
    const setup = await startCliSetup(off);
    await expectRefused(setup, [['serve'], bob], setup.databaseFile, '"docspace-welcome migrate"');
    expect((await setup.run('migrate')).out).toContain(`Made the tables of ${setup.databaseFile}`);
    expect((await setup.run(...bob)).code).toBe(0);
  });

  test('brings a file of a former version to this one, which MIGRATE=off refuses', async () => {
    const setup = await startCliSetup(off);
    mkdirSync(dirname(setup.databaseFile));
    copyFileSync(released, setup.databaseFile);
    const verbs = [bob, ['list']];
    await expectRefused(setup, verbs, 'older version', '"docspace-welcome migrate"');
    const { from, to } = (await setup.run('migrate', '--json')).json();
    expect([from, to > from]).toEqual([1, true]);
    expect((await setup.run('migrate')).out).toContain('Nothing to do');
    expect((await setup.run('list')).code).toBe(0);
  });

  test('beside a running service is refused', async () => {
    const setup = await startCliSetup({ DATABASE_URL: 'file:welcome.db' });
    const world = await setup.serve();
    const { code, err } = await setup.run('migrate');
    expect([code, err]).toEqual([1, expect.stringContaining(world.service.url)]);
  });
});

describe.runIf(hasPostgres)('a PostgreSQL database that cannot be used', () => {
  const verbs = [['migrate'], bob, ['list']];

  async function setupFor(change: (url: URL) => void, settings = {}): Promise<CliSetup> {
    const url = new URL(await freshDatabase());
    change(url);
    return startCliSetup({ DATABASE_URL: url.href, LOG_LEVEL: 'silent', ...settings });
  }

  test('with a refused password is 78 and names the role, and no output has the password', async () => {
    const setup = await setupFor((url) => {
      url.password = 'secret-of-nobody';
    });
    const everything = [['serve'], ...verbs];
    await expectRefused(setup, everything, 'dw_test_owner', '127.0.0.1', 'DATABASE_URL');
    const ran = await Promise.all([...verbs, ['doctor']].map((verb) => setup.run(...verb)));
    expect(ran.map(({ out, err }) => out + err).join()).not.toContain('secret-of-nobody');
    const without = await setupFor((url) => {
      url.password = '';
    });
    await expectRefused(without, [bob], 'dw_test_owner', 'password');
  });

  test('that does not exist is 78 and is named', async () => {
    const setup = await setupFor((url) => {
      url.pathname = '/no_such_database';
    });
    await expectRefused(setup, verbs, 'no_such_database on 127.0.0.1', 'create it');
  });

  test('on a server without TLS, or for a role without the rights, is 78 and says what to do', async () => {
    const setup = await setupFor((url) => url.searchParams.set('sslmode', 'verify-full'));
    await expectRefused(setup, verbs, 'sslmode');

    const url = await freshDatabase();
    const { pathname, username } = new URL(url);
    await query(url, `REVOKE CREATE ON DATABASE ${pathname.slice(1)} FROM ${username}`);
    const bare = await startCliSetup({ DATABASE_URL: url, LOG_LEVEL: 'silent' });
    await expectRefused(bare, [['migrate'], bob], username, 'grant the right');
  });

  test('on a server older than 14 is 78 and names the version', async () => {
    const url = await freshDatabase();
    // The server answers as an old one would.
    await query(
      url,
      `CREATE FUNCTION public.current_setting(name text) RETURNS text LANGUAGE sql AS
        $$ SELECT CASE name WHEN 'server_version_num' THEN '130011' WHEN 'server_version' THEN '13.11'
          ELSE pg_catalog.current_setting(name) END $$`,
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET search_path = public, pg_catalog`,
    );
    const setup = await startCliSetup({ DATABASE_URL: url, LOG_LEVEL: 'silent' });
    await expectRefused(setup, [['migrate'], bob], 'PostgreSQL 13.11', '14 or newer');
    expect((await setup.run('doctor')).out).toContain('use PostgreSQL 14 or newer');
  });

  test('behind a Unix socket that is not there is 69', async () => {
    const DATABASE_URL = 'postgres://me@%2Fno%2Fsuch%2Ffolder/none';
    const { run } = await startCliSetup({ DATABASE_URL, LOG_LEVEL: 'silent' });
    const { code, err } = await run('migrate');
    expect([code, err]).toEqual([69, expect.stringContaining('check that its server runs')]);
  });

  test('whose server is away is 69 and is named, at once for commands and after a while for serve', async () => {
    const setup = await startCliSetup({
      DATABASE_URL: 'postgres://me:secret-of-nobody@127.0.0.1:9/none',
      LOG_LEVEL: 'silent',
    });
    for (const verb of [['migrate'], bob, ['list'], ['stats']]) {
      const { code, out, err } = await setup.run(...verb);
      expect([verb, code, out]).toEqual([verb, 69, '']);
      expect(err).toMatch(/none on 127\.0\.0\.1:9 cannot be reached .*check that its server runs/);
      expect(err).not.toContain('secret');
    }
    const errors: string[] = [];
    const terminal = { print() {}, printError: (text: string) => errors.push(text), columns: 100 };
    const { envFile } = setup;
    const startedAt = performance.now();
    await expect(serveVerb({ terminal, envFile }, 600)).rejects.toThrow('cannot be reached');
    expect(performance.now() - startedAt).toBeGreaterThan(550);
  });

  test('whose address cannot be read is 78, without the address', async () => {
    for (const address of [
      'postgres://me:secret%zz@db/none',
      'postgres://me:secret@db:port/none',
    ]) {
      const setup = await startCliSetup({ DATABASE_URL: address });
      const { code, err } = await setup.run('list');
      expect([code, err]).toEqual([78, expect.stringContaining('DATABASE_URL is not a valid')]);
      expect(err).not.toContain('secret');
    }
  });
});

describe.runIf(canStartPostgres)('a server of PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.remove());

  test('may have a role for the service that cannot change tables, as docs/postgres.md says', async () => {
    const ownerUrl = await freshDatabase({ server: server.url });
    const owner = await startCliSetup({ DATABASE_URL: ownerUrl });
    await owner.run('migrate');
    const url = new URL(ownerUrl);
    url.username = 'service';
    await query(server.url, `CREATE ROLE service LOGIN PASSWORD '${url.password}'`);
    const setup = await startCliSetup({ DATABASE_URL: url.href, ...off });
    await expectRefused(setup, [bob, ['list']], 'the role service may not', 'grant the right');

    const guide = fileURLToPath(new URL('../../docs/postgres.md', import.meta.url));
    const grants = readFileSync(guide, 'utf8').match(/^GRANT .*;$/gm) ?? [];
    expect(grants).toHaveLength(2);
    const [first = '', second = ''] = grants;
    await query(ownerUrl, first, second);
    const world = await setup.serve();
    expect((await setup.run(...bob)).code).toBe(0);
    await world.service.stop();
    expect((await setup.run('list')).out).toContain('bob@example.com');
  });

  test('may start after the service, and a service that waits for it can be stopped', async () => {
    const url = await freshDatabase({ server: server.url });
    await server.stop();
    const portal = await startPortal({ keyCheck: 'any' });
    onTestFinished(() => portal.stop());
    const folder = await temporaryFolder();
    const environment = serviceEnvironment(portal, folder, { DATABASE_URL: url });
    const start = () => spawnVerb(['serve'], { environment, folder });
    const stopped = start();
    const service = start();
    for (const { output } of [stopped, service]) {
      await until('the service waits', () => output().includes('tries again'), deadlineMs);
    }
    stopped.child.kill('SIGTERM');
    await until('the service ends', () => stopped.child.exitCode === 0, deadlineMs);

    await server.start();
    await until('the service serves', () => service.output().includes('"url":'), deadlineMs);
    const { password } = new URL(url);
    expect(`${stopped.output()}${service.output()}`).not.toContain(password);
  }, 60_000);

  test('that refuses a running service is tried again, and a database in another encoding is 78', async () => {
    const url = await freshDatabase({ server: server.url });
    const store = await openStore(url);
    const { username, password, pathname } = new URL(url);
    const drop = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${username}'`;
    await query(server.url, `ALTER ROLE ${username} PASSWORD 'another'`, drop);
    for (const asked of [() => store.probe(), () => store.getValue('webhook')]) {
      await expect(asked()).rejects.toThrow(StoreUnavailable);
    }
    await query(server.url, `ALTER ROLE ${username} PASSWORD '${password}'`);
    await store.probe();

    const name = pathname.slice(1);
    await query(server.url, drop, `ALTER DATABASE ${name} RENAME TO away`);
    await expect(store.probe()).rejects.toThrow(StoreUnavailable);
    await query(server.url, `ALTER DATABASE away RENAME TO ${name}`);
    await store.probe();

    await query(
      server.url,
      `CREATE DATABASE latin OWNER ${username} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`,
    );
    const latin = new URL(url);
    latin.pathname = '/latin';
    const setup = await startCliSetup({ DATABASE_URL: latin.href, LOG_LEVEL: 'silent' });
    await expectRefused(setup, [['migrate'], bob], 'LATIN1', "ENCODING 'UTF8'");
  }, 60_000);
});

test.runIf(hasPostgres)(
  'doctor says what is special about the server of the database',
  async () => {
    const url = await freshDatabase();
    const place = placeOf(url, 'docspace_welcome');
    const setup = await startCliSetup({ DATABASE_URL: place.url });
    await setup.run('migrate');
    const fine = await setup.run('doctor');
    expect(fine.out).toMatch(/PostgreSQL \d+\.\d+.*, encoding UTF8/);
    expect(fine.out).toContain('pg_trgm');
    expect(fine.out).not.toContain('synchronous_commit');
    await query(
      url,
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`,
    );
    expect((await setup.run('doctor')).out).toContain('synchronous_commit is off');
  },
);
