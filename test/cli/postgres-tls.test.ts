import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStore, run as query } from '../store/postgres/support.ts';
import { canStartPostgres, freshDatabase, startPostgres } from '../support/postgres.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/world.ts';
import { startCliSetup } from './support.ts';

/*
 * `ca.pem` is the certificate of an authority whose key is deleted. It signed `cert.pem`, which is valid
 * for the name localhost for a hundred years.
 */
const pathOf = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));
const ca = pathOf('ca.pem');

describe.runIf(canStartPostgres)('a PostgreSQL server that accepts only TLS', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    const certificate = readFileSync(pathOf('cert.pem'), 'utf8');
    const key = readFileSync(pathOf('key.pem'), 'utf8');
    server = await startPostgres({ tls: { certificate, key } });
  }, 60_000);
  afterAll(() => server.remove());

  /** @param search the parameters of the address */
  async function addressWith(search: string, host = 'localhost'): Promise<URL> {
    const url = new URL(await freshDatabase({ server: server.url }));
    return Object.assign(url, { hostname: host, search });
  }

  test.each([
    ['verify-full', `&sslrootcert=${ca}`],
    ['verify-full', `&sslrootcert=${encodeURIComponent(ca)}`],
    ['verify-ca', `&sslrootcert=${ca}`],
    ['require', `&sslrootcert=${ca}`],
    ['no-verify', ''],
  ])('is used with sslmode=%s%s, and nothing warns', async (mode, files) => {
    const warn = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warn.mockRestore());
    const { href } = await addressWith(`?sslmode=${mode}${files}`);
    const { run, serve } = await startCliSetup({ DATABASE_URL: href });
    expect((await run('migrate')).err).toBe('');
    await serve();
    expect((await run('invite', 'bob@example.com')).code).toBe(0);
    expect((await run('list')).out).toContain('bob@example.com');
    expect(warn).not.toHaveBeenCalled();
    const connections = await query(
      server.url,
      `SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'docspace-welcome'`,
    );
    expect(connections.rows).toEqual([{ ssl: true }]);
  });

  const none = '/no/such/file.pem';
  test.each([
    [
      'has another name in its certificate',
      `?sslmode=verify-full&sslrootcert=${ca}`,
      '127.0.0.1',
      'by a name that is in the certificate',
    ],
    [
      'has a certificate of an unknown authority',
      '?sslmode=verify-full',
      'localhost',
      'sslrootcert=',
    ],
    [
      'has a certificate of an unknown authority, also with require',
      '?sslmode=require',
      'localhost',
      'sslrootcert=',
    ],
    ['is asked without TLS', '?sslmode=disable', 'localhost', 'sslmode=verify-full'],
    ['is asked without any parameter', '', 'localhost', 'sslmode=verify-full'],
    [
      'has an authority whose file is missing',
      `?sslmode=verify-full&sslrootcert=${none}`,
      'localhost',
      none,
    ],
    [
      'gets a file as the key of the client that is no key',
      `?sslmode=no-verify&sslcert=${ca}&sslkey=${ca}`,
      'localhost',
      'sslkey',
    ],
  ])(
    'that %s is refused with 78, and the sentence says what to do',
    async (_, search, host, words) => {
      const { href, password } = await addressWith(search, host);
      const { run } = await startCliSetup({ DATABASE_URL: href, LOG_LEVEL: 'silent' });
      for (const verb of [['serve'], ['migrate'], ['list'], ['invite', 'bob@example.com']]) {
        const { code, out, err } = await run(...verb);
        expect([verb, code, out]).toEqual([verb, 78, '']);
        expect(err).toContain(words);
        expect(err).toContain('DATABASE_URL');
        expect(err).not.toContain(password);
      }
      const { out } = await run('doctor');
      expect(out.replaceAll(/\s+/g, ' ')).toContain(words);
      expect(out).not.toContain(password);
    },
  );

  test('refuses a wrong password with 78, and no output has the password', async () => {
    const url = await addressWith(`?sslmode=verify-full&sslrootcert=${ca}`);
    url.password = 'secret-of-nobody';
    const { run } = await startCliSetup({ DATABASE_URL: url.href });
    const { code, out, err } = await run('migrate');
    expect([code, out]).toEqual([78, '']);
    expect(err).toContain('check the user and the password');
    expect(err).not.toContain('secret-of-nobody');
  });

  test('stays in use when the file of its authority is gone, and connections are made again', async () => {
    const folder = await temporaryFolder();
    const copy = join(folder, 'ca.pem');
    writeFileSync(copy, readFileSync(ca));
    const { href, username } = await addressWith(`?sslmode=verify-full&sslrootcert=${copy}`);
    const store = await openStore(href);
    rmSync(copy);
    await query(
      server.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${username}'`,
    );
    const reads = await Promise.allSettled(
      Array.from({ length: 20 }, () => store.getValue('webhook')),
    );
    expect(reads.at(-1)).toEqual({ status: 'fulfilled', value: null });
  });
});
