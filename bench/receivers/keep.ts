import { openForWriting } from '../../src/store/sqlite/open.ts';

/** The fields that the compared receivers read. They trust a signed delivery. */
export type Delivered = {
  readonly event: { readonly id: number; readonly createOn: string; readonly trigger: string };
  readonly payload: { readonly id: string };
  readonly webhook: { readonly id: number };
};

/** The same table and pragmas as ours (WAL, synchronous=FULL), but a commit for each delivery. */
export function prepareKeep(file: string): (delivery: Delivered, body: Buffer) => void {
  const insert = openForWriting(file).$client.prepare(
    `INSERT INTO deliveries (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
     VALUES (?, ?, ?, ?, ?, ?, 'activated', 'accepted', ?) ON CONFLICT DO NOTHING`,
  );
  return ({ event, payload, webhook }, body) => {
    const createdOn = Date.parse(event.createOn);
    insert.run(Date.now(), webhook.id, event.id, createdOn, event.trigger, payload.id, body);
  };
}
