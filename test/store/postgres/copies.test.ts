import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { delivery, memberIn, put } from '../support.ts';
import { openStore, run } from './support.ts';

const debian = '/usr/lib/postgresql';

/** Debian's newest version of a program, such as `pg_dump`. */
function programOf(name: string): string {
  const [newest = ''] = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
  return `${debian}/${newest}/bin/${name}`;
}

const pausesOf = async (store: Awaited<ReturnType<typeof openStore>>) =>
  (await store.pauses()).map((pause) => pause.name);

describe.runIf(hasPostgres)('a PostgreSQL database', () => {
  test('that is opened again is no copy', async () => {
    const url = await freshDatabase();
    await (await openStore(url)).close();
    expect(await pausesOf(await openStore(url))).toEqual([]);
  });

  test.each([
    ['while nobody serves it: it was set back', false],
    ['while another replica serves it: a standby took over', true],
  ])('whose timeline changed %s', async (_says, isServed) => {
    const url = await freshDatabase();
    const other = await openStore(url);
    if (!isServed) await other.close();
    // The server's own timeline is 1.
    await run(
      url,
      `UPDATE docspace_welcome.key_values SET value = regexp_replace(value, '/1$', '/7') WHERE key = 'identity'`,
    );
    expect(await pausesOf(await openStore(url))).toEqual(isServed ? [] : ['restored']);
  });

  test('that went back in time while it was served sends nothing from then on, also after the next start', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await put(store, memberIn('ready', 1));
    await put(store, memberIn('ready', 2));
    // As if a standby without the last commits had taken over.
    await run(
      url,
      'UPDATE docspace_welcome.replicas SET batch = batch - 1',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user`,
    );
    await store.probe();
    expect(await pausesOf(store)).toEqual(['restored']);
    await store.close();
    expect(await pausesOf(await openStore(url))).toEqual(['restored']);
  });

  test('that went back in time and was resumed goes on, also with the first delivery after that', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await store.probe();
    await store.acceptDelivery(delivery(1));
    const goBack = () =>
      run(
        url,
        'UPDATE docspace_welcome.replicas SET batch = batch - 1, intake = intake - 1',
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user`,
      );
    await goBack();
    await store.probe();
    expect(await pausesOf(store)).toEqual(['restored']);
    await store.liftPauses();
    expect(await store.acceptDelivery(delivery(2))).toBe('accepted');
    expect(await pausesOf(store)).toEqual([]);
    await goBack();
    expect(await store.acceptDelivery(delivery(3))).toBe('accepted');
    expect(await pausesOf(store)).toEqual(['restored']);
  });
});

describe.runIf(hasPostgres && existsSync(debian))('a dump of a PostgreSQL database', () => {
  test('that is restored elsewhere starts paused, and lists who could be welcomed twice', async (context) => {
    const url = await freshDatabase();
    const { rows } = await run(url, `SELECT current_setting('server_version_num')::int AS number`);
    const [, dumpVersion] =
      /(\d+)\./.exec(execFileSync(programOf('pg_dump'), ['--version'], { encoding: 'utf8' })) ?? [];
    context.skip(
      Number(dumpVersion) < Math.floor(rows[0].number / 10_000),
      'pg_dump refuses a server that is newer',
    );
    const store = await openStore(url);
    await put(store, memberIn('ready', 1));
    await store.close();
    const dump = `${await temporaryFolder()}/dump`;
    execFileSync(programOf('pg_dump'), ['--format=custom', `--file=${dump}`, url]);
    const copy = await freshDatabase();
    execFileSync(programOf('pg_restore'), ['--no-owner', `--dbname=${copy}`, dump]);

    const again = await openStore(copy);
    expect(await pausesOf(again)).toEqual(['restored']);
    expect(await again.restored()).toMatchObject({ count: 1 });
    await again.liftPauses();
    await again.close();
    expect(await pausesOf(await openStore(copy))).toEqual([]);
  });
});
