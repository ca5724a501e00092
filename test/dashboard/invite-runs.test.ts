import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createInviteRuns } from '../../src/dashboard/invite-runs.ts';
import type { PlannedRow } from '../../src/invitations/import/plan.ts';
import type { InvitationRequest, InviteResult } from '../../src/invitations/inviter.ts';
import { createLog } from '../../src/log.ts';
import { type Store, StoreUnavailable } from '../../src/store/store.ts';
import { createMovableClock, type MovableClock } from '../support/clock.ts';
import { isSqlite } from '../support/database.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';

type Answer = (request: InvitationRequest) => InviteResult | Promise<InviteResult>;

async function freshStore(): Promise<Store> {
  const { store } = await openTestStore(isSqlite ? 'sqlite' : 'postgres');
  onTestFinished(() => store.close());
  return store;
}

/** A store that counts how often a replica renewed a lease, or looked for runs. */
function counted(store: Store) {
  const calls = { saveRun: 0, claimRun: 0 };
  const counting: Store = {
    ...store,
    async saveRun(saved) {
      const answer = await store.saveRun(saved);
      calls.saveRun += 1;
      return answer;
    },
    async claimRun(claim) {
      const answer = await store.claimRun(claim);
      calls.claimRun += 1;
      return answer;
    },
  };
  return { counting, calls };
}

let ids = 0;

/** Runs of one replica, whose portal answers as the test says. */
async function runsWith(
  answer: Answer,
  { clock = createMovableClock(), store: given }: { clock?: MovableClock; store?: Store } = {},
) {
  const store = given ?? (await freshStore());
  const lines: string[] = [];
  const invite = async (request: InvitationRequest) => answer(request);
  const runs = createInviteRuns({
    inviter: {
      invite,
      inviteTogether: (requests) => Promise.all(requests.map(invite)),
    },
    store,
    clock,
    newId(prefix) {
      ids += 1;
      return `${prefix}_${ids}`;
    },
    log: createLog({ level: 'debug', write: (line) => lines.push(line) }),
  });
  onTestFinished(() => runs.stop());
  return { runs, store, clock, lines };
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
  const asked: (string | null)[] = [];
  const answer: Answer = async ({ email }) => {
    asked.push(email);
    await opened;
    return conflict;
  };
  onTestFinished(() => open());
  return { answer, open: () => open(), asked };
}

type Runs = Awaited<ReturnType<typeof runsWith>>['runs'];

function endOf(runs: Runs, id: string) {
  return until(`run ${id} ends`, async () => (await runs.find(id))?.end);
}

async function resultsOf(runs: Runs, id: string) {
  return (await runs.find(id))?.results.map(({ result }) => result);
}

test('a run continues by itself and keeps the result of each row, in order', async () => {
  const { runs } = await runsWith(() => conflict);
  const notValid: PlannedRow = {
    kind: 'not valid',
    row: 4,
    email: 'x',
    reason: { code: 'row_without_address' },
  };
  const id = await runs.start([...rows(3), notValid]);
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  const run = await runs.find(id);
  expect(run).toMatchObject({ total: 4, waiting: null });
  expect(run?.results.map(({ row }) => row)).toEqual([1, 2, 3, 4]);
});

test('a run has more rows than one turn reads or writes', async () => {
  const { runs } = await runsWith(() => conflict);
  const id = await runs.start(rows(1_203));
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  expect((await runs.find(id))?.results.map(({ row }) => row)).toEqual(
    rows(1_203).map(({ row }) => row),
  );
});

test('a short run is shown when it is complete, a long one after a time limit', async () => {
  const { runs } = await runsWith(() => conflict);
  const short = await runs.start(rows(1));
  await runs.settled(short, systemClock.now() + 60_000);
  expect((await runs.find(short))?.end).toEqual({ kind: 'finished' });

  const portal = closedPortal();
  const { runs: slow, clock } = await runsWith(portal.answer);
  const long = await slow.start(rows(1));
  const settled = slow.settled(long, clock.now() + 60_000);
  clock.move(60_000);
  await settled;
  expect((await slow.find(long))?.end).toBeNull();
  portal.open();
  await endOf(slow, long);
  await slow.settled('run_nobody', clock.now() + 60_000);
});

test('an interrupted run completes its requests in progress, and says which rows were not reached', async () => {
  const portal = closedPortal();
  const { runs } = await runsWith(portal.answer);
  const id = await runs.start(rows(500));
  await until('the portal is asked', () => portal.asked.length > 0);
  expect(await runs.interrupt(id)).toBe(true);
  expect(await runs.interrupt('run_nobody')).toBe(false);
  portal.open();
  expect(await endOf(runs, id)).toEqual({ kind: 'interrupted' });
  const results = (await resultsOf(runs, id)) ?? [];
  expect(results).toHaveLength(500);
  const reached = results.filter((result) => result !== 'not reached').length;
  expect(reached).toBe(portal.asked.length);
  expect(reached).toBeLessThan(500);
});

test('a stopping service completes its requests in progress, and the next one does the rest', async () => {
  const portal = closedPortal();
  const { runs, store } = await runsWith(portal.answer);
  const id = await runs.start(rows(500));
  await until('the portal is asked', () => portal.asked.length > 0);
  let isStopped = false;
  const stopped = runs.stop().then(() => {
    isStopped = true;
  });
  const late = await runs.start(rows(2));
  expect(isStopped).toBe(false);
  portal.open();
  await stopped;
  await runs.settled(late, systemClock.now() + 60_000);
  const before = portal.asked.length;
  expect(before).toBeLessThan(500);
  expect(await runs.find(id)).toMatchObject({ end: null, results: { length: before } });

  const { runs: next } = await runsWith(portal.answer, { store });
  next.takeOver();
  for (const one of [id, late]) expect(await endOf(next, one)).toEqual({ kind: 'finished' });
  // No row was asked for twice.
  expect(portal.asked).toHaveLength(502);
  expect(await resultsOf(next, id)).toEqual(rows(500).map(() => 'already a user'));
});

test('a run belongs to one replica as long as that one lives, and then to the next that looks', async () => {
  const store = await freshStore();
  const clock = createMovableClock();
  const first = closedPortal();
  const { runs: dying } = await runsWith(first.answer, { store, clock });
  const id = await dying.start(rows(100));
  await until('the first replica asks', () => first.asked.length > 0);
  const { counting, calls } = counted(store);
  const { runs: other, lines } = await runsWith(() => conflict, { store: counting, clock });
  other.takeOver();
  await until('it looks', () => calls.claimRun === 1);
  clock.move(29_000);
  await until('it looks again', () => calls.claimRun === 2);
  expect(await other.find(id)).toMatchObject({ end: null, results: [] });

  // The first replica does not renew its lease: it stands still, as a stopped process does.
  clock.move(11_000);
  expect(await endOf(other, id)).toEqual({ kind: 'finished' });
  expect(lines.join('')).toContain(
    'this process continues a run of invitations that was interrupted',
  );
  first.open();
  await dying.settled(id, systemClock.now() + 60_000);
  // It completes the calls that it had begun, and begins no others.
  expect(first.asked.length).toBeLessThan(100);
  expect(await other.find(id)).toMatchObject({ end: { kind: 'finished' }, total: 100 });
});

test('a replica renews its lease while the portal keeps it waiting', async () => {
  const store = await freshStore();
  const clock = createMovableClock();
  const portal = closedPortal();
  const { counting, calls } = counted(store);
  const { runs } = await runsWith(portal.answer, { store: counting, clock });
  runs.takeOver();
  const id = await runs.start(rows(1));
  const claim = () => store.claimRun({ replica: 'rep_other', now: clock.now(), leaseUntil: 0 });
  for (let beats = 1; beats <= 5; beats += 1) {
    clock.move(10_000);
    await until(`lease ${beats} is renewed`, () => calls.saveRun === beats);
  }
  expect(await claim()).toBeNull();
  portal.open();
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
});

test('a run can be stopped at another replica than the one that works on it', async () => {
  const store = await freshStore();
  const clock = createMovableClock();
  const portal = closedPortal();
  const { counting, calls } = counted(store);
  const { runs } = await runsWith(portal.answer, { store: counting, clock });
  const { runs: other } = await runsWith(() => conflict, { store, clock });
  runs.takeOver();
  const id = await runs.start(rows(500));
  await until('the portal is asked', () => portal.asked.length > 0);
  expect(await other.interrupt(id)).toBe(true);
  clock.move(10_000);
  await until('the replica has looked', () => calls.saveRun > 0);
  portal.open();
  expect(await endOf(other, id)).toEqual({ kind: 'interrupted' });
  expect(portal.asked.length).toBeLessThan(500);
});

test('a copy of a database continues no run, because its original may have done so', async () => {
  const store = await freshStore();
  const { runs } = await runsWith(() => conflict, { store });
  await runs.stop();
  const id = await runs.start(rows(3));
  await runs.settled(id, systemClock.now() + 60_000);
  await store.pause({ name: 'restored', reason: { code: 'restored_copy' }, since: 0 });
  const { runs: next } = await runsWith(() => conflict, { store });
  next.takeOver();
  expect(await endOf(next, id)).toEqual({ kind: 'interrupted' });
  expect(await resultsOf(next, id)).toEqual(['not reached', 'not reached', 'not reached']);
});

const tooMany = { code: 'portal_rate_limited' } as const;

test('if the portal asks to wait, the run waits, and the page says until when', async () => {
  const clock = createMovableClock();
  let asked = 0;
  const answer: Answer = () => {
    asked += 1;
    if (asked > 1) return conflict;
    return { kind: 'trouble', fault: tooMany, retryAt: clock.now() + 120_000, unsettledId: null };
  };
  const { runs } = await runsWith(answer, { clock });
  const id = await runs.start(rows(1));
  const waiting = await until('the run waits', async () => (await runs.find(id))?.waiting);
  expect(waiting.reason).toEqual(tooMany);
  expect(waiting.until).toBeGreaterThan(clock.now());
  clock.move(121_000);
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  expect((await runs.find(id))?.waiting).toBeNull();
});

test('a row that never got a usable answer names the invitation that may have been made', async () => {
  const clock = createMovableClock();
  const fault = { code: 'portal_timed_out' } as const;
  const answer: Answer = ({ email }) =>
    email === 'p0@example.com'
      ? conflict
      : { kind: 'trouble', fault, retryAt: null, unsettledId: 'inv_unsettled' };
  const { runs } = await runsWith(answer, { clock });
  const id = await runs.start(rows(2));
  await until('the run ends', async () => {
    clock.move(15_000);
    return (await runs.find(id))?.end;
  });
  expect((await runs.find(id))?.results[1]).toMatchObject({
    result: 'failed',
    id: 'inv_unsettled',
    reason: fault,
  });
});

test('an unexpected error ends the run, is shown, and is in the log of the service', async () => {
  const { runs, lines } = await runsWith(() => {
    throw new Error('the disk is full');
  });
  const id = await runs.start(rows(2));
  expect(await endOf(runs, id)).toEqual({ kind: 'failed' });
  expect(await resultsOf(runs, id)).toEqual(['not reached', 'not reached']);
  expect(lines.join('')).toContain('a run of invitations failed');
  expect(lines.join('')).toContain('the disk is full');
  expect(lines.join('')).not.toContain('p0@example.com');
});

test('a run whose rows were not all stored invites nobody', async () => {
  const store = await freshStore();
  const { runs } = await runsWith(() => conflict, { store });
  const crashed = { id: 'run_half', actor: { kind: 'operator' }, total: 2 } as const;
  const request = { employeeType: 'Guest', mode: 'link', note: null } as const;
  const row = { row: 1, email: 'p0@example.com', request, result: null };
  await store.addRun({ ...crashed, replica: 'rep_gone', leaseUntil: 0 }, [row]);
  runs.takeOver();
  expect(await endOf(runs, 'run_half')).toEqual({ kind: 'failed' });
  expect(await resultsOf(runs, 'run_half')).toEqual(['not reached']);
});

test('a run goes on when the database can be written again', async () => {
  const clock = createMovableClock();
  let asked = 0;
  const answer: Answer = () => {
    asked += 1;
    if (asked === 1) throw new StoreUnavailable('the disk is full');
    return conflict;
  };
  const { runs } = await runsWith(answer, { clock });
  const id = await runs.start(rows(3));
  await runs.settled(id, systemClock.now() + 60_000);
  expect(await runs.find(id)).toMatchObject({ end: null });
  runs.takeOver();
  expect(await endOf(runs, id)).toEqual({ kind: 'finished' });
  expect(await resultsOf(runs, id)).toEqual(rows(3).map(() => 'already a user'));
});
