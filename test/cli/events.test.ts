import { expect, test } from 'vitest';
import { eventsSecret, isSigned, startReceiver, status } from '../events/support.ts';
import { startCliSetup } from './support.ts';

test('events test sends one signed event, and its exit code says what came of it', async () => {
  const receiver = await startReceiver();
  const setup = await startCliSetup(receiver.settings);
  const accepted = await setup.run('events', 'test');
  expect([accepted.code, accepted.err]).toEqual([0, '']);
  expect(receiver.requests).toMatchObject([{ type: 'service.test', data: {} }]);
  expect(receiver.requests.every(isSigned)).toBe(true);
  receiver.answer = status(500);
  const refused = await setup.run('events', 'test');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('answered 500')]);
  receiver.answer = (response) => response.destroy();
  const broken = await setup.run('events', 'test');
  expect([broken.code, broken.err]).toEqual([69, expect.stringContaining('no connection')]);
});

test('status, replay and resume reach the running service', async () => {
  const receiver = await startReceiver();
  receiver.answer = status(410);
  const setup = await startCliSetup(receiver.settings);
  await setup.serve();
  expect((await setup.run('invite', 'ann@example.com')).code).toBe(0);
  await receiver.gets(1);
  const paused = await setup.run('events', 'status');
  expect([paused.code, paused.out]).toEqual([0, expect.stringContaining('answered 410')]);
  receiver.answer = status(200);
  expect((await setup.run('events', 'resume')).code).toBe(0);
  await receiver.accepts(1);
  expect((await setup.run('events', 'replay', '--since', '2000-01-01')).code).toBe(0);
  const [first, again] = await receiver.accepts(2);
  expect(again?.id).toBe(first?.id);
  const told = await setup.run('events', 'status', '--json');
  expect(told.json()).toMatchObject({ state: 'delivering', waiting: 0 });
  expect((await setup.run('events', 'replay', '--since', 'yesterday')).code).toBe(64);
});

test('without EVENTS_URL events are off, and that is a fault of the configuration', async () => {
  const setup = await startCliSetup();
  expect((await setup.run('events', 'status')).out).toBe('Events are off: EVENTS_URL is not set.');
  expect((await setup.run('events', 'test')).code).toBe(78);
});

test.each([
  ['is missing', ''],
  ['has no prefix', eventsSecret.slice('whsec_'.length)],
  ['is too short', 'whsec_c2hvcnQ='],
])('nothing starts with a secret that %s', async (_says, secret) => {
  const given = { EVENTS_URL: 'https://hooks.example.com', EVENTS_SECRET: secret };
  const { code, err } = await (await startCliSetup(given)).run('serve');
  expect([code, err]).toEqual([78, expect.stringContaining('EVENTS_SECRET is')]);
  expect(err).not.toContain(eventsSecret.slice(6, 20));
});
