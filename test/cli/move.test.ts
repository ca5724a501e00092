import { writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findMove } from '../../src/store/database.ts';
import { moveDatabase } from '../../src/store/move/move.ts';
import { fileAt, inStore, postgresAt } from '../store/postgres/move-support.ts';
import { memberIn, now, put } from '../store/support.ts';
import { startPortal } from '../support/portal.ts';
import { freshDatabase, hasPostgres } from '../support/postgres.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { temporaryFolder } from '../support/world.ts';
import { startCliSetup } from './support.ts';

const password = 'owner-of-the-tests';

describe.runIf(hasPostgres)('move', () => {
  test('waits for the service to stop, moves there and back, and the database that was left refuses to be used', async () => {
    const setup = await startCliSetup({
      DATABASE_URL: 'file:welcome.db',
      PUBLIC_URL: 'http://127.0.0.1:9',
    });
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { run, envFile } = setup;
    const texts: string[] = [];
    const runs = async (...args: string[]) => {
      const { code, out, err } = await run(...args);
      texts.push(out, err);
      return [code, out + err] as const;
    };
    const use = (url: string) => writeFileSync(envFile, `DATABASE_URL=${url}\n`, { flag: 'a' });
    const url = await freshDatabase();
    const said = (text: string) => expect.stringContaining(text);
    expect(await runs('move', '--to', url)).toEqual([78, said('There is no database')]);
    await runs('invite', 'bob@example.com');
    const world = await setup.serve();
    expect(await runs('move', '--to', url)).toEqual([1, said('is in use by process')]);
    await world.service.stop();
    for (const to of ['postgres://nobody', 'welcome.db', 'file:other.db']) {
      expect((await runs('move', '--to', to))[0]).toBe(64);
    }

    // Arguments are shown to every user of the machine, so the password may be left out there.
    vi.stubEnv('PGPASSWORD', password);
    const withoutPassword = url.replace(`:${password}@`, '@');
    expect(await runs('move', '--to', withoutPassword)).toEqual([
      0,
      said('1 invitations, 0 members'),
    ]);
    expect(await runs('list')).toEqual([0, said('bob@example.com')]);
    for (const verb of [['invite', 'ann@example.com'], ['webhook', 'register'], ['pause']]) {
      expect(await runs(...verb)).toEqual([78, said('was moved to')]);
    }
    await expect(setup.serve()).rejects.toThrow('did not start: refused');
    expect(await runs('portal', 'moved', '--to', setup.portal.url)).toEqual([
      78,
      said('was moved'),
    ]);
    expect(await runs('doctor')).toEqual([1, said('was moved to')]);

    use(url);
    expect(await runs('invite', 'ann@example.com')).toEqual([0, said('ann@example.com')]);
    expect(await runs('move', '--to', 'file:welcome.db')).toEqual([78, said('was moved to')]);
    const back = await run('move', '--to', 'file:back.db', '--json');
    expect(back.json()).toMatchObject({ to: `${setup.folder}/back.db`, rows: { invitations: 2 } });
    expect(await runs('pause')).toEqual([78, said('was moved to')]);
    use('file:back.db');
    expect(await runs('list')).toEqual([0, said('ann@example.com')]);
    expect(await runs('pause')).toEqual([0, said('Sending is paused')]);
    expect([...texts, back.out].join()).not.toContain(password);
  });

  test('that is killed between its steps is run again', async () => {
    const folder = await temporaryFolder();
    const portal = await startPortal();
    onTestFinished(() => portal.stop());
    const from = fileAt(`${folder}/welcome.db`);
    await inStore(from, (store) => put(store, memberIn('ready', 1)));
    const url = await freshDatabase();
    const target = postgresAt(url);
    const runs = async (crashAt: string) => {
      const { child, output } = spawnVerb(['move', '--to', url], {
        environment: { ...serviceEnvironment(portal, folder), CRASH_AT: crashAt },
        folder,
        preload: 'test/store/postgres/kill-move.ts',
      });
      await new Promise((resolve) => child.once('exit', resolve));
      expect(child.signalCode, output()).toBe('SIGKILL');
    };
    const left = async () => [(await findMove(from))?.seen, (await findMove(target))?.seen];
    const unfinished = expect.stringContaining('has not ended');
    await runs('sqlite COMMIT');
    expect(await left()).toEqual([undefined, unfinished]);
    await runs('postgres delete from "docspace_welcome"."key_values"');
    expect(await left()).toEqual([expect.stringContaining('was moved to'), unfinished]);
    expect(await moveDatabase({ from, to: target, now })).toMatchObject({ counts: { members: 1 } });
    expect(await left()).toEqual([expect.stringContaining('was moved to'), undefined]);
  }, 60_000);
});
