import type { Interference, InterferenceRule } from './http/interference.ts';
import type { PortalRequest, RequestRecord } from './http/record.ts';
import { newGuid } from './ids.ts';
import { addUser, type NewUser } from './joining/add-user.ts';
import { looksLikeEmail } from './joining/addresses.ts';
import type { Letter } from './joining/letters.ts';
import { REFUSAL_TEXTS, type RegistrationForm, register } from './joining/register.ts';
import type { ProfileChange } from './people/lifecycle.ts';
import * as lifecycle from './people/lifecycle.ts';
import { ACTIVATION, type EmployeeType, type PortalUser, STATUS } from './people/person.ts';
import { type Seeding, seedPeople } from './people/seed.ts';
import { momentAt } from './time.ts';
import type { JournalRow } from './webhooks/journal.ts';
import { redeliver } from './webhooks/publish.ts';
import type { PortalWebhook } from './webhooks/webhooks.ts';
import type { Congratulation, World } from './world.ts';

export type NewAccount = {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly type: EmployeeType;
  /** Scopes of the key (docs/docspace-wire.md 1.3); full access if left out. */
  readonly permissions?: readonly string[];
};
type NewKey = {
  readonly name?: string;
  readonly permissions?: readonly string[];
  /** ms UTC. */
  readonly expiresAt?: number;
};
type LinkRegistration = RegistrationForm & {
  /** The short link or the long link. */
  readonly link: string;
};

/**
 * Everything that people do in a portal without our service, and the faults of a portal. A function that is
 * misused throws an Error that says what is wrong. Ids are lower-case guids.
 */
export type PortalControl = {
  /** Adds an active account with its own API key. No webhook is sent. */
  addAccount(account: NewAccount): { userId: string; apiKey: string };
  /** Creates another API key for an existing account. */
  addKey(userId: string, key?: NewKey): string;
  revokeKey(apiKey: string): void;
  switchKey(apiKey: string, isActive: boolean): void;
  /** Creates a session token. It works as it is and as Bearer (docs/docspace-wire.md 1.1). */
  sessionToken(userId: string): string;

  /**
   * Registers a person as the page behind an invitation link does (docs/docspace-wire.md 8 b, c1). Returns
   * the user id.
   */
  register(registration: LinkRegistration): string;
  confirmEmail(userId: string): void;
  /** Opens the letter for a forgotten password, which activates the person. */
  activateSilently(userId: string): void;
  /** Sends a pending person a new invitation in the owner's name (docs/docspace-wire.md 13.2, 8). */
  forgetPassword(userId: string): void;
  /** Adds a person who comes without an invitation. Returns the user id. */
  addUser(person: NewUser): string;
  editProfile(userId: string, change: ProfileChange): void;
  /** Raises a type. Only the background job lowers a type. */
  changeType(userId: string, type: EmployeeType): void;
  lowerType(userId: string, type: EmployeeType): void;
  /** Disables a user: with a date as PUT people/{id} does, or without as PUT people/status does. */
  disable(userId: string, how?: { readonly withDate: boolean }): void;
  enable(userId: string): void;
  /** Deletes a user. The user must be disabled. */
  deleteUser(userId: string): void;
  deleteOwnProfile(userId: string): void;
  changeEmail(userId: string, email: string): void;
  /** The person's own change of address: sends the letter whose link contains the new address. */
  requestEmailChange(userId: string, email: string): void;
  confirmChangedEmail(userId: string, email?: string): void;
  /** Adds many people quickly, without webhooks. */
  seedPeople(seeding: Seeding): string[];

  users(): readonly PortalUser[];
  user(userId: string): PortalUser | undefined;
  userByEmail(email: string): PortalUser | undefined;
  /** Every call of sendcongratulations that sent a letter. */
  congratulations(): readonly Congratulation[];
  /** The letters that DocSpace sends by itself (docs/docspace-wire.md 6.5). */
  letters(): readonly Letter[];
  /** The newest 100,000 requests. */
  requests(): readonly PortalRequest[];
  /** Forgets the requests, and restarts the count of open requests. */
  clearRequests(): void;
  /** How many requests were open at once. */
  peakConcurrency(): number;

  webhooks(): readonly PortalWebhook[];
  /** The rows of docs/docspace-wire.md 7.6, newest first. */
  journal(): readonly JournalRow[];
  /**
   * Sends a delivery again by hand, as a new journal row (docs/docspace-wire.md 7.4). Returns the id of the
   * new row.
   */
  redeliver(logId: number): number;
  pauseDeliveries(): void;
  resumeDeliveries(): void;
  /**
   * Restarts the sending process. It loses what is in memory, so rows stay at status 0
   * (docs/docspace-wire.md 7.3).
   */
  restart(): void;
  /** Drops the next deliveries: their events get a journal row at status 0 but are never sent. */
  dropNextDeliveries(count: number): void;
  disableWebhook(id: number): void;
  deleteWebhook(id: number): void;
  /** Resolves when no delivery is queued, in progress or waiting for a retry. Rejects at the deadline. */
  deliveriesIdle(wait: { readonly deadlineMs: number; readonly label: string }): Promise<void>;

  /** Adds a rule that disturbs requests. Returns the function that removes the rule. */
  interfere(rule: InterferenceRule): () => void;
  /** Continues all requests that a `hold` holds now. */
  release(): void;
  /** Suspends the portal: nearly every request is answered 404 (docs/docspace-wire.md 1.2). */
  suspend(): void;
  unsuspend(): void;
  /** Puts the portal into a restore: nearly every request is answered 403. */
  restore(isRestoring: boolean): void;
  /** Makes the portal unpaid: requests are answered 402 where docs/docspace-wire.md 1.2 says so. */
  unpaid(isUnpaid: boolean): void;
  /** The portal setting "allow inviting members" (docs/docspace-wire.md 3.1). */
  setInvitingMembers(isAllowed: boolean): void;
  setInvitingGuests(isAllowed: boolean): void;
  /** Disconnects the store of the rate limiter: every request is answered 500. */
  loseLimiterStore(isLost: boolean): void;
};

/** The functions of PortalControl for one world. */
export function createControl(input: {
  readonly world: World;
  readonly interference: Interference;
  readonly record: RequestRecord;
}): PortalControl {
  const { world, interference, record } = input;
  const { people, sender, switches } = world;
  return {
    addAccount: (account) => addAccount({ world, account }),
    addKey(userId, key = {}) {
      const { name = 'k', permissions = [], expiresAt } = key;
      return world.accounts.addKey({ userId, name, permissions, expiresAt }).key;
    },
    switchKey(apiKey, isActive) {
      if (!world.accounts.switchKey(apiKey, isActive)) {
        throw new Error('There is no such API key to switch.');
      }
    },
    revokeKey(apiKey) {
      if (!world.accounts.revokeKey(apiKey)) throw new Error('There is no such API key to revoke.');
    },
    sessionToken(userId) {
      if (people.get(userId) === undefined) throw new Error(`There is no user ${userId}.`);
      return world.accounts.addToken(userId);
    },

    register: (registration) => registerOrThrow({ world, registration }),
    confirmEmail: (userId) => lifecycle.confirmEmail({ world, userId }),
    activateSilently: (userId) => lifecycle.activateSilently({ world, userId }),
    forgetPassword: (userId) => lifecycle.forgetPassword({ world, userId }),
    addUser(person) {
      assertFree(world, person.email);
      return addUser({ world, person }).id;
    },
    editProfile: (userId, change) => lifecycle.editProfile({ world, userId, change }),
    changeType: (userId, type) => lifecycle.changeType({ world, userId, type }),
    lowerType: (userId, type) => lifecycle.lowerType({ world, userId, type }),
    disable: (userId, how) => lifecycle.disable({ world, userId, ...how }),
    enable: (userId) => lifecycle.enable({ world, userId }),
    deleteUser: (userId) => lifecycle.deleteUser({ world, userId }),
    deleteOwnProfile: (userId) => lifecycle.deleteOwnProfile({ world, userId }),
    changeEmail: (userId, email) => lifecycle.changeEmail({ world, userId, email }),
    requestEmailChange: (userId, email) => lifecycle.requestEmailChange({ world, userId, email }),
    confirmChangedEmail: (userId, email) =>
      lifecycle.confirmChangedEmail({ world, userId, ...(email === undefined ? {} : { email }) }),
    seedPeople: (seeding) => seedPeople({ world, seeding }),

    users: () => [...people.all()],
    user: (userId) => people.get(userId),
    userByEmail: (email) => people.byEmail(email),
    congratulations: () => [...world.congratulations],
    letters: () => [...world.letters],
    requests: record.newest,
    clearRequests: record.clear,
    peakConcurrency: record.peak,

    webhooks: world.webhooks.all,
    journal: world.journal.newestFirst,
    redeliver(logId) {
      const row = world.journal.get(logId);
      if (row === undefined) throw new Error(`The journal has no row ${logId} to redeliver.`);
      return redeliver({ world, row }).id;
    },
    pauseDeliveries: sender.pause,
    resumeDeliveries: sender.resume,
    restart: sender.restart,
    dropNextDeliveries: sender.dropNextEvents,
    disableWebhook(id) {
      world.webhooks.save({ ...webhookOrThrow(world, id), enabled: false });
    },
    deleteWebhook(id) {
      world.webhooks.remove(webhookOrThrow(world, id).id);
    },
    deliveriesIdle: sender.idle,

    interfere: interference.add,
    release: interference.release,
    suspend() {
      switches.state = 'suspended';
    },
    unsuspend() {
      switches.state = 'active';
    },
    restore(isRestoring) {
      switches.state = isRestoring ? 'restoring' : 'active';
    },
    unpaid(isUnpaid) {
      switches.unpaid = isUnpaid;
    },
    setInvitingMembers(isAllowed) {
      switches.invitingMembers = isAllowed;
    },
    setInvitingGuests(isAllowed) {
      switches.invitingGuests = isAllowed;
    },
    loseLimiterStore(isLost) {
      switches.limiterWithoutStore = isLost;
    },
  };
}

/** Adds an active user with an API key. No event is published. */
function addAccount(input: { readonly world: World; readonly account: NewAccount }): {
  userId: string;
  apiKey: string;
} {
  const { world, account } = input;
  const { email, type, permissions = [] } = account;
  assertFree(world, email);
  const userId = newGuid(world.random);
  const now = momentAt(world.now());
  const user: PortalUser = {
    id: userId,
    firstName: account.firstName ?? 'Portal',
    lastName: account.lastName ?? 'Account',
    userName: world.people.newUserName(email),
    email,
    type,
    status: STATUS.active,
    activationStatus: ACTIVATION.activated,
    workFromDate: world.people.firstDay(now),
    lastModified: now,
    cultureName: world.culture,
    createDate: now,
    createdBy: world.ownerId,
    spam: false,
  };
  world.people.save(user);
  const { key } = world.accounts.addKey({ userId, permissions, name: `Key of ${email}` });
  return { userId, apiKey: key };
}

function registerOrThrow(input: { world: World; registration: LinkRegistration }): string {
  const { world, registration } = input;
  const { link, ...form } = registration;
  const result = register({ world, link, form });
  if (result.kind === 'registered') return result.user.id;
  throw new Error(`${form.email} can't register: ${REFUSAL_TEXTS[result.reason]}`);
}

function assertFree(world: World, email: string): void {
  if (!looksLikeEmail(email)) throw new Error(`"${email}" is not an e-mail address.`);
  const holder = world.people.byEmail(email);
  if (holder !== undefined) throw new Error(`${email} belongs to user ${holder.id} already.`);
}

function webhookOrThrow(world: World, id: number) {
  const webhook = world.webhooks.get(id);
  if (webhook === undefined) throw new Error(`There is no webhook ${id}.`);
  return webhook;
}
