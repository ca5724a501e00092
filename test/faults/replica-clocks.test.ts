import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { run, settableClock } from '../store/postgres/support.ts';
import { startPortal } from '../support/portal.ts';
import { freshDatabase, hasPostgres } from '../support/postgres.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, temporaryFolder } from '../support/world.ts';
import { arrive, invite, testTimeoutMs } from './stage.ts';

const preload = 'test/support/set-clock.ts';

/** A replica, and how to start another one, whose machine has a wrong clock, or one that is set later. */
async function startOne(clock: Readonly<Record<string, string>>) {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const folder = await temporaryFolder();
  const settings = { DATABASE_URL: await freshDatabase() };
  const right = await startProcess(portal, folder, { settings });
  const startOther = () =>
    startProcess(portal, folder, { settings: { ...settings, ...clock }, preload });
  const end = portal.control.interfere({
    on: ({ path }) => path.endsWith('/sendcongratulations'),
    act: { kind: 'hold' },
  });
  const letGo = () => {
    end();
    portal.control.release();
  };
  return { portal, right, startOther, letGo, url: settings.DATABASE_URL };
}

async function setClock({ child, output }: ServiceProcess): Promise<void> {
  child.kill('SIGUSR2');
  await until('the clock is set', () => output().includes('the clock was set'));
}

/** Waits until every replica has looked three times for members that are due. */
async function threeBeats(url: string): Promise<void> {
  const seen = async () => {
    const { rows } = await run(url, 'SELECT min(seen_at) AS at FROM docspace_welcome.replicas');
    return Number(rows[0].at);
  };
  const since = await seen();
  await until('three beats', async () => (await seen()) > since + 3_000, 20_000);
}

async function eventsOf({ url }: ServiceProcess, userId = ''): Promise<string[]> {
  const { json } = await call(url, 'GET', `/api/members/${userId}`);
  return json.timeline.map((one: { event: string }) => one.event);
}

/** Ann comes, and the portal does not answer the request for her welcome. */
async function beginWelcome(portal: Portal, sender: ServiceProcess): Promise<string> {
  await registerWebhook(portal, sender.url);
  const [userId = ''] = arrive(portal, await invite(sender, ['ann@example.com']));
  const isSending = async () => (await eventsOf(sender, userId)).includes('attempt_started');
  await until('her welcome is under way', () => isSending().catch(() => false), 10_000);
  return userId;
}

describe.skipIf(!hasPostgres)('a welcome that one replica is sending', () => {
  const hour = String(60 * 60_000);

  const clocks = [
    ['its machine is set back', { SET_CLOCK_MS: `-${hour}` }],
    ['the machine of a replica that starts meanwhile is an hour fast', { CLOCK_OFF_MS: hour }],
    ['its machine is an hour slow', { CLOCK_OFF_MS: `-${hour}` }],
    ['the other machine is set forward', { SET_CLOCK_MS: hour }],
  ] as const;
  // Each case takes 13 seconds. `npm run test:faults` runs them all.
  test.each(process.env['FAULTS'] === 'full' ? clocks : clocks.slice(0, 2))(
    'is not taken for lost if the clock of %s',
    async (says, clock) => {
      const { portal, right, startOther, letGo, url } = await startOne(clock);
      let userId = '';
      if (says.startsWith('its')) {
        const other = await startOther();
        if ('SET_CLOCK_MS' in clock) await setClock(other);
        userId = await beginWelcome(portal, other);
      } else {
        const before = 'SET_CLOCK_MS' in clock ? await startOther() : null;
        userId = await beginWelcome(portal, right);
        if (before) await setClock(before);
        else await startOther();
      }
      // This wakes every replica.
      await call(right.url, 'POST', '/api/resume');
      await threeBeats(url);
      letGo();
      const events = await until('she is welcomed', async () => {
        const all = await eventsOf(right, userId);
        return all.includes('welcomed') ? all : null;
      });
      expect(events).not.toContain('attempt_unknown');
      expect(portal.control.congratulations()).toHaveLength(1);
    },
    testTimeoutMs,
  );

  test(
    'keeps its lease if the clock of the database is set back: one replica moves the stored times, once',
    async () => {
      const { portal, right, startOther, letGo, url } = await startOne({});
      const setClockBy = await settableClock(url);
      const userId = await beginWelcome(portal, right);
      const other = await startOther();
      const dueAt = async () => {
        const { json } = await call(right.url, 'GET', `/api/members/${userId}`);
        return Date.parse(json.dueAt);
      };
      const before = await dueAt();
      await setClockBy(-Number(hour));
      await until('the stored times are moved', async () => (await dueAt()) < before);
      await threeBeats(url);
      expect(before - (await dueAt())).toBeGreaterThan(Number(hour) - 5_000);
      expect(before - (await dueAt())).toBeLessThan(Number(hour) + 5_000);
      const moves = `${right.output()}${other.output()}`.match(/the clock was set back/g);
      expect(moves).toHaveLength(1);
      letGo();
      await until('she is welcomed', async () =>
        (await eventsOf(right, userId)).includes('welcomed'),
      );
      expect(await eventsOf(right, userId)).not.toContain('attempt_unknown');
    },
    testTimeoutMs,
  );
});

describe.skipIf(!hasPostgres)('a replica', () => {
  test(
    'whose machine has another time than the database says so, and the others do not',
    async () => {
      const { right, startOther } = await startOne({ CLOCK_OFF_MS: '60000' });
      const other = await startOther();
      const storeOf = async ({ url }: ServiceProcess) =>
        (await call(url, 'GET', '/readyz')).json.store;
      const warning = { status: 'warning', code: 'database_clock_differs' };
      await until('it says so', async () => (await storeOf(other)).code === warning.code, 10_000);
      expect(await storeOf(other)).toMatchObject(warning);
      expect(await storeOf(right)).toMatchObject({ status: 'ok' });
    },
    testTimeoutMs,
  );
});
