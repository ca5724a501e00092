import { type Clock, sleepUntil } from '../clock.ts';
import type { Inviter } from '../invitations/inviter.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** What is done from time to time: old deliveries and links go, cut-off invitations are settled. */
export type Housekeeping = {
  /** @param processStartedAt what was `issuing` before that (UTC ms), nobody asks for any more */
  readonly start: (processStartedAt: number) => void;
  readonly stop: () => Promise<void>;
};

const everyMs = 10 * 60_000;
/** So few rows a commit that a delivery hardly waits for one: some 2 ms of work (bench/retention.ts). */
const batchSize = 100;
/** Between two batches: so long the disk belongs to the deliveries. */
const pauseMs = 20;
/** An invitation that is still being asked for is not cut off. */
const issuingGraceMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

export function createHousekeeping(options: {
  readonly store: Pick<Store, 'deleteDeliveries' | 'expireInvitations' | 'deleteKeys'>;
  readonly inviter: Pick<Inviter, 'settleIssuing'>;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
}): Housekeeping {
  const { store, inviter, clock, log } = options;
  const stopping = new AbortController();
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => {};

  async function round(issuingBefore: number): Promise<void> {
    await inviter.settleIssuing(issuingBefore);
    const before = clock.now() - options.retentionDays * dayMs;
    await repeat(() => store.deleteDeliveries({ before, limit: batchSize }));
    await repeat(() => store.expireInvitations({ now: clock.now(), limit: batchSize }));
    await repeat(() => store.deleteKeys({ before: clock.now() - dayMs, limit: batchSize }));
  }

  async function repeat(work: () => Promise<number>): Promise<void> {
    while (!isStopping && (await work()) === batchSize) {
      await sleepUntil(clock, clock.now() + pauseMs, stopping.signal);
    }
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
      stopping.abort();
      cancelTimer();
      await running;
    },
  };
}
