import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { InterruptReason } from '../domain/reason.ts';
import { portalTroubleWaitMs } from '../domain/retry-policy.ts';
import { service } from '../domain/timeline.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Health } from '../health.ts';
import { describeError, type Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { Account } from '../onboarding/account.ts';
import type { FirstStart } from '../onboarding/first-start.ts';
import type { SwitchesReader } from '../onboarding/invitation-switches.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import type { Store } from '../store/store.ts';
import type { Baseline } from './baseline.ts';
import type { Hints } from './hints.ts';
import { readJournal } from './journal.ts';
import type { KeyExpiry } from './key-expiry.ts';
import { isUsedBefore, readInvitedAddresses, readNewest, readNotYetActive } from './people.ts';
import { type PeopleList, scanPages } from './scan-pages.ts';
import type { StepResult } from './step.ts';
import type { WebhookCheck } from './webhook-check.ts';

/** What a run of reconciliation checked and found. */
export type RunReport = {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly kind: 'ordinary' | 'full';
  /** For each part: the number of people or rows checked, and the number of hints. */
  readonly parts: readonly {
    readonly part: Part;
    readonly checked: number;
    readonly found: number;
  }[];
  /** Why the run ended early. Null if it is complete. The next run continues where this one ended. */
  readonly interrupted: InterruptReason | null;
};
type Part = 'journal' | 'newest' | 'not_yet_active' | 'addresses' | 'active';
type RunResult = 'complete' | 'interrupted' | 'failed';

export type Reconciler = {
  readonly start: () => void;
  /** Starts a run now if the poll is on and this replica leads it. It does not wait for the end. */
  readonly runSoon: () => void;
  /** Starts to read the lists of people who are not active yet. It does not wait for the end. */
  readonly readWaitingSoon: () => void;
  /** Does one full run, after an ordinary run in progress. During a full run, a call joins that run. */
  readonly reconcile: () => Promise<RunReport>;
  /** For each result, when the last run of this process with that result ended (UTC ms). */
  readonly endedAt: () => Readonly<Partial<Record<RunResult, number>>>;
  readonly stop: () => Promise<void>;
};

/** With these limits, an ordinary run usually sends fewer than 10 requests. */
const pagesPerOrdinaryRun = 4;
const addressesPerRun = 2;
const sweepEveryMs = 24 * 3_600_000;

/**
 * The people whose `activationStatus` is 1 or 5 are active. The portal's filter finds only the exact
 * value (docs/docspace-wire.md 9.1).
 */
const active: readonly PeopleList[] = [
  { employeeStatus: 1, activationStatus: 1 },
  { employeeStatus: 1, activationStatus: 5 },
];

type Deps = {
  readonly client: PortalClient;
  readonly store: Store;
  readonly account: Account;
  readonly hints: Hints;
  readonly baseline: Baseline;
  readonly audience: Audience;
  readonly webhookCheck: WebhookCheck;
  readonly keyExpiry: KeyExpiry;
  readonly firstStart: FirstStart;
  readonly switches: SwitchesReader;
  /** Where the portal reaches this service; only the path if PUBLIC_URL is not set. */
  readonly address: string;
  readonly pauses: Pick<Pauses, 'pause' | 'pausePortal' | 'portalUntil'>;
  /** 0 means that a run starts only on request. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly onRunEnded: () => void;
  /** Whether this replica leads the poll. Only the leader begins runs that nobody asked for. */
  readonly isLeader: () => boolean;
  /**
   * Called after requests to the portal were paused, so that the worker learns when they may continue.
   */
  readonly wake: () => void;
};

/** The state of the reconciler that its parts use. */
type State = {
  readonly isStopping: () => boolean;
  readonly isRunning: () => boolean;
  /** Runs one scan at a time, because a run and `readWaitingSoon` continue at the same stored place. */
  readonly oneScan: <T>(scan: () => Promise<T>) => Promise<T>;
};

export function createReconciler(deps: Deps): Reconciler {
  const { store, clock, log } = deps;
  let running: Promise<RunReport> | null = null;
  let isStopping = false;
  let cancelTimer: () => void = () => {};
  const endedAt: Partial<Record<RunResult, number>> = {};
  const limit = pLimit(1);
  const state: State = {
    isStopping: () => isStopping,
    isRunning: () => running !== null,
    oneScan: (scan) => limit(scan),
  };
  const steps = createSteps(deps, state);
  const waiting = createWaitingReader(deps, state);

  /** Starts a run, or joins the run in progress. */
  function run(isRequested: boolean): Promise<RunReport> {
    running ??= runAndNote(isRequested).finally(() => {
      running = null;
    });
    return running;
  }

  async function runFull(): Promise<RunReport> {
    const report = await running?.catch(() => null);
    return report?.kind === 'full' ? report : run(true);
  }

  async function runAndNote(isRequested: boolean): Promise<RunReport> {
    try {
      const report = await runSteps(isRequested);
      endedAt[report.interrupted === null ? 'complete' : 'interrupted'] = report.endedAt;
      deps.onRunEnded();
      logReport(log, report);
      await reportPortal(deps, report);
      return report;
    } catch (error) {
      endedAt.failed = clock.now();
      throw error;
    }
  }

  async function runSteps(isRequested: boolean): Promise<RunReport> {
    const startedAt = clock.now();
    const isFull = isRequested || (await isSweepDue(store, startedAt));
    const parts: RunReport['parts'][number][] = [];
    let interrupted: InterruptReason | null = null;
    for await (const [part, step] of steps.run(isFull)) {
      if (step.kind === 'interrupted') {
        interrupted = step.reason;
        break;
      }
      parts.push({ part, checked: step.checked, found: step.found });
    }
    const kind = isFull ? 'full' : 'ordinary';
    return { startedAt, endedAt: clock.now(), kind, parts, interrupted };
  }

  function tick(): void {
    if (isStopping) return;
    cancelTimer = clock.schedule(clock.now() + deps.everyMs, tick);
    runSoon();
  }

  function runSoon(): void {
    if (isStopping || deps.everyMs === 0 || !deps.isLeader()) return;
    run(false).catch((error) => {
      const err = describeError(error);
      log.error({ err }, 'a reconciliation run failed: the next one continues');
    });
  }

  return {
    start() {
      if (deps.everyMs > 0) tick();
    },
    runSoon,
    readWaitingSoon: waiting.readSoon,
    reconcile: runFull,
    endedAt: () => ({ ...endedAt }),
    async stop() {
      isStopping = true;
      cancelTimer();
      steps.cancelLook();
      await running?.catch(() => null);
      await waiting.settled();
    },
  };
}

/** The steps of a run, each with the part of the report that it makes. */
function createSteps(deps: Deps, { isStopping, isRunning, oneScan }: State) {
  const { client, store, account, hints, audience, clock, log } = deps;
  let cancelLook: () => void = () => {};

  /**
   * Checks the webhook. After a repair, checks it again when the portal's retries are over, because
   * the end of the retries may undo the repair.
   */
  async function checkWebhook(accountId: string): Promise<number | null> {
    cancelLook();
    const { id, lookAgainAt } = await deps.webhookCheck.run(accountId);
    if (lookAgainAt !== null && !isStopping()) {
      cancelLook = clock.schedule(lookAgainAt, () => {
        if (isRunning() || isStopping()) return;
        checkWebhook(accountId).catch((error) => {
          log.error({ err: describeError(error) }, 'the repaired webhook could not be checked');
        });
      });
    }
    return id;
  }

  /**
   * If this database is new, but the account was used with another database before, pauses sending
   * until `resume`: the same people may already have been welcomed.
   */
  async function checkFirstStart(accountId: string): Promise<void> {
    const { firstStart, address } = deps;
    if (!(await firstStart.isUnchecked())) return;
    const firstStartedAt = await firstStart.at();
    const isUsed = await isUsedBefore({ client, accountId, firstStartedAt, address, audience });
    if (isUsed === null) return;
    if (isUsed) {
      const cause = { kind: 'portal_api' } as const;
      const reason = { code: 'account_used_before' } as const;
      await deps.pauses.pause('account_used', reason, { actor: service, cause });
    }
    await firstStart.noteChecked();
  }

  async function* run(isFull: boolean): AsyncGenerator<readonly [Part, StepResult]> {
    // A requested run may have waited for the run that `stop` ended.
    if (isStopping()) {
      yield ['journal', { kind: 'interrupted', reason: { code: 'service_stopping' } }];
      return;
    }
    const accountId = await account.id();
    if (accountId.kind === 'trouble') {
      yield ['journal', { kind: 'interrupted', reason: accountId.fault }];
      return;
    }
    if (audience === 'everyone' && !(await deps.baseline.isComplete())) {
      yield ['active', { kind: 'interrupted', reason: { code: 'baseline_under_way' } }];
      return;
    }
    const inviterId = audience === 'invited' ? accountId.value : undefined;
    await deps.keyExpiry.check();
    // This stores the portal's answer, which `show` uses for outstanding invitations. Each new
    // invitation reads the switches, too.
    if (isFull) await deps.switches.read();
    await checkFirstStart(accountId.value);
    const webhookId = await checkWebhook(accountId.value);
    if (webhookId !== null && !isStopping()) {
      yield ['journal', await readJournal({ client, store, hints, webhookId })];
    }
    if (!isStopping()) yield ['newest', await readNewest({ client, hints, inviterId })];
    if (!isStopping()) {
      const maxPages = isFull ? Number.POSITIVE_INFINITY : pagesPerOrdinaryRun;
      const read = () => readNotYetActive({ client, store, hints, inviterId, maxPages });
      yield ['not_yet_active', await oneScan(read)];
    }
    if (audience === 'invited' && !isStopping()) {
      const limit = addressesPerRun;
      yield ['addresses', await readInvitedAddresses({ client, store, hints, limit })];
    }
    if (isFull && !isStopping()) yield ['active', await sweep(deps, inviterId, isStopping)];
  }

  return { run, cancelLook: () => cancelLook() };
}

/** Reads every active person of the audience, and so finds what all other parts missed. */
async function sweep(
  { client, store, hints, clock }: Deps,
  inviterId: string | undefined,
  isStopping: () => boolean,
): Promise<StepResult> {
  let checked = 0;
  let found = 0;
  for (;;) {
    const { step, isOver } = await scanPages({
      client,
      store,
      place: 'sweep_place',
      lists: active,
      inviterId,
      maxPages: pagesPerOrdinaryRun,
      visit: async (people) => (await hints.compare(people, 'active')).found,
    });
    if (step.kind === 'interrupted') return step;
    checked += step.checked;
    found += step.found;
    if (isOver) {
      await store.setValue('swept_at', String(clock.now()));
      return { kind: 'done', checked, found };
    }
    if (isStopping()) return { kind: 'interrupted', reason: { code: 'service_stopping' } };
  }
}

async function isSweepDue(store: Pick<Store, 'getValue'>, now: number): Promise<boolean> {
  const sweptAt = Number((await store.getValue('swept_at')) ?? 0);
  return now - sweptAt >= sweepEveryMs || now < sweptAt;
}

/** Reads, on request, the lists of people who are not active yet. Only one read runs at a time. */
function createWaitingReader(deps: Deps, { isStopping, oneScan }: State) {
  const { client, store, account, hints, audience, log } = deps;
  let reading: Promise<void> | null = null;
  let isChanged = false;

  async function read(): Promise<void> {
    const accountId = await account.id();
    if (accountId.kind === 'trouble') return;
    const inviterId = audience === 'invited' ? accountId.value : undefined;
    const maxPages = Number.POSITIVE_INFINITY;
    await oneScan(() => readNotYetActive({ client, store, hints, inviterId, maxPages }));
  }

  function readSoon(): void {
    if (isStopping() || !deps.isLeader()) return;
    isChanged = reading !== null;
    reading ??= read()
      .catch((error) => {
        log.error({ err: describeError(error) }, 'the lists of waiting people could not be read');
      })
      .finally(() => {
        reading = null;
        if (isChanged) readSoon();
      });
  }

  return { readSoon, settled: () => reading };
}

/** Shows the result of a run in `/readyz` at once. If the portal does not answer, pauses requests. */
async function reportPortal(deps: Deps, { interrupted }: RunReport): Promise<void> {
  const { account, health, pauses, clock } = deps;
  if (interrupted === null) {
    if (pauses.portalUntil() === null) health.set('portal', 'ok', 'answers');
    return;
  }
  const { code } = interrupted;
  if (code === 'baseline_under_way' || code === 'service_stopping') return;
  const isKey = code === 'portal_rejects_credentials';
  health.set('portal', 'wrong', isKey ? 'key_rejected' : 'portal_unavailable');
  const own = await account.checkPortal();
  if (own.kind === 'ok') {
    // The portal answers this request, so only a request of the run failed.
    if (pauses.portalUntil() === null) health.set('portal', 'warning', 'portal_refused_a_run');
    return;
  }
  pauses.pausePortal(own.fault, clock.now() + portalTroubleWaitMs);
  deps.wake();
}

function logReport(log: Log, { kind, parts, interrupted }: RunReport): void {
  const found = parts.reduce((sum, one) => sum + one.found, 0);
  if (interrupted === null) log.info({ kind, found }, 'reconciled with the portal');
  else if (interrupted.code === 'service_stopping')
    log.info({ kind, found }, reasonText(interrupted));
  else log.warn({ kind, found }, `reconciliation was interrupted: ${reasonText(interrupted)}`);
}
