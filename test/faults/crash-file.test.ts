import { rmSync, statSync } from 'node:fs';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { describe, expect, test } from 'vitest';
import { projectPath } from '../../src/project.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { call } from '../support/world.ts';
import { answers, diedAt, prepareStage, readRows, type Stage, testTimeoutMs } from './stage.ts';

const isFull = process.env['FAULTS'] === 'full';
/**
 * The statements in order: the table of migrations, BEGIN, each statement, the record of each
 * migration, COMMIT.
 */
const statements = readMigrationFiles({ migrationsFolder: projectPath('drizzle') }).reduce(
  (sum, migration) => sum + migration.sql.length + 1,
  3,
);
const sampled = [1, 2, Math.ceil(statements / 2), statements];
const killedAfter = isFull ? Array.from({ length: statements }, (_, index) => index + 1) : sampled;

describe('kill -9 during the migration of a new database', () => {
  test(
    `after statement ${killedAfter.length === statements ? `1 to ${statements}` : sampled.join(', ')}: the file is opened and written afterwards`,
    async () => {
      const stage = await prepareStage();
      for (const nth of killedAfter) {
        await dieInMigration(stage, nth);

        const store = openSqliteStore(`${stage.folder}/welcome.db`);
        await store.setValue('account_ids', `after ${nth}`);
        expect(await store.getValue('account_ids')).toBe(`after ${nth}`);
        await store.close();
        forgetDatabase(stage);
      }
    },
    killedAfter.length * 5_000 + 20_000,
  );

  test(
    'half-way and four times on the same file: the service starts',
    async () => {
      const stage = await prepareStage();
      for (const nth of [1, 2, Math.ceil(statements / 2), statements - 1]) {
        await dieInMigration(stage, nth);
      }

      await stage.start();

      expect((await call(stage.url, 'GET', '/api/stats')).json.members.total).toBe(0);
    },
    testTimeoutMs,
  );

  test(
    'there is no statement after the last one, so one more is never reached',
    async () => {
      const stage = await prepareStage();
      const nth = { CRASH_NTH: String(statements + 1) };
      const service = await stage.startDoomed('migration_statement', nth);
      await answers(stage);
      expect(service.output()).not.toContain('crash point reached');
    },
    testTimeoutMs,
  );
});

describe('kill -9 during a checkpoint', () => {
  test(
    'of 40 MB at several moments: every acknowledged delivery is there after the next start',
    async () => {
      const depths: string[] = [];
      const delaysMs = isFull ? [0, 1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40] : [0, 6, 15];
      for (const delayMs of delaysMs) depths.push(await checkpointAndDie(delayMs));
      process.stdout.write(`killed in a checkpoint: ${depths.join('; ')}\n`);
      // The log was complete and its pages were being written, so this was in the middle of the
      // checkpoint.
      expect(depths.some((depth) => depth.includes('in the middle'))).toBe(true);
    },
    isFull ? 240_000 : testTimeoutMs,
  );
});

async function dieInMigration(stage: Stage, nth: number): Promise<void> {
  const doomed = await stage.startDoomed('migration_statement', { CRASH_NTH: String(nth) });
  await diedAt(doomed, 'migration_statement');
}

/** @returns how far the checkpoint had come */
async function checkpointAndDie(delayMs: number): Promise<string> {
  const stage = await prepareStage();
  const doomed = await stage.startDoomed('checkpoint', { CRASH_DELAY_MS: String(delayMs) });
  await answers(stage);
  const ids = Array.from({ length: 40 }, (_, index) => index + 1);
  for (const id of ids) {
    const body = deliveryBody({ id }).replace('"name":"w"', `"name":"${'w'.repeat(1_000_000)}"`);
    expect((await deliver(stage.url, body, signed(body))).status).toBe(200);
  }
  const before = size(stage, '');
  doomed.child.kill('SIGTERM');
  await diedAt(doomed, 'checkpoint');
  const grown = size(stage, '') - before;
  const log = size(stage, '-wal');

  const service = await stage.start();

  const rows = await readRows<{ id: number; bytes: number }>(
    stage.folder,
    'SELECT event_id AS id, length(body) AS bytes FROM deliveries ORDER BY id',
  );
  expect(rows.map((row) => row.id)).toEqual(ids);
  expect(rows.every((row) => row.bytes > 1_000_000)).toBe(true);
  expect(await readRows(stage.folder, 'PRAGMA integrity_check')).toEqual([
    { integrity_check: 'ok' },
  ]);
  await service.kill();
  const where = log === 0 ? 'at its end' : grown > 0 ? 'in the middle' : 'at its beginning';
  return `${delayMs} ms: ${where}, ${megabytes(grown)} of ${megabytes(log)} written`;
}

function size(stage: Stage, suffix: string): number {
  return statSync(`${stage.folder}/welcome.db${suffix}`, { throwIfNoEntry: false })?.size ?? 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function forgetDatabase(stage: Stage): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${stage.folder}/welcome.db${suffix}`, { force: true });
  }
}
