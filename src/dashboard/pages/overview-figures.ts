import type { MemberState } from '../../domain/member.ts';
import { type ActivityCounts, type ActivityKind, activityKinds } from '../../store/activity.ts';
import type { Balance } from '../../store/store.ts';

/* What the overview shows, calculated from what the store counts. */

const funnelSteps = ['issued', 'registered', 'activated', 'welcomed'] as const;
export type FunnelStep = {
  readonly step: (typeof funnelSteps)[number];
  readonly count: number;
  /** Of all who were invited; 0 to 1. */
  readonly share: number;
};

/**
 * How far the invitations to one person came; each step holds those of the steps after it. An expired
 * one was issued; a welcome that was refused was owed to somebody activated.
 */
export function funnelOf(balance: Balance): FunnelStep[] {
  const {
    issued = 0,
    expired = 0,
    registered = 0,
    activated = 0,
    welcomed = 0,
  } = balance.invitations;
  const own = { issued: issued + expired, registered, activated, welcomed };
  const counts = funnelSteps.map((_, index) =>
    funnelSteps.slice(index).reduce((sum, step) => sum + own[step], 0),
  );
  const all = counts[0] ?? 0;
  return funnelSteps.map((step, index) => {
    const count = counts[index] ?? 0;
    return { step, count, share: all === 0 ? 0 : count / all };
  });
}

export function sumOf(counts: Readonly<Partial<Record<MemberState, number>>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export type Day = {
  readonly startsAt: number;
  readonly counts: ActivityCounts;
};

/** @param beginnings of the viewer's days, and `activity` of each */
export function daysOf(
  beginnings: readonly number[],
  activity: readonly ActivityCounts[],
): readonly Day[] {
  return activity.map((counts, index) => ({ startsAt: beginnings[index] ?? 0, counts }));
}

export function totalsOf(days: readonly Day[]): ActivityCounts {
  const total = (kind: ActivityKind) => days.reduce((sum, day) => sum + day.counts[kind], 0);
  const [invited, activated, welcomed] = activityKinds.map(total);
  return { invited: invited ?? 0, activated: activated ?? 0, welcomed: welcomed ?? 0 };
}
