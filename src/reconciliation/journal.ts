import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import { pageSize } from '../docspace/people.ts';
import { eventTimeOf, type JournalRow, userOfRow } from '../docspace/webhooks.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type StepResult, stepFailed } from './step.ts';

/**
 * The id of the newest handled row, and the latest `event.createOn` of the handled rows (UTC ms,
 * portal's clock).
 */
const seenSchema = z.object({ id: z.int(), at: z.int() });
type Seen = z.infer<typeof seenSchema>;

/**
 * How long after its event a delivery may still arrive. The portal writes a row as "not sent" before
 * it sends the delivery. Then the delivery may wait in a queue, and it is tried again for 31 s
 * (docs/docspace-wire.md 7.3).
 */
const mayArriveMs = 60_000;

/**
 * Reads the failed deliveries from the portal's own journal. It does not request a redelivery, because
 * the portal allows only 5 in 15 minutes (docs/docspace-wire.md 7.7). Rows are handled in the order of
 * their ids, up to the first row whose delivery may still arrive. If the portal restarts its ids from 1,
 * the event times show that these rows are new although their ids are small.
 */
export async function readJournal(deps: {
  readonly client: Pick<PortalClient, 'undelivered' | 'portalNow'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  readonly hints: Hints;
  readonly webhookId: number;
}): Promise<StepResult> {
  const { client, store, hints, webhookId } = deps;
  const seen = await readSeen(store);
  const read = await readFresh(client, webhookId, seen);
  if (read.kind !== 'ok') return stepFailed(read);
  const now = client.portalNow();
  const rows = read.rows.toSorted((a, b) => a.id - b.id);
  const firstInFlight = rows.findIndex((row) => mayArrive(row, now));
  const settled = firstInFlight < 0 ? rows : rows.slice(0, firstInFlight);
  let found = 0;
  for (const row of settled) {
    const missed = userOfRow(row);
    if (!missed) continue;
    const { userId, trigger } = missed;
    await hints.record(userId, {
      hint: { event: 'delivery_missed', trigger },
      departure: trigger === 'user.deleted' || missed.isTerminated,
      cause: { kind: 'journal_row', id: row.id },
    });
    found += 1;
  }
  const last = settled.at(-1);
  if (last) {
    const at = Math.max(seen.at, ...settled.map((row) => eventTimeOf(row) ?? 0));
    await store.setValue('journal_seen', JSON.stringify({ id: last.id, at }));
  }
  return { kind: 'done', checked: settled.length, found };
}

async function readFresh(
  client: Pick<PortalClient, 'undelivered'>,
  webhookId: number,
  seen: Seen,
): Promise<
  | { readonly kind: 'ok'; readonly rows: readonly JournalRow[] }
  | Exclude<Awaited<ReturnType<PortalClient['undelivered']>>, { kind: 'ok' }>
> {
  const rows: JournalRow[] = [];
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.undelivered({ webhookId, startIndex });
    if (read.kind !== 'ok') return read;
    const fresh = read.value.filter((row) => isFresh(row, seen));
    rows.push(...fresh);
    if (fresh.length < pageSize) return { kind: 'ok', rows };
  }
}

function isFresh(row: JournalRow, seen: Seen): boolean {
  return row.id > seen.id || (eventTimeOf(row) ?? 0) > seen.at;
}

function mayArrive(row: JournalRow, now: number): boolean {
  const at = eventTimeOf(row);
  return row.status === 0 && at !== null && now - at < mayArriveMs;
}

async function readSeen(store: Pick<Store, 'getValue'>): Promise<Seen> {
  const text = await store.getValue('journal_seen');
  return text === null ? { id: 0, at: 0 } : seenSchema.parse(JSON.parse(text));
}
