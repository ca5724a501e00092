import { type Clock, sleepUntil } from '../clock.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Deletes old deliveries and links from time to time, and settles interrupted invitations. */
export type Housekeeping = {
  /** @param processStartedAt invitations in `issuing` since before that (UTC ms) were interrupted */
  readonly start: (processStartedAt: number) => void;
  readonly stop: () => Promise<void>;
};

const everyMs = 10 * 60_000;
/** Few rows per commit, so that a delivery hardly waits for one. */
const batchSize = 100;
/** Between two batches the disk is left to the deliveries. */
const pauseMs = 20;
/** A request for an invitation may take this long. */
const issuingGraceMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

export function createHousekeeping(deps: {
  readonly store: Pick<Store, 'deleteDeliveries' | 'expireInvitations' | 'deleteIdempotencyKeys'>;
  readonly inviter: Pick<Inviter, 'settleIssuing'>;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
}): Housekeeping {
  const { store, inviter, clock, log } = deps;
  const stopping = new AbortController();
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => {};

  async function clean(issuingBefore: number): Promise<void> {
    await inviter.settleIssuing(issuingBefore);
    const before = clock.now() - deps.retentionDays * dayMs;
    await repeat(() => store.deleteDeliveries({ before, limit: batchSize }));
    await repeat(() => store.expireInvitations({ now: clock.now(), limit: batchSize }));
    await repeat(() =>
      store.deleteIdempotencyKeys({ before: clock.now() - dayMs, limit: batchSize }),
    );
  }

  async function repeat(work: () => Promise<number>): Promise<void> {
    while (!isStopping && (await work()) === batchSize) {
      await sleepUntil(clock, clock.now() + pauseMs, stopping.signal);
    }
  }

  function tick(issuingBefore: number): void {
    running = clean(issuingBefore).catch((error) => {
      log.error({ err: error }, 'housekeeping failed: it is tried again later');
    });
    cancelTimer = clock.schedule(clock.now() + everyMs, () => tick(clock.now() - issuingGraceMs));
  }

  return {
    start: tick,
    async stop() {
      isStopping = true;
      stopping.abort();
      cancelTimer();
      await running;
    },
  };
}
