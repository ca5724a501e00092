import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { projectPath } from '../../src/project.ts';
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

/**
 * A database as an earlier version left it.
 * @param migrations how many of them that version knew
 * @param write fills its tables
 */
export async function formerFile(
  migrations: number,
  write: (client: Database.Database) => void,
): Promise<string> {
  const folder = join(await temporaryFolder(), 'drizzle');
  cpSync(projectPath('drizzle'), folder, { recursive: true });
  const journalFile = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(journalFile, 'utf8'));
  const entries = journal.entries.slice(0, migrations);
  writeFileSync(journalFile, JSON.stringify({ ...journal, entries }));
  const file = await newFile();
  mkdirSync(dirname(file), { recursive: true });
  const client = new Database(file);
  migrate(drizzle(client), { migrationsFolder: folder });
  write(client);
  client.close();
  return file;
}

/** How far the clock of a log was ever set back, as the log has it; null: never. */
export function clockSetBack(file: string): unknown {
  const select = "SELECT value FROM progress WHERE key = 'clock_set_back'";
  return look(file, (client) => client.prepare(select).pluck().get() ?? null);
}
