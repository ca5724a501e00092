import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import { call, startWorld } from '../support/world.ts';
import { prepareStage, readRows, type Stage, testTimeoutMs } from './stage.ts';

const whyNoDisk = obstacleToMounting();

type Delivered = { readonly id: number; readonly status: number; readonly retryAfter: unknown };

describe('a full disk', () => {
  test(
    'keeps every delivery that got 200, the others got 503, and the service recovers when there is room',
    async (context) => {
      context.skip(whyNoDisk !== null, `left out: ${whyNoDisk}`);
      const folder = smallDisk();
      const stage = await prepareStage({ folder });
      await stage.start();
      const answers: Delivered[] = [];
      const isFull = () => answers.filter(({ status }) => status === 503).length >= 20;
      const arriving = deliverUntil(stage, isFull, answers);
      await until('some deliveries are kept', () => answers.length >= 20);
      const filler = fillToTheBrim(folder);
      await arriving;

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
      for (const { status, retryAfter } of answers) {
        if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
      }
      expect(await storeHealth(stage)).toMatchObject({ status: 'wrong' });
      expect((await call(stage.url, 'GET', '/readyz')).status).toBe(503);
      expect((await call(stage.url, 'GET', '/healthz')).status).toBe(200);

      rmSync(filler);
      await until('a delivery is kept again', async () => {
        const one = await deliverOne(stage, 100_000);
        answers.push(one);
        return one.status === 200;
      });
      await until('/readyz reports that the store works', async () => {
        return (await storeHealth(stage)).status === 'ok';
      });
      await expectKept(stage, answers);
    },
    testTimeoutMs,
  );

  test(
    'that has room again is reported by /readyz, even if no further delivery arrives',
    async (context) => {
      context.skip(whyNoDisk !== null, `left out: ${whyNoDisk}`);
      const folder = smallDisk();
      const stage = await prepareStage({ folder });
      await stage.start();
      const filler = fillToTheBrim(folder);
      const answers: Delivered[] = [];
      await deliverUntil(stage, () => answers.some(({ status }) => status === 503), answers);
      expect(await storeHealth(stage)).toMatchObject({ status: 'wrong' });

      rmSync(filler);

      await until('/readyz reports by itself that the store works', async () => {
        return (await storeHealth(stage)).status === 'ok';
      });
      await expectKept(stage, answers);
    },
    testTimeoutMs,
  );
});

describe('forgetting a person on a full disk', () => {
  async function worldOnSmallDisk() {
    const folder = smallDisk();
    const clock = createMovableClock();
    const database = { DATABASE_URL: `file:${folder}/welcome.db` };
    const world = await startWorld({ settings: database, surroundings: { clock } });
    return { folder, clock, world };
  }
  const owed = async (folder: string) =>
    (await readRows(folder, "SELECT value FROM key_values WHERE key = 'overwrite_owed'")).length;

  test(
    'does not prevent the start, and the overwriting is done later',
    async (context) => {
      context.skip(whyNoDisk !== null, `left out: ${whyNoDisk}`);
      const { folder, clock, world } = await worldOnSmallDisk();
      for (let id = 10; id < 30; id += 1) await deliverOne(world.service, id);
      let filler = '';
      const again = await world.restart({}, () => {
        const other = new Database(`${folder}/welcome.db`);
        other.exec("INSERT INTO key_values (key, value) VALUES ('overwrite_owed', '1')");
        other.close();
        filler = fillToTheBrim(folder);
        // The disk is nearly full: there is room for a commit, but not for writing the whole file.
        truncateSync(filler, statSync(filler).size - 200_000);
      });
      expect(again.log.join('')).toContain('erased data could not be overwritten');
      expect(again.log.join('')).toContain(`the disk of ${folder}/welcome.db is full`);
      expect((await call(again.service.url, 'GET', '/readyz')).json.store.status).toBe('ok');
      expect((await deliverOne(again.service, 1)).status).toBe(200);
      expect(await owed(folder)).toBe(1);

      rmSync(filler);
      clock.move(10 * 60_000);
      await until('it is overwritten', async () => (await owed(folder)) === 0);
    },
    testTimeoutMs,
  );

  test(
    'is answered 503 while the key cannot be written, and works when there is room',
    async (context) => {
      context.skip(whyNoDisk !== null, `left out: ${whyNoDisk}`);
      const { folder, world } = await worldOnSmallDisk();
      const email = 'ann@example.com';
      await world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
      const filler = fillToTheBrim(folder);
      const refused = await world.api('POST', '/api/forget', { email });
      expect(refused.status).toBe(503);
      expect(existsSync(`${folder}/welcome.db.forget-key`)).toBe(false);
      rmSync(filler);
      expect((await world.api('POST', '/api/forget', { email })).json).toMatchObject({
        known: true,
        scrubbed: true,
      });
    },
    testTimeoutMs,
  );
});

describe('another program that locks the database', () => {
  test(
    'causes 503 and never a false 200, and deliveries are accepted after it releases the lock',
    async () => {
      const stage = await prepareStage();
      await stage.start();
      const answers: Delivered[] = [await deliverOne(stage, 1)];
      const other = new Database(`${stage.folder}/welcome.db`);
      onTestFinished(() => {
        other.close();
      });
      other.exec('BEGIN EXCLUSIVE');

      answers.push(...(await Promise.all([2, 3, 4].map((id) => deliverOne(stage, id)))));
      expect(answers.map(({ status }) => status)).toEqual([200, 503, 503, 503]);
      expect(answers.slice(1).every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
      expect(await storeHealth(stage)).toMatchObject({ status: 'wrong' });

      other.exec('ROLLBACK');
      await until(
        'a delivery is kept again',
        async () => {
          const one = await deliverOne(stage, 5);
          answers.push(one);
          return one.status === 200;
        },
        15_000,
      );
      await until('/readyz reports that the store works', async () => {
        return (await storeHealth(stage)).status === 'ok';
      });
      await expectKept(stage, answers);
    },
    testTimeoutMs,
  );

  test(
    'does not keep /healthz and the webhook from answering within two seconds',
    async () => {
      const stage = await prepareStage();
      await stage.start();
      const other = new Database(`${stage.folder}/welcome.db`);
      onTestFinished(() => {
        other.close();
      });
      other.exec('BEGIN EXCLUSIVE');

      const startedAt = performance.now();
      const refused = deliverOne(stage, 1).then(() => performance.now() - startedAt);
      const alive = call(stage.url, 'GET', '/healthz').then(() => performance.now() - startedAt);
      const [refusedMs, aliveMs] = await Promise.all([refused, alive]);
      other.exec('ROLLBACK');
      process.stdout.write(
        `locked database: 503 after ${Math.round(refusedMs)} ms, /healthz after ${Math.round(aliveMs)} ms\n`,
      );

      expect(refusedMs).toBeLessThan(2_000);
      expect(aliveMs).toBeLessThan(2_000);
    },
    testTimeoutMs,
  );
});

/** Sends deliveries of about 4 KiB, four at a time, until `isOver`. */
async function deliverUntil(
  stage: Stage,
  isOver: () => boolean,
  answers: Delivered[],
): Promise<void> {
  let next = 10;
  await until(
    'the disk is full and deliveries are refused',
    async () => {
      const ids = [next, next + 1, next + 2, next + 3];
      next += ids.length;
      answers.push(...(await Promise.all(ids.map((id) => deliverOne(stage, id)))));
      return isOver();
    },
    20_000,
  );
}

async function deliverOne(stage: Pick<Stage, 'url'>, id: number): Promise<Delivered> {
  const body = deliveryBody({ id }).replace('"name":"w"', `"name":"${'w'.repeat(4_000)}"`);
  const answer = await deliver(stage.url, body, signed(body));
  return { id, status: answer.status, retryAfter: answer.headers['retry-after'] };
}

/** Deliveries that got 200 are stored. Those that got 503 may be stored, and nothing else is. */
async function expectKept(stage: Stage, answers: readonly Delivered[]): Promise<void> {
  const rows = await readRows<{ id: number }>(
    stage.folder,
    'SELECT event_id AS id FROM deliveries',
  );
  const kept = rows.map((row) => row.id).toSorted((a, b) => a - b);
  const thanked = answers.filter(({ status }) => status === 200).map(({ id }) => id);
  expect(kept).toEqual(thanked.toSorted((a, b) => a - b));
}

async function storeHealth(stage: Stage): Promise<{ status: string; detail: string }> {
  return (await call(stage.url, 'GET', '/readyz')).json.store;
}

/** A file system of 2 MB, which is removed after the test. */
function smallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-disk-'));
  const mounted = mountSmallDisk(folder);
  if (mounted.status !== 0) throw new Error(`cannot mount ${folder}: ${mounted.stderr}`);
  onTestFinished(() => {
    // Lazy, because the process of the test may still be ending.
    run('umount', '-l', folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function fillToTheBrim(folder: string): string {
  const file = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  // Fills the disk a little less than it has room, then byte by byte, because a delivery may have
  // taken some of it meanwhile.
  for (let size = bavail * bsize; size > 0; size -= bsize) {
    try {
      writeFileSync(file, Buffer.alloc(size));
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  return file;
}

/** @returns null if this machine can mount a small file system */
function obstacleToMounting(): string | null {
  if (process.platform !== 'linux')
    return `a tmpfs of 2 MB needs Linux, this is ${process.platform}`;
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-disk-'));
  const mounted = mountSmallDisk(folder);
  if (mounted.status === 0) run('umount', folder);
  rmSync(folder, { recursive: true, force: true });
  return mounted.status === 0 ? null : `mounting a tmpfs needs root: ${mounted.stderr}`.trim();
}

function mountSmallDisk(folder: string) {
  return run('mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder);
}

function run(program: string, ...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' });
}
