import type { Member } from '../domain/member.ts';
import type { Change } from './store.ts';

/* Erasing a person, and recognising them all the same: only a keyed hash says who was welcomed. */

/** What was found about a person and is no longer there. */
export type Erased = {
  readonly members: number;
  readonly invitations: number;
  /** Bodies of deliveries. */
  readonly deliveries: number;
  readonly timelineEntries: number;
  /** What other invitations' notes and stored answers said of the address. */
  readonly mentions: number;
};

type Bearing = {
  readonly members: readonly Member[];
  /** User ids that deliveries name with the address; `unmet`: those who are no members yet. */
  readonly told: readonly string[];
  readonly unmet: readonly string[];
  /** The last delivery that was searched. */
  readonly through: number;
};

export type Forgetting = {
  /**
   * Everybody whom this address means: by their own address, by their invitation's, or by what
   * deliveries say of them. `after`: the deliveries up to this one were searched before.
   */
  readonly bearersOf: (email: string, after: number) => Promise<Bearing>;
  /**
   * Commits what was decided of them and erases everything else about them; then takes the address
   * out of the bytes of the files. `stale`: somebody moved on meanwhile, and nothing was done.
   * @param told from `bearersOf`
   * @param changes one for each of its members who was not forgotten before, and of its `unmet`
   */
  readonly forget: (erasure: {
    readonly email: string;
    readonly told: readonly string[];
    readonly changes: readonly Change[];
    readonly at: number;
  }) => Promise<
    | { readonly kind: 'stale' }
    | {
        readonly kind: 'erased';
        readonly erased: Erased;
        /** False: another program reads the database, and holds back what was overwritten. */
        readonly isScrubbed: boolean;
      }
  >;
  /** The key of the hashes is not where it was: nobody who returns under a new id is recognised. */
  readonly isForgetKeyLost: () => Promise<boolean>;
  /** Whether somebody with this id or address was forgotten after a welcome. */
  readonly wasWelcomedAndForgotten: (person: {
    readonly userId: string;
    readonly email: string;
  }) => Promise<boolean>;
};
