import type { ReadResult } from '../docspace/classify.ts';
import type { InterruptReason, PortalFault } from '../domain/reason.ts';

/** The result of one step of a run. After `interrupted` the next run continues where this one ended. */
export type StepResult =
  | { readonly kind: 'done'; readonly checked: number; readonly found: number }
  | { readonly kind: 'interrupted'; readonly reason: InterruptReason };

/** Returns the result of a step whose request got no usable answer from the portal. */
export function stepFailed(
  read: Exclude<ReadResult<unknown>, { kind: 'ok' }>,
): Extract<StepResult, { kind: 'interrupted' }> {
  return { kind: 'interrupted', reason: faultOf(read) };
}

function faultOf(read: Exclude<ReadResult<unknown>, { kind: 'ok' }>): PortalFault {
  switch (read.kind) {
    case 'missing':
      return { code: 'portal_not_found' };
    case 'hidden':
      return { code: 'portal_permission_missing' };
    case 'trouble':
      return read.fault;
    default:
      return read satisfies never;
  }
}
