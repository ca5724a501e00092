import { type PortalUser, userAtRest } from './person.ts';
import { createSortedViews, type SortedView } from './sorted-views.ts';

export type People = ReturnType<typeof createPeople>;

/** The portal's people, found by id, e-mail and user name through indexes. Removed ones are gone. */
export function createPeople() {
  const byId = new Map<string, PortalUser>();
  const idByEmail = new Map<string, string>();
  const idByUserName = new Map<string, string>();
  const nextSuffix = new Map<string, number>();
  // Kept for removed people too: a view that catches up later still has to find their place.
  const sequences = new Map<string, number>();
  let lastSequence = 0;
  const views = createSortedViews<PortalUser>({
    all: () => byId.values(),
    sequenceOf: (user) => sequences.get(user.id) ?? 0,
  });

  const unindex = (user: PortalUser) => {
    idByEmail.delete(user.email.toLowerCase());
    idByUserName.delete(user.userName.toLowerCase());
  };

  return {
    get: (userId: string): PortalUser | undefined => byId.get(userId),
    all: (): Iterable<PortalUser> => byId.values(),
    size: (): number => byId.size,
    byEmail: (email: string): PortalUser | undefined =>
      byId.get(idByEmail.get(email.trim().toLowerCase()) ?? ''),
    byUserName: (userName: string): PortalUser | undefined =>
      byId.get(idByUserName.get(userName.toLowerCase()) ?? ''),

    /** Adds a row or replaces it; dates are cut to the second, as in the database (wire 2.3). */
    save(user: PortalUser): void {
      const before = byId.get(user.id);
      const after = userAtRest(user);
      if (before === undefined) {
        lastSequence += 1;
        sequences.set(user.id, lastSequence);
      } else {
        unindex(before);
      }
      byId.set(user.id, after);
      idByEmail.set(user.email.toLowerCase(), user.id);
      idByUserName.set(user.userName.toLowerCase(), user.id);
      views.changed({ before, after });
    },

    remove(userId: string): void {
      const before = byId.get(userId);
      if (before === undefined) return;
      unindex(before);
      byId.delete(userId);
      views.changed({ before });
    },

    /** The local part of the e-mail, made unique (wire 4). */
    newUserName(email: string): string {
      const local = email.split('@')[0] || 'user';
      let name = local;
      while (idByUserName.has(name.toLowerCase())) {
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
