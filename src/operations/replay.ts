import { parseDelivery } from '../docspace/delivery.ts';
import { hintOf } from '../onboarding/inbox.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';

/** What reading a stored delivery again came to. */
type Replayed =
  /** It is a hint now, about this member. */
  | { readonly kind: 'applied'; readonly userId: string }
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'no_such_delivery' };

/** Reads a stored delivery again: what was unreadable may be readable after an upgrade. */
export type Replayer = { readonly replay: (id: number) => Promise<Replayed> };

/** @param mayApply false while the baseline of `everyone` is being taken: nobody is judged then */
export function createReplayer(options: {
  readonly store: Pick<Store, 'delivery' | 'markReadable'>;
  readonly recorder: Recorder;
  readonly mayApply: () => Promise<boolean>;
  /** Somebody became due. */
  readonly nudge: () => void;
}): Replayer {
  const { store, recorder, mayApply, nudge } = options;
  return {
    async replay(id) {
      const kept = await store.delivery(id);
      if (!kept) return { kind: 'no_such_delivery' };
      if (kept.body.length === 0) {
        return { kind: 'forbidden', reason: 'its body is not kept any more' };
      }
      const delivery = parseDelivery(kept.body);
      switch (delivery.kind) {
        case 'unreadable':
          return { kind: 'forbidden', reason: `still unreadable: ${delivery.reason}` };
        case 'other_trigger':
          return { kind: 'forbidden', reason: `it is about no user: ${delivery.trigger}` };
        case 'about_user':
          break;
        default:
          return delivery satisfies never;
      }
      if (!(await mayApply())) {
        return { kind: 'forbidden', reason: 'the baseline is being taken: try again afterwards' };
      }
      const { kind: _, userId, ...read } = delivery;
      const fact = hintOf({ id, userId, trigger: read.trigger, shows: read.shows });
      const source = {
        actor: 'operator',
        cause: `delivery ${id}, replayed by the operator`,
      } as const;
      // The hint first: after a crash between the two it is only replayed once more.
      const facts = [{ ...fact, source }];
      await recorder.record({ userId, member: null, facts, orNew: true });
      if (kept.answer === 'unreadable') await store.markReadable({ id, userId, ...read });
      nudge();
      return { kind: 'applied', userId };
    },
  };
}
