import type { Release } from '../releases.ts';
import { epochMs, isFresh, type Moment, shifted, type Zone } from '../time.ts';
import { collationKey } from './collation.ts';
import { type PortalUser, userAtRest } from './person.ts';
import { createSortedViews, type SortedView } from './sorted-views.ts';

export type People = ReturnType<typeof createPeople>;

/**
 * The portal's people. They are found by id, e-mail address and user name through indexes. Removed
 * people are not kept.
 */
export function createPeople(input: { readonly portalZone: Zone; readonly release: Release }) {
  const { portalZone, release } = input;
  const byId = new Map<string, PortalUser>();
  const idByEmail = new Map<string, string>();
  const idByUserName = new Map<string, string>();
  const nextSuffix = new Map<string, number>();
  // Kept for removed people too, because a view that is updated later still has to find their place.
  const sequences = new Map<string, number>();
  let lastSequence = 0;
  const views = createSortedViews<PortalUser>({
    all: () => byId.values(),
    sequenceOf: (user) => sequences.get(user.id) ?? 0,
  });

  const unindex = (user: PortalUser) => {
    idByEmail.delete(collationKey(user.email));
    idByUserName.delete(collationKey(user.userName));
  };

  const stored = (workFromDate: Moment | undefined): Moment | undefined => {
    if (workFromDate === undefined || !isFresh(workFromDate)) return workFromDate;
    return shifted(workFromDate, portalZone.offsetMs(epochMs(workFromDate)));
  };

  return {
    get: (userId: string): PortalUser | undefined => byId.get(userId),
    all: (): Iterable<PortalUser> => byId.values(),
    size: (): number => byId.size,
    byEmail: (email: string): PortalUser | undefined =>
      byId.get(idByEmail.get(collationKey(email.trim())) ?? ''),
    byUserName: (userName: string): PortalUser | undefined =>
      byId.get(idByUserName.get(collationKey(userName)) ?? ''),

    /**
     * Adds a row or replaces it. Dates are cut to the second, and a fresh `workFromDate` becomes
     * the portal's local time, as in the database (docs/docspace-wire.md 2.3, 12).
     */
    save(user: PortalUser): void {
      const before = byId.get(user.id);
      const after = userAtRest({ ...user, workFromDate: stored(user.workFromDate) });
      if (before === undefined) {
        lastSequence += 1;
        sequences.set(user.id, lastSequence);
      } else {
        unindex(before);
      }
      byId.set(user.id, after);
      idByEmail.set(collationKey(user.email), user.id);
      idByUserName.set(collationKey(user.userName), user.id);
      views.changed({ before, after });
    },

    remove(userId: string): void {
      const before = byId.get(userId);
      if (before === undefined) return;
      unindex(before);
      byId.delete(userId);
      views.changed({ before });
    },

    /** The `workFromDate` of a person who joins now. */
    firstDay: (now: Moment): Moment =>
      release.startsAtMidnight ? `${now.slice(0, 10)}T00:00:00Z` : now,

    /** The local part of the e-mail address, made unique (docs/docspace-wire.md 4). */
    newUserName(email: string): string {
      const local = localPartOf(email);
      let name = local;
      while (idByUserName.has(collationKey(name))) {
        const suffix = (nextSuffix.get(local) ?? 0) + 1;
        nextSuffix.set(local, suffix);
        name = `${local}${suffix}`;
      }
      return name;
    },

    view: (definition: Parameters<typeof views.view>[0]): SortedView<PortalUser> =>
      views.view(definition),
  };
}

/** Everything before the last @, or `user` if there is nothing. */
export function localPartOf(email: string): string {
  return email.slice(0, Math.max(0, email.lastIndexOf('@'))) || 'user';
}
