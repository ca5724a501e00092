import { describe, expect, onTestFinished, test } from 'vitest';
import { startPortal } from '../support/portal.ts';
import { freshDatabase, hasPostgres } from '../support/postgres.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, temporaryFolder } from '../support/world.ts';
import { arrive, invite, testTimeoutMs } from './stage.ts';

const preload = new URL('../support/set-clock.ts', import.meta.url).href;
const minuteMs = 60_000;

/** Two replicas. The clock of the machine of the second one is wrong, or is set while it runs. */
async function startTwo(clock: Readonly<Record<string, string>>) {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const folder = await temporaryFolder();
  const settings = { DATABASE_URL: await freshDatabase() };
  const right = await startProcess(portal, folder, { settings });
  const other = await startProcess(portal, folder, {
    settings: { ...settings, ...clock },
    preload,
  });
  const end = portal.control.interfere({
    on: ({ path }) => path.endsWith('/sendcongratulations'),
    act: { kind: 'hold' },
  });
  const letGo = () => {
    end();
    portal.control.release();
  };
  return { portal, right, other, letGo };
}

async function setClock({ child, output }: ServiceProcess): Promise<void> {
  child.kill('SIGUSR2');
  await until('the clock is set', () => output().includes('the clock was set'));
}

/** Waits until a replica has looked three times for members that are due. */
async function looks({ url }: ServiceProcess): Promise<void> {
  const seen = async () => {
    const { json } = await call(url, 'GET', '/api/stats');
    return Math.max(...json.replicas.map((one: { seenAt: string }) => Date.parse(one.seenAt)));
  };
  const since = await seen();
  await until('three beats', async () => (await seen()) > since + 3_000, 15_000);
}

async function eventsOf({ url }: ServiceProcess, userId = ''): Promise<string[]> {
  const { json } = await call(url, 'GET', `/api/members/${userId}`);
  return json.timeline.map((one: { event: string }) => one.event);
}

describe.skipIf(!hasPostgres)('a welcome that one replica is sending', () => {
  test.each([
    ['its machine is an hour slow', { CLOCK_OFF_MS: String(-60 * minuteMs) }, 'other'],
    ['its machine is set back', { SET_CLOCK_MS: String(-60 * minuteMs) }, 'other'],
    ['the other machine is set forward', { SET_CLOCK_MS: String(60 * minuteMs) }, 'right'],
  ] as const)(
    'is not taken for lost if the clock of %s',
    async (_, clock, sender) => {
      const { portal, letGo, ...both } = await startTwo(clock);
      await registerWebhook(portal, both[sender].url);
      if ('SET_CLOCK_MS' in clock && sender === 'other') await setClock(both.other);
      const [userId] = arrive(portal, await invite(both[sender], ['ann@example.com']));
      const sending = async () => (await eventsOf(both.right, userId)).includes('attempt_started');
      await until('her welcome is under way', () => sending().catch(() => false), 10_000);
      if (sender === 'right') await setClock(both.other);
      // This wakes every replica.
      await call(both.right.url, 'POST', '/api/resume');
      await looks(both.right);
      letGo();
      const events = await until('she is welcomed', async () => {
        const all = await eventsOf(both.right, userId);
        return all.includes('welcomed') ? all : null;
      });
      expect(events).not.toContain('attempt_unknown');
      expect(portal.control.congratulations()).toHaveLength(1);
    },
    testTimeoutMs,
  );
});
