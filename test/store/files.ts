import { join } from 'node:path';
import Database from 'better-sqlite3';
import { temporaryFolder } from '../support/world.ts';

/** The path of a database file that does not exist yet, in a folder that does not exist yet. */
export async function newFile(): Promise<string> {
  return join(await temporaryFolder(), 'data', 'welcome.db');
}

/** Reads the file as another program would. */
export function inspectFile<T>(file: string, read: (client: Database.Database) => T): T {
  const client = new Database(file);
  try {
    return read(client);
  } finally {
    client.close();
  }
}
