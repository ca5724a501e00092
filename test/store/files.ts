import { join } from 'node:path';
import Database from 'better-sqlite3';
import { temporaryFolder } from '../support/world.ts';

/** A database file that is not there yet, in a folder that is not there yet. */
export async function newFile(): Promise<string> {
  return join(await temporaryFolder(), 'data', 'welcome.db');
}

/** Looks into the file as somebody else would. */
export function look<T>(file: string, read: (client: Database.Database) => T): T {
  const client = new Database(file);
  try {
    return read(client);
  } finally {
    client.close();
  }
}
