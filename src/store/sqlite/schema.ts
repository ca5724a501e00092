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
import type { FurthestStep, InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../domain/outcome.ts';
import type {
  AttemptReason,
  DeliveryReason,
  InvitationReason,
  MemberReason,
  PauseReason,
} from '../../domain/reason.ts';
import type { Actor, Cause, TimelineEvent } from '../../domain/timeline.ts';
import type {
  EmployeeType,
  InvitationMode,
  LetterKind,
  LetterStatus,
  Role,
  Trigger,
} from '../../domain/vocabulary.ts';
import type { ActivityKind, DeliveryShows, Run, RunResult, RunRow, StoredPause } from '../store.ts';

/*
 * Times are UTC milliseconds. `seq` is the order in which rows were added; clients name rows by their
 * ids. E-mail addresses are stored as entered and compared by `email_key`, because NOCASE folds only
 * ASCII. The filter `q` searches `search_text`: see `foldForSearch` in `../rules.ts`.
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
    searchText: text('search_text').notNull(),
    stage: text().$type<'issuing' | 'issued' | 'failed'>().notNull(),
    reason: text({ mode: 'json' }).$type<InvitationReason>(),
    link: text(),
    accountId: text('account_id'),
    userId: text('user_id'),
    createdAt: integer('created_at').notNull(),
    issuedAt: integer('issued_at'),
    revokedAt: integer('revoked_at'),
    furthestStep: text('furthest_step').$type<FurthestStep>().notNull(),
    /**
     * The status, stored for filters and counts. `expireInvitations` writes `expired` some minutes
     * late; until then the row says `issued` or `open`.
     */
    status: text().$type<InvitationStatus>().notNull(),
    /** True for the one current invitation of an address. */
    current: integer({ mode: 'boolean' }).notNull(),
    idempotencyKey: text('idempotency_key'),
    language: text(),
    letter: text().$type<LetterStatus>(),
    letterDueAt: integer('letter_due_at'),
  },
  (table) => [
    uniqueIndex('invitations_current_email')
      .on(table.emailKey)
      .where(sql`${table.current} = 1 AND ${table.emailKey} IS NOT NULL`),
    index('invitations_email').on(table.emailKey, table.createdAt, table.seq),
    index('invitations_user').on(table.userId).where(isNotNull(table.userId)),
    index('invitations_idempotency')
      .on(table.idempotencyKey, table.emailKey)
      .where(isNotNull(table.idempotencyKey)),
    // Lists are ordered by time, then by seq. The columns behind `seq` let SQLite apply the other
    // filters without reading the row.
    index('invitations_list').on(
      table.createdAt,
      table.seq,
      table.searchText,
      table.status,
      table.issuedAt,
      table.employeeType,
      table.mode,
    ),
    index('invitations_status').on(
      table.status,
      table.createdAt,
      table.seq,
      table.issuedAt,
      table.employeeType,
      table.mode,
    ),
    index('invitations_type').on(table.employeeType, table.createdAt, table.seq, table.mode),
    index('invitations_mode').on(table.mode, table.createdAt, table.seq),
    // A partial index contains only the rows that its query needs, so it stays small.
    index('invitations_open_links').on(table.id).where(sql`${table.emailKey} IS NULL`),
    index('invitations_unused')
      .on(table.issuedAt, table.status)
      .where(sql`${table.status} IN ('issued', 'open')`),
    index('invitations_outstanding')
      .on(table.id)
      .where(sql`${table.status} IN ('issued', 'expired') AND ${table.emailKey} IS NOT NULL`),
    index('invitations_letter')
      .on(
        table.letter,
        table.createdAt,
        table.seq,
        table.status,
        table.issuedAt,
        table.employeeType,
        table.mode,
      )
      .where(isNotNull(table.letter)),
    index('invitations_letter_due').on(table.letterDueAt).where(isNotNull(table.letterDueAt)),
  ],
);

/** Attempts to mail the letters of invitations. */
export const letters = sqliteTable(
  'letters',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    invitationId: text('invitation_id')
      .notNull()
      .references(() => invitations.id),
    kind: text().$type<LetterKind>().notNull(),
    number: integer().notNull(),
    startedAt: integer('started_at').notNull(),
    leaseUntil: integer('lease_until').notNull(),
    endedAt: integer('ended_at'),
    outcome: text().$type<OutcomeKind>(),
    reason: text({ mode: 'json' }).$type<AttemptReason>(),
  },
  (table) => [
    // Nobody gets the same letter twice: only a letter with the outcome `not_sent` may be tried again.
    uniqueIndex('letters_once')
      .on(table.invitationId, table.kind, table.number)
      .where(sql`${table.outcome} IS NULL OR ${table.outcome} <> 'not_sent'`),
    index('letters_invitation').on(table.invitationId, table.seq),
    index('letters_open').on(table.leaseUntil).where(sql`${table.outcome} IS NULL`),
  ],
);

export const members = sqliteTable(
  'members',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    userId: text('user_id').notNull().unique(),
    state: text().$type<MemberState>().notNull(),
    reason: text({ mode: 'json' }).$type<MemberReason>(),
    reasonCode: text('reason_code')
      .$type<MemberReason['code']>()
      .generatedAlwaysAs(sql`reason ->> '$.code'`, { mode: 'virtual' }),
    version: integer().notNull(),
    dueAt: integer('due_at'),
    leaseUntil: integer('lease_until'),
    invitationId: text('invitation_id').references(() => invitations.id),
    acceptedByOperator: integer('accepted_by_operator', { mode: 'boolean' }).notNull(),
    email: text(),
    emailKey: text('email_key'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    searchText: text('search_text').notNull(),
    cultureName: text('culture_name'),
    employeeType: text('employee_type').$type<EmployeeType>(),
    invitedAs: text('invited_as').$type<EmployeeType>(),
    registeredAt: integer('registered_at'),
    activatedAt: integer('activated_at'),
    confirmedAt: integer('confirmed_at'),
    welcomedAt: integer('welcomed_at'),
    absentSince: integer('absent_since'),
    checkCount: integer('check_count').notNull(),
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
    /** When the person was forgotten (UTC ms). */
    forgottenAt: integer('forgotten_at'),
    /** The last reconciliation run that found the user in a list of people who are not active yet. */
    seenInRun: integer('seen_in_run').notNull().default(0),
    /** Who waits for the result while the member is due: see `Change`. Null: nobody. */
    priority: integer(),
  },
  (table) => [
    index('members_due').on(table.dueAt, table.state).where(isNotNull(table.dueAt)),
    index('members_priority')
      .on(table.priority, table.dueAt, table.state)
      .where(isNotNull(table.priority)),
    index('members_state').on(table.state, table.seq),
    index('members_reason')
      .on(table.reasonCode, table.seq, table.state)
      .where(isNotNull(table.reasonCode)),
    index('members_waiting').on(table.seenInRun, table.seq).where(sql`${table.state} = 'waiting'`),
    index('members_email').on(table.emailKey).where(isNotNull(table.emailKey)),
    index('members_invitation')
      .on(table.invitationId, table.seq, table.state)
      .where(isNotNull(table.invitationId)),
    index('members_search').on(table.seq, table.searchText),
    index('members_other_type')
      .on(table.seq)
      .where(sql`${table.invitedAs} <> ${table.employeeType}`),
  ],
);

/**
 * The addresses of members who have or had several addresses: the present one, earlier ones, and the
 * invited one. A member who only ever had one address has no row.
 */
export const memberAddresses = sqliteTable(
  'member_addresses',
  {
    member: integer()
      .notNull()
      .references(() => members.seq),
    emailKey: text('email_key').notNull(),
    searchText: text('search_text').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.emailKey, table.member] }),
    index('member_addresses_member').on(table.member),
  ],
);

/*
 * Attempts, timeline entries and the rows of `member_deliveries` refer to their member by `seq`, so
 * that rows of one commit lie together in the indexes. User ids are random and would scatter the rows.
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
    reason: text({ mode: 'json' }).$type<AttemptReason>(),
  },
  (table) => [
    // A member has at most one attempt that is open or sent.
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
    reason: text({ mode: 'json' }).$type<DeliveryReason>(),
    /** How often the same delivery arrived again. */
    repeats: integer().notNull().default(0),
    body: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [
    // Event ids grow, so they are the first column: new entries go to the end of the index
    // (docs/docspace-wire.md 7.4).
    uniqueIndex('deliveries_same').on(table.eventId, table.createdOn, table.webhookId),
    index('deliveries_unreadable').on(table.id).where(sql`${table.answer} = 'unreadable'`),
    // The index contains the user, so that `isAbout` need not read the rows, which contain the bodies.
    index('deliveries_trigger')
      .on(table.trigger, table.id, table.userId)
      .where(isNotNull(table.trigger)),
  ],
);

/**
 * Maps each applied delivery to its member. The rows are written when deliveries become hints, many
 * rows at a time. An index on `deliveries.user_id` would instead delay the answers to the portal.
 */
export const memberDeliveries = sqliteTable(
  'member_deliveries',
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
    event: text().$type<TimelineEvent['event']>().notNull(),
    /** The fields of the event other than its name. Null if it has none. */
    params: text({ mode: 'json' }).$type<Readonly<Record<string, unknown>>>(),
    actor: text({ mode: 'json' }).$type<Actor>().notNull(),
    cause: text({ mode: 'json' }).$type<Cause>().notNull(),
  },
  (table) => [
    index('timeline_member').on(table.member, table.id).where(isNotNull(table.member)),
    index('timeline_invitation')
      .on(table.invitationId, table.id)
      .where(isNotNull(table.invitationId)),
  ],
);

/** Single values about the whole store. The keys are `ValueKey`, and `OwnKey` in `key-values.ts`. */
export const keyValues = sqliteTable('key_values', {
  key: text().primaryKey(),
  value: text().notNull(),
});

/** Pauses that survive a restart. */
export const pauses = sqliteTable('pauses', {
  name: text().$type<StoredPause>().primaryKey(),
  reason: text({ mode: 'json' }).$type<PauseReason>().notNull(),
  since: integer().notNull(),
});

/** Answers to requests with an `Idempotency-Key`. The API stores the answers without links. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    key: text().primaryKey(),
    /** A fingerprint of the request. */
    request: text().notNull(),
    begunAt: integer('begun_at').notNull(),
    /** Null while the first request is being processed. */
    status: integer(),
    body: text(),
  },
  (table) => [index('idempotency_keys_begun').on(table.begunAt)],
);

/** How long members took from step to step, as counts in buckets: see `domain/durations.ts`. */
export const durations = sqliteTable(
  'durations',
  {
    kind: text().$type<DurationKind>().notNull(),
    bucket: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.bucket] })],
);

/** Counts what happened in each quarter hour. `quarter` is the start of the quarter hour (UTC ms). */
export const activity = sqliteTable(
  'activity',
  {
    quarter: integer().notNull(),
    kind: text().$type<ActivityKind>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.quarter, table.kind] })],
);

/**
 * Keyed hashes of the user ids and addresses of people who were forgotten after a welcome that may have
 * arrived, and a hash that identifies the key.
 */
export const forgotten = sqliteTable('forgotten', {
  hash: text().primaryKey(),
  at: integer().notNull(),
});

/** Named tokens. Only the hash of a token is stored. A revoked token has no row. */
export const tokens = sqliteTable('tokens', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  role: text().$type<Role>().notNull(),
  hash: text().notNull(),
  createdAt: integer('created_at').notNull(),
});

/** Sessions of the dashboard that were signed out. `until`: when they would have ended by themselves. */
export const endedSessions = sqliteTable('ended_sessions', {
  id: text().primaryKey(),
  until: integer().notNull(),
});

/** Runs of the dashboard. They are deleted a day after their end. */
export const runs = sqliteTable('runs', {
  id: text().primaryKey(),
  actor: text({ mode: 'json' }).$type<Actor>().notNull(),
  total: integer().notNull(),
  /** The replica that works on the run. Until `leaseUntil`, no other replica may work on it. */
  replica: text().notNull(),
  leaseUntil: integer('lease_until').notNull(),
  isStopping: integer('is_stopping', { mode: 'boolean' }).notNull().default(false),
  waiting: text({ mode: 'json' }).$type<Run['waiting']>(),
  end: text({ mode: 'json' }).$type<Run['end']>(),
  endedAt: integer('ended_at'),
});

/** The rows of runs. When a row gets its result, its request becomes null. */
export const runRows = sqliteTable(
  'run_rows',
  {
    run: text().notNull(),
    row: integer().notNull(),
    email: text(),
    request: text({ mode: 'json' }).$type<RunRow['request']>(),
    result: text({ mode: 'json' }).$type<RunResult>(),
  },
  (table) => [primaryKey({ columns: [table.run, table.row] })],
);
