import { createRoute, z } from '@hono/zod-openapi';
import { countOf, type DurationKind, type Histogram, percentile } from '../domain/durations.ts';
import { invitationStatuses } from '../domain/invitation.ts';
import { type MemberState, memberStates } from '../domain/member.ts';
import { languageOf } from '../http/language.ts';
import type { Pause } from '../onboarding/pauses.ts';
import type { Counts, MemberCounts, Restored, StoreReads } from '../store/store.ts';
import { type DeliveryAnswer, webhookAnswers } from '../webhook/route.ts';
import { totalOf } from './members.ts';
import { adminRead, createApi, json } from './openapi.ts';
import { pauseSchema, pauseView } from './operations.ts';
import { count, text, time, timeView, userId } from './schemas.ts';

// ── Schemas ─────────────────────────────────────────────────────────────────────────────────────

const stateCounts = {
  waiting: count,
  ready: count,
  sending: count,
  welcomed: count,
  skipped: count,
  gone: count,
  failed: count,
  unknown: count,
} satisfies Record<MemberState, z.ZodType>;

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
export type DurationsView = z.infer<typeof durationsSchema>;

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
export type RestoredView = z.infer<typeof restoredSchema>;

const statsSchema = z.object({
  members: z
    .object({ total: count, ...stateCounts })
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
  /** Null: this database is not a restored copy. */
  restored: restoredSchema.nullable(),
});
export type StatsView = z.infer<typeof statsSchema>;

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────

const statsRoute = createRoute({
  method: 'get',
  path: '/api/stats',
  operationId: 'stats',
  tags: ['operation'],
  summary: 'Members by state, invitations by status, durations and pauses',
  security: adminRead.security,
  responses: { 200: json(statsSchema, 'The figures'), ...adminRead.problems },
});

export function statsRoutes(options: {
  readonly reads: Pick<StoreReads, 'counts' | 'durations' | 'restored'>;
  readonly pauses: () => readonly Pause[];
  readonly deliveryAnswers: () => Readonly<Partial<Record<DeliveryAnswer, number>>>;
  readonly now: () => number;
}) {
  const { reads, pauses, deliveryAnswers, now } = options;
  const routes = createApi();
  routes.openapi(statsRoute, async (c) => {
    const counts = await reads.counts(now());
    const language = languageOf(c);
    const view: StatsView = {
      ...countsView(counts),
      durations: durationsView(await reads.durations()),
      deliveries: deliveryAnswers(),
      pauses: pauses().map((pause) => pauseView(pause, language)),
      restored: restoredView(await reads.restored()),
    };
    return c.json(view, 200);
  });
  return routes;
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────

/** The states always add up to the total. */
export function countsView(
  counts: Counts,
): Pick<StatsView, 'members' | 'addressNotInvited' | 'otherType' | 'invitations' | 'letters'> {
  const { members, addressNotInvited, otherType, invitations, letters } = counts;
  return {
    members: { total: totalOf(members), ...everyState(members) },
    addressNotInvited,
    otherType,
    invitations,
    letters,
  };
}

function everyState(counts: MemberCounts): Record<MemberState, number> {
  const of = (state: MemberState) => counts[state] ?? 0;
  return {
    waiting: of('waiting'),
    ready: of('ready'),
    sending: of('sending'),
    welcomed: of('welcomed'),
    skipped: of('skipped'),
    gone: of('gone'),
    failed: of('failed'),
    unknown: of('unknown'),
  };
}

/** How long people take. `p50Ms` and `p90Ms` are within 5 %, and null if nobody was counted. */
export function durationsView(durations: Readonly<Record<DurationKind, Histogram>>): DurationsView {
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

/** The people who could be welcomed twice if sending is resumed. Null: the database is not a restored copy. */
export function restoredView(restored: Restored | null): RestoredView | null {
  if (restored === null) return null;
  const { copiedAt, members, count: couldBeGreetedTwice, notYetActive } = restored;
  return {
    copiedAt: timeView(copiedAt),
    couldBeGreetedTwice,
    members: members.map(({ userId: id, state, email }) => ({ userId: id, state, email })),
    notYetActive,
  };
}
