import { isNotNull, sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  pgSchema,
  primaryKey,
  smallint,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
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
import type {
  ActivityKind,
  DeliveryShows,
  Holder,
  Run,
  RunResult,
  RunRow,
  SharedWait,
  StoredPause,
} from '../store.ts';

/*
 * These are the tables of `../sqlite/schema.ts`, with PostgreSQL's types. That file explains the
 * columns. Texts are compared by their bytes (COLLATE "C"), so an update of the server's locales cannot
 * break an index, and ids are sorted as in SQLite.
 */

/*
 * PostgreSQL stores no NUL character, and no half of a surrogate pair. A name that contains one must not
 * make every commit of its member fail. So NUL is removed, and a half pair is replaced by U+FFFD.
 */

/** Returns the text in a form that PostgreSQL can store. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** Returns the value as JSON text that PostgreSQL can store. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? storable(part) : part,
  );
}

const words = customType<{ data: string }>({
  dataType: () => 'text COLLATE "C"',
  toDriver: storable,
});
const json = customType<{ data: unknown }>({ dataType: () => 'jsonb', toDriver: storableJson });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** A column for times or for ids of the portal, which are whole numbers below 2⁵³. */
const whole = (name?: string) =>
  name === undefined ? bigint({ mode: 'number' }) : bigint(name, { mode: 'number' });
const sequence = (name?: string) => whole(name).primaryKey().generatedAlwaysAsIdentity();

export type Tables = ReturnType<typeof tablesIn>;

/**
 * Returns the tables in a schema. Every statement names the schema, because with PgBouncer a
 * `search_path` would also apply to the transactions of other programs.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one table after another
export function tablesIn(schemaName: string) {
  const schema = pgSchema(schemaName);

  const invitations = schema.table(
    'invitations',
    {
      seq: sequence(),
      id: words().notNull().unique(),
      employeeType: words('employee_type').$type<EmployeeType>().notNull(),
      mode: words().$type<InvitationMode>().notNull(),
      email: words(),
      emailKey: words('email_key'),
      note: words(),
      searchText: words('search_text').notNull(),
      stage: words().$type<'issuing' | 'issued' | 'failed'>().notNull(),
      reason: json().$type<InvitationReason>(),
      link: words(),
      accountId: words('account_id'),
      userId: words('user_id'),
      createdAt: whole('created_at').notNull(),
      issuedAt: whole('issued_at'),
      revokedAt: whole('revoked_at'),
      furthestStep: words('furthest_step').$type<FurthestStep>().notNull(),
      status: words().$type<InvitationStatus>().notNull(),
      current: boolean().notNull(),
      idempotencyKey: words('idempotency_key'),
      language: words(),
      letter: words().$type<LetterStatus>(),
      letterDueAt: whole('letter_due_at'),
    },
    (table) => [
      uniqueIndex('invitations_current_email')
        .on(table.emailKey)
        .where(sql`${table.current} AND ${table.emailKey} IS NOT NULL`),
      index('invitations_email').on(table.emailKey, table.createdAt, table.seq),
      index('invitations_user').on(table.userId).where(isNotNull(table.userId)),
      index('invitations_idempotency')
        .on(table.idempotencyKey, table.emailKey)
        .where(isNotNull(table.idempotencyKey)),
      index('invitations_list').on(table.createdAt, table.seq),
      index('invitations_status').on(table.status, table.createdAt, table.seq),
      index('invitations_type').on(table.employeeType, table.createdAt, table.seq),
      index('invitations_mode').on(table.mode, table.createdAt, table.seq),
      index('invitations_open_links').on(table.id).where(sql`${table.emailKey} IS NULL`),
      index('invitations_unused')
        .on(table.issuedAt)
        .where(sql`${table.status} IN ('issued', 'open')`),
      index('invitations_outstanding')
        .on(table.id)
        .where(sql`${table.status} IN ('issued', 'expired') AND ${table.emailKey} IS NOT NULL`),
      index('invitations_letter')
        .on(table.letter, table.createdAt, table.seq)
        .where(isNotNull(table.letter)),
      index('invitations_letter_due').on(table.letterDueAt).where(isNotNull(table.letterDueAt)),
    ],
  );

  const letters = schema.table(
    'letters',
    {
      seq: sequence(),
      id: words().notNull().unique(),
      invitationId: words('invitation_id')
        .notNull()
        .references(() => invitations.id),
      kind: words().$type<LetterKind>().notNull(),
      number: integer().notNull(),
      startedAt: whole('started_at').notNull(),
      leaseUntil: whole('lease_until').notNull(),
      endedAt: whole('ended_at'),
      outcome: words().$type<OutcomeKind>(),
      reason: json().$type<AttemptReason>(),
    },
    (table) => [
      uniqueIndex('letters_once')
        .on(table.invitationId, table.kind, table.number)
        .where(sql`${table.outcome} IS NULL OR ${table.outcome} <> 'not_sent'`),
      index('letters_invitation').on(table.invitationId, table.seq),
      index('letters_open').on(table.leaseUntil).where(sql`${table.outcome} IS NULL`),
    ],
  );

  const members = schema.table(
    'members',
    {
      seq: sequence(),
      userId: words('user_id').notNull().unique(),
      state: words().$type<MemberState>().notNull(),
      reason: json().$type<MemberReason>(),
      reasonCode: words('reason_code')
        .$type<MemberReason['code']>()
        .generatedAlwaysAs(sql`reason ->> 'code'`),
      version: integer().notNull(),
      dueAt: whole('due_at'),
      leaseUntil: whole('lease_until'),
      invitationId: words('invitation_id').references(() => invitations.id),
      acceptedByOperator: boolean('accepted_by_operator').notNull(),
      email: words(),
      emailKey: words('email_key'),
      firstName: words('first_name'),
      lastName: words('last_name'),
      searchText: words('search_text').notNull(),
      cultureName: words('culture_name'),
      employeeType: words('employee_type').$type<EmployeeType>(),
      invitedAs: words('invited_as').$type<EmployeeType>(),
      registeredAt: whole('registered_at'),
      activatedAt: whole('activated_at'),
      confirmedAt: whole('confirmed_at'),
      welcomedAt: whole('welcomed_at'),
      absentSince: whole('absent_since'),
      checkCount: integer('check_count').notNull(),
      notSentCount: integer('not_sent_count').notNull(),
      hinted: boolean().notNull(),
      openAttempt: json('open_attempt').$type<{ id: string; channel: ChannelName }>(),
      unknownAttemptId: words('unknown_attempt_id'),
      sentLate: boolean('sent_late').notNull(),
      resendThrough: words('resend_through').$type<ChannelName>(),
      refusedBy: json('refused_by').$type<ChannelName[]>().notNull(),
      forgottenAt: whole('forgotten_at'),
      seenInRun: whole('seen_in_run').notNull().default(0),
      priority: smallint(),
      /** The replica that leased the member. Null: the member is not leased. */
      leaseBy: words('lease_by'),
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
      index('members_waiting')
        .on(table.seenInRun, table.seq)
        .where(sql`${table.state} = 'waiting'`),
      index('members_email').on(table.emailKey).where(isNotNull(table.emailKey)),
      index('members_invitation')
        .on(table.invitationId, table.seq, table.state)
        .where(isNotNull(table.invitationId)),
      index('members_other_type')
        .on(table.seq)
        .where(sql`${table.invitedAs} <> ${table.employeeType}`),
      index('members_lease').on(table.leaseBy).where(isNotNull(table.leaseUntil)),
    ],
  );

  const memberAddresses = schema.table(
    'member_addresses',
    {
      member: whole()
        .notNull()
        .references(() => members.seq),
      emailKey: words('email_key').notNull(),
      searchText: words('search_text').notNull(),
    },
    (table) => [
      primaryKey({ columns: [table.emailKey, table.member] }),
      index('member_addresses_member').on(table.member),
    ],
  );

  const attempts = schema.table(
    'attempts',
    {
      id: words().primaryKey(),
      member: whole()
        .notNull()
        .references(() => members.seq),
      channel: words().$type<ChannelName>().notNull(),
      startedAt: whole('started_at').notNull(),
      endedAt: whole('ended_at'),
      outcome: words().$type<OutcomeKind>(),
      reason: json().$type<AttemptReason>(),
    },
    (table) => [
      uniqueIndex('attempts_open_or_sent')
        .on(table.member)
        .where(sql`${table.outcome} IS NULL OR ${table.outcome} = 'sent'`),
      index('attempts_member').on(table.member, table.startedAt),
      index('attempts_started').on(table.startedAt),
    ],
  );

  const deliveries = schema.table(
    'deliveries',
    {
      id: sequence(),
      receivedAt: whole('received_at').notNull(),
      webhookId: whole('webhook_id'),
      eventId: whole('event_id'),
      createdOn: whole('created_on'),
      trigger: words().$type<Trigger>(),
      userId: words('user_id'),
      shows: words().$type<DeliveryShows>(),
      answer: words().$type<'accepted' | 'unreadable'>().notNull(),
      reason: json().$type<DeliveryReason>(),
      repeats: integer().notNull().default(0),
      body: bytes().notNull(),
    },
    (table) => [
      uniqueIndex('deliveries_same').on(table.eventId, table.createdOn, table.webhookId),
      index('deliveries_unreadable').on(table.id).where(sql`${table.answer} = 'unreadable'`),
      index('deliveries_trigger').on(table.trigger, table.id).where(isNotNull(table.trigger)),
      // With the id in the index, PostgreSQL reads the newest deliveries of a user in order, and reads
      // no others.
      index('deliveries_user').on(table.userId, table.id),
    ],
  );

  /**
   * The accepted deliveries that have not become hints. It is not enough to store the id of the last
   * applied delivery, as SQLite does: a transaction may later commit a delivery that has a lower id.
   */
  const inbox = schema.table('inbox', {
    // There is no foreign key, because checking it would make accepting deliveries slower.
    delivery: whole().primaryKey(),
    replica: words().notNull(),
    receivedAt: whole('received_at').notNull(),
  });

  const timeline = schema.table(
    'timeline',
    {
      id: sequence(),
      at: whole().notNull(),
      member: whole(),
      invitationId: words('invitation_id'),
      event: words().$type<TimelineEvent['event']>().notNull(),
      params: json().$type<Readonly<Record<string, unknown>>>(),
      actor: json().$type<Actor>().notNull(),
      cause: json().$type<Cause>().notNull(),
    },
    (table) => [
      index('timeline_member').on(table.member, table.id).where(isNotNull(table.member)),
      index('timeline_invitation')
        .on(table.invitationId, table.id)
        .where(isNotNull(table.invitationId)),
      index('timeline_at').on(table.at),
    ],
  );

  const keyValues = schema.table('key_values', {
    key: words().primaryKey(),
    value: words().notNull(),
  });

  const pauses = schema.table('pauses', {
    name: words().$type<StoredPause>().primaryKey(),
    reason: json().$type<PauseReason>().notNull(),
    since: whole().notNull(),
  });

  const idempotencyKeys = schema.table(
    'idempotency_keys',
    {
      key: words().primaryKey(),
      request: words().notNull(),
      begunAt: whole('begun_at').notNull(),
      status: integer(),
      body: words(),
      replica: words(),
    },
    (table) => [index('idempotency_keys_begun').on(table.begunAt)],
  );

  const durations = schema.table(
    'durations',
    {
      kind: words().$type<DurationKind>().notNull(),
      bucket: integer().notNull(),
      count: integer().notNull(),
    },
    (table) => [primaryKey({ columns: [table.kind, table.bucket] })],
  );

  const activity = schema.table(
    'activity',
    {
      quarter: whole().notNull(),
      kind: words().$type<ActivityKind>().notNull(),
      count: integer().notNull(),
    },
    (table) => [primaryKey({ columns: [table.quarter, table.kind] })],
  );

  const forgotten = schema.table('forgotten', {
    hash: words().primaryKey(),
    at: whole().notNull(),
  });

  const tokens = schema.table('tokens', {
    id: words().primaryKey(),
    name: words().notNull().unique(),
    role: words().$type<Role>().notNull(),
    hash: words().notNull(),
    createdAt: whole('created_at').notNull(),
  });

  const endedSessions = schema.table('ended_sessions', {
    id: words().primaryKey(),
    until: whole().notNull(),
  });

  const runs = schema.table('runs', {
    id: words().primaryKey(),
    actor: json().$type<Actor>().notNull(),
    total: integer().notNull(),
    replica: words().notNull(),
    leaseUntil: whole('lease_until').notNull(),
    isStopping: boolean('is_stopping').notNull().default(false),
    waiting: json().$type<Run['waiting']>(),
    end: json().$type<Run['end']>(),
    endedAt: whole('ended_at'),
  });

  const runRows = schema.table(
    'run_rows',
    {
      run: words().notNull(),
      row: integer().notNull(),
      email: words(),
      request: json().$type<RunRow['request']>(),
      result: json().$type<RunResult>(),
    },
    (table) => [primaryKey({ columns: [table.run, table.row] })],
  );

  /** The processes that use this database, with the numbers of their last batches: see `writer.ts`. */
  const replicas = schema.table('replicas', {
    id: words().primaryKey(),
    batch: whole().notNull().default(0),
    /** Null when the process has received them, because they may contain addresses and links. */
    results: json(),
    /** Like `batch`, for accepted deliveries, which have a writer of their own. */
    intake: whole().notNull().default(0),
    intakeResults: json('intake_results'),
    /** When the process joined, by the database's clock. */
    startedAt: whole('started_at').notNull(),
    /** When the process was last seen, by the database's clock. */
    seenAt: whole('seen_at').notNull(),
    /** The version of the program that the process runs. */
    version: words().notNull(),
    /** The number of that program (`migrate.ts`). */
    program: whole().notNull(),
    /**
     * The database (`identity.ts`) in which the process last found all of its commits. Null if its commits
     * also wait for a standby, so that no server can take over without them.
     */
    confirmedIn: words('confirmed_in'),
    /** Where the process runs. `url` is null until the process listens for HTTP requests. */
    holder: json().$type<Holder>().notNull(),
    /** The pauses of the process that end by themselves. They apply to the other replicas, too. */
    waits: json().$type<readonly SharedWait[]>().notNull(),
  });

  /** Which replica leads, and until when (the database's clock). */
  const leaders = schema.table('leaders', {
    name: words().primaryKey(),
    replica: words().notNull(),
    until: whole().notNull(),
  });

  /**
   * This table has one row. Transactions lock the row before they begin an attempt, begin a pause or end
   * pauses, so they run one after the other.
   */
  const control = schema.table('control', {
    id: integer().primaryKey(),
    /** A number that grows when a command ends the waits of every replica. */
    hurried: whole().notNull().default(0),
    /** When a command last ended every pause (UTC ms). */
    resumedAt: whole('resumed_at').notNull().default(0),
    /** The number of the last request for a full run of reconciliation. */
    runWanted: whole('run_wanted').notNull().default(0),
    /** The number of the last answered request for a run. */
    runDone: whole('run_done').notNull().default(0),
    /** The report of the last requested run. */
    runReport: json('run_report'),
  });

  return {
    schema,
    invitations,
    letters,
    members,
    memberAddresses,
    attempts,
    deliveries,
    inbox,
    timeline,
    keyValues,
    pauses,
    idempotencyKeys,
    durations,
    activity,
    forgotten,
    tokens,
    endedSessions,
    runs,
    runRows,
    replicas,
    leaders,
    control,
  };
}
