/* What goes with time. Times are UTC ms. */

export type Retention = {
  /** Deletes up to `limit` applied deliveries that are older; returns how many. */
  readonly deleteDeliveries: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
  /** Erases up to `limit` links of expired invitations; returns how many. */
  readonly eraseExpiredLinks: (query: {
    readonly now: number;
    readonly limit: number;
  }) => Promise<number>;
};
