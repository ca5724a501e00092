import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inspectPostgres } from '../../../src/store/postgres/inspect.ts';
import { joinPostgres } from '../../../src/store/postgres/replicas.ts';
import { cuttableProxy, freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { begin, changeOf, delivery, memberIn, now, put, user } from '../support.ts';
import { openStore, placeAt, run, settableClock } from './support.ts';

const startDeadlineMs = 20_000;
const answerDeadlineMs = 5_000;
const served = 'http://127.0.0.1:8080';

/** The compiled program, which starts faster (see `test/support/build.ts`). */
const built = (path: string) =>
  JSON.stringify(fileURLToPath(new URL(`../../../dist/src/store/${path}`, import.meta.url)));

/** A process that joins when it is told to, and then writes, leads and closes on demand. */
const program = `
  const { placeOf } = await import(${built('place.js')});
  const { joinPostgres } = await import(${built('postgres/replicas.js')});
  const { openPostgresStore } = await import(${built('postgres/postgres-store.js')});
  const place = placeOf(process.env.DATABASE, 'docspace_welcome');
  const replica = String(process.pid);
  let joined, store;
  const verbs = {
    async join() {
      joined = await joinPostgres(place, replica);
      store = openPostgresStore({ ...joined, place, forgetKeyFile: null });
      await joined.lock.announce('${served}');
      return 'joined';
    },
    beat: () => store.replication.beat([]),
    write: () => store.probe().then(() => 'written'),
    poll: () => store.setValue('sweep_place', String(process.pid)).then(() => 'moved'),
    async close() {
      await store.close();
      await joined.lock.release();
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
  readonly tell: (verb: 'join' | 'beat' | 'write' | 'poll' | 'close') => Promise<unknown>;
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

/** Makes the rows of all replicas look as they do after this time. */
const age = (url: string, ms: number) =>
  run(url, `UPDATE ${replicas} SET seen_at = seen_at - ${ms}, started_at = started_at - ${ms}`);

describe.skipIf(!hasPostgres)('replicas on a PostgreSQL database', () => {
  test('four processes that start on an empty database at the same moment make its tables once, and all serve', async () => {
    const url = await freshDatabase();
    const peers = await Promise.all([1, 2, 3, 4].map(() => startPeer(url)));
    expect(await Promise.all(peers.map((peer) => peer.tell('join')))).toEqual(
      peers.map(() => 'joined'),
    );
    for (const peer of peers) expect(await peer.tell('write')).toBe('written');
    expect(await inspectPostgres(placeAt(url))).toMatchObject({ version: 'this' });
    const beat = await peers[0]?.tell('beat');
    expect(beat).toMatchObject({
      isLeader: true,
      replicas: expect.toSatisfy((all: { id: string }[]) => {
        return (
          all
            .map(({ id }) => id)
            .toSorted()
            .join() ===
          peers
            .map(({ pid }) => String(pid))
            .toSorted()
            .join()
        );
      }),
    });
  }, 40_000);

  test('of one that was killed, time frees its checks and keys, but never its attempts', async () => {
    const url = await freshDatabase();
    const [dead, store] = [await openStore(url), await openStore(url)];
    const leaseUntil = Date.now() + 120_000;
    await put(dead, memberIn('waiting', 1));
    await put(dead, memberIn('sending', 2, { dueAt: leaseUntil, leaseUntil }));
    const claim = { now, leaseUntil, limit: 10, maySend: true };
    expect(await dead.claimDue(claim)).toHaveLength(1);
    const request = { key: 'k', request: 'r', at: now, answeredSince: 0, begunSince: 0 };
    await dead.beginIdempotent(request);
    const sweep = async () => {
      for (let beats = 0; beats < 5; beats += 1) await store.replication?.beat([]);
    };
    await age(url, 20_000);
    await sweep();
    expect(await store.claimDue(claim)).toEqual([]);
    expect(await store.beginIdempotent(request)).toEqual({ kind: 'under_way' });
    await age(url, 20_000);
    await sweep();
    expect((await store.claimDue(claim)).map((one) => one.userId)).toEqual([user(1)]);
    expect(await store.beginIdempotent(request)).toEqual({ kind: 'begun' });
    expect(await store.member(user(2))).toMatchObject({ state: 'sending', leaseUntil });
  });

  test('the results of its last transaction are erased when they have arrived, and kept while they may be lost', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await put(store, memberIn('ready', 1, { email: 'ann@example.com' }));
    await store.claimDue({ now, leaseUntil: now + 1_000, limit: 1, maySend: true });
    const results = async () =>
      (await run(url, `SELECT results::text FROM ${replicas}`)).rows[0]?.['results'];
    expect(await results()).toContain('ann@example.com');
    await store.replication?.beat([]);
    expect(await results()).toBeNull();
    // As if the answer to one more transaction were on its way.
    await run(url, `UPDATE ${replicas} SET batch = batch + 1, results = '["on its way"]'`);
    await store.replication?.beat([]);
    expect(await results()).toBe('["on its way"]');
  });

  test('one that was asleep for a minute goes on, and one that comes back after its row was deleted joins again', async () => {
    const url = await freshDatabase();
    const sleeper = await startPeer(url);
    await sleeper.tell('join');
    expect(await sleeper.tell('write')).toBe('written');
    sleeper.child.kill('SIGSTOP');
    await age(url, 60_000);
    sleeper.child.kill('SIGCONT');
    expect(await sleeper.tell('write')).toBe('written');
    await run(url, `DELETE FROM ${replicas}`);
    expect(await sleeper.tell('write')).toMatch(/^StoreUnavailable /);
    expect(await sleeper.tell('beat')).toMatchObject({ replicas: [{ id: String(sleeper.pid) }] });
    expect(await sleeper.tell('write')).toBe('written');
  });

  test('one whose row is missing although it was there a moment ago takes the database for set back: nothing is sent', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await store.replication?.beat([]);
    await run(url, `DELETE FROM ${replicas}`);
    expect(await store.replication?.beat([])).toMatchObject({ pauses: [{ name: 'restored' }] });
    const change = changeOf(memberIn('sending', 1), { attempts: [begin('att_1')] });
    expect(await store.commit(change, { maxPerHour: 5 })).toBe('held');
  });

  test('nobody is taken for gone, and no database for set back, when the clock of the database is set forward', async () => {
    const url = await freshDatabase();
    const setClockBy = await settableClock(url);
    const [a, b] = [await openStore(url), await openStore(url)];
    for (let beats = 0; beats < 4; beats += 1) {
      for (const store of [a, b]) await store.replication?.beat([]);
    }
    await setClockBy(10 * 60_000);
    for (let beats = 0; beats < 6; beats += 1) {
      for (const store of [a, b]) {
        expect(await store.replication?.beat([])).toMatchObject({ pauses: [] });
        await store.probe();
      }
    }
  });

  test('a leader that stood still writes nothing into the poll when another one has taken the lead', async () => {
    const url = await freshDatabase();
    const [leader, next] = [await startPeer(url), await startPeer(url)];
    for (const peer of [leader, next]) await peer.tell('join');
    expect(await leader.tell('beat')).toMatchObject({ isLeader: true });
    expect(await next.tell('beat')).toMatchObject({ isLeader: false });
    expect(await leader.tell('poll')).toBe('moved');
    leader.child.kill('SIGSTOP');
    await run(url, 'UPDATE docspace_welcome.leaders SET until = until - 16000');
    expect(await next.tell('beat')).toMatchObject({ isLeader: true });
    leader.child.kill('SIGCONT');
    expect(await leader.tell('poll')).toBe('Error another replica leads the poll now');
    expect(await leader.tell('beat')).toMatchObject({ isLeader: false });
    expect(await next.tell('poll')).toBe('moved');
  }, 40_000);

  test('a silent server keeps no process from ending', async () => {
    const proxy = await cuttableProxy(`${await freshDatabase()}?query_timeout=1000`);
    const peer = await startPeer(proxy.url);
    await peer.tell('join');
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
    await expect(joinPostgres(placeAt(url), 'old')).rejects.toThrow(
      'newer version of docspace-welcome',
    );
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
