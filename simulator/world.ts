import type { BlockList } from 'node:net';
import { createRateLimits, type RateLimits } from './http/rate-limits.ts';
import type { Random } from './ids.ts';
import type { Letter } from './joining/letters.ts';
import { createInvitationLinks, type InvitationLinks } from './joining/links.ts';
import type { PortalOptions } from './options.ts';
import { type Accounts, createAccounts } from './people/accounts.ts';
import { createPeople, type People } from './people/people.ts';
import type { PortalUser } from './people/person.ts';
import { type Release, releaseNamed } from './releases.ts';
import { type Zone, zoneNamed } from './time.ts';
import { createBlacklist, DEFAULT_BLACKLIST } from './webhooks/address-check.ts';
import { createJournal, type Journal } from './webhooks/journal.ts';
import type { Outgoing } from './webhooks/outgoing.ts';
import { publishEvent } from './webhooks/publish.ts';
import { createSender, type Sender } from './webhooks/sender.ts';
import type { UserTrigger } from './webhooks/triggers.ts';
import { createWebhooks, type Webhooks } from './webhooks/webhooks.ts';

/** A call of sendcongratulations that sent a letter. `at` is ms UTC. */
type Congratulation = {
  readonly userId: string;
  readonly at: number;
  readonly key: string;
};

/** The settings that an admin or an operator can change while the portal runs. */
type Switches = {
  state: 'active' | 'suspended' | 'restoring';
  unpaid: boolean;
  invitingMembers: boolean;
  invitingGuests: boolean;
  /** True if the store of the rate limiter does not answer (docs/docspace-wire.md 13.2, 33). */
  limiterWithoutStore: boolean;
};

/** Everything that one portal consists of. `switches` and the collections are mutable. */
export type World = {
  readonly origin: string;
  readonly release: Release;
  readonly ownerId: string;
  readonly ownerPassword: string;
  readonly culture: string;
  readonly now: () => number;
  readonly random: Random;
  readonly zones: { readonly name: string; readonly portal: Zone; readonly server: Zone };
  readonly signing: { readonly tenantId: number; readonly machineKey: string };
  readonly keyCheck: 'strict' | 'any';
  readonly anyName: boolean;
  readonly invitationLifetimeMs: number;
  readonly blacklist: BlockList;
  readonly probeTimeoutMs: number;
  readonly invitingMs: number;
  readonly paidSeats: number;
  readonly switches: Switches;
  readonly limits: RateLimits;
  readonly people: People;
  readonly accounts: Accounts;
  /** Relations that were created by inviting, as `<viewer id> <target id>` (docs/docspace-wire.md 4). */
  readonly relations: Set<string>;
  readonly links: InvitationLinks;
  readonly letters: Letter[];
  readonly congratulations: Congratulation[];
  readonly webhooks: Webhooks;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly outgoing: Outgoing;
  readonly publish: (event: {
    readonly trigger: UserTrigger;
    readonly user: PortalUser;
    readonly actorId: string;
  }) => void;
};

// The id that DocSpace gives the owner of a new portal (fixtures 06, 07).
const OWNER_ID = '66faa6e4-f133-11ea-b126-00ffeec8b4ef';
const WEEK_MS = 7 * 24 * 3_600_000;

/** Creates an empty portal at `origin`, without any people. */
export function createWorld(input: {
  readonly options: PortalOptions;
  readonly origin: string;
  readonly outgoing: Outgoing;
}): World {
  const { options, origin, outgoing } = input;
  const { now = Date.now, random = Math.random, timeZone = 'UTC' } = options;
  const release = releaseNamed(options.release ?? '3.7');
  const zones = {
    name: timeZone,
    portal: zoneNamed(timeZone),
    server: zoneNamed(options.serverTimeZone ?? 'UTC'),
  };
  const switches: Switches = {
    state: 'active',
    unpaid: false,
    invitingMembers: true,
    invitingGuests: true,
    limiterWithoutStore: false,
  };
  const people = createPeople({ portalZone: zones.portal, release });
  const journal = createJournal();
  const sender = createSender({
    world: () => world,
    queuePauseMs: options.queuePauseMs ?? 5_000,
    batchSize: options.batchSize ?? 10,
    inOrder: options.deliversInOrder ?? false,
    settings: {
      retryDelaysMs: options.retryDelaysMs ?? release.retryDelaysMs,
      timeoutMs: options.deliveryTimeoutMs ?? (release.nextDeliveries ? 30_000 : 100_000),
    },
  });
  const world: World = {
    origin,
    release,
    ownerId: OWNER_ID,
    ownerPassword: 'Passw0rd!owner',
    culture: 'en-US',
    now,
    random,
    zones,
    signing: {
      tenantId: options.tenantId ?? 1,
      machineKey: options.machineKey ?? '1123askdasjklasbnd',
    },
    keyCheck: options.keyCheck ?? 'strict',
    anyName: options.anyName ?? false,
    invitationLifetimeMs: options.invitationLifetimeMs ?? WEEK_MS,
    blacklist: createBlacklist(
      options.blacklist ?? (options.allowPrivateAddresses ? [] : DEFAULT_BLACKLIST),
    ),
    invitingMs: options.invitingMs ?? 2,
    probeTimeoutMs: options.probeTimeoutMs ?? 10_000,
    paidSeats: options.paidSeats ?? Number.POSITIVE_INFINITY,
    switches,
    limits: createRateLimits({ options: options.rateLimits ?? {}, now, switches }),
    people,
    accounts: createAccounts({ people, random, now }),
    relations: new Set(),
    links: createInvitationLinks({ random }),
    letters: [],
    congratulations: [],
    webhooks: createWebhooks({ onRemoved: journal.removeOf, onChanged: journal.forgetViews }),
    journal,
    sender,
    outgoing,
    publish: (event) => publishEvent({ world, ...event }),
  };
  return world;
}
