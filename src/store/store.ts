import type { DurationKind, Histogram } from '../domain/durations.ts';
import type { AttemptChange, Entry } from '../domain/facts.ts';
import type { Invitation, InvitationStatus } from '../domain/invitation.ts';
import type { Member, MemberState } from '../domain/member.ts';
import type { ChannelName, OutcomeKind } from '../domain/outcome.ts';
import type { Candidates } from '../domain/ownership.ts';
import type { EmployeeType, InvitationMode, Trigger } from '../domain/vocabulary.ts';
import type { ActivityReads } from './activity.ts';
import type { Forgetting } from './forgetting.ts';
import type { KeyedAnswers } from './keyed-answers.ts';
import type { ReadingVerbs } from './readings.ts';
import type { InvitationReissue } from './reissue.ts';
import type { RestoredReads } from './restored.ts';
import type { Retention } from './retention.ts';
import type { DeliveryReads, DeliveryReplay } from './told.ts';

/*
 * What the service keeps, as verbs that it means. Each is one transaction; none takes a callback, so
 * that another database can implement them. Times are UTC ms. Any verb that writes rejects with
 * `StoreUnavailable` when the database cannot: full disk, read-only file, lock.
 */

/** The database cannot take or give anything now; its cause says why. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A delivery about a user, as it is kept. The same one has the same first three (wire 7.4). */
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
export type DeliveryShows = 'activated' | 'not_active' | 'terminated';

export type UnappliedDelivery = Pick<NewDelivery, 'trigger' | 'userId' | 'shows'> & {
  readonly id: number;
};

/** A decision to be kept whole: the member, its timeline, its attempts, its invitation's progress. */
export type Change = {
  readonly member: Member;
  /** The version that the decision was made on; null for a member that is new. */
  readonly madeOn: number | null;
  /** The member of that version, where it is at hand: only what differs from it is written. */
  readonly before?: Member;
  readonly entries: readonly Entry[];
  readonly attempts: readonly AttemptChange[];
  readonly at: number;
};

export type NewInvitation = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /**
   * The caller's own key of this wish. The log answers the same wish (same key, same address) with
   * the invitation that it has; one that failed is asked for again under its id. Null: no key.
   */
  readonly importKey?: string | null;
  readonly at: number;
  readonly entry: Entry;
};

/** `repeat`: the same wish came before; `conflict`: the address has a current invitation. */
export type OpenedInvitation =
  | { readonly kind: 'opened' }
  /** It failed before: asked for again under its own id. */
  | { readonly kind: 'reopened'; readonly id: string }
  | { readonly kind: 'conflict' | 'repeat'; readonly invitation: Invitation };

/** What asking the portal came to; committed once per `issuing`. */
export type InvitationResult =
  | { readonly kind: 'issued'; readonly link: string | null; readonly userId: string | null }
  | { readonly kind: 'failed'; readonly reason: string };

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
  readonly detail: string | null;
};

export type InvitationFilter = {
  readonly status?: InvitationStatus | undefined;
  readonly employeeType?: EmployeeType | undefined;
  readonly mode?: InvitationMode | undefined;
  /** Compared in its normalised form. */
  readonly email?: string | undefined;
  /** Three or more characters anywhere in e-mail or note. */
  readonly q?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
};

export type MemberFilter = {
  readonly state?: MemberState | undefined;
  readonly email?: string | undefined;
  /** Exactly so. */
  readonly reason?: string | undefined;
};

/** Newest first; `cursor` is where the page before ended. */
export type PageOf<T> = { readonly items: readonly T[]; readonly nextCursor: number | null };
export type Paging = { readonly limit: number; readonly cursor?: number | undefined };

export type MemberCounts = Readonly<Partial<Record<MemberState, number>>>;
export type ListedInvitation = Invitation & {
  /** Of an open link: how many came by it, by state. Null for an invitation to one person. */
  readonly memberCounts: MemberCounts | null;
};

export type InvitationStory = {
  readonly invitation: ListedInvitation;
  readonly members: readonly Member[];
  readonly timeline: readonly TimelineEntry[];
};
export type MemberStory = {
  readonly member: Member;
  readonly attempts: readonly Attempt[];
  readonly timeline: readonly TimelineEntry[];
};

/** Small facts about the whole store: which portal it belongs to, how far a pass came. */
export type ProgressKey =
  | 'portal_origin'
  | 'portal_tenant_id'
  | 'account_id'
  /** When an operator last granted a new hour of `WELCOME_MAX_PER_HOUR`; UTC ms. */
  | 'hour_granted_at'
  /** The webhook of this service at the portal, as `webhook register` remembered it. */
  | 'webhook'
  /** How far reconciliation came: see `worker/reconcile`. */
  | 'journal_seen'
  | 'round'
  | 'round_place'
  | 'sweep_place'
  | 'swept_at'
  | 'baseline'
  | 'baseline_place'
  | 'asked_addresses'
  /** Refusals in a row of a channel, with the members they met: see `onboarding/guard.ts`. */
  | `refusals:${ChannelName}`;

/** The pauses that survive a restart. */
export type StoredPause = 'operator' | 'hourly' | 'restored';
type PauseRow = { readonly name: StoredPause; readonly reason: string; readonly since: number };

/** What only reads: safe beside a serving process. */
export type StoreReads = DeliveryReads &
  RestoredReads &
  ActivityReads & {
    readonly invitation: (id: string) => Promise<Invitation | null>;
    readonly invitationStory: (id: string) => Promise<InvitationStory | null>;
    readonly listInvitations: (
      filter: InvitationFilter,
      paging: Paging,
      now: number,
    ) => Promise<PageOf<ListedInvitation>>;
    /** The invitation that stands for this wish already; null: none does, it failed or expired. */
    readonly imported: (
      wish: Pick<NewInvitation, 'importKey' | 'email'>,
      now: number,
    ) => Promise<Invitation | null>;
    readonly member: (userId: string) => Promise<Member | null>;
    readonly memberStory: (userId: string) => Promise<MemberStory | null>;
    readonly listMembers: (filter: MemberFilter, paging: Paging) => Promise<PageOf<Member>>;
    readonly progress: (key: ProgressKey) => Promise<string | null>;
    readonly pauses: () => Promise<readonly PauseRow[]>;
    /** The closed balance: members by state, invitations by status. */
    readonly balance: (now: number) => Promise<Balance>;
    /** How long members took so far, counted with the commits that changed them. */
    readonly durations: () => Promise<Readonly<Record<DurationKind, Histogram>>>;
    readonly close: () => Promise<void>;
  };

export type Balance = {
  readonly members: MemberCounts;
  /** Those of them who came by an open link. */
  readonly openLinkMembers: MemberCounts;
  /** Those of them who are skipped for `skipReasons.otherAddress`. */
  readonly cameByUs: number;
  readonly invitations: Readonly<Partial<Record<InvitationStatus, number>>>;
};

export type Store = StoreReads &
  DeliveryReplay &
  Forgetting &
  Retention &
  InvitationReissue &
  KeyedAnswers &
  ReadingVerbs & {
    /** Resolves after its own commit reached the disk. */
    readonly acceptDelivery: (delivery: NewDelivery) => Promise<'accepted' | 'duplicate'>;
    /** Keeps what was signed but could not be read, for the operator. */
    readonly keepUnreadable: (
      body: Uint8Array,
      reason: string,
      receivedAt: number,
    ) => Promise<void>;
    /** Writes that wait for their commit. */
    readonly queuedWrites: () => number;
    /** The oldest stored deliveries that are not yet hints, and the members they are about. */
    readonly unappliedDeliveries: (limit: number) => Promise<{
      readonly deliveries: readonly UnappliedDelivery[];
      readonly members: readonly Member[];
    }>;
    /** Commits the hints of all deliveries up to `through`, or nothing: `stale` when a member moved on. */
    readonly applyDeliveries: (
      changes: readonly Change[],
      through: number,
    ) => Promise<'committed' | 'stale'>;
    /** Gives up to `limit` members that are due to this worker alone, until `leaseUntil`; longest due first. */
    readonly claimDue: (claim: {
      readonly now: number;
      readonly leaseUntil: number;
      readonly limit: number;
      /** False while nothing may be sent: `ready` members stay where they are. */
      readonly maySend: boolean;
    }) => Promise<readonly Member[]>;
    /** When the next member falls due; null: none does. */
    readonly nextDueAt: (maySend: boolean) => Promise<number | null>;
    /** Frees members that a dead process was looking at. */
    readonly releaseLeases: () => Promise<void>;
    /** Keeps a decision, unless the member changed since it was made: then `stale`, and nothing. */
    readonly commit: (change: Change) => Promise<'committed' | 'stale'>;
    /** Members found in `sending`: after a crash, all of an earlier process. */
    readonly sendingMembers: (limit: number) => Promise<readonly Member[]>;
    /** The invitations that could have brought a person: see `whose`. */
    readonly candidates: (person: {
      readonly userId: string;
      readonly email: string;
      readonly invitationId: string | null;
      readonly issuedUntil: number;
    }) => Promise<Candidates>;
    /** `conflict`: the address has a current invitation already. */
    readonly openInvitation: (invitation: NewInvitation) => Promise<OpenedInvitation>;
    readonly settleInvitation: (settled: {
      readonly id: string;
      readonly result: InvitationResult;
      readonly entry: Entry;
      readonly at: number;
    }) => Promise<void>;
    /** Invitations whose asking was cut off, oldest first. */
    readonly issuingInvitations: (before: number) => Promise<readonly Invitation[]>;
    readonly remember: (key: ProgressKey, value: string) => Promise<void>;
    /** When attempts began since `since`, oldest first. */
    readonly attemptsSince: (since: number) => Promise<readonly number[]>;
    /** Makes every `ready` member that waits for a later time due now. */
    readonly hurryReady: (now: number) => Promise<void>;
    /** A real write, to find out whether the database can take one. */
    readonly probe: () => Promise<void>;
    /** Those of these users that are members. */
    readonly members: (userIds: readonly string[]) => Promise<readonly Member[]>;
    /** `failed` members, with this reason if one is given, in their order after the one `after`. */
    readonly failedMembers: (query: {
      readonly reason: string | null;
      readonly after: string;
      readonly limit: number;
    }) => Promise<readonly Member[]>;
    /** Notes that a reconciliation round saw these users in a list of the not yet active. */
    readonly markSeen: (userIds: readonly string[], round: number) => Promise<void>;
    /** `waiting` members that this round did not see, known since before it began. */
    readonly unseenWaiting: (query: {
      readonly round: number;
      readonly after: string;
      readonly limit: number;
      /** The newest member when the round began. */
      readonly until: number;
    }) => Promise<readonly string[]>;
    /** Grows with every new member. */
    readonly newestMember: () => Promise<number>;
    /** Users whom a delivery that is not applied yet showed as not active. */
    readonly shownInactive: (userIds: readonly string[]) => Promise<readonly string[]>;
    /** Invitations with an address that brought nobody yet, oldest first from `after` on. */
    readonly outstandingAddresses: (query: {
      readonly after: string;
      readonly limit: number;
    }) => Promise<readonly { readonly id: string; readonly email: string }[]>;
    /** The webhook that the newest delivery came from. */
    readonly lastWebhookId: () => Promise<number | null>;
    readonly pause: (pause: PauseRow) => Promise<void>;
    readonly liftPauses: () => Promise<void>;
  };
