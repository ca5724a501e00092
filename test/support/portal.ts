import {
  type Portal,
  type PortalOptions,
  startPortal as startSimulatedPortal,
} from '../../simulator/portal.ts';

/**
 * Where the simulated portal is more tolerant than a real one, and why. Everything else is as in a
 * new DocSpace.
 */
const kindness = {
  // The service under test listens on loopback, which a real portal refuses.
  allowPrivateAddresses: true,
  // The usual rule refuses some names. They exist in portals with LDAP, or with a relaxed rule.
  anyName: true,
  // An admin who runs this service has confirmed their own address. Before that, the portal sends
  // letters there too.
  ownerActivated: true,
} as const satisfies PortalOptions;

/** A simulated portal for tests of the product. */
export function startPortal(options: PortalOptions = {}): Promise<Portal> {
  return startSimulatedPortal({ ...kindness, ...options });
}
