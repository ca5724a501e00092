import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freshDatabase, hasPostgres } from '../support/postgres.ts';
import { inviteAndRegister, memberBecomes } from '../support/world.ts';
import { startCliSetup } from './support.ts';

const password = 'owner-of-the-tests';

describe.runIf(hasPostgres)('with PostgreSQL', () => {
  test('the commands work before, beside and after the service, and doctor says which process serves', async () => {
    const url = await freshDatabase();
    const { run, serve } = await startCliSetup({ DATABASE_URL: url });
    const missing = await run('list');
    expect([missing.code, missing.err]).toEqual([78, expect.stringContaining('no database')]);
    expect((await run('doctor')).out).toContain('there is no database yet');

    const invited = await run('invite', 'bob@example.com', '--json');
    expect([invited.code, invited.err]).toEqual([0, '']);
    expect((await run('list')).out).toContain('bob@example.com');
    expect((await run('doctor')).out).toContain('no service uses the database now');

    const world = await serve();
    expect((await run('doctor')).out).toContain(`at ${world.service.url}`);
    expect((await run('pause')).code).toBe(0);
    expect((await run('stats', '--json')).json().pauses).toMatchObject([{ name: 'operator' }]);
    expect((await run('resume')).code).toBe(0);

    await world.service.stop();
    const after = await run('show', 'bob@example.com');
    expect([after.code, after.out]).toEqual([0, expect.stringContaining('bob@example.com')]);
    const all = [missing, invited, after].flatMap(({ out, err }) => [out, err]);
    expect(`${all.join()}${world.log.join()}`).not.toContain(password);
  });

  test('backup names the command that copies the database, without the password', async () => {
    const { run } = await startCliSetup({ DATABASE_URL: await freshDatabase() });
    await run('invite', 'bob@example.com');
    const { code, err } = await run('backup', 'copy.db');
    expect([code, err]).toEqual([1, expect.stringContaining('pg_dump --format=custom')]);
    expect(err).not.toContain(password);
  });

  test('nobody is forgotten without FORGET_KEY_FILE, and with it a person is erased and known again', async () => {
    const settings = { DATABASE_URL: await freshDatabase() };
    const without = await startCliSetup(settings);
    await without.run('invite', 'bob@example.com');
    const refused = await without.run('forget', 'bob@example.com');
    expect([refused.code, refused.err]).toEqual([78, expect.stringContaining('FORGET_KEY_FILE')]);

    const { run, serve, folder } = await startCliSetup({
      ...settings,
      DATABASE_URL: await freshDatabase(),
      FORGET_KEY_FILE: 'forget-key',
    });
    const world = await serve();
    const { userId } = await inviteAndRegister(world, 'ann@example.com');
    world.portal.control.confirmEmail(userId);
    await world.api('POST', '/api/reconcile');
    await memberBecomes(world, userId, 'welcomed');
    expect((await run('forget', 'ann@example.com')).code).toBe(0);
    expect(readFileSync(`${folder}/forget-key`, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await run('show', userId)).out).not.toContain('ann@example.com');
  });

  test('a database that cannot be reached is named, with what to check', async () => {
    const { run } = await startCliSetup({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:9/none' });
    const { code, out, err } = await run('doctor');
    expect([code, out]).toEqual([1, expect.stringContaining('none on 127.0.0.1:9')]);
    const served = await run('list');
    expect(served.code).not.toBe(0);
    expect(`${out}${err}${served.out}${served.err}`).not.toContain('secret');
  });
});
