/* What goes with time. Times are UTC ms. */

export type Retention = {
  /** Deletes up to `limit` applied deliveries that are older; returns how many. */
  readonly deleteDeliveries: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
  /**
   * Notes that up to `limit` invitations are over, and erases their links; returns how many. Lists and
   * counts are right before that; they are as fast as they can be after it.
   */
  readonly expireInvitations: (query: {
    readonly now: number;
    readonly limit: number;
  }) => Promise<number>;
};
