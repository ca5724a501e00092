import type { PortalClient } from '../docspace/client.ts';
import { pageSize } from '../docspace/people.ts';
import { userOfRow } from '../docspace/webhooks.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type StepResult, stepFailed } from './step.ts';

/**
 * Reads the deliveries that the portal could not make from its own journal. A redelivery is not
 * requested: only 5 are allowed in 15 minutes (docs/docspace-wire.md 7.7). A row begins as "not sent",
 * so every undelivered row is seen once, whatever happens to it later; the newest handled id is stored.
 */
export async function readJournal(deps: {
  readonly client: Pick<PortalClient, 'undelivered'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  readonly hints: Hints;
  readonly webhookId: number;
}): Promise<StepResult> {
  const { client, store, hints, webhookId } = deps;
  const seen = Number((await store.getValue('journal_seen')) ?? 0);
  let newest = seen;
  let checked = 0;
  let found = 0;
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.undelivered({ webhookId, startIndex });
    if (read.kind !== 'ok') return stepFailed(read);
    const fresh = read.value.filter((row) => row.id > seen);
    for (const row of fresh) {
      newest = Math.max(newest, row.id);
      checked += 1;
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
    if (fresh.length < pageSize) break;
  }
  if (newest > seen) await store.setValue('journal_seen', String(newest));
  return { kind: 'done', checked, found };
}
