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
  /** The short link or the long one. */
  readonly link: string;
};

type Deps = {
  readonly world: World;
  readonly interference: Interference;
  readonly record: RequestRecord;
};
export type PortalControl = ReturnType<typeof createControl>;

/**
 * What a portal's people do without our service, and what goes wrong with portals.
 * Each throws an Error that says what is wrong when it is misused; ids are lower-case guids.
 */
export function createControl(input: Deps) {
  return { ...controlOfPeople(input.world), ...controlOfPortal(input) };
}

function controlOfPeople(world: World) {
  const { people, accounts } = world;
  return {
    /** Another inside account with a key of its own; no webhook. */
    addAccount: (account: NewAccount) => addAccount({ world, account }),
    /** Another API key of somebody who is there. */
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
    /** A token that works raw and as Bearer (docs/docspace-wire.md 1.1). */
    sessionToken(userId: string): string {
      if (people.get(userId) === undefined) throw new Error(`There is no user ${userId}.`);
      return accounts.addToken(userId);
    },

    /** The page behind an invitation link (docs/docspace-wire.md 8 b, c1); returns the user id. */
    register: (registration: LinkRegistration) => registerOrThrow({ world, registration }),
    confirmEmail: (userId: string) => lifecycle.confirmEmail({ world, userId }),
    /** Opening the letter of a forgotten password. */
    activateSilently: (userId: string) => lifecycle.activateSilently({ world, userId }),
    /** A pending person gets a new invitation of the owner (docs/docspace-wire.md 13.2, 8). */
    forgetPassword: (userId: string) => lifecycle.forgetPassword({ world, userId }),
    /** A person who comes without an invitation; returns the user id. */
    addUser(person: NewUser): string {
      assertFree(world, person.email);
      return addUser({ world, person }).id;
    },
    editProfile: (userId: string, change: ProfileChange) =>
      lifecycle.editProfile({ world, userId, change }),
    /** Only raising; the background job lowers. */
    changeType: (userId: string, type: EmployeeType) =>
      lifecycle.changeType({ world, userId, type }),
    lowerType: (userId: string, type: EmployeeType) => lifecycle.lowerType({ world, userId, type }),
    /** With a date as PUT people/{id} does it, or without as PUT people/status. */
    disable: (userId: string, how?: { readonly withDate: boolean }) =>
      lifecycle.disable({ world, userId, ...how }),
    enable: (userId: string) => lifecycle.enable({ world, userId }),
    /** Only of a disabled user. */
    deleteUser: (userId: string) => lifecycle.deleteUser({ world, userId }),
    deleteOwnProfile: (userId: string) => lifecycle.deleteOwnProfile({ world, userId }),
    changeEmail: (userId: string, email: string) => lifecycle.changeEmail({ world, userId, email }),
    /** The person's own change: the letter, and its link with the new address. */
    requestEmailChange: (userId: string, email: string) =>
      lifecycle.requestEmailChange({ world, userId, email }),
    confirmChangedEmail: (userId: string, email?: string) =>
      lifecycle.confirmChangedEmail({ world, userId, ...(email === undefined ? {} : { email }) }),
    /** Quickly and with no webhook. */
    seedPeople: (seeding: Seeding) => seedPeople({ world, seeding }),

    users: (): readonly PortalUser[] => [...people.all()],
    user: people.get,
    userByEmail: people.byEmail,
    /** Every sendcongratulations that had its effect. */
    congratulations: () => [...world.congratulations],
    /** The letters that DocSpace sends by itself (docs/docspace-wire.md 6.5). */
    letters: () => [...world.letters],
  };
}

function controlOfPortal({ world, interference, record }: Deps) {
  const { sender, switches } = world;
  return {
    /** The newest 100,000. */
    requests: record.newest,
    /** Forgets the requests; the peak of concurrency starts anew too. */
    clearRequests: record.clear,
    /** How many requests were open at once. */
    peakConcurrency: record.peak,

    webhooks: world.webhooks.all,
    /** The rows of docs/docspace-wire.md 7.6, newest first. */
    journal: world.journal.newestFirst,
    /** By hand: a new journal row (docs/docspace-wire.md 7.4); returns its id. */
    redeliver(logId: number): number {
      const row = world.journal.get(logId);
      if (row === undefined) throw new Error(`The journal has no row ${logId} to redeliver.`);
      return redeliver({ world, row }).id;
    },
    pauseDeliveries: sender.pause,
    resumeDeliveries: sender.resume,
    /** The sender loses what is in memory; rows stay at status 0 (docs/docspace-wire.md 7.3). */
    restart: sender.restart,
    /** The next events get a journal row at status 0 but are never sent. */
    dropNextDeliveries: sender.dropNextEvents,
    disableWebhook(id: number) {
      world.webhooks.save({ ...webhookOrThrow(world, id), enabled: false });
    },
    deleteWebhook: (id: number) => world.webhooks.remove(webhookOrThrow(world, id).id),
    /** Resolves when nothing is queued, in flight or waiting for a retry; else rejects in time. */
    deliveriesIdle: sender.idle,

    /** A nasty portal; returns the remover. */
    interfere: interference.add,
    /** Lets go on what `hold` holds now. */
    release: interference.release,
    /** Nearly everything answers 404 (docs/docspace-wire.md 1.2). */
    suspend() {
      switches.state = 'suspended';
    },
    unsuspend() {
      switches.state = 'active';
    },
    /** A portal that is being restored: 403 to nearly everything. */
    restore(isRestoring: boolean) {
      switches.state = isRestoring ? 'restoring' : 'active';
    },
    /** 402 where docs/docspace-wire.md 1.2 says so. */
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
    /** The store of the rate limiter goes away: 500 to everything. */
    loseLimiterStore(isLost: boolean) {
      switches.limiterWithoutStore = isLost;
    },
  };
}

/** An active person of the portal with an API key; nothing is published. */
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
