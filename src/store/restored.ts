import type { Member } from '../domain/member.ts';

/** A database that was a copy, and whose pause nobody lifted yet. Times are UTC ms. */
export type Restored = {
  readonly copiedAt: number;
  /**
   * Active, and without a welcome that this copy knows of: it may have been sent after the copy was
   * made. The first thousand; `count` says how many there are.
   */
  readonly members: readonly Member[];
  readonly count: number;
  /** Not active as far as this copy knows: they join the list when the portal shows them active. */
  readonly notYetActive: number;
};

export type RestoredReads = {
  /** Null: this is no copy, or `resume` accepted it. */
  readonly restored: () => Promise<Restored | null>;
};
