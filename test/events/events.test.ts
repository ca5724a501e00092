import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { startPortal } from '../support/portal.ts';
import { startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import {
  call,
  inviteAndRegister,
  memberBecomes,
  startOn,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';
import { runScript } from './script.ts';
import { eventsSecret, isSigned, type Received, startReceiver, status } from './support.ts';

const link = /\/s\/[\w-]{10,}|[?&]key=/;

/** A service whose events go to a receiver, with a clock that the test moves. */
async function startWithReceiver() {
  const receiver = await startReceiver();
  const clock = createMovableClock();
  const { settings } = receiver;
  const world = await startWorld({ settings, surroundings: { clock }, withWebhook: false });
  return { world, receiver, clock };
}

function invite(world: World, email: string) {
  return world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
}

const typesOf = (events: readonly Received[]) => events.map(({ type }) => type);
const idsOf = (events: readonly Received[]) => events.map(({ id }) => id);

async function eventsPart(world: World) {
  return (await world.api('GET', '/readyz')).json.events;
}

test('another program hears of each step of a person in order, signed, and never of a link', async () => {
  const receiver = await startReceiver();
  const world = await startWorld({ settings: receiver.settings });
  const { invitationId, userId } = await inviteAndRegister(world, 'zoe@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  await world.api('POST', '/api/pause');
  await world.api('POST', '/api/resume');
  const { json } = await invite(world, 'ann@example.com');
  await world.api('POST', `/api/invitations/${json.id}/revoke`);

  const events = await receiver.accepts(8);
  expect(typesOf(events)).toEqual([
    'invitation.issued',
    'invitation.registered',
    'member.activated',
    'member.welcomed',
    'service.paused',
    'service.resumed',
    'invitation.issued',
    'invitation.revoked',
  ]);
  expect(events.filter((event) => !isSigned(event))).toEqual([]);
  // The library of Standard Webhooks throws if a signature or a time is wrong.
  const webhook = new Webhook(eventsSecret);
  for (const { id, timestamp, signature, body } of events) {
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    };
    expect(webhook.verify(body, headers)).toEqual(JSON.parse(body));
  }
  expect(new Set(idsOf(events)).size).toBe(8);
  expect(idsOf(events).join()).not.toContain('.');
  for (const { body } of events) expect(body).not.toMatch(link);
  expect(events[0]?.data).toEqual({
    invitationId,
    userId: null,
    employeeType: 'Guest',
    email: 'zoe@example.com',
    firstName: null,
    lastName: null,
    state: 'issued',
    reason: null,
  });
  expect(events[3]?.data).toMatchObject({
    invitationId,
    userId,
    email: 'zoe@example.com',
    firstName: 'Ann',
    lastName: 'O’Hara',
    state: 'welcomed',
  });
  expect(events[4]?.data).toEqual({ state: 'paused', reason: 'paused_by_operator' });
  const { timestamp } = JSON.parse(events[3]?.body ?? '');
  const member = await world.api('GET', `/api/members/${userId}`);
  expect(timestamp).toBe(member.json.welcomedAt);
  expect(await eventsPart(world)).toMatchObject({ status: 'ok', code: 'events_on' });
  // Neither the secret nor the path of the receiver, which may be one, is logged.
  expect(world.log.join('')).not.toMatch(/secret-path|whsec_/);
});

test('an expired link is an event, and the timeline says so', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  const { json } = await invite(world, 'ann@example.com');
  await receiver.accepts(1);
  clock.move(7 * 24 * 3_600_000 + 1_000);
  const [, expired] = await receiver.accepts(2);
  expect(expired).toMatchObject({ type: 'invitation.expired', data: { invitationId: json.id } });
  const story = await world.api('GET', `/api/invitations/${json.id}`);
  expect(story.json.timeline.at(-1)).toMatchObject({ event: 'invitation_expired' });
});

test('a failed event is tried again after growing waits with the same id, and welcomes go on', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  receiver.answer = status(500);
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  world.portal.control.confirmEmail(userId);
  await world.api('POST', '/api/reconcile');
  await memberBecomes(world, userId, 'welcomed');
  const waits = [5, 30, 2 * 60, 10 * 60, 3_600, 3_600];
  for (const [index, seconds] of waits.entries()) {
    await receiver.gets(index + 1);
    await until('the failure is known', async () => {
      const { json } = await world.api('GET', '/api/events');
      return json.state === 'failing' && Date.parse(json.nextTryAt) > clock.now();
    });
    clock.move(seconds * 1_000 - 1_000);
    await world.api('GET', '/healthz');
    expect(receiver.requests).toHaveLength(index + 1);
    clock.move(1_000);
  }
  const tries = await receiver.gets(waits.length + 1);
  expect(new Set(idsOf(tries)).size).toBe(1);
  const times = tries.map(({ timestamp }) => timestamp);
  expect(new Set(times).size).toBe(tries.length);
  expect(tries.every(isSigned)).toBe(true);
  expect(await eventsPart(world)).toMatchObject({ status: 'warning', code: 'events_failing' });
  const { json } = await world.api('GET', '/api/events');
  expect(json).toMatchObject({
    state: 'failing',
    waiting: 4,
    reason: { code: 'receiver_answered', status: 500 },
  });
  const { text } = await world.api('GET', '/metrics');
  expect(text).toContain('docspace_welcome_events_waiting 4');
  expect(Number(/events_oldest_age_seconds (\d+)/.exec(text)?.[1])).toBeGreaterThan(7_000);

  receiver.answer = status(200);
  await world.api('POST', '/api/events/resume');
  expect(typesOf(await receiver.accepts(4)).at(-1)).toBe('member.welcomed');
  expect(await eventsPart(world)).toMatchObject({ status: 'ok' });
});

test('the warning comes ten minutes after the first failure, although no try falls on that time', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  receiver.answer = status(503);
  await invite(world, 'ann@example.com');
  await receiver.gets(1);
  await until('the failure is known', async () => {
    return (await world.api('GET', '/api/events')).json.state === 'failing';
  });
  expect(await eventsPart(world)).toMatchObject({ status: 'ok' });
  clock.move(10 * 60_000);
  await until('the warning is shown', async () => (await eventsPart(world)).status === 'warning');
});

test('after a 410 events wait for "events resume", also across a restart', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  receiver.answer = status(410);
  await invite(world, 'ann@example.com');
  await receiver.gets(1);
  await until('events are paused', async () => (await eventsPart(world)).code === 'events_paused');
  receiver.answer = status(200);
  const again = await world.restart();
  clock.move(3 * 3_600_000);
  await invite(again, 'bea@example.com');
  expect(await eventsPart(again)).toMatchObject({ status: 'warning', code: 'events_paused' });
  const { json } = await again.api('GET', '/api/events');
  expect(json).toMatchObject({ state: 'paused', waiting: 2 });
  expect(receiver.requests).toHaveLength(1);
  await again.api('POST', '/api/events/resume');
  const accepted = await receiver.accepts(2);
  expect(idsOf(accepted)[0]).toBe(receiver.requests[0]?.id);
  expect((await again.restart()).service.url).toMatch(/^http/);
  expect(receiver.requests).toHaveLength(3);
});

test('a redirect is a failure, and nobody follows it', async () => {
  const { world, receiver } = await startWithReceiver();
  const other = await startReceiver();
  receiver.answer = (response) => response.writeHead(307, { location: other.url }).end();
  await invite(world, 'ann@example.com');
  await receiver.gets(1);
  const { json } = await until('the failure is known', async () => {
    const answer = await world.api('GET', '/api/events');
    return answer.json.state === 'failing' ? answer : null;
  });
  expect(json.reason).toMatchObject({ code: 'receiver_redirects', status: 307 });
  expect(other.requests).toHaveLength(0);
});

test('a receiver that does not answer within 30 seconds is asked again later', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  receiver.answer = null;
  await invite(world, 'ann@example.com');
  await receiver.gets(1);
  clock.move(29_000);
  expect((await world.api('GET', '/api/events')).json.state).toBe('delivering');
  clock.move(1_000);
  const { json } = await until('the failure is known', async () => {
    const answer = await world.api('GET', '/api/events');
    return answer.json.state === 'failing' ? answer : null;
  });
  expect(json.reason.code).toBe('receiver_timed_out');
  receiver.answer = status(200);
  clock.move(5_000);
  expect(await receiver.accepts(1)).toMatchObject([{ type: 'invitation.issued' }]);
});

test('a host that DNS does not know is named, and welcomes are not affected', async () => {
  const settings = { EVENTS_URL: 'http://hooks.invalid/x', EVENTS_SECRET: eventsSecret };
  const world = await startWorld({ settings });
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  const { json } = await until('the failure is known', async () => {
    const answer = await world.api('GET', '/api/events');
    return answer.json.state === 'failing' ? answer : null;
  });
  expect(json.reason).toMatchObject({ code: 'receiver_name_unknown', host: 'hooks.invalid' });
});

test('events begin at the present end of a log, and lose nothing while they are off again', async () => {
  const receiver = await startReceiver();
  const world = await startWorld({ withWebhook: false });
  await invite(world, 'before@example.com');
  const first = await world.restart(receiver.settings);
  await invite(first, 'first@example.com');
  await receiver.accepts(1);
  // An event whose answer did not arrive before the stop is sent again.
  await until('its answer has arrived', async () => {
    return (await first.api('GET', '/api/events')).json.waiting === 0;
  });
  const off = await first.restart({ EVENTS_URL: '', EVENTS_SECRET: '' });
  await invite(off, 'meanwhile@example.com');
  const last = await off.restart(receiver.settings);
  await invite(last, 'last@example.com');
  const events = await receiver.accepts(3);
  expect(events.map(({ data }) => data.email)).toEqual([
    'first@example.com',
    'meanwhile@example.com',
    'last@example.com',
  ]);
});

test('replay sends the events since a time again, with the same ids in the same order', async () => {
  const { world, receiver, clock } = await startWithReceiver();
  await invite(world, 'ann@example.com');
  clock.move(60_000);
  const since = new Date(clock.now()).toISOString();
  await invite(world, 'bea@example.com');
  await invite(world, 'cleo@example.com');
  const before = await receiver.accepts(3);
  await world.api('POST', '/api/events/replay', { since });
  const after = await receiver.accepts(5);
  expect(idsOf(after).slice(3)).toEqual(idsOf(before).slice(1));
  expect(after.at(-1)?.body).toBe(before.at(-1)?.body);
  await world.api('POST', '/api/events/replay', { since: '2000-01-01' });
  expect(idsOf(await receiver.accepts(8)).slice(5)).toEqual(idsOf(before));
});

test('what waits to be sent about a person who was forgotten is sent without their data', async () => {
  const { world, receiver } = await startWithReceiver();
  receiver.answer = status(500);
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  await world.api('POST', '/api/reconcile');
  await memberBecomes(world, userId, 'waiting');
  await receiver.gets(1);
  await world.api('POST', '/api/forget', { email: 'zoe@example.com' });
  receiver.answer = status(200);
  await world.api('POST', '/api/events/resume');
  await receiver.accepts(1);
  await world.api('POST', '/api/events/replay', { since: '2000-01-01' });
  for (const { data, body } of await receiver.accepts(3)) {
    expect(body).not.toMatch(/zoe|O’Hara|Ann/i);
    expect(data).toMatchObject({ email: null, firstName: null, lastName: null });
  }
});

test('a process that is killed before it noted a delivery sends the same event again', async () => {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const receiver = await startReceiver();
  const { settings } = receiver;
  const doomed = await startProcess(portal, folder, { settings });
  receiver.answer = (response) => {
    doomed.child.kill('SIGKILL');
    doomed.child.once('exit', () => response.end());
  };
  const asked = { employeeType: 'Guest', email: 'ann@example.com' };
  await call(doomed.url, 'POST', '/api/invitations', asked).catch(() => {});
  await doomed.ended();
  receiver.answer = status(200);
  const world = await startOn(folder, portal, {
    settings: { ...settings, DATABASE_URL: `file:${folder}/welcome.db` },
  });
  const [first, again] = await receiver.gets(2);
  expect(again?.id).toBe(first?.id);
  expect(again?.body).toBe(first?.body);
  expect((await world.api('GET', '/api/events')).json.state).toBe('delivering');
});

test('with events off nothing is noted for them, and the API says that they are off', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ surroundings: { clock }, withWebhook: false });
  const { json } = await invite(world, 'ann@example.com');
  clock.move(7 * 24 * 3_600_000 + 1_000);
  await until('the link is erased', async () => {
    return (await world.service.store.invitation(json.id))?.link === null;
  });
  const story = await world.api('GET', `/api/invitations/${json.id}`);
  expect(story.json.timeline.at(-1).event).toBe('invitation_issued');
  expect((await world.api('GET', '/api/events')).json.state).toBe('off');
  expect((await world.api('POST', '/api/events/test')).json.type).toBe(
    'urn:docspace-welcome:events-off',
  );
  expect(await world.service.store.getValue('events_cursor')).toBeNull();
  expect((await world.api('GET', '/metrics')).text).not.toContain('events_waiting');
  expect(await eventsPart(world)).toMatchObject({ status: 'ok', code: 'events_off' });
});

test('the script in docs/events.md accepts a real event, and refuses a changed one', async () => {
  const { world, receiver } = await startWithReceiver();
  await invite(world, 'ann@example.com');
  const [event] = await receiver.accepts(1);
  if (!event) throw new Error('no event');
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const script = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect(script.trim().split('\n').length).toBeLessThanOrEqual(20);
  const send = await runScript(script, eventsSecret);
  expect(await send(event)).toBe(204);
  expect(await send({ ...event, body: event.body.replace('ann', 'eve') })).toBe(401);
  expect(await send({ ...event, signature: `v1,wrong ${event.signature}` })).toBe(204);
  expect(await send({ ...event, signature: 'v1,wrong' })).toBe(401);
  expect(await send({ ...event, timestamp: event.timestamp - 3_600 })).toBe(401);
});
