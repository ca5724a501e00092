import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openForWriting } from '../../src/store/sqlite/open.ts';
import { createWriter } from '../../src/store/sqlite/writer.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { inspectFile, newFile } from './files.ts';

describe('a commit of several jobs', () => {
  async function table() {
    const file = await newFile();
    const db = openForWriting(file);
    const { $client } = db;
    onTestFinished(() => void $client.close());
    $client.exec('CREATE TABLE t (n INTEGER PRIMARY KEY)');
    const insert = $client.prepare('INSERT INTO t (n) VALUES (?)');
    const writer = createWriter($client);
    const rows = () =>
      inspectFile(file, (client) => client.prepare('SELECT n FROM t').pluck().all());
    return { $client, insert, writer, rows, file };
  }

  test('contains all jobs of one turn, and acknowledges none before it is on disk', async () => {
    const { $client, insert, writer, rows } = await table();
    $client.pragma('wal_checkpoint(TRUNCATE)');
    const acknowledged: number[] = [];
    const writes = [1, 2, 3, 4].map((n) =>
      writer
        .write(() => insert.run(n))
        .then(() => {
          expect(rows()).toContain(n);
          acknowledged.push(n);
        }),
    );
    expect(rows()).toEqual([]);
    await Promise.all(writes);
    expect(acknowledged).toEqual([1, 2, 3, 4]);
    // Each commit writes the page of these rows again (sqlite.org/walformat.html).
    expect($client.pragma('wal_checkpoint(PASSIVE)')).toMatchObject([{ log: 1 }]);
  });

  test.each([1, 2, 7, 256, 257, 600])(
    'of %i jobs fails only the bad ones, wherever they are, and keeps the order',
    async (size) => {
      const { insert, writer, rows } = await table();
      const isBad = (n: number) => n === 0 || n === size - 1 || n % 17 === 5;
      const settled: number[] = [];
      const writes = Array.from({ length: size }, (_, n) =>
        writer
          .write(() => {
            insert.run(n);
            if (isBad(n)) throw new Error(`bad ${n}`);
            return n;
          })
          .finally(() => settled.push(n)),
      );
      const results = await Promise.allSettled(writes);
      expect(results.map((one) => one.status)).toEqual(
        results.map((_, n) => (isBad(n) ? 'rejected' : 'fulfilled')),
      );
      const good = Array.from({ length: size }, (_, n) => n).filter((n) => !isBad(n));
      expect(rows()).toEqual(good);
      expect(settled.filter((n) => !isBad(n))).toEqual(good);
      expect(writer.queued()).toBe(0);
    },
  );

  test('gives each job its own result, even if another job fails and the commit runs again', async () => {
    const { writer } = await table();
    const runs = [0, 0, 0];
    const results = await Promise.allSettled(
      runs.map((_, n) =>
        writer.write(() => {
          runs[n] = (runs[n] ?? 0) + 1;
          if (n === 1) throw new Error('bad');
          return `result ${n}`;
        }),
      ),
    );
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value : null))).toEqual([
      'result 0',
      null,
      'result 2',
    ]);
  });

  test('lets other work run between two large batches', async () => {
    const { insert, writer } = await table();
    let others = 0;
    const tick = setInterval(() => {
      others += 1;
    }, 0);
    onTestFinished(() => clearInterval(tick));
    await Promise.all(Array.from({ length: 5_000 }, (_, n) => writer.write(() => insert.run(n))));
    expect(others).toBeGreaterThan(0);
  });

  test('to a database that another program has locked fails as a whole, and says why', async () => {
    const { $client, insert, writer, file, rows } = await table();
    $client.pragma('busy_timeout = 20');
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const writes = [1, 2].map((n) => writer.write(() => insert.run(n)));
    const results = await Promise.allSettled(writes);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    other.close();
    await writer.write(() => insert.run(3));
    expect(rows()).toEqual([3]);
  });

  test('to a file that became read-only fails with a fault of the store', async () => {
    const { $client, insert, writer } = await table();
    $client.pragma('query_only = ON');
    await expect(writer.write(() => insert.run(1))).rejects.toThrow(StoreUnavailable);
    $client.pragma('query_only = OFF');
    await expect(writer.write(() => insert.run(1))).resolves.toBeDefined();
  });
});
