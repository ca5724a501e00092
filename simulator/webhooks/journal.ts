import { createSortedViews } from '../people/sorted-views.ts';
import type { Moment } from '../time.ts';

/**
 * One row of the webhook journal (docs/docspace-wire.md 7.6). Its id is the `event.id` of its delivery,
 * except that a delivery that is sent again by hand keeps its first id in `next`.
 */
export type JournalRow = {
  readonly id: number;
  readonly webhookId: number;
  readonly trigger: number;
  readonly creationTime: Moment;
  readonly requestHeaders?: string | undefined;
  readonly requestPayload: string;
  readonly responseHeaders?: string | undefined;
  readonly responsePayload?: string | undefined;
  /** 0 until the delivery has ended, and after a failure without an answer. A time-out counts as 500. */
  readonly status: number;
  /** Set only for a successful delivery. */
  readonly delivery?: Moment | undefined;
};
export type Journal = ReturnType<typeof createJournal>;

/** The webhook journal. Its ids grow and are never used again (docs/docspace-wire.md 7.4). */
export function createJournal() {
  const byId = new Map<number, JournalRow>();
  const newestDelivered = new Map<number, JournalRow>();
  const newestFailed = new Map<number, JournalRow>();
  let lastId = 0;
  const views = createSortedViews<JournalRow>({
    all: () => byId.values(),
    sequenceOf: (row) => row.id,
  });
  return {
    get: (id: number): JournalRow | undefined => byId.get(id),
    newestFirst: (): JournalRow[] => [...byId.values()].reverse(),
    add(row: Omit<JournalRow, 'id' | 'status'>): JournalRow {
      lastId += 1;
      const made = { ...row, id: lastId, status: 0 };
      byId.set(made.id, made);
      views.changed({ after: made });
      return made;
    },
    /** Does nothing if the row was deleted together with its webhook. */
    save(row: JournalRow): void {
      const before = byId.get(row.id);
      if (before === undefined) return;
      byId.set(row.id, row);
      views.changed({ before, after: row });
      const newest = row.delivery === undefined ? newestFailed : newestDelivered;
      newest.set(row.webhookId, row);
    },
    removeOf(webhookId: number): void {
      for (const row of byId.values()) {
        if (row.webhookId === webhookId) byId.delete(row.id);
      }
      views.forget();
    },
    /**
     * The HTTP status of the newest successful delivery, no matter how many failures followed. If no
     * delivery succeeded, it is the status of the last failure, or 0 if nothing was delivered
     * (docs/docspace-wire.md 13.1).
     */
    lastStatusOf: (webhookId: number): number =>
      (newestDelivered.get(webhookId) ?? newestFailed.get(webhookId))?.status ?? 0,
    view: (definition: { name: string; matches: (row: JournalRow) => boolean }) =>
      views.view({ ...definition, sortKey: (row) => row.id }),
    /** Must be called when the address of a webhook changes, because filters compare this address. */
    forgetViews: (): void => views.forget(),
  };
}
