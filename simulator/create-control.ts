import type { LinkRegistration, NewAccount, PortalControl } from './control.ts';
import type { Interference } from './http/interference.ts';
import type { RequestRecord } from './http/request-record.ts';
import { newGuid } from './identifiers.ts';
import { addUser } from './joining/add-user.ts';
import * as lifecycle from './joining/lifecycle.ts';
import { looksLikeEmail, REFUSAL_TEXTS, register } from './joining/register.ts';
import { momentAt } from './moments.ts';
import { ACTIVATION, type PortalUser, STATUS } from './person.ts';
import { seedPeople } from './seed-people.ts';
import { redeliver } from './webhooks/redeliver.ts';
import type { World } from './world.ts';

/** The functions of PortalControl over one world. */
export function createControl(input: {
  readonly world: World;
  readonly interference: Interference;
  readonly record: RequestRecord;
}): PortalControl {
  const { world, interference, record } = input;
  const { people, sender, switches } = world;
  return {
    addAccount: (account) => addAccount({ world, account }),
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
    addUser(person) {
      assertFree(world, person.email);
      return addUser({ world, person }).id;
    },
    editProfile: (userId, change) => lifecycle.editProfile({ world, userId, change }),
    changeType: (userId, type) => lifecycle.changeType({ world, userId, type }),
    disable: (userId) => lifecycle.disable({ world, userId }),
    enable: (userId) => lifecycle.enable({ world, userId }),
    deleteUser: (userId) => lifecycle.deleteUser({ world, userId }),
    deleteOwnProfile: (userId) => lifecycle.deleteOwnProfile({ world, userId }),
    changeEmail: (userId, email) => lifecycle.changeEmail({ world, userId, email }),
    confirmChangedEmail: (userId) => lifecycle.confirmChangedEmail({ world, userId }),
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
      switches.suspended = true;
    },
    unsuspend() {
      switches.suspended = false;
    },
    unpaid(isUnpaid) {
      switches.unpaid = isUnpaid;
    },
    setInvitingMembers(isAllowed) {
      switches.invitingMembers = isAllowed;
    },
  };
}

/** An active person of the portal with an API key; nothing is published. */
export function addAccount(input: {
  readonly world: World;
  readonly account: NewAccount;
  readonly userId?: string;
}): { userId: string; apiKey: string } {
  const { world, account } = input;
  const { email, type, permissions = [] } = account;
  assertFree(world, email);
  const userId = input.userId ?? newGuid(world.random);
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
    workFromDate: now,
    lastModified: now,
    cultureName: world.culture,
    createDate: now,
    createdBy: world.ownerId,
  };
  world.people.save(user);
  const { key } = world.accounts.addKey({ userId, permissions, name: `Key of ${email}` });
  return { userId, apiKey: key };
}

function registerOrThrow(input: { world: World; registration: LinkRegistration }): string {
  const { world, registration } = input;
  const { link, email, firstName, lastName } = registration;
  const result = register({ world, link, email, names: { firstName, lastName } });
  if (result.kind === 'registered') return result.user.id;
  throw new Error(`${email} can't register: ${REFUSAL_TEXTS[result.reason]}`);
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
