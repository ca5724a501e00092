export const activityKinds = ['invited', 'activated', 'welcomed'] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** How often each happened in a span of time. */
export type ActivityCounts = Readonly<Record<ActivityKind, number>>;

export type ActivityReads = {
  /**
   * @param beginnings of spans, oldest first: each ends where the next begins, and the last is not
   *   over. UTC ms, quarters of an hour, which is what is counted by: every time zone's day begins on one
   * @returns what happened in each of them
   */
  readonly activity: (beginnings: readonly number[]) => Promise<readonly ActivityCounts[]>;
};
