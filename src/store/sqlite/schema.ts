import { isNotNull, sql } from 'drizzle-orm';
import {
  blob,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { DurationKind } from '../../domain/durations.ts';
import type { Actor } from '../../domain/facts.ts';
import type { InvitationStatus, Progress } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../domain/outcome.ts';
import type { EmployeeType, InvitationMode, Trigger } from '../../domain/vocabulary.ts';
import type { DeliveryShows, StoredPause } from '../store.ts';

/*
 * Times are UTC milliseconds. `seq` is the key that lists page by; ids are what the outside sees.
 * E-mail addresses are kept as given and matched by `email_key`: NOCASE would fold ASCII only.
 */

export const invitations = sqliteTable(
  'invitations',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    employeeType: text('employee_type').$type<EmployeeType>().notNull(),
    mode: text().$type<InvitationMode>().notNull(),
    email: text(),
    emailKey: text('email_key'),
    note: text(),
    stage: text().$type<'issuing' | 'issued' | 'failed'>().notNull(),
    reason: text(),
    link: text(),
    userId: text('user_id'),
    createdAt: integer('created_at').notNull(),
    issuedAt: integer('issued_at'),
    revokedAt: integer('revoked_at'),
    progress: text().$type<Progress>().notNull(),
    /**
     * The status. Derived; kept so that filters find it. `expired` is what only time brings: it is
     * noted some minutes late (`noteExpired`), so `issued` and `open` may be over already.
     */
    standing: text().$type<InvitationStatus>().notNull(),
    /** One current invitation per address. */
    current: integer({ mode: 'boolean' }).notNull(),
    /** The caller's own key, by which the same wish is known again: see `NewInvitation`. */
    importKey: text('import_key'),
  },
  (table) => [
    uniqueIndex('invitations_current_email')
      .on(table.emailKey)
      .where(sql`${table.current} = 1 AND ${table.emailKey} IS NOT NULL`),
    index('invitations_email').on(table.emailKey, table.createdAt, table.seq),
    index('invitations_user').on(table.userId).where(isNotNull(table.userId)),
    // Lists are ordered by time, then by seq. One range of these is one combination of filters, and
    // `issued_at` tells who is over without a look at the row: see `invitation-list.ts`.
    index('invitations_status').on(
      table.standing,
      table.employeeType,
      table.mode,
      table.createdAt,
      table.seq,
      table.issuedAt,
    ),
    index('invitations_kind').on(table.employeeType, table.mode, table.createdAt, table.seq),
    index('invitations_created').on(table.createdAt, table.seq),
    index('invitations_import')
      .on(table.importKey, table.emailKey)
      .where(isNotNull(table.importKey)),
    index('invitations_open').on(table.createdAt).where(sql`${table.emailKey} IS NULL`),
    index('invitations_open_id').on(table.id).where(sql`${table.emailKey} IS NULL`),
    // Who is outstanding, and who of them is over: as small as what is outstanding.
    index('invitations_outstanding')
      .on(table.standing, table.issuedAt, table.createdAt)
      .where(sql`${table.standing} IN ('issued', 'open')`),
    index('invitations_awaited')
      .on(table.id)
      .where(sql`${table.standing} IN ('issued', 'expired') AND ${table.emailKey} IS NOT NULL`),
  ],
);

export const members = sqliteTable(
  'members',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    userId: text('user_id').notNull().unique(),
    state: text().$type<MemberState>().notNull(),
    reason: text(),
    version: integer().notNull(),
    dueAt: integer('due_at'),
    leaseUntil: integer('lease_until'),
    invitationId: text('invitation_id').references(() => invitations.id),
    adopted: integer({ mode: 'boolean' }).notNull(),
    email: text(),
    emailKey: text('email_key'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    cultureName: text('culture_name'),
    employeeType: text('employee_type').$type<EmployeeType>(),
    registeredAt: integer('registered_at'),
    activatedAt: integer('activated_at'),
    confirmedAt: integer('confirmed_at'),
    welcomedAt: integer('welcomed_at'),
    absentSince: integer('absent_since'),
    lookCount: integer('look_count').notNull(),
    notSentCount: integer('not_sent_count').notNull(),
    hinted: integer({ mode: 'boolean' }).notNull(),
    openAttempt: text('open_attempt', { mode: 'json' }).$type<{
      id: string;
      channel: ChannelName;
    }>(),
    unknownAttemptId: text('unknown_attempt_id'),
    sentLate: integer('sent_late', { mode: 'boolean' }).notNull(),
    resendThrough: text('resend_through').$type<ChannelName>(),
    refusedBy: text('refused_by', { mode: 'json' }).$type<ChannelName[]>().notNull(),
    /** When an operator had them forgotten. */
    forgottenAt: integer('forgotten_at'),
    /** The reconciliation round that last saw them in a list of the not yet active. */
    seenInRound: integer('seen_in_round').notNull().default(0),
  },
  (table) => [
    index('members_due').on(table.dueAt, table.state).where(isNotNull(table.dueAt)),
    index('members_state').on(table.state, table.seq),
    index('members_reason').on(table.reason, table.seq).where(isNotNull(table.reason)),
    // Who was seen in which round, of those whom the poll follows: as small as they are.
    index('members_waiting')
      .on(table.seenInRound, table.seq)
      .where(sql`${table.state} = 'waiting'`),
    index('members_email').on(table.emailKey).where(isNotNull(table.emailKey)),
    index('members_invitation').on(table.invitationId).where(isNotNull(table.invitationId)),
  ],
);

/*
 * Attempts and lines name their member by `seq`: members come and are welcomed in about that order, so
 * that the rows of a commit lie together. By user ids, which are random, a drain took 1.2 times the
 * processor's time.
 */

export const attempts = sqliteTable(
  'attempts',
  {
    id: text().primaryKey(),
    member: integer()
      .notNull()
      .references(() => members.seq),
    channel: text().$type<ChannelName>().notNull(),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
    outcome: text().$type<OutcomeKind>(),
    detail: text(),
  },
  (table) => [
    // At most one attempt of a member is open, and none may begin once one is sent.
    uniqueIndex('attempts_open_or_sent')
      .on(table.member)
      .where(sql`${table.outcome} IS NULL OR ${table.outcome} = 'sent'`),
    index('attempts_member').on(table.member, table.startedAt),
    index('attempts_started').on(table.startedAt),
  ],
);

export const deliveries = sqliteTable(
  'deliveries',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    receivedAt: integer('received_at').notNull(),
    webhookId: integer('webhook_id'),
    eventId: integer('event_id'),
    createdOn: integer('created_on'),
    trigger: text().$type<Trigger>(),
    userId: text('user_id'),
    shows: text().$type<DeliveryShows>(),
    answer: text().$type<'accepted' | 'unreadable'>().notNull(),
    reason: text(),
    /** How often the same delivery came again. */
    repeats: integer().notNull().default(0),
    body: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [
    // Event ids grow, so they lead: inserts stay at the end of the index (wire 7.4).
    uniqueIndex('deliveries_same').on(table.eventId, table.createdOn, table.webhookId),
    index('deliveries_unreadable').on(table.id).where(sql`${table.answer} = 'unreadable'`),
    index('deliveries_trigger').on(table.trigger, table.id).where(isNotNull(table.trigger)),
  ],
);

/**
 * Whose each delivery is, by the keys of both. Written when it becomes a hint, many at a time: an index
 * on the user ids of `deliveries` took 0.42 of what a row costs before its answer, in commits of 27.
 */
export const told = sqliteTable(
  'told',
  {
    member: integer().notNull(),
    delivery: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.member, table.delivery] })],
);

export const timeline = sqliteTable(
  'timeline',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: integer().notNull(),
    member: integer(),
    invitationId: text('invitation_id'),
    what: text().notNull(),
    cause: text().notNull(),
    actor: text().$type<Actor>().notNull(),
  },
  (table) => [
    index('timeline_member').on(table.member, table.id).where(isNotNull(table.member)),
    index('timeline_invitation')
      .on(table.invitationId, table.id)
      .where(isNotNull(table.invitationId)),
  ],
);

/** Small facts about the whole store, and how far the inbox was applied. */
export const progress = sqliteTable('progress', {
  key: text().primaryKey(),
  value: text().notNull(),
});

/** Pauses that survive a restart. */
export const pauses = sqliteTable('pauses', {
  name: text().$type<StoredPause>().primaryKey(),
  reason: text().notNull(),
  since: integer().notNull(),
});

/** Answers under an `Idempotency-Key`. No link is in them: see `keyed-answers.ts`. */
export const keyedAnswers = sqliteTable(
  'keyed_answers',
  {
    key: text().primaryKey(),
    request: text().notNull(),
    begunAt: integer('begun_at').notNull(),
    /** Null while the first request is under way. */
    status: integer(),
    body: text(),
  },
  (table) => [index('keyed_answers_begun').on(table.begunAt)],
);

/** How long members took, in buckets that grow by a fixed ratio: see `onboarding/durations.ts`. */
export const durations = sqliteTable(
  'durations',
  {
    kind: text().$type<DurationKind>().notNull(),
    bucket: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.bucket] })],
);

/** Keyed hashes of user ids and addresses of who was forgotten after a welcome: see `forget.ts`. */
export const forgotten = sqliteTable('forgotten', {
  hash: text().primaryKey(),
  at: integer().notNull(),
});
