import { expect, onTestFinished } from 'vitest';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import { attemptLeaseMs } from '../../src/domain/attempt-limits.ts';
import type { CrashPoint } from '../support/crash-points.ts';
import { databaseIn, isSqlite, queryDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { startPortal } from '../support/portal.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, temporaryFolder } from '../support/world.ts';

const crashPoints = 'test/support/crash-points.ts';
/** How long a start may take on a busy machine. */
export const settleMs = 20_000;
/** The time limit of a test that starts several processes. */
export const testTimeoutMs = 60_000;

export const three = ['ann@example.com', 'bob@example.com', 'cleo@example.com'];

/** A portal, a folder and an address that stay while processes of the service come and go. */
export type Stage = {
  readonly portal: Portal;
  readonly folder: string;
  /** The address is the same after every start, so that the portal's webhook stays correct. */
  readonly url: string;
  readonly start: (settings?: Readonly<Record<string, string>>) => Promise<ServiceProcess>;
  /** Starts a process that dies at this point. It may die before it answers. */
  readonly startDoomed: (
    point: CrashPoint,
    settings?: Readonly<Record<string, string>>,
  ) => Promise<ServiceProcess>;
};

export async function prepareStage(
  options: {
    readonly portal?: PortalOptions;
    readonly folder?: string;
    readonly settings?: Readonly<Record<string, string>>;
  } = {},
): Promise<Stage> {
  const folder = options.folder ?? (await temporaryFolder());
  const portal = await startPortal({
    keyCheck: 'any',
    queuePauseMs: 5,
    retryDelaysMs: [100, 400, 1_600, 3_200, 6_400],
    ...options.portal,
  });
  onTestFinished(() => portal.stop());
  const port = String(await freePort());
  const fixed = { ...options.settings, PORT: port };
  return {
    portal,
    folder,
    url: `http://127.0.0.1:${port}`,
    async start(settings = {}) {
      await forgetTheDead(folder);
      return startProcess(portal, folder, { settings: { ...fixed, ...settings } });
    },
    async startDoomed(point, settings = {}) {
      await forgetTheDead(folder);
      return startProcess(portal, folder, {
        settings: { ...fixed, CRASH_AT: point, ...settings },
        preload: crashPoints,
        isDoomed: true,
      });
    },
  };
}

/**
 * On PostgreSQL only time shows that a process has ended. The tests do not wait for it: the database
 * looks as it does after that time.
 */
async function forgetTheDead(folder: string): Promise<void> {
  if (isSqlite) return;
  const database = await databaseIn(folder);
  await queryDatabase(
    database,
    `UPDATE members SET lease_until = lease_until - ${attemptLeaseMs}, due_at = due_at - ${attemptLeaseMs}
      WHERE lease_until IS NOT NULL`,
  );
  await queryDatabase(database, `UPDATE replicas SET seen_at = seen_at - ${attemptLeaseMs}`);
  await queryDatabase(database, `UPDATE runs SET lease_until = lease_until - ${attemptLeaseMs}`);
  await queryDatabase(database, `UPDATE leaders SET until = until - ${attemptLeaseMs}`);
}

/** Waits until a doomed process answers, so that the test can do something before its end. */
export function answers(stage: Pick<Stage, 'url'>): Promise<boolean> {
  return until(
    'the service answers',
    () =>
      call(stage.url, 'GET', '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    settleMs,
  );
}

/** Checks that SIGKILL ended the process at the intended point. */
export async function diedAt(doomed: ServiceProcess, point: CrashPoint): Promise<void> {
  await until(
    `the process dies at ${point}`,
    () => doomed.child.exitCode !== null || doomed.child.signalCode !== null,
    settleMs,
  );
  expect(doomed.child.signalCode, doomed.output()).toBe('SIGKILL');
  expect(doomed.output()).toContain(`crash point reached: ${point}`);
}

/** Invites people by personal links. Nobody has come yet. */
export async function invite(stage: Pick<Stage, 'url'>, emails: readonly string[]) {
  const links: { readonly email: string; readonly link: string }[] = [];
  for (const email of emails) {
    const body = { employeeType: 'Guest', email };
    const { status, json, text } = await call(stage.url, 'POST', '/api/invitations', body);
    expect(status, text).toBe(201);
    links.push({ email, link: json.link });
  }
  return links;
}

/** They register and confirm their addresses. The portal sends the deliveries by itself. */
export function arrive(
  portal: Portal,
  invited: readonly { readonly email: string; readonly link: string }[],
): string[] {
  return invited.map(({ email, link }) => {
    const person = { link, email, firstName: 'Ann', lastName: 'Lee' };
    const userId = portal.control.register(person);
    portal.control.confirmEmail(userId);
    return userId;
  });
}

/** Waits until everybody is in one of these states. */
export function allBecome(
  stage: Pick<Stage, 'url'>,
  userIds: readonly string[],
  states: readonly string[],
  deadlineMs = settleMs,
) {
  let last: readonly string[] = [];
  return until(
    `all ${userIds.length} are ${states.join(' or ')}`,
    async () => {
      const found = await Promise.all(userIds.map((userId) => member(stage, userId)));
      last = found.map((one) => one.json.state);
      return last.every((state) => states.includes(state)) ? found.map((one) => one.json) : null;
    },
    deadlineMs,
  ).catch((error) => {
    throw new Error(`${error.message}; they are ${last.join(', ')}`);
  });
}

function member(stage: Pick<Stage, 'url'>, userId: string) {
  return call(stage.url, 'GET', `/api/members/${userId}`);
}

/** How often the portal greeted each person. */
export function greetings(portal: Portal, userIds: readonly string[]): number[] {
  const all = portal.control.congratulations();
  return userIds.map((userId) => all.filter((one) => one.userId === userId).length);
}

/** Reads the database, whether or not a process has it open. */
export async function readRows<Row>(
  folder: string,
  sql: string,
  ...values: readonly unknown[]
): Promise<Row[]> {
  return queryDatabase<Row>(await databaseIn(folder), sql, ...values);
}

/** The attempts and their members, read from the database in one query. */
export function attemptRows(stage: Pick<Stage, 'folder'>) {
  return readRows<{ id: string; userId: string; state: string; outcome: string | null }>(
    stage.folder,
    `SELECT attempts.id, members.user_id AS "userId", members.state, attempts.outcome
     FROM attempts JOIN members ON members.seq = attempts.member ORDER BY attempts.id`,
  );
}

/**
 * Checks the people whom no crash delayed. A reconciliation run avoids waiting for a lease of the
 * dead process.
 */
export async function othersAreWelcomed(stage: Stage, userIds: readonly string[]): Promise<void> {
  expect((await call(stage.url, 'POST', '/api/reconcile')).json.interrupted).toBeNull();
  await allBecome(stage, userIds, ['welcomed']);
}

/** Invites three people by personal links. They arrive at a process that dies at `point`. */
export async function crash(point: CrashPoint) {
  const stage = await prepareStage();
  const doomed = await stage.startDoomed(point);
  await answers(stage);
  await registerWebhook(stage.portal, stage.url);
  const userIds = arrive(stage.portal, await invite(stage, three));
  await diedAt(doomed, point);
  return { stage, userIds };
}

/** Every delivery that the portal knows as acknowledged is in the database. */
export async function expectNothingLost(stage: Pick<Stage, 'portal' | 'folder'>): Promise<void> {
  expectAllKept(stage, await readRows(stage.folder, 'SELECT event_id AS id FROM deliveries'));
}

/** @param rows the event ids of the stored deliveries */
export function expectAllKept(
  stage: Pick<Stage, 'portal'>,
  rows: readonly { readonly id: number }[],
): void {
  const acknowledged = stage.portal.control
    .journal()
    .filter((row) => row.status === 200)
    .map((row) => JSON.parse(row.requestPayload).event.id);
  const kept = new Set(rows.map((row) => Number(row.id)));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
}
