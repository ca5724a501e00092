import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createInviteRuns } from '../../src/dashboard/invite-runs.ts';
import type { PlannedRow } from '../../src/invitations/import/plan.ts';
import type { InvitationRequest, InviteResult } from '../../src/invitations/inviter.ts';
import { createLog } from '../../src/log.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';

type Answer = (request: InvitationRequest) => InviteResult | Promise<InviteResult>;

/** Runs whose portal answers as the test says. */
function runsWith(answer: Answer, clock = createMovableClock()) {
  const lines: string[] = [];
  let ids = 0;
  const invite = async (request: InvitationRequest) => answer(request);
  const runs = createInviteRuns({
    inviter: {
      invite,
      inviteTogether: (requests) => Promise.all(requests.map(invite)),
    },
    clock,
    newId(prefix) {
      ids += 1;
      return `${prefix}_${ids}`;
    },
    log: createLog({ level: 'debug', write: (line) => lines.push(line) }),
  });
  return { runs, clock, lines };
}

function rows(count: number): PlannedRow[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'request',
    row: i + 1,
    request: {
      employeeType: 'Guest',
      mode: 'link',
      email: `p${i}@example.com`,
      note: null,
      idempotencyKey: null,
    },
  }));
}

const conflict: InviteResult = {
  kind: 'conflict',
  reason: { code: 'already_user' },
  invitationId: null,
};

/** A portal that gives no answer until the test opens it. */
function closedPortal() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let asked = 0;
  const answer: Answer = async () => {
    asked += 1;
    await opened;
    return conflict;
  };
  return { answer, open: () => open(), asked: () => asked };
}

function endOf(runs: ReturnType<typeof runsWith>['runs'], id: string) {
  return until(`run ${id} ends`, () => runs.find(id)?.end);
}

test('a run continues by itself and keeps the result of each row, in order', async () => {
  const { runs } = runsWith(() => conflict);
  const notValid: PlannedRow = {
    kind: 'not valid',
    row: 4,
    email: 'x',
    reason: { code: 'row_without_address' },
  };
  const id = runs.start([...rows(3), notValid]);
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  expect(runs.find(id)).toMatchObject({ total: 4, waiting: null });
  expect(runs.find(id)?.results.map(({ row }) => row)).toEqual([1, 2, 3, 4]);
});

test('a short run is shown when it is complete, a long one after a time limit', async () => {
  const { runs } = runsWith(() => conflict);
  const short = runs.start(rows(1));
  await runs.settled(short, systemClock.now() + 60_000);
  expect(runs.find(short)?.end).toEqual({ kind: 'finished' });

  const portal = closedPortal();
  const { runs: slow, clock } = runsWith(portal.answer);
  const long = slow.start(rows(1));
  const settled = slow.settled(long, clock.now() + 60_000);
  clock.move(60_000);
  await settled;
  expect(slow.find(long)?.end).toBeNull();
  portal.open();
  await endOf(slow, long);
  await slow.settled('run_nobody', clock.now() + 60_000);
});

test('an interrupted run completes its requests in progress, and says which rows were not reached', async () => {
  const portal = closedPortal();
  const { runs } = runsWith(portal.answer);
  const id = runs.start(rows(500));
  await until('the portal is asked', () => portal.asked() > 0);
  runs.interrupt(id);
  runs.interrupt('run_nobody');
  portal.open();
  expect(await endOf(runs, id)).toEqual({ kind: 'interrupted' });
  const results = runs.find(id)?.results ?? [];
  expect(results).toHaveLength(500);
  const reached = results.filter(({ result }) => result !== 'not reached').length;
  expect(reached).toBe(portal.asked());
  expect(reached).toBeLessThan(500);
});

test('a stopping service waits for requests in progress and starts no new ones', async () => {
  const portal = closedPortal();
  const { runs } = runsWith(portal.answer);
  const id = runs.start(rows(500));
  await until('the portal is asked', () => portal.asked() > 0);
  let isStopped = false;
  const stopped = runs.stop().then(() => {
    isStopped = true;
  });
  const late = runs.start(rows(2));
  expect(isStopped).toBe(false);
  portal.open();
  await stopped;
  expect(runs.find(id)?.end).toEqual({ kind: 'interrupted' });
  expect(runs.find(late)?.results.map(({ result }) => result)).toEqual([
    'not reached',
    'not reached',
  ]);
  expect(portal.asked()).toBeLessThan(500);
});

const tooMany = { code: 'portal_rate_limited' } as const;

test('if the portal asks to wait, the run waits, and the page says until when', async () => {
  const clock = createMovableClock();
  let asked = 0;
  const { runs } = runsWith(() => {
    asked += 1;
    if (asked > 1) return conflict;
    return { kind: 'trouble', fault: tooMany, retryAt: clock.now() + 120_000, unsettledId: null };
  }, clock);
  const id = runs.start(rows(1));
  const waiting = await until('the run waits', () => runs.find(id)?.waiting);
  expect(waiting.reason).toEqual(tooMany);
  expect(waiting.until).toBeGreaterThan(clock.now());
  clock.move(121_000);
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  expect(runs.find(id)?.waiting).toBeNull();
});

test('an unexpected error ends the run, is shown, and is in the log of the service', async () => {
  const { runs, lines } = runsWith(() => {
    throw new Error('the disk is full');
  });
  const id = runs.start(rows(2));
  expect(await endOf(runs, id)).toEqual({ kind: 'failed' });
  expect(runs.find(id)?.results.map(({ result }) => result)).toEqual([
    'not reached',
    'not reached',
  ]);
  expect(lines.join('')).toContain('a run of invitations failed');
  expect(lines.join('')).toContain('the disk is full');
  expect(lines.join('')).not.toContain('p0@example.com');
});

test('the newest twenty runs are kept, and none that is still running is removed', async () => {
  const portal = closedPortal();
  const { runs } = runsWith(({ email }) =>
    email === 'p1@example.com' ? portal.answer(fake) : conflict,
  );
  const open = runs.start(rows(2));
  const ids: string[] = [];
  for (let i = 0; i < 25; i += 1) {
    const id = runs.start(rows(1));
    ids.push(id);
    await endOf(runs, id);
  }
  expect(runs.find(open)?.end).toBeNull();
  // One more than twenty may exist until the next run starts.
  const kept = ids.filter((id) => runs.find(id) !== null);
  expect(kept).toEqual(ids.slice(-kept.length));
  expect(kept.length).toBeGreaterThanOrEqual(19);
  expect(kept.length).toBeLessThanOrEqual(20);
  portal.open();
  await endOf(runs, open);
});

const fake: InvitationRequest = {
  employeeType: 'Guest',
  mode: 'link',
  email: null,
  note: null,
  idempotencyKey: null,
};

test('fewer runs of large tables are kept, because the database has the issued invitations', async () => {
  const { runs, clock } = runsWith(() => conflict);
  const ids: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    const id = runs.start(rows(25_000));
    await runs.settled(id, clock.now() + 60_000);
    ids.push(id);
  }
  expect(ids.filter((id) => runs.find(id) !== null)).toEqual(ids.slice(-2));
}, 60_000);
