import {
  type Portal,
  type PortalOptions,
  startPortal as startSimulatedPortal,
} from '../../simulator/portal.ts';

/**
 * Where the simulated portal is kinder to the product's tests than a real one, and why. Everything
 * that is not here is as on a freshly installed DocSpace.
 */
const kindness = {
  // The service under test listens on loopback, which a real portal refuses.
  allowPrivateAddresses: true,
  // Names that the usual rule refuses come from LDAP, or where an operator has relaxed it.
  anyName: true,
} as const satisfies PortalOptions;

/** A simulated portal for tests of the product. */
export function startPortal(options: PortalOptions = {}): Promise<Portal> {
  return startSimulatedPortal({ ...kindness, ...options });
}
