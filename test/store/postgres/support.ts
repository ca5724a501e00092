import pg from 'pg';
import { onTestFinished } from 'vitest';
import { type Place, placeOf } from '../../../src/store/place.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { joinPostgres } from '../../../src/store/postgres/replicas.ts';
import type { Store } from '../../../src/store/store.ts';

export const placeAt = (url: string): Place => placeOf(url, 'docspace_welcome');

let count = 0;

/** Joins the replicas and opens the store. Both end with the test, unless the test closed the store. */
export async function openStore(url: string, forgetKeyFile: string | null = null): Promise<Store> {
  count += 1;
  const place = placeAt(url);
  const replica = `${process.pid}-${count}`;
  const joined = await joinPostgres(place, replica);
  const store = openPostgresStore({ ...joined, place, forgetKeyFile });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store.close().then(joined.lock.release);
    return closed;
  };
  onTestFinished(close);
  return { ...store, close };
}

/** Fails with the label if the work takes longer. */
export async function within<T>(deadlineMs: number, label: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`waited ${deadlineMs} ms for: ${label}`));
    timer = setTimeout(fail, deadlineMs);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

/**
 * Runs statements as the owner of the database, beside the store.
 * @returns the result of the last statement
 */
export async function run(
  url: string,
  first: string,
  ...others: readonly string[]
): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    let result = await client.query(first);
    for (const statement of others) result = await client.query(statement);
    return result;
  } finally {
    await client.end();
  }
}

/**
 * Gives the database a clock that the returned function sets to the right time and `byMs` more. Sessions
 * that are open end.
 */
export async function settableClock(url: string): Promise<(byMs: number) => Promise<void>> {
  await run(
    url,
    'CREATE TABLE public.clock (ahead_ms bigint)',
    'INSERT INTO public.clock VALUES (0)',
    `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
      $$ SELECT pg_catalog.clock_timestamp() + ahead_ms * interval '1 ms' FROM public.clock $$`,
    `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET search_path = public, pg_catalog`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user`,
  );
  return async (byMs) => void (await run(url, `UPDATE public.clock SET ahead_ms = ${byMs}`));
}
