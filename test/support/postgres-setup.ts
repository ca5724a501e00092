import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { howToGetPostgres, launchPostgres, postgresFolder } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * `broker`: where a test file asks for the URL of the shared server. `prefix`: how the names of
     * this run's databases begin.
     */
    readonly postgres: { readonly broker: string; readonly prefix: string };
  }
}

/**
 * Vitest's `globalSetup`: one PostgreSQL server for all test files. It is started when the first
 * test file asks for it, so that a run without such a test does not wait for it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_POSTGRES_URL'];
  const prefix = `dw_test_${randomBytes(4).toString('hex')}_`;
  let launched: ReturnType<typeof launchPostgres> | undefined;
  const urlOfServer = async () => {
    if (given) return given;
    launched ??= launchPostgres();
    return (await launched).url;
  };
  const broker = createServer((_request, response) => {
    urlOfServer().then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  // A server that listens on a TCP port has an address that is not a string.
  const { port } = broker.address() as AddressInfo;
  project.provide('postgres', { broker: `http://127.0.0.1:${port}`, prefix });
  return async () => {
    broker.close();
    await launched?.then((server) => server.remove()).catch(() => {});
    if (given) await dropDatabases(given, prefix);
    else if (postgresFolder() === null) {
      process.stderr.write(
        `\n LEFT OUT  the tests with PostgreSQL: this machine has no server. Get it with: ${howToGetPostgres}\n\n`,
      );
    }
  };
}

/** Drops the databases that no test dropped. A server of our own is deleted as a whole. */
async function dropDatabases(url: string, prefix: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of rows) await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
  await client.end();
}
