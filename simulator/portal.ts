import { addAccount, createControl, type PortalControl } from './control.ts';
import { createInterference } from './http/interference.ts';
import { inviteRoutes } from './http/invite-routes.ts';
import { logRoutes } from './http/journal-routes.ts';
import { keyRoutes } from './http/key-routes.ts';
import { peopleRoutes } from './http/people-routes.ts';
import { portalRoutes } from './http/portal-routes.ts';
import { createRateLimits, type RateLimitOptions } from './http/rate-limits.ts';
import { createRequestRecord } from './http/record.ts';
import { createRequestHandler, listen } from './http/server.ts';
import { sharedLinkRoutes } from './http/shared-link-routes.ts';
import { webhookRoutes } from './http/webhook-routes.ts';
import { createPages } from './pages/pages.tsx';
import { createOutgoing } from './webhooks/outgoing.ts';
import { createWorld } from './world.ts';

export type PortalOptions = {
  /** 0, the default, is a free one; binds 127.0.0.1. */
  readonly port?: number;
  /** ms UTC. */
  readonly now?: () => number;
  readonly tenantId?: number;
  readonly machineKey?: string;
  /**
   * `strict` checks the Key of sendcongratulations as the portal does (wire 6.2, 6.3); `any` accepts
   * every non-empty one, the only departure from the wire.
   */
  readonly keyCheck?: 'strict' | 'any';
  /** After the first attempt (wire 7.3). */
  readonly retryDelaysMs?: readonly number[];
  /** How long the sender sleeps when its queue is empty (wire 7.3). */
  readonly queuePauseMs?: number;
  readonly deliveryTimeoutMs?: number;
  /** false applies the blacklist to webhook registration and sending (wire 7.1). */
  readonly allowPrivateAddresses?: boolean;
  /** Seven days by default (wire 3.1). */
  readonly invitationLifetimeMs?: number;
  /** None by default but the sensitive one, 5 (wire 10). */
  readonly rateLimits?: RateLimitOptions;
  readonly random?: () => number;
};

export type Portal = {
  /** The origin, http://127.0.0.1:PORT. */
  readonly url: string;
  /** Full access, of the account below. */
  readonly apiKey: string;
  /** The portal's owner. */
  readonly accountId: string;
  readonly tenantId: number;
  readonly control: PortalControl;
  /** Closes sockets and timers; nothing is left behind. */
  stop(): Promise<void>;
};

/** Starts a simulated DocSpace portal on loopback; what it does is what docspace-wire.md says. */
export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const { server, origin } = await listen(options.port ?? 0);
  const outgoing = createOutgoing();
  const world = createWorld({ options, origin, outgoing });
  const interference = createInterference();
  const record = createRequestRecord();
  const limits = createRateLimits({ options: options.rateLimits ?? {}, now: world.now });
  const owner = addAccount({
    world,
    userId: world.ownerId,
    account: {
      email: 'owner@portal.example',
      firstName: 'Portal',
      lastName: 'Owner',
      type: 'DocSpaceAdmin',
    },
  });
  // The first route that fits wins: names before parameters.
  const endpoints = [
    ...portalRoutes(world),
    ...sharedLinkRoutes(world),
    ...inviteRoutes(world),
    ...keyRoutes(world),
    ...peopleRoutes(world),
    ...webhookRoutes({ world, outgoing }),
    ...logRoutes(world),
  ];
  const pages = createPages(world);
  server.on(
    'request',
    createRequestHandler({ world, endpoints, pages, limits, interference, record }),
  );
  return {
    url: origin,
    apiKey: owner.apiKey,
    accountId: owner.userId,
    tenantId: world.signing.tenantId,
    control: createControl({ world, interference, record }),
    async stop() {
      world.sender.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await outgoing.stop();
      await closed;
    },
  };
}
