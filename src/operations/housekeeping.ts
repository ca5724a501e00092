import { type Clock, sleepUntil } from '../clock.ts';
import { type Entry, service } from '../domain/timeline.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/**
 * Regularly deletes old deliveries, idempotency keys and runs, marks invitations as expired, settles
 * interrupted invitations, and overwrites erased data.
 */
export type Housekeeping = {
  /**
   * @param processStartedAt when this process started (UTC ms). Invitations that have been `issuing`
   *   since an earlier time were interrupted. Null if another replica may still be issuing them
   */
  readonly start: (processStartedAt: number | null) => void;
  readonly stop: () => Promise<void>;
};

const everyMs = 10 * 60_000;
/**
 * The most rows that one commit deletes or marks. The number is small, so that deliveries wait only
 * briefly.
 */
const batchSize = 100;
/** The pause between two batches, in which deliveries can use the disk. */
const pauseMs = 20;
/** The longest time that a request for an invitation may take. */
export const issuingGraceMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;
const expired: Entry = {
  event: 'invitation_expired',
  actor: service,
  cause: { kind: 'limit', name: 'link_lifetime' },
};

export function createHousekeeping(deps: {
  readonly store: Pick<
    Store,
    | 'deleteDeliveries'
    | 'expireInvitations'
    | 'deleteIdempotencyKeys'
    | 'deleteRuns'
    | 'overwriteErased'
  >;
  readonly inviter: Pick<Inviter, 'settleIssuing'>;
  readonly retentionDays: number;
  /** Whether the timeline records that a link expired. Only events need these entries. */
  readonly notesExpiry: boolean;
  /** Whether this replica leads. Only the leader does the housekeeping. */
  readonly isLeader: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}): Housekeeping {
  const { store, inviter, clock, log } = deps;
  const stopping = new AbortController();
  let isStopping = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => {};

  async function clean(issuingBefore: number): Promise<void> {
    await inviter.settleIssuing(issuingBefore);
    const before = clock.now() - deps.retentionDays * dayMs;
    await repeat(() => store.deleteDeliveries({ before, limit: batchSize }));
    const entry = deps.notesExpiry ? expired : null;
    await repeat(() => store.expireInvitations({ now: clock.now(), limit: batchSize, entry }));
    await repeat(() =>
      store.deleteIdempotencyKeys({ before: clock.now() - dayMs, limit: batchSize }),
    );
    await repeat(() => store.deleteRuns({ before: clock.now() - dayMs, limit: batchSize }));
  }

  /**
   * Overwrites data that `forget` erased from the tables, but could not overwrite in the file: another
   * program was reading the file, or the disk was full.
   */
  async function overwriteErased(): Promise<void> {
    if (isStopping || (await store.overwriteErased())) return;
    const text =
      'erased data could not be overwritten in the database file: it is tried again in ten minutes. Free some space on its disk, or end the program that reads it';
    log.warn({}, text);
  }

  async function repeat(work: () => Promise<number>): Promise<void> {
    while (!isStopping && (await work()) === batchSize) {
      await sleepUntil(clock, clock.now() + pauseMs, stopping.signal);
    }
  }

  function tick(issuingBefore: number): void {
    cancelTimer = clock.schedule(clock.now() + everyMs, () => tick(clock.now() - issuingGraceMs));
    if (!deps.isLeader()) return;
    const failed = (error: unknown) =>
      log.error({ err: error }, 'housekeeping failed: it is tried again later');
    running ??= clean(issuingBefore)
      .catch(failed)
      .then(overwriteErased)
      .catch(failed)
      .finally(() => {
        running = null;
      });
  }

  return {
    start: (processStartedAt) => tick(processStartedAt ?? clock.now() - issuingGraceMs),
    async stop() {
      isStopping = true;
      stopping.abort();
      cancelTimer();
      await running;
    },
  };
}
