import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import {
  type ActivityCounts,
  type ActivityKind,
  activityKinds,
  type Counts,
} from '../../store/store.ts';

/* The figures of the overview, computed from the counts of the store. */

export const funnelSteps = ['issued', 'registered', 'activated', 'welcomed'] as const;
export type FunnelStep = (typeof funnelSteps)[number];

export type FunnelRow = {
  readonly step: FunnelStep;
  readonly count: number;
  /** `count` as a share of the first step; 0 to 1. */
  readonly share: number;
};

/** The statuses of the invitations that got at least this far. An expired invitation was issued. */
export function statusesFrom(step: FunnelStep): readonly InvitationStatus[] {
  const later = funnelSteps.slice(funnelSteps.indexOf(step));
  return step === 'issued' ? [...later, 'expired'] : later;
}

/** How far the invitations to one person got. Each step includes the people of the later steps. */
export function funnelOf(counts: Counts): FunnelRow[] {
  const countOf = (step: FunnelStep) =>
    statusesFrom(step).reduce((sum, status) => sum + (counts.invitations[status] ?? 0), 0);
  const all = countOf('issued');
  return funnelSteps.map((step) => {
    const count = countOf(step);
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

/** @param startTimes the starts of the viewer's days; `activity` has one entry for each day */
export function daysOf(
  startTimes: readonly number[],
  activity: readonly ActivityCounts[],
): readonly Day[] {
  return activity.map((counts, index) => ({ startsAt: startTimes[index] ?? 0, counts }));
}

export function totalsOf(days: readonly Day[]): ActivityCounts {
  const total = (kind: ActivityKind) => days.reduce((sum, day) => sum + day.counts[kind], 0);
  const [invited, activated, welcomed] = activityKinds.map(total);
  return { invited: invited ?? 0, activated: activated ?? 0, welcomed: welcomed ?? 0 };
}
