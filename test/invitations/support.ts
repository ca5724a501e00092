import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { onTestFinished } from 'vitest';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import { databaseIn, databaseSettings, queryDatabase } from '../support/database.ts';
import { startPortal } from '../support/portal.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { temporaryFolder } from '../support/world.ts';

export type Place = {
  readonly portal: Portal;
  readonly folder: string;
  /** Where the database is. */
  readonly settings: Readonly<Record<string, string>>;
};

/** A portal and an empty folder, without a service. */
export async function startPlace(options: PortalOptions = {}): Promise<Place> {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5, ...options });
  onTestFinished(() => portal.stop());
  return { portal, folder, settings: await databaseSettings(folder) };
}

export type Ran = { readonly code: number | null; readonly output: string };

/** Starts a verb in its own process. */
export function startVerb(place: Place, args: readonly string[]) {
  const environment = serviceEnvironment(place.portal, place.folder, place.settings);
  const { child, output } = spawnVerb(args, { environment, folder: place.folder });
  const ended = new Promise<Ran>((resolve) =>
    child.once('close', (code) => resolve({ code, output: output() })),
  );
  return { child, output, ended };
}

export function runVerb(place: Place, args: readonly string[]): Promise<Ran> {
  return startVerb(place, args).ended;
}

export function writeCsv(place: Place, text: string | Uint8Array, name = 'people.csv'): string {
  const file = `${place.folder}/${name}`;
  writeFileSync(file, text);
  return file;
}

export type ResultRow = Readonly<
  Record<'row' | 'email' | 'result' | 'id' | 'link' | 'reason', string>
>;

export function readResults(csvFile: string): ResultRow[] {
  return parse(readFileSync(`${csvFile}.result.csv`), { bom: true, columns: true });
}

/** The invitations and members in the database. */
export async function readLog(folder: string) {
  return queryDatabase<{
    id: string;
    email: string | null;
    stage: string;
    mode: string;
    link: string | null;
    idempotencyKey: string | null;
  }>(
    await databaseIn(folder),
    'SELECT id, email, stage, mode, link, idempotency_key AS "idempotencyKey" FROM invitations',
  );
}

export async function countIssued(folder: string): Promise<number> {
  const [row] = await queryDatabase<{ count: number }>(
    await databaseIn(folder),
    "SELECT count(*) AS count FROM invitations WHERE stage = 'issued'",
  );
  return Number(row?.count);
}

export function countBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
