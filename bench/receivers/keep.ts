import pg from 'pg';
import { isPostgresUrl, placeOf } from '../../src/store/place.ts';
import { endClient, openClient } from '../../src/store/postgres/connection.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { openForWriting } from '../../src/store/sqlite/open.ts';

/** The fields that the compared receivers read. They trust a signed delivery. */
export type Delivered = {
  readonly event: { readonly id: number; readonly createOn: string; readonly trigger: string };
  readonly payload: { readonly id: string };
  readonly webhook: { readonly id: number };
};

type Keep = (delivery: Delivered, body: Buffer) => unknown;

/** The same tables as ours, but a commit for each delivery. */
export async function prepareKeep(url: string): Promise<Keep> {
  return isPostgresUrl(url) ? keepInPostgres(url) : keepInFile(url.replace(/^file:/, ''));
}

/** The pragmas are the same, too (WAL, synchronous=FULL). */
function keepInFile(file: string): Keep {
  const insert = openForWriting(file).$client.prepare(
    `INSERT INTO deliveries (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
     VALUES (?, ?, ?, ?, ?, ?, 'activated', 'accepted', ?) ON CONFLICT DO NOTHING`,
  );
  return ({ event, payload, webhook }, body) => {
    const createdOn = Date.parse(event.createOn);
    insert.run(Date.now(), webhook.id, event.id, createdOn, event.trigger, payload.id, body);
  };
}

async function keepInPostgres(url: string): Promise<Keep> {
  const place = placeOf(url, 'docspace_welcome');
  const client = await openClient(place);
  await migrate(client, place);
  await endClient(client);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  return ({ event, payload, webhook }, body) => {
    const createdOn = Date.parse(event.createOn);
    return pool.query(
      `WITH kept AS (
        INSERT INTO docspace_welcome.deliveries
          (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
        VALUES ($1, $2, $3, $4, $5, $6, 'activated', 'accepted', $7)
        ON CONFLICT DO NOTHING RETURNING id, received_at
      ) INSERT INTO docspace_welcome.inbox SELECT id, 'bench', received_at FROM kept`,
      [Date.now(), webhook.id, event.id, createdOn, event.trigger, payload.id, body],
    );
  };
}
