export const activityKinds = ['invited', 'activated', 'welcomed'] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** How often something happened in a quarter of an hour: every time zone's day begins on one. */
export type ActivityCount = {
  /** UTC ms, the beginning of a quarter of an hour. */
  readonly at: number;
  readonly kind: ActivityKind;
  readonly count: number;
};

export type ActivityReads = {
  /** What happened in each quarter of an hour that began at `since` (UTC ms) or later, oldest first. */
  readonly activity: (since: number) => Promise<readonly ActivityCount[]>;
};
