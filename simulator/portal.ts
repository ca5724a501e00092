import { createControl, type PortalControl } from './control.ts';
import { createInterference } from './http/interference.ts';
import { inviteRoutes } from './http/invite-routes.ts';
import { joiningRoutes } from './http/joining-routes.ts';
import { journalRoutes } from './http/journal-routes.ts';
import { keyRoutes } from './http/key-routes.ts';
import { peopleRoutes } from './http/people-routes.ts';
import { portalRoutes } from './http/portal-routes.ts';
import { createRequestRecord } from './http/record.ts';
import { createRequestHandler, listen } from './http/server.ts';
import { sharedLinkRoutes } from './http/shared-link-routes.ts';
import { webhookRoutes } from './http/webhook-routes.ts';
import type { PortalOptions } from './options.ts';
import { createPages } from './pages/pages.tsx';
import { addOwner } from './people/owner.ts';
import { releaseNamed } from './releases.ts';
import { createOutgoing } from './webhooks/outgoing.ts';
import { createWorld } from './world.ts';

export { kindOptions, type PortalOptions } from './options.ts';
export { RELEASES, type ReleaseName } from './releases.ts';

export type Portal = {
  /** The origin, http://127.0.0.1:PORT. */
  readonly url: string;
  /** An API key with full access that belongs to `accountId`. */
  readonly apiKey: string;
  /** The portal's owner. */
  readonly accountId: string;
  readonly tenantId: number;
  readonly control: PortalControl;
  /** Closes all sockets and stops all timers. */
  stop(): Promise<void>;
};

/**
 * Starts a simulated DocSpace portal on the loopback address. It behaves as docs/docspace-wire.md
 * describes.
 */
export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const { server, origin } = await listen(options.port ?? 0);
  const followsRedirects = releaseNamed(options.release ?? '3.7').followsRedirects;
  const outgoing = createOutgoing({ followsRedirects });
  const world = createWorld({ options, origin, outgoing });
  const interference = createInterference();
  const record = createRequestRecord();
  addOwner(world, {
    email: options.ownerEmail ?? 'owner@portal.example',
    isActivated: options.ownerActivated ?? false,
  });
  const { key } = world.accounts.addKey({ userId: world.ownerId, permissions: [], name: 'owner' });
  // The first route that matches is used, so fixed names come before parameters.
  const endpoints = [
    ...portalRoutes,
    ...(world.release.sharedLinks ? sharedLinkRoutes : []),
    ...inviteRoutes,
    ...joiningRoutes,
    ...keyRoutes,
    ...peopleRoutes,
    ...webhookRoutes,
    ...journalRoutes,
  ];
  const pages = createPages(world);
  server.on('request', createRequestHandler({ world, endpoints, pages, interference, record }));
  return {
    url: origin,
    apiKey: key,
    accountId: world.ownerId,
    tenantId: world.signing.tenantId,
    control: createControl({ world, interference, record }),
    async stop() {
      world.sender.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      outgoing.stop();
      await closed;
    },
  };
}
