import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  canStartPgBouncer,
  canStartPostgres,
  cuttableProxy,
  databasePool,
  freshDatabase,
  hasPostgres,
  startPgBouncer,
  startPostgres,
} from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, query_timeout: 1_000 });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => {
    client.end().catch(() => {});
  });
  return client;
}

async function read(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describe.skipIf(!hasPostgres)('a database of a test', () => {
  test.each(['C', 'C.UTF-8'] as const)(
    'is an empty UTF-8 database with the locale %s, of an ordinary role',
    async (locale) => {
      const url = await freshDatabase({ locale });
      expect(
        await read(
          url,
          `SELECT format('%s %s %s', pg_encoding_to_char(encoding), datcollate,
             (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
           FROM pg_database WHERE datname = current_database()`,
        ),
      ).toBe(`UTF8 ${locale} f`);
    },
  );

  test('of a pool is emptied when it is given back, except for its first rows', async () => {
    const take = databasePool(async (url) => {
      const client = await connected(url);
      await client.query(
        `CREATE SCHEMA s;
         CREATE TABLE s.parents (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
         CREATE TABLE s.children (parent int REFERENCES s.parents);
         CREATE TABLE s.single (id int PRIMARY KEY, value int); INSERT INTO s.single VALUES (1, 7)`,
      );
    });
    const first = await take();
    const add = `WITH p AS (INSERT INTO s.parents DEFAULT VALUES RETURNING id),
      c AS (INSERT INTO s.children SELECT 1), u AS (UPDATE s.single SET value = 8) SELECT id FROM p`;
    expect(await read(first.url, add)).toBe(1);
    await first.giveBack();
    const again = await take();
    expect(again.url).toBe(first.url);
    expect(await read(again.url, 'SELECT count(*)::int FROM s.children')).toBe(0);
    expect(await read(again.url, 'SELECT value FROM s.single')).toBe(7);
    expect(await read(again.url, add)).toBe(1);
    expect((await take()).url).not.toBe(first.url);
  });

  test.skipIf(!canStartPgBouncer)('is reached through PgBouncer in transaction mode', async () => {
    const url = await startPgBouncer(await freshDatabase());
    expect(await read(url, 'SELECT 1 AS one')).toBe(1);
    const client = await connected(url);
    await client.query('CREATE TABLE t (n int)');
    expect(await read(url, 'SELECT count(*)::int FROM t')).toBe(0);
    // The server's connection goes to another client after each transaction.
    const other = await connected(url);
    const pid = async (of: pg.Client) =>
      (await of.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    expect(await pid(client)).toBe(await pid(other));
  });
});

describe.skipIf(!hasPostgres)('a proxy before the server', () => {
  test('cuts the answer to a request that was performed', async () => {
    const url = await freshDatabase();
    await read(url, 'CREATE TABLE t (n int)');
    const proxy = await cuttableProxy(url);
    const client = await connected(proxy.url);
    proxy.cutAnswers(1, 'INSERT INTO t');
    await client.query('SELECT 1');
    await expect(client.query('INSERT INTO t VALUES (1)')).rejects.toThrow('terminated');
    expect(proxy.cuts()).toBe(1);
    await until('the row is there', async () => (await read(url, 'SELECT n FROM t')) === 1);
    expect(await read(proxy.url, 'SELECT n FROM t')).toBe(1);
  });

  test('swallows everything until it is healthy again', async () => {
    const url = await freshDatabase();
    const proxy = await cuttableProxy(url);
    const client = await connected(proxy.url);
    proxy.swallow();
    await expect(client.query('SELECT 1')).rejects.toThrow('timeout');
    await expect(read(proxy.url, 'SELECT 1')).rejects.toThrow('timeout');
    proxy.heal();
    expect(await read(proxy.url, 'SELECT 1 AS one')).toBe(1);
  });
});

describe.skipIf(!canStartPostgres)('a server of a test', () => {
  test('keeps what was committed when it crashes or stops', async () => {
    const server = await startPostgres({ fsync: true });
    const url = await freshDatabase({ server: server.url });
    expect(await read(url, 'SHOW fsync')).toBe('on');
    await read(url, 'CREATE TABLE t (n int)');
    for (const mode of ['immediate', 'fast'] as const) {
      await read(url, 'INSERT INTO t VALUES (1)');
      await server.restart(mode);
    }
    expect(await read(url, 'SELECT count(*)::int FROM t')).toBe(2);
    await server.stop();
    await expect(read(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.start();
    expect(await read(url, 'SELECT count(*)::int FROM t')).toBe(2);
  });
});
