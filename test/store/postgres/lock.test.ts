import { type ChildProcess, spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beginStatement, endClient, openClient } from '../../../src/store/postgres/connection.ts';
import { inspectPostgres } from '../../../src/store/postgres/inspect.ts';
import { lockPostgres } from '../../../src/store/postgres/lock.ts';
import { cuttableProxy, freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { delivery } from '../support.ts';
import { openStore, placeAt, run, within } from './support.ts';

const startDeadlineMs = 20_000;
const answerDeadlineMs = 5_000;
const served = 'http://127.0.0.1:8080';

/** The compiled program, which starts faster (see `test/support/build.ts`). */
const built = (path: string) =>
  JSON.stringify(fileURLToPath(new URL(`../../../dist/src/store/${path}`, import.meta.url)));

/** A process that takes the lock when it is told to, and then writes and closes on demand. */
const program = `
  const { placeOf } = await import(${built('place.js')});
  const { lockPostgres } = await import(${built('postgres/lock.js')});
  const { openPostgresStore } = await import(${built('postgres/postgres-store.js')});
  const place = placeOf(process.env.DATABASE, 'docspace_welcome');
  const replica = String(process.pid);
  let locked, store;
  const verbs = {
    async lock() {
      locked = await lockPostgres(place, replica);
      if (locked.kind === 'busy') return locked;
      store = openPostgresStore({ place, replica, forgetKeyFile: null });
      await locked.lock.announce('${served}');
      return { kind: locked.kind, isAfterUncleanStop: locked.lock.isAfterUncleanStop };
    },
    write: () => store.probe().then(() => 'written'),
    async close() {
      await store.close();
      await locked.lock.release();
      process.stdin.destroy();
      return 'closed';
    },
  };
  process.stdin.on('data', async (bytes) => {
    const answer = await verbs[String(bytes)]().catch((error) => error.name + ' ' + error.message);
    console.log(JSON.stringify(answer));
  });
  console.log(JSON.stringify('started'));`;

type Peer = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Sends a verb, and returns its answer. */
  readonly tell: (verb: 'lock' | 'write' | 'close') => Promise<unknown>;
  readonly kill: () => Promise<void>;
  readonly hasEnded: () => boolean;
};

async function startPeer(url: string): Promise<Peer> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, DATABASE: url },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: unknown[] = [];
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes) => {
    const parts = `${output}${bytes}`.split('\n');
    output = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line)));
  });
  child.stderr.on('data', (bytes) => {
    errors += bytes;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const answer = async (label: string, deadlineMs: number) => {
    await until(
      label,
      () => {
        if (hasEnded() && lines.length === 0) throw new Error(`the process ended: ${errors}`);
        return lines.length > 0;
      },
      deadlineMs,
    );
    return lines.shift();
  };
  await answer('the process starts', startDeadlineMs);
  return {
    pid: child.pid ?? 0,
    child,
    tell(verb) {
      child.stdin.write(verb);
      return answer(`the process answers ${verb}`, answerDeadlineMs);
    },
    async kill() {
      child.kill('SIGKILL');
      await until('the killed process is gone', hasEnded, answerDeadlineMs);
    },
    hasEnded,
  };
}

const replicas = 'docspace_welcome.replicas';

/** Takes the lock in this process. It is released at the end of the test, or before. */
async function take(url: string, replica: string) {
  const locked = await lockPostgres(placeAt(url), replica);
  if (locked.kind === 'busy') return { ...locked, release: async () => {} };
  let released: Promise<void> | void;
  const release = async () => {
    released ??= locked.lock.release();
    await released;
  };
  onTestFinished(release);
  return { ...locked, release };
}

describe.skipIf(!hasPostgres)('the lock of a PostgreSQL database', () => {
  test('names the process that serves it, and is free at once when that process was killed or has stopped', async () => {
    const url = await freshDatabase();
    const holder = await startPeer(url);
    expect(await holder.tell('lock')).toEqual({ kind: 'held', isAfterUncleanStop: false });
    const busy = { kind: 'busy', holder: { pid: holder.pid, url: served, host: hostname() } };
    expect(await take(url, 'a')).toMatchObject(busy);
    await holder.kill();
    const taken = await within(1_000, 'the lock of a killed process', take(url, 'b'));
    expect(taken).toMatchObject({ kind: 'held', lock: { isAfterUncleanStop: true } });
    await taken.release();
    const next = await within(1_000, 'the released lock', take(url, 'c'));
    expect(next).toMatchObject({ kind: 'held', lock: { isAfterUncleanStop: false } });
  });

  test('of a process that died on another machine, in the middle of a transaction, is free after ten seconds', async () => {
    const url = await freshDatabase();
    const holder = await startPeer(url);
    await holder.tell('lock');
    await holder.kill();
    await run(url, `UPDATE ${replicas} SET holder = holder || '{"host": "elsewhere"}'`);
    expect(await take(url, 'early')).toMatchObject({ kind: 'busy', holder: { host: 'elsewhere' } });
    // The server does not notice that the other machine is gone: the session stays, with its row lock.
    const silent = await openClient(placeAt(url));
    onTestFinished(() => endClient(silent));
    await silent.query(beginStatement);
    await silent.query(`UPDATE ${replicas} SET batch = batch + 1`);
    await until(
      'nobody believes that the holder is there',
      async () =>
        (
          await run(
            url,
            `SELECT FROM ${replicas} WHERE seen_at < extract(epoch FROM clock_timestamp()) * 1000 - 4000`,
          )
        ).rowCount === 1,
      6_000,
    );
    const taken = await within(12_000, 'the lock of a machine that is gone', take(url, 'late'));
    expect(taken).toMatchObject({ kind: 'held', lock: { isAfterUncleanStop: true } });
  }, 40_000);

  test('was taken from a process that stood still: this process writes nothing more, and frees nothing', async () => {
    const url = await freshDatabase();
    const sleeper = await startPeer(url);
    await sleeper.tell('lock');
    expect(await sleeper.tell('write')).toBe('written');
    sleeper.child.kill('SIGSTOP');
    expect(await take(url, 'early')).toMatchObject({ kind: 'busy', holder: { pid: sleeper.pid } });
    // The test makes the time shorter: the row looks as it does after eleven seconds.
    await run(url, `UPDATE ${replicas} SET seen_at = seen_at - 11000`);
    const store = await openStore(url);
    sleeper.child.kill('SIGCONT');
    for (let time = 0; time < 15; time += 1) {
      expect(await sleeper.tell('write')).toMatch(/^StoreUnavailable .*restart it/);
    }
    const sessions = await run(
      url,
      'SELECT FROM pg_stat_activity WHERE datname = current_database()',
    );
    expect(sessions.rowCount).toBeLessThan(10);
    expect(await sleeper.tell('close')).toBe('closed');
    await until('the process ends by itself', sleeper.hasEnded, answerDeadlineMs);
    expect(await take(url, 'third')).toMatchObject({ kind: 'busy', holder: { pid: process.pid } });
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
  });

  test('goes to one of four processes that start on an empty database at the same moment', async () => {
    const url = await freshDatabase();
    const peers = await Promise.all([1, 2, 3, 4].map(() => startPeer(url)));
    const answers = await Promise.all(peers.map((peer) => peer.tell('lock')));
    // JSON of the answers of `lock`.
    const kinds = answers.map((answer) => (answer as { kind?: string }).kind ?? answer);
    expect([...kinds].sort()).toEqual(['busy', 'busy', 'busy', 'held']);
    const holder = peers[kinds.indexOf('held')];
    for (const answer of answers) {
      if (answer !== answers[kinds.indexOf('held')]) {
        expect(answer).toMatchObject({ holder: { pid: holder?.pid } });
      }
    }
    expect(await holder?.tell('write')).toBe('written');
    expect(await inspectPostgres(placeAt(url))).toMatchObject({ version: 'this' });
  }, 40_000);

  test('does not keep its process from ending when the server has become silent', async () => {
    const proxy = await cuttableProxy(`${await freshDatabase()}?query_timeout=1000`);
    const peer = await startPeer(proxy.url);
    await peer.tell('lock');
    await peer.tell('write');
    proxy.swallow();
    expect(await peer.tell('close')).toBe('closed');
    await until('the process ends by itself', peer.hasEnded, answerDeadlineMs);
  });
});

describe.skipIf(!hasPostgres)('the tables', () => {
  test('of a newer version are refused, and nothing is changed', async () => {
    const url = await freshDatabase();
    await (await openStore(url)).close();
    await run(url, `INSERT INTO docspace_welcome.migrations VALUES (9, 9)`);
    await expect(take(url, 'old')).rejects.toThrow('newer version of docspace-welcome');
    expect(await inspectPostgres(placeAt(url))).toMatchObject({ version: 'newer' });
    expect((await run(url, `SELECT FROM ${replicas}`)).rowCount).toBe(0);
  });

  test('are made in a schema that exists, by a role that may create none, and used by a role that may create nothing', async () => {
    const url = await freshDatabase();
    const { pathname, username } = new URL(url);
    await run(
      url,
      'CREATE SCHEMA docspace_welcome',
      `REVOKE CREATE ON DATABASE ${pathname.slice(1)} FROM ${username}`,
    );
    await expect(run(url, 'CREATE SCHEMA other')).rejects.toThrow('permission denied');
    await (await openStore(url)).close();
    await run(url, `REVOKE CREATE ON SCHEMA docspace_welcome FROM ${username}`);
    await expect(run(url, 'CREATE TABLE docspace_welcome.t ()')).rejects.toThrow('denied');
    const store = await openStore(url);
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
  });
});
