/**
 * The releases whose answers differ in ways that matter to this service (docs/docspace-wire.md 13.7).
 */
export const RELEASES = ['3.2', '3.5', '3.6', '3.7', 'next'] as const;
export type ReleaseName = (typeof RELEASES)[number];

/** How one release behaves where the releases differ. For 3.7, see `NOW`. */
export type Release = {
  readonly name: ReleaseName;
  /** An unknown or deleted id is answered with the stand-in user instead of 404. */
  readonly standInUser: boolean;
  /** Entries of POST people/invite that are refused in 3.7 are skipped without an error. */
  readonly skipsInSilence: boolean;
  /** `workFromDate` is 00:00 UTC of the day. */
  readonly startsAtMidnight: boolean;
  /** Redirects are followed. A POST becomes a GET after 301, 302 and 303. */
  readonly followsRedirects: boolean;
  /**
   * The name in a webhook's address is resolved and compared with the blacklist, and `ssl` needs https.
   * Otherwise only literal IP addresses are compared with the blacklist.
   */
  readonly checksAddresses: boolean;
  /** `*:read` and `*:write` exist. Otherwise portal and settings need no scope. */
  readonly wideScopes: boolean;
  /** `portal/users/invitationlink` exists. */
  readonly sharedLinks: boolean;
  /** people/filter answers even if the portal is not paid. */
  readonly filterUnpaid: boolean;
  readonly retryDelaysMs: readonly number[];
  /** The address in the link of a letter is readable. */
  readonly addressInClear: boolean;
  /** The list of triggers is an object that maps names to ids. */
  readonly triggersAsObject: boolean;
  /**
   * Deliveries are as in the server code after 3.8, which has not been released (docs/docspace-wire.md
   * 12).
   */
  readonly nextDeliveries: boolean;
};

const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000];
const NOW: Release = {
  name: '3.7',
  standInUser: false,
  skipsInSilence: false,
  startsAtMidnight: false,
  followsRedirects: false,
  checksAddresses: true,
  wideScopes: true,
  sharedLinks: true,
  filterUnpaid: true,
  retryDelaysMs: RETRY_DELAYS_MS,
  addressInClear: false,
  triggersAsObject: false,
  nextDeliveries: false,
};
const BEFORE: Release = {
  ...NOW,
  name: '3.6',
  standInUser: true,
  skipsInSilence: true,
  startsAtMidnight: true,
  followsRedirects: true,
  checksAddresses: false,
  wideScopes: false,
  sharedLinks: false,
  triggersAsObject: true,
};

export function releaseNamed(name: ReleaseName): Release {
  switch (name) {
    case '3.2':
      return {
        ...BEFORE,
        name,
        filterUnpaid: false,
        retryDelaysMs: RETRY_DELAYS_MS.map((ms) => 2 * ms),
        addressInClear: true,
      };
    case '3.5':
      return { ...BEFORE, name, filterUnpaid: false };
    case '3.6':
      return { ...BEFORE, name };
    case '3.7':
      return NOW;
    case 'next':
      return { ...NOW, name, nextDeliveries: true };
    default:
      throw new Error(`There is no release ${name satisfies never}.`);
  }
}
