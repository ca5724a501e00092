import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import type { NewDelivery, Store } from '../store/store.ts';
import { hintOf } from './inbox.ts';
import type { Recorder } from './recorder.ts';

const onceInMs = 60_000;
/** For at most this many users, the time of the last hint is remembered. */
const mostRemembered = 10_000;
/** How many stored deliveries of the user are searched for the repeated one. */
const lookedThrough = 50;

/**
 * Treats a repeated delivery as a hint, because the portal may use an id twice
 * (docs/docspace-wire.md 12). The repetition is not stored, so a crash loses the hint; then the poll
 * finds the change.
 * @returns a function for the webhook that returns at once. It records at most one hint a minute for
 *   each user
 */
export function createRepeatedDeliveries(deps: {
  readonly store: Pick<Store, 'listDeliveries'>;
  readonly recorder: Recorder;
  /** False while the baseline is being made. */
  readonly mayApply: () => Promise<boolean>;
  readonly wake: () => void;
  readonly now: () => number;
  readonly log: Log;
}): (delivery: Pick<NewDelivery, 'userId' | 'trigger' | 'shows' | 'eventId'>) => void {
  const { store, recorder, mayApply, wake, now, log } = deps;
  const hintedAt = new Map<string, number>();

  function isSoonAgain(userId: string, at: number): boolean {
    const last = hintedAt.get(userId);
    if (last !== undefined && at >= last && at - last < onceInMs) return true;
    hintedAt.delete(userId);
    hintedAt.set(userId, at);
    const [oldest] = hintedAt.keys();
    if (hintedAt.size > mostRemembered && oldest !== undefined) hintedAt.delete(oldest);
    return false;
  }

  return (delivery) => {
    const { userId, eventId } = delivery;
    // If no hint can be recorded, the time is deleted again, so that the next repetition is tried.
    if (isSoonAgain(userId, now())) return;
    const record = async () => {
      if (!(await mayApply())) {
        hintedAt.delete(userId);
        return;
      }
      const { items } = await store.listDeliveries({ userId }, { limit: lookedThrough });
      const id = items.find((one) => one.eventId === eventId)?.id;
      // SQLite lists a delivery of a user only when it has become a hint. So this one is about to become
      // a hint, or the user has many newer deliveries.
      if (id === undefined) return;
      const facts = [hintOf({ ...delivery, id })];
      await recorder.record({ userId, member: null, facts });
      wake();
    };
    record().catch((error) => {
      hintedAt.delete(userId);
      log.warn(
        { err: describeError(error), member: userId },
        'a repeated delivery could not be applied, so this user is not checked now',
      );
    });
  };
}
