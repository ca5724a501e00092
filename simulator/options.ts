import type { RateLimitOptions } from './http/rate-limits.ts';
import type { ReleaseName } from './releases.ts';

/**
 * How a portal is set up. Every default is what a freshly installed DocSpace 3.7.2 does; where the
 * simulated portal is to be kinder than that, the kindness has a name here.
 */
export type PortalOptions = {
  /** 0, the default, is a free port; binds 127.0.0.1. */
  readonly port?: number;
  /** Which server answers (docs/docspace-wire.md 13.7); `3.7` by default, which is 3.8 as well. */
  readonly release?: ReleaseName;
  /** ms UTC. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly tenantId?: number;
  readonly machineKey?: string;
  readonly ownerEmail?: string;
  /** IANA names; `UTC` by default. */
  readonly timeZone?: string;
  readonly serverTimeZone?: string;
  /** Seven days by default (docs/docspace-wire.md 3.1). */
  readonly invitationLifetimeMs?: number;
  /** Off by default, as in the usual configuration (docs/docspace-wire.md 10). */
  readonly rateLimits?: RateLimitOptions;
  /** Addresses that webhooks may not lead to, such as `10.0.0.0/8`; private ones by default. */
  readonly blacklist?: readonly string[];
  /** How many DocSpace and room admins the portal has paid for; without limit by default. */
  readonly paidSeats?: number;

  /** After the first attempt; 1, 2, 4, 8, 16 s by default (docs/docspace-wire.md 7.3). */
  readonly retryDelaysMs?: readonly number[];
  /** How long the sender sleeps when its queue is empty; 5 s by default. */
  readonly queuePauseMs?: number;
  /** How long one delivery may take; 100 s by default. */
  readonly deliveryTimeoutMs?: number;
  /** How long the HEAD that probes an address may take; 10 s by default. */
  readonly probeTimeoutMs?: number;
  /** How long an invited person takes to be written, while the user name may be taken; 2 ms. */
  readonly invitingMs?: number;
  /** How many deliveries run at once and wait for each other; 10 by default. */
  readonly batchSize?: number;

  // Kindnesses. A real portal is never like this without being changed.
  /** `any` takes every non-empty Key of sendcongratulations; `strict` by default. */
  readonly keyCheck?: 'strict' | 'any';
  /** Webhooks may lead to loopback and private addresses. */
  readonly allowPrivateAddresses?: boolean;
  /** The owner is called Portal Owner and is activated, which takes a person a minute. */
  readonly ownerActivated?: boolean;
  /** People may have any name, as with a relaxed `core:username:regex`. */
  readonly anyName?: boolean;
  /** Events are delivered in the order of their ids. */
  readonly deliversInOrder?: boolean;
};

/** What the demo asks for: it has to run on one machine and be quick to look at. */
export const kindOptions = {
  keyCheck: 'any',
  allowPrivateAddresses: true,
  ownerActivated: true,
  anyName: true,
  deliversInOrder: true,
} as const satisfies PortalOptions;
