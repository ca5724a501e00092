import { momentAt } from '../moments.ts';
import type { World } from '../world.ts';
import type { JournalRow } from './journal.ts';

/** A new journal row that copies the stored body, whatever the old status was (wire 7.4, 7.7). */
export function redeliver(input: { readonly world: World; readonly row: JournalRow }): JournalRow {
  const { world, row } = input;
  const copy = world.journal.add({
    webhookId: row.webhookId,
    trigger: row.trigger,
    creationTime: momentAt(world.now()),
    requestPayload: row.requestPayload,
  });
  world.sender.enqueue(copy.id);
  return copy;
}
