import type { Fact } from '../domain/facts.ts';
import type { Member } from '../domain/member.ts';
import type { MemberReason } from '../domain/reason.ts';
import { type Actor, type Command, operator } from '../domain/timeline.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import type { Recorded, Recorder } from '../onboarding/recorder.ts';
import type { RunReport } from '../reconciliation/reconciler.ts';
import type { Store } from '../store/store.ts';

/** The commands of an operator. They come from the dashboard, the HTTP API or the command line. */
export type Operator = {
  readonly retry: (userId: string, actor?: Actor) => Promise<Recorded>;
  readonly resolve: (userId: string, outcome: 'sent' | 'retry', actor?: Actor) => Promise<Recorded>;
  /** Resolves all `unknown` members in the same way. Returns how many were resolved. */
  readonly resolveUnknown: (outcome: 'sent' | 'retry', actor?: Actor) => Promise<number>;
  /** Retries the `failed` members with this reason, or all of them if it is null. Returns how many. */
  readonly retryFailed: (reason: MemberReason['code'] | null, actor?: Actor) => Promise<number>;
  /** Does one full run of reconciliation now. Before that, ends the waits that the portal asked for. */
  readonly reconcile: () => Promise<RunReport>;
  readonly pause: (actor?: Actor) => Promise<void>;
  /** Ends all pauses and waits, and starts a new hour of `WELCOME_MAX_PER_HOUR`. */
  readonly resume: (actor?: Actor) => Promise<void>;
};

/** How many members are read at a time. */
const batchSize = 200;

export function createOperator(deps: {
  readonly store: Pick<Store, 'failedMembers' | 'listMembers' | 'makeReadyDue' | 'setValue'>;
  readonly recorder: Recorder;
  readonly pauses: Pick<Pauses, 'pause' | 'resume'>;
  /** Ends the waits of every replica, so that a command takes effect now. */
  readonly hurry: () => Promise<void>;
  /** Does one full run of reconciliation, in this process or in the replica that leads. */
  readonly reconcile: () => Promise<RunReport>;
  readonly now: () => number;
}): Operator {
  const { store, recorder, pauses, hurry, now } = deps;

  async function record(userId: string, fact: Fact): Promise<Recorded> {
    const recorded = await recorder.record({ userId, member: null, facts: [fact] });
    await hurry();
    return recorded;
  }

  /** Returns for how many of the members the fact was recorded. The others changed meanwhile. */
  async function recordAll(members: readonly Pick<Member, 'userId'>[], fact: Fact) {
    const all = members.map(({ userId }) =>
      recorder.record({ userId, member: null, facts: [fact] }),
    );
    return (await Promise.all(all)).filter(({ kind }) => kind === 'recorded').length;
  }

  return {
    retry: (userId, actor = operator) =>
      record(userId, { kind: 'retried', source: by(actor, 'retry') }),
    resolve: (userId, outcome, actor = operator) =>
      record(userId, { kind: 'resolved', outcome, source: by(actor, 'resolve') }),
    async resolveUnknown(outcome, actor = operator) {
      const fact: Fact = { kind: 'resolved', outcome, source: by(actor, 'resolve') };
      let count = 0;
      for (let cursor: number | null | undefined; cursor !== null; ) {
        const page = await store.listMembers({ state: 'unknown' }, { limit: batchSize, cursor });
        count += await recordAll(page.items, fact);
        cursor = page.nextCursor;
      }
      await hurry();
      return count;
    },
    async retryFailed(reason, actor = operator) {
      const fact: Fact = { kind: 'retried', source: by(actor, 'retry_failed') };
      let count = 0;
      for (let after = ''; ; ) {
        const found = await store.failedMembers({ reason, after, limit: batchSize });
        const last = found.at(-1);
        if (!last) break;
        count += await recordAll(found, fact);
        after = last.userId;
      }
      await hurry();
      return count;
    },
    async reconcile() {
      await hurry();
      return deps.reconcile();
    },
    pause: (actor = operator) =>
      pauses.pause('operator', { code: 'paused_by_operator' }, by(actor, 'pause')),
    async resume(actor = operator) {
      await pauses.resume(actor);
      await store.setValue('hour_granted_at', String(now()));
      await store.makeReadyDue(now());
      await hurry();
    },
  };
}

function by(actor: Actor, name: Command) {
  return { actor, cause: { kind: 'command', name } } as const;
}
