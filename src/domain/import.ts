import type { Reason } from './reason.ts';

/** The result of a row of an import, as the result file names it. */
export const rowResults = [
  'invited',
  'already invited',
  'already a user',
  'disabled',
  'duplicate in the file',
  'not valid',
  'refused',
  'failed',
  'not reached',
] as const;

/** A reason, or a problem of the HTTP API, which is already a sentence. */
export type RowReason = Reason | { readonly code: string; readonly text: string };

/** How an import ended. */
export type ImportEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  /** `goesOnAt`: when to ask again (UTC ms), if the portal said so. */
  | { readonly kind: 'stopped'; readonly reason: RowReason; readonly goesOnAt: number | null };
