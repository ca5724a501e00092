import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Inviter } from './invite.ts';

/** What is done from time to time: old deliveries and links go, cut-off invitations are settled. */
export type Housekeeping = {
  /** @param processStartedAt what was `issuing` before that (UTC ms), nobody asks for any more */
  readonly start: (processStartedAt: number) => void;
  readonly stop: () => Promise<void>;
};

const everyMs = 10 * 60_000;
/** So few rows a commit that a delivery never waits for one. */
const batchSize = 200;
/** An invitation that is still being asked for is not cut off. */
const issuingGraceMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

export function createHousekeeping(options: {
  readonly store: Pick<Store, 'deleteDeliveries' | 'eraseExpiredLinks'>;
  readonly inviter: Pick<Inviter, 'settleIssuing'>;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
}): Housekeeping {
  const { store, inviter, clock, log } = options;
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => {};

  async function round(issuingBefore: number): Promise<void> {
    await inviter.settleIssuing(issuingBefore);
    const before = clock.now() - options.retentionDays * dayMs;
    await repeat(() => store.deleteDeliveries({ before, limit: batchSize }));
    await repeat(() => store.eraseExpiredLinks({ now: clock.now(), limit: batchSize }));
  }

  async function repeat(work: () => Promise<number>): Promise<void> {
    while (!isStopping && (await work()) === batchSize);
  }

  function tick(issuingBefore: number): void {
    running = round(issuingBefore).catch((error) => {
      log.error({ err: error }, 'housekeeping failed: it is tried again later');
    });
    cancelTimer = clock.schedule(clock.now() + everyMs, () => tick(clock.now() - issuingGraceMs));
  }

  return {
    start: tick,
    async stop() {
      isStopping = true;
      cancelTimer();
      await running;
    },
  };
}
