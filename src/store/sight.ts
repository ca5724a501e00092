/** What a database shows to somebody who only looks. */
export type DatabaseSight =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'database';
      readonly version: 'this' | 'older' | 'newer';
      readonly journalMode: string;
      readonly sizeBytes: number;
    };

/** Who serves it: `left` is a holder's text without a holder, as an unclean stop leaves it. */
export type Use =
  | { readonly kind: 'free' }
  | { readonly kind: 'served' | 'left'; readonly pid: number | null; readonly url: string | null };
