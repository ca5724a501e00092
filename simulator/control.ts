import type { InterferenceRule } from './http/interference.ts';
import type { PortalRequest } from './http/request-record.ts';
import type { NewUser } from './joining/add-user.ts';
import type { ProfileChange } from './joining/lifecycle.ts';
import type { Letter } from './letters.ts';
import type { EmployeeType, PortalUser } from './person.ts';
import type { Seeding } from './seed-people.ts';
import type { JournalRow } from './webhooks/journal.ts';
import type { PortalWebhook } from './webhooks/webhook.ts';
import type { Congratulation } from './world.ts';

export type NewAccount = {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly type: EmployeeType;
  /** Scopes of the key (wire 1.3); full access if left out. */
  readonly permissions?: readonly string[];
};
export type LinkRegistration = {
  /** The short link or the long one. */
  readonly link: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
};

/**
 * What a portal's people do without our service, and what goes wrong with portals.
 * Each throws an Error that says what is wrong when it is misused; ids are lower-case guids.
 */
export type PortalControl = {
  /** Another inside account with a key of its own; no webhook. */
  addAccount(account: NewAccount): { userId: string; apiKey: string };
  revokeKey(apiKey: string): void;
  /** A token that works raw and as Bearer (wire 1.1). */
  sessionToken(userId: string): string;

  /** What the page behind an invitation link does (wire 8 b, c1); returns the user id. */
  register(registration: LinkRegistration): string;
  confirmEmail(userId: string): void;
  activateSilently(userId: string): void;
  /** A person who comes without an invitation (wire 8 d, e); returns the user id. */
  addUser(person: NewUser): string;
  editProfile(userId: string, change: ProfileChange): void;
  changeType(userId: string, type: EmployeeType): void;
  disable(userId: string): void;
  enable(userId: string): void;
  /** Only of a disabled user (wire 8 f7). */
  deleteUser(userId: string): void;
  deleteOwnProfile(userId: string): void;
  changeEmail(userId: string, email: string): void;
  confirmChangedEmail(userId: string): void;
  /** Quickly and with no webhook. */
  seedPeople(seeding: Seeding): string[];

  users(): readonly PortalUser[];
  user(userId: string): PortalUser | undefined;
  userByEmail(email: string): PortalUser | undefined;
  /** Every sendcongratulations that had its effect. */
  congratulations(): readonly Congratulation[];
  /** The letters that DocSpace sends by itself (wire 6.5). */
  letters(): readonly Letter[];
  /** The newest 100,000. */
  requests(): readonly PortalRequest[];
  /** Forgets the requests; the peak of concurrency starts anew too. */
  clearRequests(): void;
  /** How many requests were open at once. */
  peakConcurrency(): number;

  webhooks(): readonly PortalWebhook[];
  /** The rows of wire 7.6, newest first. */
  journal(): readonly JournalRow[];
  /** By hand: a new journal row (wire 7.4); returns its id. */
  redeliver(logId: number): number;
  pauseDeliveries(): void;
  resumeDeliveries(): void;
  /** The sending process loses what is in memory; rows stay at status 0 (wire 7.3). */
  restart(): void;
  /** The next events get a journal row at status 0 but are never sent. */
  dropNextDeliveries(count: number): void;
  disableWebhook(id: number): void;
  deleteWebhook(id: number): void;
  /** Resolves when nothing is queued, in flight or waiting for a retry; else rejects in time. */
  deliveriesIdle(wait: { readonly deadlineMs: number; readonly label: string }): Promise<void>;

  /** A nasty portal; returns the remover. */
  interfere(rule: InterferenceRule): () => void;
  /** Lets go on what `hold` holds now. */
  release(): void;
  /** Everything answers 404 (wire 1.2). */
  suspend(): void;
  unsuspend(): void;
  /** 402 where wire 1.2 says so. */
  unpaid(isUnpaid: boolean): void;
  /** The portal setting "allow inviting members" (wire 3.1). */
  setInvitingMembers(isAllowed: boolean): void;
};
