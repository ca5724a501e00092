import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isSqlite } from '../support/database.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { type ServiceProcess, serviceEnvironment } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook } from '../support/world.ts';
import {
  allBecome,
  answers,
  arrive,
  attemptRows,
  greetings,
  invite,
  prepareStage,
  readRows,
  type Stage,
  settleMs,
  testTimeoutMs,
} from './stage.ts';

const toWelcome = ({ path }: { path: string }) => path.endsWith('/portal/sendcongratulations');
/**
 * After SIGTERM the service completes its work and stops within 10 s (docs/design.md#command-line).
 */
const stopMs = 10_000;

type DeliveryAnswer = {
  readonly id: number;
  readonly status: number;
  readonly retryAfter: unknown;
};

describe('SIGTERM', () => {
  test(
    'during an attempt that is answered a second later: the attempt ends, acknowledged deliveries are kept, and others get 503',
    async () => {
      const { stage, service, userId } = await beginAttempt({ kind: 'delay', ms: 1_000 });

      const stopped = stop(service);
      const deliveryAnswers = await deliverUntilEnd(stage, stopped);
      const { code, tookMs } = await stopped;

      expect(code, service.output()).toBe(0);
      expect(tookMs).toBeLessThan(stopMs);
      await expectRefusedPolitely(stage, deliveryAnswers);
      expect(greetings(stage.portal, [userId])).toEqual([1]);
      expect(await attemptRows(stage)).toMatchObject([
        { userId, state: 'welcomed', outcome: 'sent' },
      ]);
      expectCheckpointed(stage);
    },
    testTimeoutMs,
  );

  test.each([
    ['without an effect', { kind: 'hang' }, 0],
    ['after its effect', { kind: 'effectThenHang' }, 1],
  ] as const)(
    'during an attempt that is never answered, %s: the outcome is stored as unknown within 10 s',
    async (_, act, effects) => {
      const { stage, service, userId } = await beginAttempt(act);

      const stopped = stop(service);
      const deliveryAnswers = await deliverUntilEnd(stage, stopped);
      const { code, tookMs } = await stopped;

      expect(code, service.output()).toBe(0);
      expect(tookMs).toBeLessThan(stopMs);
      await expectRefusedPolitely(stage, deliveryAnswers);
      expect(greetings(stage.portal, [userId])).toEqual([effects]);
      expect(await attemptRows(stage)).toMatchObject([
        { userId, state: 'unknown', outcome: 'unknown' },
      ]);
      expectCheckpointed(stage);
      expect(service.output()).not.toContain('"level":"error"');
      await stage.start();
      expect((await call(stage.url, 'GET', `/api/members/${userId}`)).json.state).toBe('unknown');
    },
    testTimeoutMs,
  );

  test(
    'while the portal answers nothing, during a check and a reconciliation run: it stops within 10 s',
    async () => {
      const stage = await prepareStage();
      const service = await stage.start();
      const userIds = arrive(stage.portal, await invite(stage, ['ann@example.com']));
      const { control } = stage.portal;
      control.interfere({ on: () => true, act: { kind: 'hang' } });
      control.clearRequests();
      const body = deliveryBody({ id: 1, userId: userIds[0] ?? '' });
      expect((await deliver(stage.url, body, signed(body))).status).toBe(200);
      const run = call(stage.url, 'POST', '/api/reconcile').catch(() => null);
      await until('both have reached the portal', () => control.requests().length >= 2);

      const { code, tookMs } = await stop(service);

      await run;
      expect(code, service.output()).toBe(0);
      expect(tookMs).toBeLessThan(stopMs);
      expectCheckpointed(stage);
      expect(service.output()).not.toContain('"level":"error"');
    },
    testTimeoutMs,
  );

  // With PostgreSQL another process may hold the attempt, so it is settled when its lease ends.
  test.skipIf(!isSqlite)(
    'sent a second time ends the process at once with an exit code other than 0, and the next start settles the attempt',
    async () => {
      const { stage, service, userId } = await beginAttempt({ kind: 'hang' });

      const stopped = stop(service);
      await until('the service is stopping', () =>
        service.output().includes('"message":"stopping"'),
      );
      const secondAt = performance.now();
      service.child.kill('SIGTERM');
      const { code } = await stopped;

      expect(code).toBe(143);
      expect(performance.now() - secondAt).toBeLessThan(1_000);
      expect(await attemptRows(stage)).toMatchObject([{ state: 'sending', outcome: null }]);
      await stage.start();
      expect(await attemptRows(stage)).toMatchObject([
        { userId, state: 'unknown', outcome: 'unknown' },
      ]);
    },
    testTimeoutMs,
  );
});

describe('a log reader that has stopped reading', () => {
  test(
    'does not keep deliveries from being acknowledged and people from being welcomed, and SIGTERM stops the service within 10 s',
    async () => {
      const { stage, service } = await stallReader();
      await registerWebhook(stage.portal, stage.url);
      const [userId = ''] = arrive(stage.portal, await invite(stage, ['ann@example.com']));
      await allBecome(stage, [userId], ['welcomed']);

      const { code, tookMs } = await stop(service);

      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(stopMs);
      expect(service.output()).not.toContain('"message":"stopping"');
      expectCheckpointed(stage);
    },
    testTimeoutMs,
  );

  test(
    'does not delay the end after a second SIGTERM',
    async () => {
      const { stage, service } = await stallReader();
      const { control } = stage.portal;
      control.interfere({ on: toWelcome, times: 1, act: { kind: 'hang' } });
      await registerWebhook(stage.portal, stage.url);
      arrive(stage.portal, await invite(stage, ['ann@example.com']));
      await until('the welcome has reached the portal', () => control.requests().some(toWelcome));

      const stopped = stop(service);
      await until('the service is stopping', () => isRefused(stage));
      const secondAt = performance.now();
      service.child.kill('SIGTERM');
      const { code } = await stopped;

      expect(code).toBe(143);
      expect(performance.now() - secondAt).toBeLessThan(3_000);
    },
    testTimeoutMs,
  );
});

test(
  'a full disk for the log does not stop the service, is reported once, and SIGTERM stops it within 10 s',
  async () => {
    const stage = await prepareStage();
    const { PATH = '', ...settings } = serviceEnvironment(stage.portal, stage.folder, {
      PORT: new URL(stage.url).port,
    });
    const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [main, 'serve'], {
      cwd: stage.folder,
      env: { PATH, ...settings },
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    onTestFinished(() => void child.kill('SIGKILL'));
    let complaints = '';
    child.stderr?.on('data', (chunk) => {
      complaints += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await answers(stage);
    await registerWebhook(stage.portal, stage.url);
    const [userId = ''] = arrive(stage.portal, await invite(stage, ['ann@example.com']));
    await allBecome(stage, [userId], ['welcomed']);

    const startedAt = performance.now();
    child.kill('SIGTERM');

    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(stopMs);
    expect(complaints.match(/Log lines cannot be written: ENOSPC/g)).toHaveLength(1);
    expect(complaints).toMatch(/The last log lines are lost: ENOSPC/);
    expectCheckpointed(stage);
  },
  testTimeoutMs,
);

/**
 * A reader of standard output that has stopped reading, while more is logged than a socket can
 * buffer.
 */
async function stallReader() {
  const stage = await prepareStage();
  const service = await stage.start();
  service.child.stdout?.pause();
  const atOnce = 20;
  for (let first = 1; first <= 2_000; first += atOnce) {
    const bodies = Array.from({ length: atOnce }, (_, index) =>
      deliveryBody({ id: first + index }),
    );
    const sent = await Promise.all(bodies.map((body) => deliver(stage.url, body, signed(body))));
    expect(sent.map(({ status }) => status)).toEqual(Array(atOnce).fill(200));
  }
  return { stage, service };
}

async function isRefused(stage: Stage): Promise<boolean> {
  const body = deliveryBody({ id: 20_000 });
  const answer = await deliver(stage.url, body, signed(body)).catch(() => null);
  return answer === null || answer.status === 503;
}

/** One person arrives, and the portal does this to their welcome. */
async function beginAttempt(act: Parameters<Stage['portal']['control']['interfere']>[0]['act']) {
  const stage = await prepareStage();
  const service = await stage.start();
  await registerWebhook(stage.portal, stage.url);
  const invited = await invite(stage, ['ann@example.com']);
  const { control } = stage.portal;
  control.interfere({ on: toWelcome, times: 1, act });
  const [userId] = arrive(stage.portal, invited);
  await until('the welcome has reached the portal', () => control.requests().some(toWelcome));
  await control.deliveriesIdle({ deadlineMs: settleMs, label: 'all are deliveryAnswers' });
  if (userId === undefined) throw new Error('nobody arrived');
  return { stage, service, userId };
}

async function stop(service: ServiceProcess) {
  const startedAt = performance.now();
  service.child.kill('SIGTERM');
  const code = await service.ended();
  const tookMs = performance.now() - startedAt;
  process.stdout.write(`SIGTERM: ended with ${code} after ${Math.round(tookMs)} ms\n`);
  return { code, tookMs };
}

/** Sends deliveries until the process has ended. */
async function deliverUntilEnd(stage: Stage, stopped: Promise<unknown>): Promise<DeliveryAnswer[]> {
  const deliveryAnswers: DeliveryAnswer[] = [];
  let isGone = false;
  void stopped.then(() => {
    isGone = true;
  });
  let id = 10_000;
  await until(
    'the process has ended',
    async () => {
      id += 1;
      const body = deliveryBody({ id });
      const answer = await deliver(stage.url, body, signed(body)).catch(() => null);
      if (answer) {
        deliveryAnswers.push({
          id,
          status: answer.status,
          retryAfter: answer.headers['retry-after'],
        });
      }
      return isGone;
    },
    stopMs + 5_000,
  );
  return deliveryAnswers;
}

/** After the signal only 503 with `Retry-After`. Deliveries that got 200 before are kept. */
async function expectRefusedPolitely(
  stage: Stage,
  deliveryAnswers: readonly DeliveryAnswer[],
): Promise<void> {
  const refused = deliveryAnswers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
  const thanked = deliveryAnswers.filter(({ status }) => status === 200).map(({ id }) => id);
  expect(refused.length + thanked.length).toBe(deliveryAnswers.length);
  const rows = await readRows<{ id: number }>(
    stage.folder,
    'SELECT event_id AS id FROM deliveries WHERE event_id > 10000 ORDER BY id',
  );
  expect(rows.map((row) => row.id)).toEqual(thanked);
}

function expectCheckpointed(stage: Stage): void {
  const wal = `${stage.folder}/welcome.db-wal`;
  expect(existsSync(wal) ? statSync(wal).size : 0).toBe(0);
}
