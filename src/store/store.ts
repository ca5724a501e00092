import type { LetterAttempt, LetterCase } from '../domain/decide-letter.ts';
import type { DurationKind, Histogram } from '../domain/durations.ts';
import type { OutboxEntry } from '../domain/events.ts';
import type { AttemptChange } from '../domain/facts.ts';
import type {
  ImportEnd,
  Invitation,
  InvitationStatus,
  RowReason,
  rowResults,
} from '../domain/invitation.ts';
import type { Member, MemberState } from '../domain/member.ts';
import type { ChannelName, Outcome, OutcomeKind } from '../domain/outcome.ts';
import type { Candidates } from '../domain/ownership.ts';
import type {
  AttemptReason,
  CommandReason,
  DeliveryReason,
  InvitationReason,
  MemberReason,
  PauseReason,
} from '../domain/reason.ts';
import type { Actor, Entry, TimelineEvent } from '../domain/timeline.ts';
import type {
  EmployeeType,
  InvitationMode,
  LetterStatus,
  Role,
  Trigger,
} from '../domain/vocabulary.ts';

/*
 * The interface of the database: everything that the service stores. Each function writes in one
 * transaction, except `forget` and `beat`. No function takes a callback, so that every kind of database
 * can implement the functions. Times are UTC milliseconds. A function that writes rejects with
 * `StoreUnavailable` when the database cannot be written (for example: full disk, lock, no server). A
 * caller names the functions that it uses: `Pick<Store, 'member' | 'commit'>`.
 */

/** The database cannot be read or written now. The message says why. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The server of the database cannot be reached, or cannot work now. A later try may succeed. */
export class ServerUnavailable extends StoreUnavailable {}

/**
 * The database cannot be used until somebody changes the settings, the server or the tables. The
 * message says what to change. A running service tries again nevertheless.
 */
export class DatabaseRefused extends StoreUnavailable {}

/**
 * The key by which forgotten people are recognised is damaged or cannot be read. The message names the
 * file of the key and says what to do. Without the key, people could be greeted again.
 */
export class ForgetKeyUnusable extends Error {
  override readonly name = 'ForgetKeyUnusable';
}

/** `cursor` is the `nextCursor` of the previous page. */
export type Paging = { readonly limit: number; readonly cursor?: number | undefined };
/** A page of a list. The newest item comes first. `nextCursor` is null on the last page. */
export type PageOf<T> = { readonly items: readonly T[]; readonly nextCursor: number | null };

// ── Deliveries ──────────────────────────────────────────────────────────────────────────────────

export type DeliveryShows = 'activated' | 'not_active' | 'terminated';

/** A delivery about a user. Its first three fields identify it (docs/docspace-wire.md 7.4). */
export type NewDelivery = {
  readonly webhookId: number;
  readonly eventId: number;
  readonly createdOn: number;
  readonly trigger: Trigger;
  readonly userId: string;
  readonly shows: DeliveryShows;
  readonly receivedAt: number;
  readonly body: Uint8Array;
};

/** A stored delivery that has not become a hint yet. */
export type UnappliedDelivery = Pick<NewDelivery, 'trigger' | 'userId' | 'shows'> & {
  readonly id: number;
};

/**
 * The ids of unapplied deliveries about one user, oldest first. `change` is the change that these
 * deliveries cause. Null: they change nothing.
 */
export type HintsOfUser = { readonly ids: readonly number[]; readonly change: Change | null };

export const deliveryAnswers = ['accepted', 'unreadable'] as const;

/** A stored delivery. If it is unreadable, the fields that only a readable delivery has are null. */
export type ListedDelivery = {
  readonly id: number;
  readonly receivedAt: number;
  readonly answer: (typeof deliveryAnswers)[number];
  readonly trigger: Trigger | null;
  readonly userId: string | null;
  readonly shows: DeliveryShows | null;
  /** Why the delivery could not be read. Null if it was read. */
  readonly reason: DeliveryReason | null;
  /** How often the same delivery arrived again. */
  readonly repeats: number;
  readonly webhookId: number | null;
  readonly eventId: number | null;
  readonly createdOn: number | null;
};
export type KeptDelivery = ListedDelivery & { readonly body: Uint8Array };

export type DeliveryFilter = {
  readonly answer?: ListedDelivery['answer'] | undefined;
  readonly userId?: string | undefined;
  readonly trigger?: Trigger | undefined;
};

export type DeliveryReads = {
  readonly listDeliveries: (
    filter: DeliveryFilter,
    paging: Paging,
  ) => Promise<PageOf<ListedDelivery>>;
  readonly delivery: (id: number) => Promise<KeptDelivery | null>;
};

export type DeliveryWrites = {
  /** Stores a delivery. Resolves after its commit has reached the disk. */
  readonly acceptDelivery: (delivery: NewDelivery) => Promise<'accepted' | 'duplicate'>;
  /** Stores a signed request that could not be read, so that an operator can see it. */
  readonly keepUnreadable: (
    body: Uint8Array,
    reason: DeliveryReason,
    receivedAt: number,
  ) => Promise<void>;
  /** The number of writes whose transaction has not begun. */
  readonly queuedWrites: () => number;
  /** The oldest deliveries that have not become hints yet, and the members whom they are about. */
  readonly unappliedDeliveries: (limit: number) => Promise<{
    readonly deliveries: readonly UnappliedDelivery[];
    readonly members: readonly Member[];
  }>;
  /**
   * Commits the hints of all deliveries that `unappliedDeliveries` has returned.
   * @returns for each user whether the hints were applied. If not, nothing was written for this user,
   *   and the deliveries are still unapplied, or another process has applied them. SQLite applies the
   *   hints of all users or of none
   */
  readonly applyDeliveries: (hints: readonly HintsOfUser[]) => Promise<readonly boolean[]>;
  /**
   * Stores the fields of a delivery that was unreadable before. If another row has the same `webhookId`,
   * `eventId` and `createdOn`, because the delivery arrived again, these three fields are not stored:
   * only one row may have them.
   */
  readonly markReadable: (
    delivery: Omit<NewDelivery, 'receivedAt' | 'body'> & { readonly id: number },
  ) => Promise<void>;
  /**
   * Deletes up to `limit` deliveries that arrived before the time `before`. The oldest unapplied
   * delivery and all deliveries after it are kept. Returns how many were deleted.
   */
  readonly deleteDeliveries: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
};

/** What stored deliveries say about users and webhooks. */
export type DeliveryFacts = {
  /** The id of the webhook that sent the newest readable delivery. Null if there is no such delivery. */
  readonly lastWebhookId: () => Promise<number | null>;
  /** When a user joined: the time of the newest `user.created` (UTC ms, portal's clock). */
  readonly joinedAt: (userId: string) => Promise<number | null>;
  /** The addresses in the newest stored deliveries about a user, as the portal wrote them. */
  readonly deliveredAddresses: (userId: string) => Promise<readonly string[]>;
  /** Maps the ids of these deliveries to their addresses. Deliveries without an address are left out. */
  readonly shownAddresses: (ids: readonly number[]) => Promise<ReadonlyMap<number, string>>;
  /** The users among these whom an unapplied delivery shows as not active. */
  readonly shownInactive: (userIds: readonly string[]) => Promise<readonly string[]>;
};

// ── Members ─────────────────────────────────────────────────────────────────────────────────────

/** A decision: the new state of a member, timeline entries and attempts. They are committed together. */
export type Change = {
  readonly member: Member;
  /** The version of the member for which the decision was made. Null for a new member. */
  readonly madeOn: number | null;
  /** The member at that version. If it is given, only the changed columns are written. */
  readonly before?: Member;
  readonly entries: readonly Entry[];
  readonly attempts: readonly AttemptChange[];
  readonly at: number;
  /**
   * Who waits for the result, if the change makes the member due now. 1: an operator. 2: a person at the
   * portal. Left out: nobody.
   */
  readonly priority?: 1 | 2 | undefined;
  /** An outcome that counts for or against its channel: see `src/domain/circuit-breaker.ts`. */
  readonly counted?: CountedOutcome | undefined;
};

export type CountedOutcome = { readonly channel: ChannelName; readonly outcome: Outcome };

/**
 * The conditions for an attempt: no pause is stored, and fewer than `maxPerHour` attempts began within
 * the hour (see `limitedSince`). They are checked in the commit that begins the attempt.
 */
export type Guard = { readonly maxPerHour: number };

export type TimelineEntry = Entry & {
  readonly at: number;
  readonly userId: string | null;
  readonly invitationId: string | null;
};

export type Attempt = {
  readonly id: string;
  readonly channel: ChannelName;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: OutcomeKind | null;
  readonly reason: AttemptReason | null;
};

export type MemberStory = {
  readonly member: Member;
  readonly attempts: readonly Attempt[];
  readonly timeline: readonly TimelineEntry[];
};

export type MemberFilter = {
  readonly state?: MemberState | undefined;
  /** An address that the member has or had, compared by its key (see `emailKey`). */
  readonly email?: string | undefined;
  readonly reason?: MemberReason['code'] | undefined;
  /**
   * A text that the name or an address contains. It has at least three characters, or at least two if
   * one of them is Chinese, Japanese or Korean.
   */
  readonly q?: string | undefined;
  /** Members who were matched with this invitation. */
  readonly invitationId?: string | undefined;
};

export type MemberReads = {
  readonly member: (userId: string) => Promise<Member | null>;
  readonly memberStory: (userId: string) => Promise<MemberStory | null>;
  readonly listMembers: (filter: MemberFilter, paging: Paging) => Promise<PageOf<Member>>;
  /**
   * Members who have an e-mail address and one of these events in their timeline, at `since` or later
   * and before `until` (UTC ms). The query reads all timeline entries of that period.
   */
  readonly membersByEvent: (query: {
    readonly events: readonly TimelineEvent['event'][];
    readonly since: number;
    readonly until: number;
    readonly limit: number;
  }) => Promise<readonly Member[]>;
};

export type MemberWrites = {
  /**
   * Commits a decision.
   * @param guard given if the decision begins an attempt
   * @returns `stale` if the member has changed, `held` if the guard forbids the attempt. In both
   *   cases the decision is not written. If the hourly limit is reached, the pause `hourly` is stored
   */
  readonly commit: (change: Change, guard?: Guard) => Promise<'committed' | 'stale' | 'held'>;
  /** The members among these users. */
  readonly members: (userIds: readonly string[]) => Promise<readonly Member[]>;
  /**
   * Leases up to `limit` due members until `leaseUntil`. Members with a priority come first (see
   * `Change`), then the members that have been due for the longest time.
   */
  readonly claimDue: (claim: {
    readonly now: number;
    readonly leaseUntil: number;
    readonly limit: number;
    /** False while nothing may be sent. Then no `ready` member is leased. */
    readonly maySend: boolean;
  }) => Promise<readonly Member[]>;
  /**
   * The time when `claimDue` with the same `maySend` can lease the next member. Null if no member that
   * it may lease has a due time.
   */
  readonly nextDueAt: (maySend: boolean) => Promise<number | null>;
  /**
   * Cleans up after processes that have certainly ended: ends the leases of their checks, and
   * releases the idempotency keys of their unanswered requests. The lease of a `sending` member is kept
   * until its time is over. PostgreSQL does nothing here, because `beat` does this.
   */
  readonly releaseLeft: () => Promise<void>;
  /** Members in the state `sending` whose process has certainly ended. PostgreSQL finds none. */
  readonly leftSending: (limit: number) => Promise<readonly Member[]>;
  /** Makes every `ready` member due now. */
  readonly makeReadyDue: (now: number) => Promise<void>;
  /**
   * `failed` members with this reason (null: with any reason), in the order in which they were added.
   * `after` is the user id of the last member of the previous page; empty for the first page.
   */
  readonly failedMembers: (query: {
    readonly reason: MemberReason['code'] | null;
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly Member[]>;
};

// ── Invitations ─────────────────────────────────────────────────────────────────────────────────

export type NewInvitation = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /** The user id of the account that owns the API key. */
  readonly accountId: string;
  /**
   * The key that the caller gave to this request. `repeatOf` decides how a second request with the same
   * key and address is answered. Null if there is no key.
   */
  readonly idempotencyKey?: string | null;
  /** The language for letters, such as `pt-BR`. */
  readonly language?: string | null;
  readonly at: number;
  readonly entry: Entry;
};

export type OpenedInvitation =
  | { readonly kind: 'opened' }
  /** The invitation failed before. It is issued again under its own id. */
  | { readonly kind: 'reopened'; readonly id: string }
  /** `conflict`: the address has a current invitation. `repeat`: the request was made before. */
  | { readonly kind: 'conflict' | 'repeat'; readonly invitation: Invitation };

/** The portal's answer to the request for an invitation. */
export type InvitationResult =
  | { readonly kind: 'issued'; readonly link: string | null; readonly userId: string | null }
  | { readonly kind: 'failed'; readonly reason: InvitationReason };

/** The result of a change to an invitation. `forbidden`: a rule does not allow the change. */
export type InvitationChange =
  | { readonly kind: 'done'; readonly invitation: Invitation }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason; readonly invitationId: string }
  | { readonly kind: 'missing' };

export type InvitationFilter = {
  readonly status?: InvitationStatus | undefined;
  readonly employeeType?: EmployeeType | undefined;
  readonly mode?: InvitationMode | undefined;
  readonly letter?: LetterStatus | undefined;
  /**
   * The invited address, or an address that the invited person has or had, compared by its key (see
   * `emailKey`).
   */
  readonly email?: string | undefined;
  /**
   * A text that the note or an address of the invited person contains. It has at least three characters,
   * or at least two if one of them is Chinese, Japanese or Korean.
   */
  readonly q?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
};

export type MemberCounts = Readonly<Partial<Record<MemberState, number>>>;

export type ListedInvitation = Invitation & {
  /** The cursor of the page that begins after this invitation, with any filter. */
  readonly seq: number;
  /** How many members registered with this open link, by state. Null for a personal invitation. */
  readonly memberCounts: MemberCounts | null;
};

export type InvitationStory = {
  readonly invitation: Omit<ListedInvitation, 'seq'>;
  readonly members: readonly Member[];
  /** Oldest first. */
  readonly letters: readonly LetterAttempt[];
  readonly timeline: readonly TimelineEntry[];
};

export type InvitationReads = {
  readonly invitation: (id: string) => Promise<Invitation | null>;
  readonly invitationStory: (id: string) => Promise<InvitationStory | null>;
  readonly listInvitations: (
    filter: InvitationFilter,
    paging: Paging,
    now: number,
  ) => Promise<PageOf<ListedInvitation>>;
  /**
   * The existing invitation that answers this request. Null if there is none, or if it failed, was
   * revoked or has expired, or if its person has left the portal.
   */
  readonly findByIdempotencyKey: (
    request: Pick<NewInvitation, 'idempotencyKey' | 'email'>,
    now: number,
  ) => Promise<Invitation | null>;
};

export type InvitationWrites = {
  readonly openInvitation: (invitation: NewInvitation) => Promise<OpenedInvitation>;
  /**
   * Stores the portal's answer. A failure does not replace the stage `issued`, because a first request
   * may be recorded as interrupted after a second request has succeeded.
   */
  readonly settleInvitation: (settled: {
    readonly id: string;
    readonly result: InvitationResult;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<void>;
  /** Invitations with the status `issuing` that were opened before `before`, oldest first. */
  readonly issuingInvitations: (before: number) => Promise<readonly Invitation[]>;
  /** The invitations with which a person may have registered: see `ownershipOf`. */
  readonly candidates: (person: {
    readonly userId: string;
    readonly email: string;
    readonly invitationId: string | null;
    readonly issuedUntil: number;
  }) => Promise<Candidates>;
  /** Closes the invitation and erases its link. */
  readonly revokeInvitation: (revoked: {
    readonly id: string;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<InvitationChange>;
  /**
   * Tells whether the invitation may be sent again now. Call this before you ask the portal. Sending is
   * also forbidden while the address has another current invitation, and while a letter is being mailed.
   */
  readonly mayResend: (id: string, now: number) => Promise<InvitationChange>;
  /**
   * Stores a new link (null if the portal mailed the link) and a new time of issue. With `keep`, the
   * link and the time stay, and only the letter is mailed again.
   */
  readonly renewInvitation: (renewed: {
    readonly id: string;
    readonly link: string | null | 'keep';
    readonly userId: string | null;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<InvitationChange>;
  /**
   * Marks up to `limit` invitations as expired and erases their links. Returns how many. Lists and
   * counts are correct even before this runs, but slower.
   */
  readonly expireInvitations: (query: {
    readonly now: number;
    readonly limit: number;
    /** If it is given, it is added to the timeline of each of these invitations. */
    readonly entry?: Entry | null;
  }) => Promise<number>;
};

// ── Letters ─────────────────────────────────────────────────────────────────────────────────────

export type LetterVerbs = {
  /** The invitations whose letter is due, in the order of their due times. */
  readonly dueLetters: (query: {
    readonly now: number;
    readonly limit: number;
  }) => Promise<readonly LetterCase[]>;
  /** When the next letter becomes due, after `now`. Null if no letter does. */
  readonly nextLetterAt: (now: number) => Promise<number | null>;
  /**
   * Begins an attempt if this letter is still due (see `nextLetter`).
   * @returns the invitation, or null if the letter must not be mailed
   */
  readonly beginLetter: (begun: {
    readonly invitationId: string;
    readonly attempt: Pick<LetterAttempt, 'id' | 'kind' | 'number' | 'leaseUntil'>;
    /** The new link of the invitation. Null if the present link stays. */
    readonly freshLink: string | null;
    readonly remindAfterMs: readonly number[];
    readonly at: number;
  }) => Promise<Invitation | null>;
  /** Records how an attempt ended. Does nothing if an outcome was recorded before. */
  readonly endLetter: (ended: {
    readonly attemptId: string;
    readonly outcome: Outcome;
    readonly remindAfterMs: readonly number[];
    readonly at: number;
  }) => Promise<void>;
  /** The ids of open attempts whose process has certainly ended. PostgreSQL finds none. */
  readonly leftLetters: () => Promise<readonly string[]>;
  /** Changes the due time of a letter to `until` (UTC ms), if the letter has a due time. */
  readonly postponeLetter: (invitationId: string, until: number) => Promise<void>;
  /** Cancels the due letter of an invitation. A `reason` that is given is added to the timeline. */
  readonly withholdLetter: (
    invitationId: string,
    reason: CommandReason | null,
    at: number,
  ) => Promise<void>;
  /**
   * Sets `letterDueAt` to `now` in every invitation that may get a reminder, so that the time of the
   * next reminder is decided again. Called after `INVITE_REMIND_AFTER` has changed.
   */
  readonly reviewReminders: (now: number) => Promise<void>;
};

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

/** The counts of all states add up to the number of members. */
export type Counts = {
  readonly members: MemberCounts;
  /** How many of these members registered with an open link. */
  readonly openLinkMembers: MemberCounts;
  /** How many of these members are `skipped` with the reason `address_not_invited`. */
  readonly addressNotInvited: number;
  /** How many of these members have another type than their invitation. */
  readonly otherType: number;
  readonly invitations: Readonly<Partial<Record<InvitationStatus, number>>>;
  /** Unused invitations whose letter was refused, or whose letter may not have arrived. */
  readonly letters: Readonly<Record<'refused' | 'unknown', number>>;
};

export const activityKinds = ['invited', 'activated', 'welcomed'] as const;
export type ActivityKind = (typeof activityKinds)[number];
export type ActivityCounts = Readonly<Record<ActivityKind, number>>;

/** The numbers that `/metrics` shows. */
export type StoreMetrics = {
  readonly members: MemberCounts;
  /**
   * How many deliveries have not become hints yet (counted up to 10,000), and when the oldest of them
   * arrived.
   */
  readonly inbox: { readonly count: number; readonly oldestAt: number | null };
  /** How many members are due (counted up to 10,000), and since when the first of them has been due. */
  readonly due: { readonly count: number; readonly oldestAt: number | null };
  /** When the newest stored delivery arrived. */
  readonly lastDeliveryAt: number | null;
  readonly databaseBytes: number;
  /** The size of SQLite's write-ahead log. 0 for PostgreSQL. */
  readonly walBytes: number;
};

export type CountReads = {
  readonly counts: (now: number) => Promise<Counts>;
  /**
   * Counts what happened in each span of time.
   * @param startTimes UTC ms on a quarter hour, oldest first (in every time zone, a day begins on a
   *   quarter hour). Each span ends at the next start; the last one is still open.
   */
  readonly activity: (startTimes: readonly number[]) => Promise<readonly ActivityCounts[]>;
  /** Histograms of the times that members took from step to step. */
  readonly durations: () => Promise<Readonly<Record<DurationKind, Histogram>>>;
};

// ── Erasure ─────────────────────────────────────────────────────────────────────────────────────

/** The members and users who belong to an e-mail address. */
type PersonRecords = {
  readonly members: readonly Member[];
  /** The user ids of deliveries whose body contains the address. */
  readonly userIdsInDeliveries: readonly string[];
  /** The users in `userIdsInDeliveries` who are not members yet. */
  readonly usersNotFollowed: readonly string[];
  /** All deliveries up to this id were searched. */
  readonly through: number;
};

/** The numbers of erased records. */
export type Erased = {
  readonly members: number;
  readonly invitations: number;
  /** Deliveries whose body was erased. */
  readonly deliveries: number;
  readonly timelineEntries: number;
  /** Places that contained the address: notes of other invitations, stored answers, rows of runs. */
  readonly mentions: number;
};

export type Erasure = {
  /**
   * Finds every person with this address, in the members, the invitations and the deliveries.
   * @param after deliveries up to this id were searched before
   */
  readonly findPerson: (email: string, after: number) => Promise<PersonRecords>;
  /**
   * Commits the changes and erases everything else about the person. SQLite then overwrites the
   * address in the bytes of its files. Returns `stale`, and erases nothing, if a member has changed
   * meanwhile.
   * @param changes one for each found member who was not forgotten before, and one for each user in
   *   `usersNotFollowed`
   */
  readonly forget: (erasure: {
    readonly email: string;
    readonly userIdsInDeliveries: readonly string[];
    readonly changes: readonly Change[];
    readonly at: number;
  }) => Promise<
    | { readonly kind: 'stale' }
    | {
        readonly kind: 'erased';
        readonly erased: Erased;
        /**
         * False if old bytes remain in the files of SQLite (see `overwriteErased`), or if a transaction
         * on PostgreSQL may still add a delivery of this person.
         */
        readonly isOverwritten: boolean;
      }
  >;
  /**
   * Overwrites in SQLite's files what `forget`, or an earlier process, erased only from the tables.
   * @returns false if that is not possible now: another program reads the database, or the disk is
   *   full
   */
  readonly overwriteErased: () => Promise<boolean>;
  /**
   * Whether the key of the hashes of forgotten people is lost. Without the key, a forgotten person who
   * returns under a new id is not recognised.
   */
  readonly isForgetKeyLost: () => Promise<boolean>;
  /** Whether a person with this id or address was forgotten after a welcome that may have arrived. */
  readonly wasWelcomedAndForgotten: (person: {
    readonly userId: string;
    readonly email: string;
  }) => Promise<boolean>;
};

// ── Idempotency keys of the HTTP API ────────────────────────────────────────────────────────────

export type StoredAnswer = { readonly status: number; readonly body: string };

export type IdempotencyStart =
  /** The key belongs to this caller until the request is completed or abandoned. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'under_way' }
  /** The key was already used for a different request. */
  | { readonly kind: 'other_request' }
  | ({ readonly kind: 'answered' } & StoredAnswer);

export type IdempotencyKeys = {
  /**
   * Takes a key for a request, or returns the state of the earlier request with this key.
   * @param request a fingerprint of the request
   * @param answeredSince an answered request that began before this time no longer counts (UTC ms)
   * @param begunSince an unanswered request that began before this time no longer counts (UTC ms)
   */
  readonly beginIdempotent: (request: {
    readonly key: string;
    readonly request: string;
    readonly at: number;
    readonly answeredSince: number;
    readonly begunSince: number;
  }) => Promise<IdempotencyStart>;
  readonly completeIdempotent: (key: string, answer: StoredAnswer) => Promise<void>;
  /** Releases the key, because the request had no effect. */
  readonly abandonIdempotent: (key: string) => Promise<void>;
  /** Deletes up to `limit` keys of requests that began before `before`. Returns how many. */
  readonly deleteIdempotencyKeys: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
};

// ── Reconciliation ──────────────────────────────────────────────────────────────────────────────

export type ReconciliationVerbs = {
  /** Records that this run found these users in a list of people who are not active yet. */
  readonly markSeen: (userIds: readonly string[], run: number) => Promise<void>;
  /** `waiting` members that were known before this run began, and that this run did not find. */
  readonly unseenWaiting: (query: {
    readonly run: number;
    readonly after: string;
    readonly limit: number;
    /** The newest member when the run began: see `newestMember`. */
    readonly until: number;
  }) => Promise<readonly string[]>;
  /** The number of the newest member. It grows with every new member. */
  readonly newestMember: () => Promise<number>;
  /**
   * Personal invitations with the status `issued` or `expired` and with an id above `after`, in the
   * order of their ids.
   */
  readonly outstandingAddresses: (query: {
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly { readonly id: string; readonly email: string }[]>;
};

// ── Values and pauses ───────────────────────────────────────────────────────────────────────────

/** Keys of single values about the whole store. */
export type ValueKey =
  | 'portal_origin'
  | 'portal_tenant_id'
  /** The accounts whose API keys issued invitations, as a JSON list. The present account comes first. */
  | 'account_ids'
  /** When an operator last granted a new hour of `WELCOME_MAX_PER_HOUR` (UTC ms). */
  | 'hour_granted_at'
  /** Whether members and guests may be invited: see `src/onboarding/invitation-switches.ts`. */
  | 'invitation_switches'
  /** This service's webhook in the portal, as JSON. */
  | 'webhook'
  /** The keys from here to `baseline` store the progress of reconciliation: see `src/reconciliation`. */
  | 'journal_seen'
  | 'not_yet_active_run'
  | 'not_yet_active_place'
  | 'sweep_place'
  | 'swept_at'
  | 'baseline'
  /**
   * When the baseline began (UTC ms, portal's clock). Users who were created before this time are
   * existing users.
   */
  | 'baseline_started_at'
  /** When this database was first used, as JSON: see `src/onboarding/first-start.ts`. */
  | 'first_started_at'
  | 'baseline_place'
  | 'asked_addresses'
  /** The value of `INVITE_REMIND_AFTER` when the due times of reminders were last reviewed. */
  | 'remind_after'
  /** The id of the last timeline entry that was handled as an event: see `src/events/events.ts`. */
  | 'events_cursor'
  /** When the receiver refused further events (UTC ms). Empty: events are not paused. */
  | 'events_paused_at'
  /**
   * An operator's request to send the events since this time (UTC ms) again. Empty: there is no request,
   * or the leader has begun with it.
   */
  | 'events_replay'
  /** The failure after which the leader waits before it tries again (JSON). Empty: there is none. */
  | 'events_failure'
  /**
   * Which notices one admin has received. The key contains a hash of the address: see
   * `src/notices/notices.ts`.
   */
  | `notices:${string}`
  /** The count of the refusals of a channel, as JSON: see `src/domain/circuit-breaker.ts`. */
  | `refusals:${ChannelName}`;

/** The pauses that survive a restart. */
export const storedPauses = ['operator', 'hourly', 'restored', 'account_used'] as const;
export type StoredPause = (typeof storedPauses)[number];
export type PauseRow = {
  readonly name: StoredPause;
  readonly reason: PauseReason;
  readonly since: number;
};

/** A database that was restored from a copy, and whose pause no operator has ended yet. */
export type Restored = {
  readonly copiedAt: number;
  /**
   * Active members without a welcome in this copy. They may have been welcomed after the copy was
   * made. The list contains the first 1,000; `count` is the number of all.
   */
  readonly members: readonly Member[];
  readonly count: number;
  /** How many members are not active yet. They join the list when they become active. */
  readonly notYetActive: number;
};

export type ValueReads = {
  readonly getValue: (key: ValueKey) => Promise<string | null>;
  readonly pauses: () => Promise<readonly PauseRow[]>;
  /** Null if this database is not a copy, or if an operator has ended its pause with `resume`. */
  readonly restored: () => Promise<Restored | null>;
};

type ValueWrites = {
  readonly setValue: (key: ValueKey, value: string) => Promise<void>;
  /**
   * Stores a pause, unless it exists already.
   * @param entry added to the timeline if the pause was stored
   */
  readonly pause: (pause: PauseRow, entry?: Entry) => Promise<void>;
  /**
   * Ends all stored pauses.
   * @param lifted added to the timeline if there was a pause
   */
  readonly liftPauses: (lifted?: { readonly entry: Entry; readonly at: number }) => Promise<void>;
  /** Writes a value, to find out whether the database can be written. */
  readonly probe: () => Promise<void>;
  /**
   * False if a file of SQLite was removed, moved or replaced. Then every write is refused. PostgreSQL
   * always returns true.
   */
  readonly isInPlace: () => boolean;
  /**
   * Writes a number for the present state into a file beside SQLite's database. If an older copy
   * replaces the database, the next start recognises the copy and pauses. PostgreSQL does nothing here.
   */
  readonly noteProgress: () => void;
  /** Corrects all waits after the clock was set back: members and letters become due `byMs` earlier. */
  readonly advanceWaits: (byMs: number, now: number) => Promise<void>;
  readonly metrics: (now: number) => Promise<StoreMetrics>;
};

// ── The outbox of events ────────────────────────────────────────────────────────────────────────

/**
 * How many entries wait to be sent as events (counted up to 10,000), and when the oldest of them was
 * written.
 */
export type OutboxLag = { readonly count: number; readonly oldestAt: number | null };

/** Reads the timeline forward, in the order of the ids of its entries. */
export type Outbox = {
  /**
   * Finds the first entry that is sent as an event and whose id is greater than `after`.
   * @returns `outbox`: the entry, or null. `through`: the id up to which the timeline was read
   */
  readonly nextOutboxEntry: (after: number) => Promise<{
    readonly outbox: OutboxEntry | null;
    readonly through: number;
  }>;
  readonly outboxLag: (after: number) => Promise<OutboxLag>;
  /** The id of the last entry. 0 if there is no entry. */
  readonly outboxEnd: () => Promise<number>;
  /** The value for `after` with which `nextOutboxEntry` begins at the time `at`. */
  readonly outboxBefore: (at: number) => Promise<number>;
};

// ── Named tokens ────────────────────────────────────────────────────────────────────────────────

/** A token for a person or program. `hash`: the SHA-256 of the token, in hexadecimal digits. */
export type NamedToken = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly createdAt: number;
};

export type TokenReads = {
  /** The tokens that were not revoked, oldest first. */
  readonly tokens: () => Promise<readonly NamedToken[]>;
};

export type TokenWrites = {
  /** Stores a token. Returns false, and stores nothing, if another token has this name. */
  readonly addToken: (token: NamedToken) => Promise<boolean>;
  /** Deletes a token. Returns false if no token has this name. */
  readonly removeToken: (name: string) => Promise<boolean>;
};

// ── Sessions of the dashboard ───────────────────────────────────────────────────────────────────

export type SessionVerbs = {
  /**
   * Signs a session out. Also deletes the rows of signed-out sessions that would have ended by
   * themselves before now.
   */
  readonly endSession: (session: {
    readonly id: string;
    /** When the session would have ended by itself. */
    readonly until: number;
    readonly now: number;
  }) => Promise<void>;
  readonly isSessionEnded: (id: string) => Promise<boolean>;
};

// ── Replicas ────────────────────────────────────────────────────────────────────────────────────

/** A pause that one replica began and that every replica follows. It ends by itself. */
export type SharedWait = {
  readonly name: 'portal' | `channel:${ChannelName}`;
  readonly reason: PauseReason;
  readonly since: number;
  readonly until: number;
};

/** A process that serves the database. Times are UTC ms, by the database's clock. */
export type Replica = {
  readonly id: string;
  readonly version: string;
  readonly startedAt: number;
  readonly seenAt: number;
};

/** The state of all replicas, as `beat` returns it. */
export type Beat = {
  /** The time by the database's clock (UTC ms). */
  readonly at: number;
  /** The replicas, including this one, that have announced their HTTP API. */
  readonly replicas: readonly Replica[];
  readonly isLeader: boolean;
  /**
   * False while another server of the database has taken over, and not every replica has found its
   * commits there. Nothing is sent meanwhile.
   */
  readonly isConfirmed: boolean;
  readonly pauses: readonly PauseRow[];
  /** The waits of the other replicas. */
  readonly waits: readonly SharedWait[];
  /** When a command last ended every pause (UTC ms). */
  readonly resumedAt: number;
  /** A number that grows when a command ends the waits of all replicas. */
  readonly hurried: number;
  /** True if a due member has no running lease, or if this replica may apply a delivery. */
  readonly hasWork: boolean;
  /** The number of the newest request for a full run. Null: all requests are answered. */
  readonly runWanted: number | null;
};

/** The functions by which the replicas on one database work together. */
export type Replication = {
  /**
   * Records that this replica is running. Called once a second. If the calls stop, the other replicas
   * take over its work.
   */
  readonly beat: (waits: readonly SharedWait[]) => Promise<Beat>;
  /** Ends the waits of every replica. */
  readonly hurry: () => Promise<void>;
  /**
   * Makes this replica the leader, unless another replica leads. The beats of the leader keep it the
   * leader.
   * @returns false if another replica leads
   */
  readonly lead: () => Promise<boolean>;
  /** Asks the leader for a full run. Returns the number of the request. */
  readonly askForRun: () => Promise<number>;
  /** Stores a report (JSON) as the answer to all requests up to this number. */
  readonly answerRun: (number: number, report: string) => Promise<void>;
  /** The report that answers a request. Null: the request is not answered yet. */
  readonly runReport: (number: number) => Promise<string | null>;
};

// ── Runs of the dashboard ───────────────────────────────────────────────────────────────────────

/** A run invites the people of one form or file, in the background and on one replica at a time. */
export type Run = {
  readonly id: string;
  readonly actor: Actor;
  /** How many rows the run has. If the store has fewer, a crash interrupted their storing. */
  readonly total: number;
  /** Whether somebody asked to stop the run. */
  readonly isStopping: boolean;
  /** The reason and the end of the wait (UTC ms), while the portal asks the run to wait. Else null. */
  readonly waiting: { readonly reason: RowReason; readonly until: number } | null;
  /** Null if the run is in progress. `failed`: an unexpected error ended it. */
  readonly end: ImportEnd | { readonly kind: 'failed' } | null;
};

/** The result of a row. `id`: the invitation, which also stores the link. */
export type RunResult = {
  readonly result: (typeof rowResults)[number];
  readonly id: string | null;
  readonly reason: RowReason | null;
};

export type RunRow = {
  /** The row number that people see. */
  readonly row: number;
  /** The address as it was entered. Null for an open link. */
  readonly email: string | null;
  /** Null if the row asks for nothing, if it has a result, or if its person was forgotten. */
  readonly request: Pick<
    NewInvitation,
    'employeeType' | 'mode' | 'note' | 'language' | 'idempotencyKey'
  > | null;
  readonly result: RunResult | null;
};

export type RunVerbs = {
  /** Stores a run and some of its rows. Further calls add further rows and renew the lease. */
  readonly addRun: (
    run: Pick<Run, 'id' | 'actor' | 'total'> & {
      /** The replica that works on the run. Until `leaseUntil` (UTC ms), no other replica may do so. */
      readonly replica: string;
      readonly leaseUntil: number;
    },
    rows: readonly RunRow[],
  ) => Promise<void>;
  readonly run: (id: string) => Promise<Run | null>;
  /** Rows with a number above `after`, in their order. `link`: the present link of the invitation. */
  readonly runRows: (query: {
    readonly id: string;
    readonly after: number;
    readonly limit: number;
  }) => Promise<readonly (RunRow & { readonly link: string | null })[]>;
  /**
   * Gives this replica a run in progress whose lease is over. When a SQLite store is opened, it ends all
   * leases, because the lock proves that the earlier process has ended.
   * @returns the id of the run; null if there is no such run
   */
  readonly claimRun: (claim: {
    readonly replica: string;
    readonly now: number;
    readonly leaseUntil: number;
  }) => Promise<string | null>;
  /**
   * Stores results, and renews the lease. The results are always stored. The other fields are stored
   * only if the run is in progress and belongs to this replica.
   * @returns false if this replica must stop its work: somebody asked for that, the run has ended,
   *   or the run belongs to another replica
   */
  readonly saveRun: (saved: {
    readonly id: string;
    readonly replica: string;
    readonly leaseUntil: number;
    readonly results: readonly { readonly row: number; readonly result: RunResult }[];
    readonly waiting: Run['waiting'];
    readonly end: Run['end'];
    readonly at: number;
  }) => Promise<boolean>;
  /** Asks the replica that works on the run to stop. Returns false if the run does not exist. */
  readonly stopRun: (id: string) => Promise<boolean>;
  /**
   * Deletes up to `limit` rows of runs that ended before `before`, and the runs when all their rows are
   * deleted. Returns the number of deleted rows.
   */
  readonly deleteRuns: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
};

// ── The store ───────────────────────────────────────────────────────────────────────────────────

/** The functions that only read. They can be used while another process serves the database. */
export type StoreReads = DeliveryReads &
  MemberReads &
  InvitationReads &
  CountReads &
  ValueReads &
  TokenReads & { readonly close: () => Promise<void> };

export type Store = StoreReads &
  DeliveryWrites &
  DeliveryFacts &
  MemberWrites &
  InvitationWrites &
  LetterVerbs &
  Erasure &
  IdempotencyKeys &
  ReconciliationVerbs &
  ValueWrites &
  Outbox &
  TokenWrites &
  SessionVerbs &
  RunVerbs & {
    /** Null if only one process at a time can serve this kind of database. */
    readonly replication: Replication | null;
  };

// ── Inspecting the database file ─────────────────────────────────────────────────────────────────

/** What can be learnt about a database without writing to it. */
export type DatabaseStatus =
  /**
   * `servedUntil`: when an earlier database at this path was last served (UTC ms). Null: not known.
   */
  | { readonly kind: 'missing'; readonly servedUntil: number | null }
  /** The running service uses another file than the one at this path. */
  | { readonly kind: 'replaced' }
  /** `detail` names the database and says why it cannot be read. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  | {
      readonly kind: 'database';
      readonly version: 'this' | 'older' | 'newer';
      /** Null for PostgreSQL. */
      readonly journalMode: string | null;
      readonly sizeBytes: number;
    };

/** The properties of a database server that matter to this service. */
export type DatabaseServer = {
  readonly version: string;
  readonly encoding: string;
  readonly isTooOld: boolean;
  /** True if the encoding is not UTF-8, so that it cannot store every name. */
  readonly isOtherEncoding: boolean;
  /** True if the server confirms a commit before it is on disk. */
  readonly losesCommits: boolean;
  /** Whether the database has the extension `pg_trgm`. */
  readonly hasTrigrams: boolean;
};

/** The number of the newest migration before and after migrating. 0: there were no tables. */
export type Migrated = { readonly from: number; readonly to: number };

/**
 * Which process serves a database. `left`: no process serves it, but an earlier process did not stop
 * cleanly and left its text (see `Holder`).
 */
export type LockStatus =
  | { readonly kind: 'free' }
  | { readonly kind: 'served' | 'left'; readonly pid: number | null; readonly url: string | null };

/**
 * The process that holds a lock, as text in a file or a row. Messages name it, and the command line
 * finds the HTTP API by its `url`.
 */
export type Holder = {
  readonly pid: number;
  readonly url: string | null;
  /** The machine or container of that process, if `pid` alone does not name it. */
  readonly host?: string | undefined;
};

/**
 * The permission of this process to write a database. With SQLite, one process at a time has it. With
 * PostgreSQL, each replica has it.
 */
export type Lock = {
  /**
   * True if the previous process was killed, or the power failed, before the lock was released.
   * PostgreSQL: always false.
   */
  readonly isAfterUncleanStop: boolean;
  /**
   * False if the file system does not keep locks. Then only the text of the lock (see `Holder`) keeps
   * other processes away.
   */
  readonly isReliable: boolean;
  /** Records the address of the HTTP API in the text of the lock. */
  readonly announce: (url: string) => void | Promise<void>;
  readonly release: () => void | Promise<void>;
};

export type LockResult =
  | { readonly kind: 'held'; readonly lock: Lock }
  /** `hint`: what to do if the lock is taken although no other process runs. */
  | { readonly kind: 'busy'; readonly holder: Holder | null; readonly hint?: string };
