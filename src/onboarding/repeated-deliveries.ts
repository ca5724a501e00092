import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import type { NewDelivery, Store } from '../store/store.ts';
import { hintOf } from './inbox.ts';
import type { Recorder } from './recorder.ts';

const onceInMs = 60_000;
/** Users whose last repetition is remembered. */
const mostRemembered = 10_000;
/** A repeated delivery is looked for among so many of its user. */
const lookedThrough = 50;

/**
 * A delivery that comes again is a reason to check its user as well: the portal may use an id twice
 * (docs/docspace-wire.md 12). It is not stored again, so this hint is lost in a crash; the poll finds
 * what it would have shown.
 * @returns a function for the webhook; it does not wait, and hints at most once a minute for each user
 */
export function createRepeatedDeliveries(deps: {
  readonly store: Pick<Store, 'listDeliveries'>;
  readonly recorder: Recorder;
  /** False while the baseline is taken. */
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
    if (isSoonAgain(userId, now())) return;
    const record = async () => {
      if (!(await mayApply())) return;
      const { items } = await store.listDeliveries({ userId }, { limit: lookedThrough });
      const id = items.find((one) => one.eventId === eventId)?.id;
      // Not a hint yet: the stored one is about to be applied.
      if (id === undefined) return;
      const facts = [hintOf({ ...delivery, id })];
      await recorder.record({ userId, member: null, facts });
      wake();
    };
    record().catch((error) => {
      log.warn({ err: describeError(error), member: userId }, 'a repeated delivery gave no hint');
    });
  };
}
