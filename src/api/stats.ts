import { z } from '@hono/zod-openapi';
import { countOf, type DurationKind, type Histogram, percentile } from '../domain/durations.ts';
import { invitationStatuses } from '../domain/invitation.ts';
import { type MemberState, memberStates } from '../domain/member.ts';
import { languageOf } from '../http/language.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Counts, Replica, Restored, StoreReads } from '../store/store.ts';
import { type DeliveryAnswer, webhookAnswers } from '../webhook/route.ts';
import { totalOf } from './members.ts';
import { adminGet, createApi, json } from './openapi.ts';
import { pauseSchema, pauseView } from './operations.ts';
import { count, text, time, timeView, userId } from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

/** @returns an object with the value of `of(state)` for every state */
function ofEachState<T>(of: (state: MemberState) => T): Record<MemberState, T> {
  // The type of Object.fromEntries does not keep the names of the keys.
  return Object.fromEntries(memberStates.map((state) => [state, of(state)])) as Record<
    MemberState,
    T
  >;
}

const durationSchema = z
  .object({
    count: count.meta({ description: 'How many people were counted' }),
    p50Ms: z.number().nullable(),
    p90Ms: z.number().nullable(),
  })
  .meta({
    id: 'Duration',
    description: 'Median and 90th percentile, within 5 %; null: nobody was counted',
  });

const durationsSchema = z.object({
  invitationToActivation: durationSchema,
  activationToWelcome: durationSchema,
});

const restoredSchema = z
  .object({
    copiedAt: time,
    couldBeGreetedTwice: count,
    members: z.array(z.object({ userId, state: z.enum(memberStates), email: text.nullable() })),
    notYetActive: count,
  })
  .meta({
    id: 'Restored',
    description: 'The people who could be welcomed twice if sending is resumed',
  });

const statsSchema = z.object({
  members: z
    .object({ total: count, ...ofEachState(() => count) })
    .meta({ description: 'The states always add up to the total' }),
  addressNotInvited: count.meta({
    description: 'The members among these who are skipped with `address_not_invited`',
  }),
  otherType: count.meta({
    description: 'The members among these whose type is not the one of their invitation',
  }),
  invitations: z.partialRecord(z.enum(invitationStatuses), count),
  letters: z
    .object({ refused: count, unknown: count })
    .meta({ description: 'Unused invitations whose letter needs attention' }),
  deliveries: z
    .partialRecord(z.enum(webhookAnswers), count)
    .meta({ description: 'How often the webhook gave each answer since the start' }),
  durations: durationsSchema,
  pauses: z.array(pauseSchema),
  replicas: z
    .array(z.object({ id: text, version: text, startedAt: time, seenAt: time }))
    .meta({ description: 'The processes that serve this database' }),
  /** Null: this database is not a restored copy. */
  restored: restoredSchema.nullable(),
});
export type StatsView = z.infer<typeof statsSchema>;

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const statsRoute = adminGet({
  path: '/api/stats',
  operationId: 'stats',
  tags: ['operation'],
  summary: 'Members by state, invitations by status, durations and pauses',
  responses: { 200: json(statsSchema, 'The figures') },
});

export function statsRoutes(options: {
  readonly reads: Pick<StoreReads, 'counts' | 'durations' | 'restored'>;
  readonly pauses: () => readonly Pause[];
  readonly replicas: () => readonly Replica[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  readonly now: () => number;
}) {
  const { reads, pauses, replicas, deliveryAnswers, now } = options;
  const routes = createApi();
  routes.openapi(statsRoute, async (c) => {
    const language = languageOf(c);
    const view: StatsView = {
      ...countsView(await reads.counts(now())),
      durations: durationsView(await reads.durations()),
      deliveries: deliveryAnswers(),
      pauses: pauses().map((pause) => pauseView(pause, language)),
      replicas: replicas().map(({ id, version, startedAt, seenAt }) => ({
        id,
        version,
        startedAt: timeView(startedAt),
        seenAt: timeView(seenAt),
      })),
      restored: restoredView(await reads.restored()),
    };
    return c.json(view, 200);
  });
  return routes;
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

/** Returns the counts for an answer. The members by state always add up to the total. */
export function countsView(
  counts: Counts,
): Pick<StatsView, 'members' | 'addressNotInvited' | 'otherType' | 'invitations' | 'letters'> {
  const { members, addressNotInvited, otherType, invitations, letters } = counts;
  return {
    members: { total: totalOf(members), ...ofEachState((state) => members[state] ?? 0) },
    addressNotInvited,
    otherType,
    invitations,
    letters,
  };
}

/** Returns how long people take. `p50Ms` and `p90Ms` are null if nobody was counted. */
export function durationsView(
  durations: Readonly<Record<DurationKind, Histogram>>,
): z.infer<typeof durationsSchema> {
  return {
    invitationToActivation: durationView(durations.invitation_to_activation),
    activationToWelcome: durationView(durations.activation_to_welcome),
  };
}

function durationView(histogram: Histogram): z.infer<typeof durationSchema> {
  return {
    count: countOf(histogram),
    p50Ms: percentile(histogram, 0.5),
    p90Ms: percentile(histogram, 0.9),
  };
}

/**
 * Returns the people who could be welcomed twice if sending is resumed. Null: the database is not a
 * restored copy.
 */
export function restoredView(restored: Restored | null): z.infer<typeof restoredSchema> | null {
  if (restored === null) return null;
  const { copiedAt, members, count: couldBeGreetedTwice, notYetActive } = restored;
  return {
    copiedAt: timeView(copiedAt),
    couldBeGreetedTwice,
    members: members.map(({ userId: id, state, email }) => ({ userId: id, state, email })),
    notYetActive,
  };
}
