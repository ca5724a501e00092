import { expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import {
  call,
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const name = 'docspace_welcome_';

/** The value of one series. Null if it does not exist. */
async function reading(world: World, series: string): Promise<number | null> {
  const { text } = await world.api('GET', '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${name}${series} `));
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1));
}

test('the metrics can be read only with the admin token', async () => {
  const world = await startWorld({ withWebhook: false });
  expect((await call(world.service.url, 'GET', '/metrics', undefined, {})).status).toBe(401);
  const answer = await world.api('GET', '/metrics');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('a person is counted at each step until the welcome', async () => {
  const world = await startWorld();
  expect(await reading(world, 'attempts_total{channel="docspace",outcome="sent"}')).toBe(0);
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  await memberBecomes(world, userId, 'waiting');
  expect(await reading(world, 'members{state="waiting"}')).toBe(1);
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  await deliveriesOut(world);

  expect(await reading(world, 'members{state="waiting"}')).toBe(0);
  expect(await reading(world, 'members{state="welcomed"}')).toBe(1);
  expect(await reading(world, 'attempts_total{channel="docspace",outcome="sent"}')).toBe(1);
  expect(await reading(world, 'activation_to_welcome_seconds_count')).toBe(1);
  expect(await reading(world, 'deliveries_total{answer="accepted"}')).toBeGreaterThanOrEqual(2);
  expect(await reading(world, 'inbox_deliveries')).toBe(0);
  expect(await reading(world, 'last_delivery_age_seconds')).toBeLessThan(60);
  expect(await reading(world, 'database_bytes{file="database"}')).toBeGreaterThan(4_096);
  expect(await reading(world, 'health{part="store"}')).toBe(0);
  const sent =
    'portal_request_duration_seconds_count{method="POST",route="portal/sendcongratulations",status="200"}';
  expect(await reading(world, sent)).toBe(1);
});

test('requests to the portal are counted by route and status, never by person', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  await memberBecomes(world, userId, 'waiting');
  await world.api('POST', '/api/reconcile');
  const { text } = await world.api('GET', '/metrics');
  expect(text).toContain('route="portal/users/{id}",status="200"');
  expect(text).toContain('route="portal/users/invite/{employeeType}",status="200"');
  expect(text).toContain('route="people/filter",status="200"');
  expect(text).not.toContain(userId);
  expect(text).not.toContain('zoe');
  const routes = new Set([...text.matchAll(/route="([^"]+)"/g)].map(([, route]) => route));
  expect(routes.size).toBeLessThan(15);
});

test('a request without an answer has the status "none"', async () => {
  const world = await startWorld({ withWebhook: false });
  await world.portal.stop();
  await world.api('POST', '/api/reconcile');
  const { text } = await world.api('GET', '/metrics');
  expect(text).toMatch(/portal_request_duration_seconds_count\{[^}]*status="none"\} [1-9]/);
  expect(await reading(world, 'reconciliation_age_seconds{result="interrupted"}')).not.toBeNull();
  expect(await reading(world, 'reconciliation_age_seconds{result="complete"}')).toBeNull();
});

test('a wrong signature is counted, and does not count as a delivery of the portal', async () => {
  const world = await startWorld({ withWebhook: false });
  const body = deliveryBody({ id: 1 });
  await deliver(world.service.url, body, { 'x-docspace-signature-256': 'sha256=00' });
  expect(await reading(world, 'deliveries_total{answer="unsigned"}')).toBe(1);
  expect(await reading(world, 'last_delivery_age_seconds')).toBeNaN();
  await deliver(world.service.url, body, signed(body));
  await deliver(world.service.url, body, signed(body));
  expect(await reading(world, 'deliveries_total{answer="duplicate"}')).toBe(1);
  expect(await reading(world, 'last_delivery_age_seconds')).toBeLessThan(60);
});

test('ages grow with the clock, and the time of the last delivery survives a restart', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ withWebhook: false, surroundings: { clock } });
  const body = deliveryBody({ id: 1 });
  await deliver(world.service.url, body, signed(body));
  expect((await world.api('POST', '/api/reconcile')).json.interrupted).toBeNull();
  clock.move(3_600_000);
  expect(await reading(world, 'last_delivery_age_seconds')).toBeGreaterThanOrEqual(3_600);
  const age = 'reconciliation_age_seconds{result="complete"}';
  expect(await reading(world, age)).toBeGreaterThanOrEqual(3_600);
  const later = await world.restart();
  expect(await reading(later, 'last_delivery_age_seconds')).toBeGreaterThanOrEqual(3_600);
  expect(await reading(later, age)).toBeNull();
});

test('a pause is shown, and a person who waits for its end counts as due', async () => {
  const world = await startWorld();
  await world.api('POST', '/api/pause');
  expect(await reading(world, 'paused{pause="operator"}')).toBe(1);
  expect(await reading(world, 'health{part="channel"}')).toBe(1);
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'ready');
  await until('the ready member is due', async () => (await reading(world, 'due_members')) === 1);
  expect(await reading(world, 'due_oldest_age_seconds')).toBeLessThan(60);
  await world.api('POST', '/api/resume');
  await memberBecomes(world, userId, 'welcomed');
  expect(await reading(world, 'paused{pause="operator"}')).toBe(0);
  expect(await reading(world, 'due_members')).toBe(0);
});
