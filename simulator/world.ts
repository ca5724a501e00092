import type { Accounts } from './accounts.ts';
import type { Random } from './identifiers.ts';
import type { InvitationLinks } from './joining/invitation-links.ts';
import type { Letter } from './letters.ts';
import type { People } from './people.ts';
import type { PortalUser } from './person.ts';
import type { Journal } from './webhooks/journal.ts';
import type { Sender } from './webhooks/sender.ts';
import type { UserTrigger } from './webhooks/triggers.ts';
import type { Webhooks } from './webhooks/webhook.ts';

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
