import type { RateLimitOptions } from './http/rate-limits.ts';
import type { ReleaseName } from './releases.ts';

/**
 * How a portal is set up. Every default behaves like a freshly installed DocSpace 3.7.2. An option that
 * makes the simulated portal more lenient than a real one is called a kindness.
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
  /**
   * The time zone of the portal as an IANA name; `UTC` by default. `serverTimeZone` is the one of the
   * server.
   */
  readonly timeZone?: string;
  readonly serverTimeZone?: string;
  /** Seven days by default (docs/docspace-wire.md 3.1). */
  readonly invitationLifetimeMs?: number;
  /** Off by default, as in the usual configuration (docs/docspace-wire.md 10). */
  readonly rateLimits?: RateLimitOptions;
  /** Addresses that webhooks may not lead to, such as `10.0.0.0/8`; private addresses by default. */
  readonly blacklist?: readonly string[];
  /** How many DocSpace and room admins the portal has paid for. No limit by default. */
  readonly paidSeats?: number;

  /**
   * The pauses between the attempts; 1, 2, 4, 8, 16 s by default, and twice as long in 3.2
   * (docs/docspace-wire.md 7.3).
   */
  readonly retryDelaysMs?: readonly number[];
  /** How long the sender sleeps when its queue is empty; 5 s by default. */
  readonly queuePauseMs?: number;
  /** How long one attempt of a delivery may take; 100 s by default, and 30 s in `next`. */
  readonly deliveryTimeoutMs?: number;
  /** How long the HEAD that probes an address may take; 10 s by default. */
  readonly probeTimeoutMs?: number;
  /**
   * How long it takes to write an invited person, while another request may take the user name; 2 ms by
   * default.
   */
  readonly invitingMs?: number;
  /**
   * How many deliveries are sent at once; 10 by default. The next batch begins when all of them have
   * ended.
   */
  readonly batchSize?: number;

  // The following options are kindnesses. A real portal is like this only if somebody has changed it.
  /** `any` accepts every non-empty Key of sendcongratulations; `strict` by default. */
  readonly keyCheck?: 'strict' | 'any';
  /** Webhooks may lead to loopback and private addresses. */
  readonly allowPrivateAddresses?: boolean;
  /**
   * The owner is called Portal Owner and is already activated. On a real portal, both happen at the
   * first sign-in.
   */
  readonly ownerActivated?: boolean;
  /** People may have any name, as if `core:username:regex` were relaxed. */
  readonly anyName?: boolean;
  /** Deliveries begin in the order of their ids. */
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
