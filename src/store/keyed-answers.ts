/* Answers under an `Idempotency-Key`, so that a request that is repeated has its effect once. */

export type KeyedAnswer = { readonly status: number; readonly body: string };

export type Begun =
  /** The key is this caller's until `endKeyed` or `releaseKey`. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'under_way' }
  /** The key stands for another request. */
  | { readonly kind: 'other_body' }
  | ({ readonly kind: 'answered' } & KeyedAnswer);

export type KeyedAnswers = {
  /**
   * @param request fingerprint of what is asked
   * @param answeredSince answers before it are forgotten (UTC ms)
   * @param begunSince whoever began before it is not waited for any more (UTC ms)
   */
  readonly beginKeyed: (asked: {
    readonly key: string;
    readonly request: string;
    readonly at: number;
    readonly answeredSince: number;
    readonly begunSince: number;
  }) => Promise<Begun>;
  readonly endKeyed: (key: string, answer: KeyedAnswer) => Promise<void>;
  /** Nothing came of it: the next one with this key begins anew. */
  readonly releaseKey: (key: string) => Promise<void>;
  /** Frees what a dead process had begun. */
  readonly releaseKeys: () => Promise<void>;
  /** Deletes up to `limit` keys that are older than `before` (UTC ms); returns how many. */
  readonly deleteKeys: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
};
