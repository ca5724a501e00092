import { parseDelivery } from '../docspace/delivery.ts';
import type { CommandReason } from '../domain/reason.ts';
import { type Actor, operator } from '../domain/timeline.ts';
import { hintOf } from '../onboarding/inbox.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Store } from '../store/store.ts';

/** The result of reading a stored delivery again. */
type Replayed =
  /** The delivery has become a hint about this member. */
  | { readonly kind: 'applied'; readonly userId: string }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason }
  | { readonly kind: 'no_such_delivery' };

/** Reads a stored delivery again. A new version of this service may be able to read it. */
export type Replayer = {
  readonly replay: (id: number, actor?: Actor) => Promise<Replayed>;
};

/** @param deps.mayApply false while the baseline of the audience `everyone` is being made */
export function createReplayer(deps: {
  readonly store: Pick<Store, 'delivery' | 'markReadable'>;
  readonly recorder: Recorder;
  readonly mayApply: () => Promise<boolean>;
  /** Called when a member has become due. */
  readonly wake: () => void;
}): Replayer {
  const { store, recorder, mayApply, wake } = deps;
  return {
    async replay(id, actor = operator) {
      const kept = await store.delivery(id);
      if (!kept) return { kind: 'no_such_delivery' };
      if (kept.body.length === 0) {
        return forbidden({ code: 'body_not_kept' });
      }
      const delivery = parseDelivery(kept.body);
      switch (delivery.kind) {
        case 'unreadable':
          return forbidden({ code: 'still_unreadable', cause: delivery.reason });
        case 'other_trigger':
          return forbidden({ code: 'not_about_a_user', trigger: delivery.trigger });
        case 'about_user':
          break;
        default:
          return delivery satisfies never;
      }
      if (!(await mayApply())) {
        return forbidden({ code: 'baseline_under_way' });
      }
      const { kind: _, userId, ...read } = delivery;
      const fact = hintOf({ id, userId, trigger: read.trigger, shows: read.shows });
      const source = { actor, cause: { kind: 'replay', id } } as const;
      // The hint is written first. After a crash between the two writes, the delivery can be read
      // again.
      const facts = [{ ...fact, source }];
      await recorder.record({ userId, member: null, facts, orNew: true });
      if (kept.answer === 'unreadable') await store.markReadable({ id, userId, ...read });
      wake();
      return { kind: 'applied', userId };
    },
  };
}

function forbidden(reason: CommandReason): Replayed {
  return { kind: 'forbidden', reason };
}
