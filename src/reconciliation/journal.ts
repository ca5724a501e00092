import type { PortalClient } from '../docspace/client.ts';
import { pageSize, userOfRow } from '../docspace/lists.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { interruption, type Step } from './step.ts';

/**
 * Reads what the portal could not deliver: its payload, not a redelivery, whose budget is 5 in 15
 * minutes (wire 7.7). A row begins as "not sent", so every undelivered one is seen once, whatever
 * becomes of it later; the newest one handled is remembered.
 */
export async function readJournal(options: {
  readonly client: Pick<PortalClient, 'undelivered'>;
  readonly store: Pick<Store, 'progress' | 'remember'>;
  readonly hints: Hints;
  readonly webhookId: number;
}): Promise<Step> {
  const { client, store, hints, webhookId } = options;
  const seen = Number((await store.progress('journal_seen')) ?? 0);
  let newest = seen;
  let lookedAt = 0;
  let found = 0;
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.undelivered({ webhookId, startIndex });
    if (read.kind !== 'ok') return interruption(read);
    const fresh = read.value.filter((row) => row.id > seen);
    for (const row of fresh) {
      newest = Math.max(newest, row.id);
      lookedAt += 1;
      const told = userOfRow(row);
      if (!told) continue;
      const departure = told.trigger === 'user.deleted' || told.isTerminated;
      const says = `${told.trigger} was not delivered: read from the journal`;
      await hints.hint(told.userId, { says, departure }, `journal row ${row.id}`);
      found += 1;
    }
    if (fresh.length < pageSize) break;
  }
  if (newest > seen) await store.remember('journal_seen', String(newest));
  return { kind: 'done', lookedAt, found };
}
