import { renameSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkAnswer } from '../operations/check-answer.ts';
import { canStartPostgres, freshDatabase, startPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import {
  call,
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';

// A load balancer asks without a token.
function ask(world: World, language = 'en') {
  const headers = { 'accept-language': language };
  return call(world.service.url, 'GET', '/readyz?part=store', undefined, headers);
}

async function isTaken(world: World): Promise<boolean> {
  const answer = await ask(world);
  checkAnswer('isReady', answer);
  return answer.status === 200;
}

test('a load balancer keeps a process whose portal is down, and alerts report it', async () => {
  const world = await startWorld();
  expect(await ask(world)).toMatchObject({
    status: 200,
    json: { store: { status: 'ok', code: 'writable' } },
  });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  await deliveriesOut(world);
  await memberBecomes(world, userId, 'waiting');
  world.portal.control.interfere({ on: () => true, act: { kind: 'answer', status: 500 } });
  await world.api('POST', `/api/members/${userId}/retry`);
  await until('alerts report the portal', async () => {
    const ready = await world.api('GET', '/readyz');
    return ready.status === 503 && ready.json.portal.status === 'wrong';
  });
  expect(await isTaken(world)).toBe(true);
});

test('a load balancer leaves out a process whose database file is gone, until it is back', async () => {
  const file = `${await temporaryFolder()}/welcome.db`;
  const settings = { DATABASE_URL: `file:${file}` };
  const world = await startWorld({ settings, withWebhook: false });
  renameSync(file, `${file}.away`);
  expect((await ask(world)).json.store.code).toBe('database_moved');
  expect(await isTaken(world)).toBe(false);
  renameSync(`${file}.away`, file);
  await until('the process is used again', () => isTaken(world));
});

test.skipIf(!canStartPostgres)(
  'a load balancer leaves out a process without any work as soon as its PostgreSQL server is away',
  async () => {
    const server = await startPostgres();
    const url = await freshDatabase({ server: server.url });
    const world = await startWorld({ settings: { DATABASE_URL: url }, withWebhook: false });
    expect(await isTaken(world)).toBe(true);
    await server.stop('fast');
    await until('the process is left out', async () => !(await isTaken(world)));
    await server.start();
    await until('the process is used again', () => isTaken(world), 10_000);
  },
);

test('a load balancer leaves out a process that stops, in the words of its language', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  await deliveriesOut(world);
  const { control } = world.portal;
  const end = control.interfere({
    on: ({ path }) => path.endsWith('/sendcongratulations'),
    act: { kind: 'hold' },
  });
  control.confirmEmail(userId);
  await world.api('POST', '/api/reconcile');
  await memberBecomes(world, userId, 'sending');
  const stopped = world.service.stop();
  expect(await ask(world, 'de')).toMatchObject({
    status: 503,
    json: { store: { status: 'wrong', code: 'stopping', detail: 'der Dienst wird beendet' } },
  });
  expect(await isTaken(world)).toBe(false);
  // For alerts, a stop is nothing that is wrong.
  expect((await world.api('GET', '/readyz')).json.store.status).toBe('ok');
  end();
  control.release();
  await stopped;
});

test('another part than the store is a fault of the query', async () => {
  const world = await startWorld({ withWebhook: false });
  const answer = await world.api('GET', '/readyz?part=portal');
  checkAnswer('isReady', answer);
  expect(answer).toMatchObject({
    status: 400,
    json: { errors: [{ path: 'query.part', message: 'is not store' }] },
  });
});

test.each<[Record<string, string>, string[], string]>([
  [{}, ['docspace'], 'mail_is_not_set_up'],
  [{ SMTP_URL: 'smtp://127.0.0.1:9', WELCOME_FROM: 'o@example.com' }, ['smtp'], 'mail_is_set_up'],
  [{ WELCOME_CHANNEL: 'docspace' }, ['docspace'], 'set'],
])('alerts show which channel is in use and why: %j', async (settings, inUse, why) => {
  const world = await startWorld({ settings, withWebhook: false });
  const ready = await world.api('GET', '/readyz');
  checkAnswer('isReady', ready);
  expect(ready.json.channel).toMatchObject({ inUse, why });
});
