import type { RateLimitOptions } from './http/rate-limits.ts';
import type { ReleaseName } from './releases.ts';

/**
 * How a portal is set up. Every default behaves like a freshly installed DocSpace 3.7.2. Where the
 * simulated portal can be more lenient than that, the option is called a kindness.
 */
export type PortalOptions = {
  /** The port on 127.0.0.1. 0, the default, takes any free port. */
  readonly port?: number;
  /** The release that is simulated (docs/docspace-wire.md 13.7). The default `3.7` also covers 3.8. */
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
  /** How many DocSpace and room admins the portal has paid for. No limit by default. */
  readonly paidSeats?: number;

  /** The pauses after the first attempt; 1, 2, 4, 8, 16 s by default (docs/docspace-wire.md 7.3). */
  readonly retryDelaysMs?: readonly number[];
  /** How long the sender sleeps when its queue is empty; 5 s by default. */
  readonly queuePauseMs?: number;
  /** How long one delivery may take; 100 s by default. */
  readonly deliveryTimeoutMs?: number;
  /** How long the HEAD that probes an address may take; 10 s by default. */
  readonly probeTimeoutMs?: number;
  /**
   * How long it takes to write an invited person, while another request may take the user name; 2 ms by
   * default.
   */
  readonly invitingMs?: number;
  /** How many deliveries run at once, as a batch that ends together; 10 by default. */
  readonly batchSize?: number;

  // Kindnesses. A real portal is never like this without being changed.
  /** `any` accepts every non-empty Key of sendcongratulations; `strict` by default. */
  readonly keyCheck?: 'strict' | 'any';
  /** Webhooks may lead to loopback and private addresses. */
  readonly allowPrivateAddresses?: boolean;
  /** The owner is called Portal Owner and is already activated. On a real portal they do both at the first sign-in. */
  readonly ownerActivated?: boolean;
  /** People may have any name, as if `core:username:regex` were relaxed. */
  readonly anyName?: boolean;
  /** Events are delivered in the order of their ids. */
  readonly deliversInOrder?: boolean;
};

/** The options of the demo, which has to run on one machine and respond quickly. */
export const kindOptions = {
  keyCheck: 'any',
  allowPrivateAddresses: true,
  ownerActivated: true,
  anyName: true,
  deliversInOrder: true,
} as const satisfies PortalOptions;
