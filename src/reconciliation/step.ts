import type { Read } from '../docspace/classify.ts';

/** What one step of a pass came to. Interrupted: the next pass goes on where it was. */
export type Step =
  | { readonly kind: 'done'; readonly lookedAt: number; readonly found: number }
  | { readonly kind: 'interrupted'; readonly detail: string };

export const nothing: Step = { kind: 'done', lookedAt: 0, found: 0 };

/** Why a read of the portal gave nothing, as a sentence for the operator. */
export function interruption(read: Exclude<Read<unknown>, { kind: 'ok' }>): Step {
  switch (read.kind) {
    case 'missing':
      return { kind: 'interrupted', detail: 'the portal answered 404' };
    case 'hidden':
      return { kind: 'interrupted', detail: 'this key may not read that list (403)' };
    case 'trouble':
      return { kind: 'interrupted', detail: read.detail };
    default:
      return read satisfies never;
  }
}
