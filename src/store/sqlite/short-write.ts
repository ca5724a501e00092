import Database from 'better-sqlite3';
import type { ProgressKey } from '../store.ts';
import { openForReading, openForWriting } from './open.ts';

/**
 * Remembers one small fact beside a process that may be serving the database: one short write, which
 * SQLite lines up with the others. Makes the database when there is none yet; never migrates one.
 * @throws when the database is older or newer than this program, or cannot be written
 */
export function rememberBriefly(options: {
  readonly file: string;
  readonly exists: boolean;
  readonly key: ProgressKey;
  readonly value: string;
}): void {
  if (!options.exists) openForWriting(options.file).$client.close();
  openForReading(options.file).$client.close();
  const client = new Database(options.file, { timeout: 5_000 });
  client.pragma('synchronous = FULL');
  client
    .prepare(
      'INSERT INTO progress (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    )
    .run(options.key, options.value);
  client.close();
}
