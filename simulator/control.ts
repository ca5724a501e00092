import type { Interference } from './http/interference.ts';
import type { RequestRecord } from './http/record.ts';
import { newGuid } from './ids.ts';
import { addUser, type NewUser } from './joining/add-user.ts';
import { looksLikeEmail } from './joining/addresses.ts';
import { REFUSAL_TEXTS, type RegistrationForm, register } from './joining/register.ts';
import type { ProfileChange } from './people/lifecycle.ts';
import * as lifecycle from './people/lifecycle.ts';
import { ACTIVATION, type EmployeeType, type PortalUser, STATUS } from './people/person.ts';
import { type Seeding, seedPeople } from './people/seed.ts';
import { momentAt } from './time.ts';
import { redeliver } from './webhooks/publish.ts';
import type { World } from './world.ts';

export type NewAccount = {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly type: EmployeeType;
  /** The scopes of the key (docs/docspace-wire.md 1.3). The key has full access if there are none. */
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

type Deps = {
  readonly world: World;
  readonly interference: Interference;
  readonly record: RequestRecord;
};
export type PortalControl = ReturnType<typeof createControl>;

/**
 * Returns functions that do what people do in a portal without our service, and functions that make the
 * portal fail. A function that is misused throws an Error that says what is wrong. User ids are
 * lower-case guids.
 */
export function createControl(input: Deps) {
  return { ...controlOfPeople(input.world), ...controlOfPortal(input) };
}

function controlOfPeople(world: World) {
  const { people, accounts } = world;
  return {
    /** Adds an active account with its own API key. No webhook is sent. */
    addAccount: (account: NewAccount) => addAccount({ world, account }),
    /** Creates another API key for an existing account. */
    addKey(userId: string, key: NewKey = {}): string {
      const { name = 'k', permissions = [], expiresAt } = key;
      return accounts.addKey({ userId, name, permissions, expiresAt }).key;
    },
    switchKey(apiKey: string, isActive: boolean) {
      if (accounts.switchKey(apiKey, isActive)) return;
      throw new Error('There is no such API key to switch.');
    },
    revokeKey(apiKey: string) {
      if (!accounts.revokeKey(apiKey)) throw new Error('There is no such API key to revoke.');
    },
    /**
     * Creates a session token. In a header it works with and without `Bearer` (docs/docspace-wire.md
     * 1.1).
     */
    sessionToken(userId: string): string {
      if (people.get(userId) === undefined) throw new Error(`There is no user ${userId}.`);
      return accounts.addToken(userId);
    },

    /**
     * Registers a person as the page behind an invitation link does (docs/docspace-wire.md 8 b, c1).
     * Returns the user id.
     */
    register: (registration: LinkRegistration) => registerOrThrow({ world, registration }),
    confirmEmail: (userId: string) => lifecycle.confirmEmail({ world, userId }),
    /**
     * Opens the link of the letter for a forgotten password, which activates the person without a
     * webhook.
     */
    activateSilently: (userId: string) => lifecycle.activateSilently({ world, userId }),
    /**
     * Asks for a new password. A pending person gets a new invitation in the owner's name instead
     * (docs/docspace-wire.md 13.2, 8).
     */
    forgetPassword: (userId: string) => lifecycle.forgetPassword({ world, userId }),
    /** Adds a person who comes without an invitation. Returns the user id. */
    addUser(person: NewUser): string {
      assertFree(world, person.email);
      return addUser({ world, person }).id;
    },
    editProfile: (userId: string, change: ProfileChange) =>
      lifecycle.editProfile({ world, userId, change }),
    /** Raises the type of a user. Only the background job can lower a type. */
    changeType: (userId: string, type: EmployeeType) =>
      lifecycle.changeType({ world, userId, type }),
    lowerType: (userId: string, type: EmployeeType) => lifecycle.lowerType({ world, userId, type }),
    /**
     * Disables a user. With `withDate`, the portal stores the date, as PUT people/{id} does. PUT
     * people/status stores no date.
     */
    disable: (userId: string, how?: { readonly withDate: boolean }) =>
      lifecycle.disable({ world, userId, ...how }),
    enable: (userId: string) => lifecycle.enable({ world, userId }),
    /** Deletes a user. The user must be disabled. */
    deleteUser: (userId: string) => lifecycle.deleteUser({ world, userId }),
    deleteOwnProfile: (userId: string) => lifecycle.deleteOwnProfile({ world, userId }),
    changeEmail: (userId: string, email: string) => lifecycle.changeEmail({ world, userId, email }),
    /**
     * The person asks to change the e-mail address. A letter is sent to the new address, and nothing
     * changes yet.
     */
    requestEmailChange: (userId: string, email: string) =>
      lifecycle.requestEmailChange({ world, userId, email }),
    confirmChangedEmail: (userId: string, email?: string) =>
      lifecycle.confirmChangedEmail({ world, userId, ...(email === undefined ? {} : { email }) }),
    /** Adds many people quickly, without webhooks. */
    seedPeople: (seeding: Seeding) => seedPeople({ world, seeding }),

    users: (): readonly PortalUser[] => [...people.all()],
    user: people.get,
    userByEmail: people.byEmail,
    /** Every call of sendcongratulations that sent a letter. */
    congratulations: () => [...world.congratulations],
    /** The letters that DocSpace sends by itself (docs/docspace-wire.md 6.5). */
    letters: () => [...world.letters],
  };
}

function controlOfPortal({ world, interference, record }: Deps) {
  const { sender, switches } = world;
  return {
    /** The newest 100,000 requests. */
    requests: record.newest,
    /** Forgets the requests. The peak restarts at the number of requests that are open now. */
    clearRequests: record.clear,
    /** The largest number of requests that were open at once. */
    peakConcurrency: record.peak,

    webhooks: world.webhooks.all,
    /** The rows of the webhook journal (docs/docspace-wire.md 7.6), newest first. */
    journal: world.journal.newestFirst,
    /**
     * Sends a delivery again by hand, as a new journal row (docs/docspace-wire.md 7.4). Returns the id
     * of the new row.
     */
    redeliver(logId: number): number {
      const row = world.journal.get(logId);
      if (row === undefined) throw new Error(`The journal has no row ${logId} to redeliver.`);
      return redeliver({ world, row }).id;
    },
    pauseDeliveries: sender.pause,
    resumeDeliveries: sender.resume,
    /**
     * Restarts the sender. It loses its queue, and the journal rows stay at status 0
     * (docs/docspace-wire.md 7.3).
     */
    restart: sender.restart,
    /**
     * Drops the deliveries of the next events: the events get journal rows at status 0, but nothing is
     * sent.
     */
    dropNextDeliveries: sender.dropNextEvents,
    disableWebhook(id: number) {
      world.webhooks.save({ ...webhookOrThrow(world, id), enabled: false });
    },
    deleteWebhook: (id: number) => world.webhooks.remove(webhookOrThrow(world, id).id),
    /**
     * Resolves when no delivery is queued, in progress or waiting for a retry. Rejects at the deadline.
     */
    deliveriesIdle: sender.idle,

    /** Adds a rule that disturbs requests. Returns the function that removes the rule. */
    interfere: interference.add,
    /** Continues all requests that wait because of a rule with `hold` or `effectThenHold`. */
    release: interference.release,
    /** Suspends the portal: nearly every request is answered with 404 (docs/docspace-wire.md 1.2). */
    suspend() {
      switches.state = 'suspended';
    },
    unsuspend() {
      switches.state = 'active';
    },
    /** Starts or ends a restore. During a restore, nearly every request is answered with 403. */
    restore(isRestoring: boolean) {
      switches.state = isRestoring ? 'restoring' : 'active';
    },
    /**
     * Makes the portal unpaid or paid. Requests to an unpaid portal are answered with 402 where
     * docs/docspace-wire.md 1.2 says so.
     */
    unpaid(isUnpaid: boolean) {
      switches.unpaid = isUnpaid;
    },
    /** The portal setting "allow inviting members" (docs/docspace-wire.md 3.1). */
    setInvitingMembers(isAllowed: boolean) {
      switches.invitingMembers = isAllowed;
    },
    setInvitingGuests(isAllowed: boolean) {
      switches.invitingGuests = isAllowed;
    },
    /**
     * Disconnects or connects the store of the rate limiter. Without it, every request to the API is
     * answered with 500.
     */
    loseLimiterStore(isLost: boolean) {
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
