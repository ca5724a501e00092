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

/**
 * Wrong assumptions of the product about a portal. Each hides a fault that must still be fixed.
 * Delete the entry together with the fault.
 */
const mistaken = {
  // `webhook register` assumes that a new webhook is as requested (issue 19 item 19).
  keepsSsl: true,
  // `doctor` assumes that `modifiedOn` of a webhook is the last change by a person (issue 19 item
  // 20).
  keepsModifiedOn: true,
} as const satisfies PortalOptions;

/** A simulated portal for tests of the product. */
export function startPortal(options: PortalOptions = {}): Promise<Portal> {
  return startSimulatedPortal({ ...kindness, ...mistaken, ...options });
}
