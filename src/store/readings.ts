import type { MemberCounts } from './store.ts';

/** What the store holds and what waits in it, as `/metrics` shows it. */
export type Readings = {
  readonly members: MemberCounts;
  /** Deliveries that are not hints yet, counted up to 10,000, and when the oldest came. */
  readonly inbox: { readonly count: number; readonly oldestAt: number | null };
  /** Members that are due, counted up to 10,000, and since when the first of them is. */
  readonly due: { readonly count: number; readonly oldestAt: number | null };
  /** When the newest delivery that is kept came. */
  readonly lastDeliveryAt: number | null;
  readonly databaseBytes: number;
  /** What is written beside the database and not yet in it. */
  readonly walBytes: number;
};

export type ReadingVerbs = { readonly readings: (now: number) => Promise<Readings> };
