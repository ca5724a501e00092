import type { Random } from './ids.ts';
import type { Letter } from './joining/letters.ts';
import { createInvitationLinks, type InvitationLinks } from './joining/links.ts';
import { type Accounts, createAccounts } from './people/accounts.ts';
import { createPeople, type People } from './people/people.ts';
import type { PortalUser } from './people/person.ts';
import type { PortalOptions } from './portal.ts';
import { createJournal, type Journal } from './webhooks/journal.ts';
import type { Outgoing } from './webhooks/outgoing.ts';
import { publishEvent } from './webhooks/publish.ts';
import { createSender, type Sender } from './webhooks/sender.ts';
import type { UserTrigger } from './webhooks/triggers.ts';
import { createWebhooks, type Webhooks } from './webhooks/webhooks.ts';

/** A sendcongratulations that had its effect. `at` is ms UTC. */
export type Congratulation = {
  readonly userId: string;
  readonly at: number;
  readonly key: string;
};

/** Everything one portal is made of; what `switches` holds and the collections change. */
export type World = {
  readonly origin: string;
  readonly ownerId: string;
  readonly culture: string;
  readonly now: () => number;
  readonly random: Random;
  readonly signing: { readonly tenantId: number; readonly machineKey: string };
  readonly keyCheck: 'strict' | 'any';
  readonly invitationLifetimeMs: number;
  readonly allowPrivateAddresses: boolean;
  readonly switches: { suspended: boolean; unpaid: boolean; invitingMembers: boolean };
  readonly people: People;
  readonly accounts: Accounts;
  /** `<viewer id> <target id>`: relations made by inviting (wire 4). */
  readonly relations: Set<string>;
  readonly links: InvitationLinks;
  readonly letters: Letter[];
  readonly congratulations: Congratulation[];
  readonly webhooks: Webhooks;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly publish: (event: {
    readonly trigger: UserTrigger;
    readonly user: PortalUser;
    readonly actorId: string;
  }) => void;
};

// The id DocSpace gives the owner of a new portal (fixtures 06, 07).
const OWNER_ID = '66faa6e4-f133-11ea-b126-00ffeec8b4ef';
const WEEK_MS = 7 * 24 * 3_600_000;
// webhooks:repeatcount and its exponential delays (wire 7.3).
const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** An empty portal at `origin`: nobody lives in it yet. */
export function createWorld(input: {
  readonly options: PortalOptions;
  readonly origin: string;
  readonly outgoing: Outgoing;
}): World {
  const { options, origin, outgoing } = input;
  const { now = Date.now, random = Math.random } = options;
  const people = createPeople();
  const journal = createJournal();
  const sender = createSender({
    world: () => world,
    queuePauseMs: options.queuePauseMs ?? 5_000,
    settings: {
      outgoing,
      retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
      timeoutMs: options.deliveryTimeoutMs ?? 100_000,
    },
  });
  const world: World = {
    origin,
    ownerId: OWNER_ID,
    culture: 'en-US',
    now,
    random,
    signing: {
      tenantId: options.tenantId ?? 1,
      machineKey: options.machineKey ?? '1123askdasjklasbnd',
    },
    keyCheck: options.keyCheck ?? 'strict',
    invitationLifetimeMs: options.invitationLifetimeMs ?? WEEK_MS,
    allowPrivateAddresses: options.allowPrivateAddresses ?? true,
    switches: { suspended: false, unpaid: false, invitingMembers: true },
    people,
    accounts: createAccounts({ people, random, now }),
    relations: new Set(),
    links: createInvitationLinks({ random }),
    letters: [],
    congratulations: [],
    webhooks: createWebhooks({ onSetChanged: journal.forgetViews }),
    journal,
    sender,
    publish: (event) => publishEvent({ world, ...event }),
  };
  return world;
}
