import { createSortedViews } from '../people/sorted-views.ts';
import { epochMs, type Moment } from '../time.ts';

/** One row of the webhook journal (wire 7.6); its id is the `event.id` of what it sends. */
export type JournalRow = {
  readonly id: number;
  readonly webhookId: number;
  readonly trigger: number;
  readonly creationTime: Moment;
  readonly requestHeaders?: string | undefined;
  readonly requestPayload: string;
  readonly responseHeaders?: string | undefined;
  readonly responsePayload?: string | undefined;
  /** 0 until an answer is known, and for failures without one. */
  readonly status: number;
  /** Only of a successful delivery. */
  readonly delivery?: Moment | undefined;
};
export type Journal = ReturnType<typeof createJournal>;

const FIRST_ID = 1_001;

/** The webhook journal; ids grow and are never used again (wire 7.4). */
export function createJournal() {
  const byId = new Map<number, JournalRow>();
  const newestDelivered = new Map<number, JournalRow>();
  let nextId = FIRST_ID;
  const views = createSortedViews<JournalRow>({
    all: () => byId.values(),
    sequenceOf: (row) => row.id,
  });
  return {
    get: (id: number): JournalRow | undefined => byId.get(id),
    newestFirst: (): JournalRow[] => [...byId.values()].reverse(),
    add(row: Omit<JournalRow, 'id' | 'status'>): JournalRow {
      const made = { ...row, id: nextId, status: 0 };
      nextId += 1;
      byId.set(made.id, made);
      views.changed({ after: made });
      return made;
    },
    save(row: JournalRow): void {
      const before = byId.get(row.id);
      byId.set(row.id, row);
      views.changed({ before, after: row });
      if (row.delivery === undefined) return;
      const newest = newestDelivered.get(row.webhookId);
      if (!newest?.delivery || epochMs(newest.delivery) <= epochMs(row.delivery)) {
        newestDelivered.set(row.webhookId, row);
      }
    },
    /** HTTP status of the row with the newest delivery, 0 if there is none (wire 7.1). */
    lastStatusOf: (webhookId: number): number => newestDelivered.get(webhookId)?.status ?? 0,
    view: (definition: { name: string; matches: (row: JournalRow) => boolean }) =>
      views.view({ ...definition, sortKey: (row) => row.id }),
    /** Views know the webhooks (rows of deleted ones are not listed), so they go with them. */
    forgetViews: (): void => views.forget(),
  };
}
