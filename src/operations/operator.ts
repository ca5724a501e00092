import type { Fact, Source } from '../domain/facts.ts';
import type { Quota } from '../onboarding/hourly-limit.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import type { Recorded, Recorder } from '../onboarding/recorder.ts';
import type { PassReport, Reconciler } from '../reconciliation/reconciler.ts';
import type { Store } from '../store/store.ts';

/** What a person asks of the service, whichever door they came by. */
export type Operator = {
  readonly retry: (userId: string) => Promise<Recorded>;
  readonly resolve: (userId: string, outcome: 'sent' | 'retry') => Promise<Recorded>;
  /** All `failed` members, or those with this reason; answers how many. */
  readonly retryFailed: (reason: string | null) => Promise<number>;
  /** One full pass now; what waits for a slower portal goes on at once. */
  readonly reconcile: () => Promise<PassReport>;
  readonly pause: () => Promise<void>;
  /** Lifts every pause, grants a new hour, ends every wait. */
  readonly resume: () => Promise<void>;
};

/** Members that are read at a time. */
const batchSize = 200;

export function createOperator(options: {
  readonly store: Pick<Store, 'failedMembers' | 'hurryReady'>;
  readonly recorder: Recorder;
  readonly pauses: Pauses;
  readonly quota: Quota;
  readonly reconciler: Pick<Reconciler, 'reconcile'>;
  /** Ends the waits that the portal asked for. */
  readonly hurry: () => void;
  readonly nudge: () => void;
  readonly now: () => number;
}): Operator {
  const { store, recorder, pauses, quota, reconciler, now } = options;

  async function tell(userId: string, fact: Fact): Promise<Recorded> {
    const recorded = await recorder.record({ userId, member: null, facts: [fact] });
    goOn();
    return recorded;
  }

  function goOn(): void {
    options.hurry();
    pauses.hurryPortal();
    options.nudge();
  }

  return {
    retry: (userId) => tell(userId, { kind: 'retried', source: by('retry') }),
    resolve: (userId, outcome) =>
      tell(userId, { kind: 'resolved', outcome, source: by(`resolve ${outcome}`) }),
    async retryFailed(reason) {
      const facts: Fact[] = [{ kind: 'retried', source: by('retry of the failed') }];
      let count = 0;
      for (let after = ''; ; ) {
        const found = await store.failedMembers({ reason, after, limit: batchSize });
        const last = found.at(-1);
        if (!last) break;
        await Promise.all(
          found.map(({ userId }) => recorder.record({ userId, member: null, facts })),
        );
        count += found.length;
        after = last.userId;
      }
      goOn();
      return count;
    },
    reconcile() {
      goOn();
      return reconciler.reconcile();
    },
    pause: () => pauses.pause('operator', 'paused by an operator'),
    async resume() {
      await pauses.resume();
      await quota.grant();
      await store.hurryReady(now());
      goOn();
    },
  };
}

function by(cause: string): Source {
  return { actor: 'operator', cause };
}
