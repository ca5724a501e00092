import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Health } from '../health.ts';
import { describeError, type Log } from '../log.ts';
import type { Account } from '../onboarding/account.ts';
import type { Store } from '../store/store.ts';
import { askAddresses } from './addresses.ts';
import type { Baseline } from './baseline.ts';
import type { Hints } from './hints.ts';
import { readJournal } from './journal.ts';
import { readNewest } from './newest.ts';
import { readNotYetActive } from './not-yet-active.ts';
import { type PeopleList, walk } from './scan-pages.ts';
import type { Step } from './step.ts';
import { checkWebhook } from './webhook-registration.ts';

/** What a pass looked at and found. */
export type PassReport = {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly kind: 'ordinary' | 'full';
  /** By part: people or rows looked at, and how many of them became a hint. */
  readonly parts: readonly {
    readonly part: Part;
    readonly lookedAt: number;
    readonly found: number;
  }[];
  /** Why it ended early; null: it is complete. The next pass goes on where it was. */
  readonly interrupted: string | null;
};
type Part = 'journal' | 'newest' | 'not_yet_active' | 'addresses' | 'active';

type PassResult = 'complete' | 'interrupted' | 'failed';

export type Reconciler = {
  readonly start: () => void;
  /** One full pass now; a call during a pass joins it. */
  readonly reconcile: () => Promise<PassReport>;
  /** When a pass last came to each result since the start; UTC ms. */
  readonly endedAt: () => Readonly<Partial<Record<PassResult, number>>>;
  readonly stop: () => Promise<void>;
};

/** An ordinary pass stays below 10 requests; a full one reads everything (design). */
const pagesOfOrdinaryPass = 4;
const addressesOfOnePass = 2;
const sweepEveryMs = 24 * 3_600_000;

/** Wire 9.1: an exact comparison with the raw value, and 5 is active as well. */
const active: readonly PeopleList[] = [
  { employeeStatus: 1, activationStatus: 1 },
  { employeeStatus: 1, activationStatus: 5 },
];

export function createReconciler(options: {
  readonly client: PortalClient;
  readonly store: Store;
  readonly account: Account;
  readonly hints: Hints;
  readonly baseline: Baseline;
  readonly audience: Audience;
  readonly webhookSecret: string;
  /** 0: only when asked for. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
}): Reconciler {
  const { client, store, account, hints, audience, clock, log, health } = options;
  let running: Promise<PassReport> | null = null;
  let isStopping = false;
  let cancelTimer: () => void = () => {};
  const endedAt: Partial<Record<PassResult, number>> = {};

  function run(isFull: boolean): Promise<PassReport> {
    running ??= noted(isFull).finally(() => {
      running = null;
    });
    return running;
  }

  async function noted(isFull: boolean): Promise<PassReport> {
    try {
      const report = await pass(isFull);
      endedAt[report.interrupted === null ? 'complete' : 'interrupted'] = report.endedAt;
      return report;
    } catch (error) {
      endedAt.failed = clock.now();
      throw error;
    }
  }

  async function pass(isAsked: boolean): Promise<PassReport> {
    const startedAt = clock.now();
    const isFull = isAsked || (await isSweepDue(startedAt));
    const parts: PassReport['parts'][number][] = [];
    let interrupted: string | null = null;
    for await (const [part, step] of steps(isFull)) {
      if (step.kind === 'done') {
        parts.push({ part, lookedAt: step.lookedAt, found: step.found });
      } else {
        interrupted = step.detail;
        break;
      }
    }
    const kind = isFull ? 'full' : 'ordinary';
    const report = { startedAt, endedAt: clock.now(), kind, parts, interrupted } as const;
    const found = parts.reduce((sum, one) => sum + one.found, 0);
    log.info({ kind, found, interrupted }, 'reconciled with the portal');
    return report;
  }

  async function* steps(isFull: boolean): AsyncGenerator<readonly [Part, Step]> {
    const accountId = await account.id();
    if (accountId.kind === 'trouble') {
      yield ['journal', { kind: 'interrupted', detail: accountId.detail }];
      return;
    }
    if (audience === 'everyone' && !(await options.baseline.isComplete())) {
      yield ['active', { kind: 'interrupted', detail: 'the baseline is still being taken' }];
      return;
    }
    const inviterId = audience === 'invited' ? accountId.value : undefined;
    const mostPages = isFull ? Number.POSITIVE_INFINITY : pagesOfOrdinaryPass;
    const secret = options.webhookSecret;
    const webhookId = await checkWebhook({ client, store, secret, health, log });
    if (webhookId !== null && !isStopping) {
      yield ['journal', await readJournal({ client, store, hints, webhookId })];
    }
    if (!isStopping) yield ['newest', await readNewest({ client, hints, inviterId })];
    if (!isStopping) {
      const step = await readNotYetActive({ client, store, hints, inviterId, mostPages });
      yield ['not_yet_active', step];
    }
    if (audience === 'invited' && !isStopping) {
      const most = addressesOfOnePass;
      yield ['addresses', await askAddresses({ client, store, hints, most })];
    }
    if (isFull && !isStopping) yield ['active', await sweep(inviterId)];
  }

  /** Every active person of the audience: what all else missed is found here. */
  async function sweep(inviterId: string | undefined): Promise<Step> {
    let lookedAt = 0;
    let found = 0;
    for (;;) {
      const { step, isOver } = await walk({
        client,
        store,
        place: 'sweep_place',
        lists: active,
        inviterId,
        mostPages: pagesOfOrdinaryPass,
        visit: async (people) => (await hints.compare(people, 'poll of the active')).found,
      });
      if (step.kind === 'interrupted') return step;
      lookedAt += step.lookedAt;
      found += step.found;
      if (isOver) await store.remember('swept_at', String(clock.now()));
      if (isOver) return { kind: 'done', lookedAt, found };
      if (isStopping) return { kind: 'interrupted', detail: 'the service is stopping' };
    }
  }

  async function isSweepDue(now: number): Promise<boolean> {
    const sweptAt = Number((await store.progress('swept_at')) ?? 0);
    return now - sweptAt >= sweepEveryMs || now < sweptAt;
  }

  function tick(): void {
    if (isStopping) return;
    cancelTimer = clock.schedule(clock.now() + options.everyMs, tick);
    run(false).catch((error) => {
      log.error(
        { err: describeError(error) },
        'a reconciliation pass failed: the next one goes on',
      );
    });
  }

  return {
    start() {
      if (options.everyMs > 0) tick();
    },
    reconcile: () => run(true),
    endedAt: () => ({ ...endedAt }),
    async stop() {
      isStopping = true;
      cancelTimer();
      await running?.catch(() => null);
    },
  };
}
