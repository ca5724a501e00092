import type { DurationKind, Histogram } from '../domain/durations.ts';
import type { AttemptChange } from '../domain/facts.ts';
import type { Invitation, InvitationStatus } from '../domain/invitation.ts';
import type { Member, MemberState } from '../domain/member.ts';
import type { ChannelName, OutcomeKind } from '../domain/outcome.ts';
import type { Candidates } from '../domain/ownership.ts';
import type {
  AttemptReason,
  CommandReason,
  DeliveryReason,
  InvitationReason,
  MemberReason,
  PauseReason,
} from '../domain/reason.ts';
import type { Entry } from '../domain/timeline.ts';
import type { EmployeeType, InvitationMode, Trigger } from '../domain/vocabulary.ts';

/*
 * Everything that the service keeps, as the verbs it needs. Each verb is one transaction; none takes a
 * callback, so that another database can implement them. Times are UTC milliseconds. Every verb that
 * writes rejects with `StoreUnavailable` when the database cannot: full disk, read-only file, lock.
 * A caller names the verbs it uses: `Pick<Store, 'member' | 'commit'>`.
 */

/** The database cannot be read or written now; `cause` says why. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * The key that recognises forgotten people is damaged or cannot be read; the message names its file
 * and says what to do. Without it, people would be greeted again.
 */
export class ForgetKeyUnusable extends Error {
  override readonly name = 'ForgetKeyUnusable';
}

/** `cursor` is where the page before ended. */
export type Paging = { readonly limit: number; readonly cursor?: number | undefined };
/** Newest first. `nextCursor` is null on the last page. */
export type PageOf<T> = { readonly items: readonly T[]; readonly nextCursor: number | null };

// ── Deliveries ──────────────────────────────────────────────────────────────────────────────────

export type DeliveryShows = 'activated' | 'not_active' | 'terminated';

/** A delivery about a user. Two with the same first three fields are the same (docs/docspace-wire.md 7.4). */
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

export const deliveryAnswers = ['accepted', 'unreadable'] as const;

/** A kept delivery. What only a readable one says is null. */
export type ListedDelivery = {
  readonly id: number;
  readonly receivedAt: number;
  readonly answer: (typeof deliveryAnswers)[number];
  readonly trigger: Trigger | null;
  readonly userId: string | null;
  readonly shows: DeliveryShows | null;
  /** Why it could not be read. */
  readonly reason: DeliveryReason | null;
  /** How often the same delivery came again. */
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

type DeliveryReads = {
  readonly listDeliveries: (
    filter: DeliveryFilter,
    paging: Paging,
  ) => Promise<PageOf<ListedDelivery>>;
  readonly delivery: (id: number) => Promise<KeptDelivery | null>;
};

type DeliveryWrites = {
  /** Resolves after its own commit has reached the disk. */
  readonly acceptDelivery: (delivery: NewDelivery) => Promise<'accepted' | 'duplicate'>;
  /** Keeps a signed request that could not be read, for the operator. */
  readonly keepUnreadable: (
    body: Uint8Array,
    reason: DeliveryReason,
    receivedAt: number,
  ) => Promise<void>;
  /** Writes that wait for their commit. */
  readonly queuedWrites: () => number;
  /** The oldest stored deliveries that are not hints yet, and the members they are about. */
  readonly unappliedDeliveries: (limit: number) => Promise<{
    readonly deliveries: readonly UnappliedDelivery[];
    readonly members: readonly Member[];
  }>;
  /** Commits the hints of all deliveries up to `through`. `stale`: a member changed; nothing is done. */
  readonly applyDeliveries: (
    changes: readonly Change[],
    through: number,
  ) => Promise<'committed' | 'stale'>;
  /**
   * An unreadable delivery can be read now. Its identity is not stored where the same delivery came
   * again and was read already: at most one row has it.
   */
  readonly markReadable: (
    delivery: Omit<NewDelivery, 'receivedAt' | 'body'> & { readonly id: number },
  ) => Promise<void>;
  /** Deletes up to `limit` applied deliveries that are older than `before`; returns how many. */
  readonly deleteDeliveries: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
  /** The webhook that the newest delivery came from. */
  readonly lastWebhookId: () => Promise<number | null>;
  /** `event.createOn` of the newest `user.created` about a user (UTC ms, portal's clock): they joined. */
  readonly joinedAt: (userId: string) => Promise<number | null>;
  /** The users whom a delivery that is not applied yet showed as not active. */
  readonly shownInactive: (userIds: readonly string[]) => Promise<readonly string[]>;
};

// ── Members ─────────────────────────────────────────────────────────────────────────────────────

/** A decision, to be committed whole: the member, its timeline and its attempts. */
export type Change = {
  readonly member: Member;
  /** The version that the decision was made on; null for a new member. */
  readonly madeOn: number | null;
  /** The member of that version, if known: then only what differs from it is written. */
  readonly before?: Member;
  readonly entries: readonly Entry[];
  readonly attempts: readonly AttemptChange[];
  readonly at: number;
};

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
  /** Compared in its normalised form. */
  readonly email?: string | undefined;
  readonly reason?: MemberReason['code'] | undefined;
  /** Three or more characters (two if Chinese, Japanese or Korean) anywhere in name or address. */
  readonly q?: string | undefined;
  /** Members who came by this invitation. */
  readonly invitationId?: string | undefined;
};

type MemberReads = {
  readonly member: (userId: string) => Promise<Member | null>;
  readonly memberStory: (userId: string) => Promise<MemberStory | null>;
  readonly listMembers: (filter: MemberFilter, paging: Paging) => Promise<PageOf<Member>>;
};

type MemberWrites = {
  /** Commits a decision, unless the member changed since it was made: then `stale`, and nothing is done. */
  readonly commit: (change: Change) => Promise<'committed' | 'stale'>;
  /** The members among these users. */
  readonly members: (userIds: readonly string[]) => Promise<readonly Member[]>;
  /** Leases up to `limit` due members to this worker until `leaseUntil`; longest due first. */
  readonly claimDue: (claim: {
    readonly now: number;
    readonly leaseUntil: number;
    readonly limit: number;
    /** False while nothing may be sent: `ready` members are left alone. */
    readonly maySend: boolean;
  }) => Promise<readonly Member[]>;
  /** When the next member is due; null: none is. */
  readonly nextDueAt: (maySend: boolean) => Promise<number | null>;
  /** Ends the leases that a dead process held. */
  readonly releaseLeases: () => Promise<void>;
  /** Members in `sending`; after a crash these are the attempts of the process before. */
  readonly sendingMembers: (limit: number) => Promise<readonly Member[]>;
  /** Start times of the attempts since `since`, oldest first. */
  readonly attemptsSince: (since: number) => Promise<readonly number[]>;
  /** Makes every `ready` member due now. */
  readonly makeReadyDue: (now: number) => Promise<void>;
  /** `failed` members, with this reason if one is given, ordered by user id after `after`. */
  readonly failedMembers: (query: {
    readonly reason: MemberReason['code'] | null;
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly Member[]>;
  /** The invitations that could have brought a person: see `ownershipOf`. */
  readonly candidates: (person: {
    readonly userId: string;
    readonly email: string;
    readonly invitationId: string | null;
    readonly issuedUntil: number;
  }) => Promise<Candidates>;
};

// ── Invitations ─────────────────────────────────────────────────────────────────────────────────

export type NewInvitation = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /** The user id of the account whose API key is used. */
  readonly accountId: string;
  /**
   * The caller's own key of this request. The same key with the same address is answered with the
   * invitation that exists; one that failed is issued again under its id. Null: no key.
   */
  readonly idempotencyKey?: string | null;
  readonly at: number;
  readonly entry: Entry;
};

export type OpenedInvitation =
  | { readonly kind: 'opened' }
  /** It failed before, and is issued again under its own id. */
  | { readonly kind: 'reopened'; readonly id: string }
  /** `conflict`: the address has a current invitation; `repeat`: the same request came before. */
  | { readonly kind: 'conflict' | 'repeat'; readonly invitation: Invitation };

/** The portal's answer. Written once, when the invitation leaves `issuing`. */
export type InvitationResult =
  | { readonly kind: 'issued'; readonly link: string | null; readonly userId: string | null }
  | { readonly kind: 'failed'; readonly reason: InvitationReason };

/** The rule is checked inside the transaction. */
export type InvitationChange =
  | { readonly kind: 'done'; readonly invitation: Invitation }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason; readonly invitationId: string }
  | { readonly kind: 'missing' };

export type InvitationFilter = {
  readonly status?: InvitationStatus | undefined;
  readonly employeeType?: EmployeeType | undefined;
  readonly mode?: InvitationMode | undefined;
  /** Compared in its normalised form. */
  readonly email?: string | undefined;
  /** Three or more characters (two if Chinese, Japanese or Korean) anywhere in e-mail or note. */
  readonly q?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
};

export type MemberCounts = Readonly<Partial<Record<MemberState, number>>>;

export type ListedInvitation = Invitation & {
  /** Members who came by an open link, by state. Null for an invitation to one person. */
  readonly memberCounts: MemberCounts | null;
};

export type InvitationStory = {
  readonly invitation: ListedInvitation;
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
};

type InvitationReads = {
  readonly invitation: (id: string) => Promise<Invitation | null>;
  readonly invitationStory: (id: string) => Promise<InvitationStory | null>;
  readonly listInvitations: (
    filter: InvitationFilter,
    paging: Paging,
    now: number,
  ) => Promise<PageOf<ListedInvitation>>;
  /** The invitation that answers this request already; null: none, or it failed or expired. */
  readonly findByIdempotencyKey: (
    request: Pick<NewInvitation, 'idempotencyKey' | 'email'>,
    now: number,
  ) => Promise<Invitation | null>;
};

type InvitationWrites = {
  readonly openInvitation: (invitation: NewInvitation) => Promise<OpenedInvitation>;
  readonly settleInvitation: (settled: {
    readonly id: string;
    readonly result: InvitationResult;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<void>;
  /** Invitations in `issuing` that were opened before `before`, oldest first. */
  readonly issuingInvitations: (before: number) => Promise<readonly Invitation[]>;
  /** Closes the invitation and erases its link. */
  readonly revokeInvitation: (revoked: {
    readonly id: string;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<InvitationChange>;
  /**
   * Whether it may be sent again now; asked before the portal is. Also forbidden while another
   * invitation of its address is current.
   */
  readonly mayResend: (id: string, now: number) => Promise<InvitationChange>;
  /** It was sent again: a fresh link (null for a letter of the portal), a new time of issue. */
  readonly renewInvitation: (renewed: {
    readonly id: string;
    readonly link: string | null;
    readonly userId: string | null;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<InvitationChange>;
  /**
   * Marks up to `limit` invitations as expired and erases their links; returns how many. Lists and
   * counts are right before that, too; this keeps them fast.
   */
  readonly expireInvitations: (query: {
    readonly now: number;
    readonly limit: number;
  }) => Promise<number>;
};

// ── Counts ──────────────────────────────────────────────────────────────────────────────────────

/** The states of the members add up to the members. */
export type Counts = {
  readonly members: MemberCounts;
  /** The members among these who came by an open link. */
  readonly openLinkMembers: MemberCounts;
  /** The members among these who are skipped with `address_not_invited`. */
  readonly addressNotInvited: number;
  readonly invitations: Readonly<Partial<Record<InvitationStatus, number>>>;
};

export const activityKinds = ['invited', 'activated', 'welcomed'] as const;
export type ActivityKind = (typeof activityKinds)[number];
export type ActivityCounts = Readonly<Record<ActivityKind, number>>;

/** What the store holds, for `/metrics`. */
export type StoreMetrics = {
  readonly members: MemberCounts;
  /** Deliveries that are not hints yet, counted up to 10,000, and when the oldest came. */
  readonly inbox: { readonly count: number; readonly oldestAt: number | null };
  /** Members that are due, counted up to 10,000, and since when the first of them is. */
  readonly due: { readonly count: number; readonly oldestAt: number | null };
  /** When the newest kept delivery came. */
  readonly lastDeliveryAt: number | null;
  readonly databaseBytes: number;
  /** The size of the write-ahead log. */
  readonly walBytes: number;
};

type CountReads = {
  readonly counts: (now: number) => Promise<Counts>;
  /**
   * What happened in each span of time.
   * @param startTimes UTC ms on a quarter hour, oldest first: every time zone's day begins on one.
   *   Each span ends at the next start; the last is still open.
   */
  readonly activity: (startTimes: readonly number[]) => Promise<readonly ActivityCounts[]>;
  /** How long members took so far, counted with the commits that changed them. */
  readonly durations: () => Promise<Readonly<Record<DurationKind, Histogram>>>;
};

// ── Erasure ─────────────────────────────────────────────────────────────────────────────────────

/** Everything that an e-mail address leads to. */
type PersonRecords = {
  readonly members: readonly Member[];
  /** User ids of deliveries whose body contains the address. */
  readonly userIdsInDeliveries: readonly string[];
  /** Those of `userIdsInDeliveries` that are no members yet. */
  readonly usersNotFollowed: readonly string[];
  /** The last delivery that was searched. */
  readonly through: number;
};

/** How many records were erased. */
export type Erased = {
  readonly members: number;
  readonly invitations: number;
  /** Bodies of deliveries. */
  readonly deliveries: number;
  readonly timelineEntries: number;
  /** Notes of other invitations and stored answers that contained the address. */
  readonly mentions: number;
};

type Erasure = {
  /**
   * Everybody whom this address means: by their own address, by their invitation's, or by a delivery.
   * @param after deliveries up to this id were searched before
   */
  readonly findPerson: (email: string, after: number) => Promise<PersonRecords>;
  /**
   * Commits the decisions and erases everything else about the person; then overwrites the address in
   * the bytes of the files. `stale`: a member changed meanwhile, and nothing was done.
   * @param changes one for each found member who was not forgotten before, and for each user not followed
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
        /** False: another program reads the database, so old bytes could not be overwritten yet. */
        readonly isOverwritten: boolean;
      }
  >;
  /**
   * Overwrites in the files what `forget`, or an earlier process, could only erase from the tables.
   * @returns false when that is still not possible
   */
  readonly overwriteErased: () => Promise<boolean>;
  /** The key of the hashes is missing: a person who returns under a new id is not recognised. */
  readonly isForgetKeyLost: () => Promise<boolean>;
  /** Whether a person with this id or address was forgotten after a welcome. */
  readonly wasWelcomedAndForgotten: (person: {
    readonly userId: string;
    readonly email: string;
  }) => Promise<boolean>;
};

// ── Idempotency keys of the HTTP API ────────────────────────────────────────────────────────────

export type StoredAnswer = { readonly status: number; readonly body: string };

export type IdempotencyStart =
  /** The key is this caller's until it is completed or abandoned. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'under_way' }
  /** The key was used for another request. */
  | { readonly kind: 'other_request' }
  | ({ readonly kind: 'answered' } & StoredAnswer);

type IdempotencyKeys = {
  /**
   * @param request fingerprint of the request
   * @param answeredSince older answers do not count any more (UTC ms)
   * @param begunSince older requests without an answer do not count any more (UTC ms)
   */
  readonly beginIdempotent: (request: {
    readonly key: string;
    readonly request: string;
    readonly at: number;
    readonly answeredSince: number;
    readonly begunSince: number;
  }) => Promise<IdempotencyStart>;
  readonly completeIdempotent: (key: string, answer: StoredAnswer) => Promise<void>;
  /** The request had no effect: the key may be used again. */
  readonly abandonIdempotent: (key: string) => Promise<void>;
  /** Abandons every key that a dead process had begun. */
  readonly abandonAllIdempotent: () => Promise<void>;
  /** Deletes up to `limit` keys that are older than `before`; returns how many. */
  readonly deleteIdempotencyKeys: (query: {
    readonly before: number;
    readonly limit: number;
  }) => Promise<number>;
};

// ── Reconciliation ──────────────────────────────────────────────────────────────────────────────

type ReconciliationVerbs = {
  /** Notes that this run saw these users in a list of people not yet active. */
  readonly markSeen: (userIds: readonly string[], run: number) => Promise<void>;
  /** `waiting` members that this run did not see, and that were known before it began. */
  readonly unseenWaiting: (query: {
    readonly run: number;
    readonly after: string;
    readonly limit: number;
    /** The newest member when the run began: see `newestMember`. */
    readonly until: number;
  }) => Promise<readonly string[]>;
  /** A number that grows with every new member. */
  readonly newestMember: () => Promise<number>;
  /** Invitations to an address that nobody has used yet, oldest first, after the id `after`. */
  readonly outstandingAddresses: (query: {
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly { readonly id: string; readonly email: string }[]>;
};

// ── Values and pauses ───────────────────────────────────────────────────────────────────────────

/** Small facts about the whole store. */
export type ValueKey =
  | 'portal_origin'
  | 'portal_tenant_id'
  /** The accounts whose API keys issued invitations, as a JSON list, the present one first. */
  | 'account_ids'
  /** When an operator last granted a new hour of `WELCOME_MAX_PER_HOUR`; UTC ms. */
  | 'hour_granted_at'
  /** This service's webhook in the portal, as `webhook register` stored it. */
  | 'webhook'
  /** How far reconciliation came: see `src/reconciliation`. */
  | 'journal_seen'
  | 'not_yet_active_run'
  | 'not_yet_active_place'
  | 'sweep_place'
  | 'swept_at'
  | 'baseline'
  | 'baseline_place'
  | 'asked_addresses'
  /** Dashboard sessions that were signed out, until they would have ended: see `src/dashboard/session.ts`. */
  | 'signed_out_sessions'
  /** Refusals in a row of a channel: see `src/domain/circuit-breaker.ts`. */
  | `refusals:${ChannelName}`;

/** The pauses that survive a restart. */
export type StoredPause = 'operator' | 'hourly' | 'restored';
export type PauseRow = {
  readonly name: StoredPause;
  readonly reason: PauseReason;
  readonly since: number;
};

/** A database that was restored from a copy, and whose pause nobody lifted yet. */
export type Restored = {
  readonly copiedAt: number;
  /**
   * Active, and without a welcome that this copy knows of: it may have been sent after the copy was
   * made. The first thousand; `count` says how many there are.
   */
  readonly members: readonly Member[];
  readonly count: number;
  /** Not active as far as this copy knows: they join the list when the portal shows them active. */
  readonly notYetActive: number;
};

type ValueReads = {
  readonly getValue: (key: ValueKey) => Promise<string | null>;
  readonly pauses: () => Promise<readonly PauseRow[]>;
  /** Null: this database is no copy, or `resume` accepted it. */
  readonly restored: () => Promise<Restored | null>;
};

type ValueWrites = {
  readonly setValue: (key: ValueKey, value: string) => Promise<void>;
  readonly pause: (pause: PauseRow) => Promise<void>;
  readonly liftPauses: () => Promise<void>;
  /** A real write, to find out whether the database can take one. */
  readonly probe: () => Promise<void>;
  readonly metrics: (now: number) => Promise<StoreMetrics>;
};

// ── The store ───────────────────────────────────────────────────────────────────────────────────

/** The verbs that only read: safe beside a serving process. */
export type StoreReads = DeliveryReads &
  MemberReads &
  InvitationReads &
  CountReads &
  ValueReads & { readonly close: () => Promise<void> };

export type Store = StoreReads &
  DeliveryWrites &
  MemberWrites &
  InvitationWrites &
  Erasure &
  IdempotencyKeys &
  ReconciliationVerbs &
  ValueWrites;

// ── The database file, for those who only look at it ────────────────────────────────────────────

/** What can be learnt about a database without writing to it. */
export type DatabaseStatus =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | {
      readonly kind: 'database';
      readonly version: 'this' | 'older' | 'newer';
      readonly journalMode: string;
      readonly sizeBytes: number;
    };

/** Who serves a database. `left`: a holder's text without a holder, as an unclean stop leaves it. */
export type LockStatus =
  | { readonly kind: 'free' }
  | { readonly kind: 'served' | 'left'; readonly pid: number | null; readonly url: string | null };
