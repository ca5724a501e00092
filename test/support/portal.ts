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
  // Whoever runs our service has confirmed the own address; until then letters go there too.
  ownerActivated: true,
} as const satisfies PortalOptions;

/**
 * What the product believes of a portal and is not so. Each hides a fault that is still to be
 * mended: take it away with the mending.
 */
const mistaken = {
  // `webhook register` takes a new webhook to be as it was asked for (issue 19 item 19).
  keepsSsl: true,
  // `doctor` takes `modifiedOn` of a webhook for the last change by a person (issue 19 item 20).
  keepsModifiedOn: true,
} as const satisfies PortalOptions;

/** A simulated portal for tests of the product. */
export function startPortal(options: PortalOptions = {}): Promise<Portal> {
  return startSimulatedPortal({ ...kindness, ...mistaken, ...options });
}
