import { createServer } from 'node:http';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerWebhook } from '../../simulator/admin.ts';
import type { PortalOptions } from '../../simulator/portal.ts';
import { makeSignedKey } from '../../simulator/signed-keys.ts';
import { until } from '../support/until.ts';
import { normalise } from './normalise.ts';
import { type Recording, readRecordings } from './recording.ts';
import { openStage, recordedIds, type Stage } from './stage.ts';

/*
 * The simulated portal is put into the state that a recording describes, and answers the same
 * request with the same status, the same headers that count, and the same body.
 */

const recordings = readRecordings();

/** What a recording needs beyond the accounts and the people whom its request names. */
type Case = {
  readonly options?: PortalOptions;
  readonly needs?: readonly string[];
  readonly before?: (stage: Stage, receiver: Receiver) => unknown;
  /** Changes to the request: path, body, headers. */
  readonly sends?: (stage: Stage, receiver: Receiver) => Partial<Sent>;
};
type Sent = { readonly path: string; readonly body: string; readonly confirm: string };
type Receiver = { readonly host: string; answer: number; text: string };

const IN_TAIPEI = { timeZone: 'Asia/Taipei' } as const;
const secretKey = 'Secret-for-hooks1';

const cases: Readonly<Record<string, Case>> = {
  'congratulations-429-day': { options: { rateLimits: { writesPerDay: 20 } }, before: useUpWrites },
  'congratulations-expired-key': { sends: withKey({ of: 'active', ageMs: 3_605_000 }) },
  'congratulations-limiter-without-redis': {
    before: ({ portal }) => portal.control.loseLimiterStore(true),
  },
  'congratulations-sent': { sends: withKey({ of: 'active' }) },
  'congratulations-suspended-portal': { before: ({ portal }) => portal.control.suspend() },
  'congratulations-unknown-user': {
    sends: withKey({ of: '00000000-0000-0000-0000-00000000beef' }),
  },
  'invite-429-day': { options: { rateLimits: { invitationsPerDay: 1 } } },
  'invite-disabled': { needs: ['disabled'] },
  'invite-inviting-members-is-off': {
    before: ({ portal }) => portal.control.setInvitingMembers(false),
  },
  'invite-known-active': { needs: ['active', 'pending'], before: inviteThree },
  'invite-known-pending': { needs: ['pending'], before: inviteThree },
  'invite-no-paid-seat': { options: { paidSeats: 3 } },
  'invite-one': { needs: ['pending'] },
  'invite-same-local-part-at-once': {
    options: { random: first(0.1), invitingMs: 200 },
    before: inviteSameNow,
  },
  'invite-same-local-part-at-once-403': {
    options: { random: first(0.9), invitingMs: 200 },
    before: inviteSameNow,
  },
  'invite-two': {
    needs: ['pending'],
    before: ({ invite }) => invite('new.user@example.com'),
  },
  'journal-delivered': { before: deliverOne },
  'journal-empty': { before: (stage, receiver) => webhookOf(stage, receiver) },
  'journal-failed': { before: deliverThenFail },
  'journal-not-sent': { before: eventWhilePaused },
  'journal-portal-in-taipei': {
    options: IN_TAIPEI,
    before: async (stage, receiver) => {
      receiver.text = '';
      await registerWebhook(stage.portal, { uri: uriOf(receiver), secretKey });
      Object.assign(stage.ids, { taipei: await joinTaipei(stage) });
      await delivered(stage);
    },
  },
  'journal-retry': {
    before: deliverThenFail,
    sends: (stage) => ({ path: `settings/webhook/${newestRow(stage)}/retry` }),
  },
  'key-self-expiring': { before: expireOwnersKey },
  'key-self-portal-in-taipei': { options: IN_TAIPEI, before: nameOwnersKey('p7') },
  'link-inviting-members-is-off': {
    before: ({ portal }) => portal.control.setInvitingMembers(false),
  },
  'page-confirm': { sends: confirmation },
  'page-register': { sends: registration },
  'page-register-address-taken': {
    before: ({ join }) => join('page@example.com', 'Paige', 'Page'),
    sends: registration,
  },
  'page-register-name-refused': { sends: registration },
  'people-email-found': { before: ({ invite }) => invite('x+tag@example.com') },
  'people-filter-newest': { needs: ['disabled', 'waiting', 'active', 'joined'] },
  'people-filter-pending': {
    needs: ['pending'],
    before: async ({ invite }) => {
      await invite('a!b@example.com');
      await invite('"quoted"@example.com');
    },
  },
  'people-filter-waiting': {
    needs: ['waiting'],
    before: ({ join }) => join('set-g@example.com', 'Anna', 'Example', 'Guest'),
  },
  'people-portal-in-taipei': { options: IN_TAIPEI },
  'portal-user-429-minute': { options: { rateLimits: { perMinute: 150 } }, before: useUpMinute },
  'portal-user-portal-in-taipei': { options: IN_TAIPEI },
  'portal-user-restoring-portal': { before: ({ portal }) => portal.control.restore(true) },
  'portal-user-suspended-portal': { before: ({ portal }) => portal.control.suspend() },
  'resend-429': {
    options: { rateLimits: { sensitivePer15Minutes: 5 } },
    before: async ({ call, ids }) => {
      for (let count = 0; count < 5; count += 1) {
        await call('owner', 'PUT', 'people/invite', { userIds: [ids['someone']] });
      }
    },
  },
  'self-restoring-portal': {
    options: IN_TAIPEI,
    before: ({ portal }) => portal.control.restore(true),
  },
  'short-link': {
    sends: (stage) => ({ path: new URL(stage.ids['link'] ?? '').pathname }),
    before: async (stage) => {
      Object.assign(stage.ids, {
        link: await stage.call('admin', 'GET', 'portal/users/invite/User'),
      });
    },
  },
  'webhook-create-again': { before: (stage, receiver) => postWebhook(stage, receiver) },
  'webhook-create-head-refused': {
    before: (_, receiver) => {
      receiver.answer = 404;
    },
  },
  'webhook-create-unreachable': {},
  'webhook-update': {
    before: (stage, receiver) => postWebhook(stage, receiver),
    sends: ({ portal }, receiver) => ({
      body: JSON.stringify({
        uri: uriOf(receiver),
        name: 'docspace-welcome',
        enabled: true,
        ssl: false,
        triggers: 15,
        secretKey,
        id: portal.control.webhooks()[0]?.id,
      }),
    }),
  },
  'webhooks-delivered': { before: deliverOne },
  'webhooks-failing-after-a-success': { before: deliverThenFail },
  'webhooks-never-delivered': { before: (stage, receiver) => postWebhook(stage, receiver) },
  'webhooks-portal-in-taipei': {
    options: IN_TAIPEI,
    before: async (stage, receiver) => {
      await registerWebhook(stage.portal, { uri: uriOf(receiver), secretKey });
      await joinTaipei(stage);
      await delivered(stage);
    },
  },
};

/** What stays otherwise, and why. */
const knownDifferences: Readonly<Record<string, string>> = {
  'people-docspace-admin': 'the recorded admin is in a group, and the simulated portal has none',
  'self-docspace-admin': 'the recorded admin is in a group, and the simulated portal has none',
};

describe('the simulated portal and what a real server answered', () => {
  test('the cases and the differences are about recordings that are there', () => {
    const names = recordings.map(({ name }) => name);
    const known = [...Object.keys(cases), ...Object.keys(knownDifferences)];
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(recordings.map((one) => [one.name, one] as const))('%s', async (name, recording) => {
    const { real, simulated } = await replay(recording, cases[name] ?? {});
    const reason = knownDifferences[name];
    if (reason === undefined) expect(simulated).toEqual(real);
    else expect(simulated, `${reason}: no difference any more`).not.toEqual(real);
  });
});

type Answered = { readonly status: number; readonly headers: string; readonly body: string };

async function replay(recording: Recording, given: Case) {
  const receiver = await startReceiver();
  const needs = [...(given.needs ?? []), ...namedIn(recording)];
  const stage = await openStage(needs, given.options);
  onTestFinished(() => stage.portal.stop());
  await given.before?.(stage, receiver);
  const sent = given.sends?.(stage, receiver) ?? {};
  const answer = await send({ stage, recording, receiver, sent });
  const { response } = recording;
  const recordedAt = Date.parse(
    response.headers.find(([header]) => header === 'Date')?.[1] ?? '2026-11-28T19:00:00Z',
  );
  const sides = {
    real: {
      names: recordedIds,
      origin: 'http://localhost:5032',
      receiver: 'localhost:9202',
      now: recordedAt,
      agedHours: 2,
    },
    simulated: {
      names: stage.ids,
      origin: stage.portal.url,
      receiver: receiver.host,
      now: Date.now(),
    },
  };
  const real: Answered = {
    status: response.status,
    headers: headersOf(new Map(response.headers)),
    body: inForm(normalise(response.body, sides.real), recording),
  };
  const simulated: Answered = {
    status: answer.status,
    headers: headersOf(answer.headers),
    body: inForm(normalise(answer.body, sides.simulated), recording),
  };
  return {
    real: { ...real, headers: normalise(real.headers, sides.real) },
    simulated: { ...simulated, headers: normalise(simulated.headers, sides.simulated) },
  };
}

/** Everybody whose recorded id is in the request. */
function namedIn({ request: sent }: Recording): string[] {
  const text = JSON.stringify(sent);
  return Object.entries(recordedIds).flatMap(([name, id]) => (text.includes(id) ? [name] : []));
}

async function send(input: {
  readonly stage: Stage;
  readonly recording: Recording;
  readonly receiver: Receiver;
  readonly sent: Partial<Sent>;
}) {
  const { stage, recording, receiver, sent } = input;
  const { method, headers } = recording.request;
  const named = (text: string) =>
    Object.entries(recordedIds)
      .reduce((result, [name, id]) => result.replaceAll(id, stage.ids[name] ?? id), text)
      .replaceAll('localhost:9202', receiver.host);
  const webhookId = stage.portal.control.webhooks()[0]?.id;
  const path = (sent.path ?? named(recording.request.path)).replace(
    /configId=\d+/,
    `configId=${webhookId}`,
  );
  const authorization = headers['Authorization'];
  const body = sent.body ?? named(recording.request.body ?? '');
  const answer = await request(
    `${stage.portal.url}${path.startsWith('/') ? path : `/api/2.0/${path}`}`,
    {
      method: method as 'GET',
      headers: {
        ...(authorization === undefined
          ? {}
          : { authorization: stage.credentials[authorization] ?? authorization }),
        ...(headers['Content-Type'] === undefined
          ? {}
          : { 'content-type': headers['Content-Type'] }),
        ...(headers['Confirm'] === undefined ? {} : { confirm: sent.confirm ?? '' }),
      },
      body: body === '' ? null : body,
    },
  );
  return {
    status: answer.statusCode,
    headers: new Map(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
    body: await answer.body.text(),
  };
}

const COUNTED =
  /^(?:content-type|location|cache-control|expires|pragma|x-ratelimit-.*|retry-after|api-supported-versions|www-authenticate|allow)$/i;

/** The headers that a client can meet; times of a limit by their form. */
function headersOf(headers: ReadonlyMap<string, string>): string {
  return [...headers]
    .filter(([name]) => COUNTED.test(name))
    .map(([name, value]) => {
      const lower = name.toLowerCase();
      const isTime = lower === 'x-ratelimit-reset' || lower === 'retry-after';
      const isLimit = lower === 'x-ratelimit-limit';
      return `${lower}: ${isTime ? value.replace(/\d+/, `<${value.length} digits>`) : isLimit ? '<n>' : value}`;
    })
    .sort()
    .join('\n');
}

/** Numbers that a portal counts up are compared by their form, and where it is the list itself. */
function inForm(text: string, { request: sent }: Recording): string {
  const form = text
    .replaceAll(/(\\*)"id\\*":\d+/g, '$1"id$1":<n>')
    .replaceAll(/configId=\d+/g, 'configId=<n>')
    .replaceAll(/webhook\/\d+\/retry/g, 'webhook/<n>/retry')
    .replaceAll(/"total":\d+/g, '"total":<n>')
    .replaceAll(/the limit: \d+\/\d+/g, 'the limit: <n>/<n>')
    .replaceAll(/ - Last Connection Exception[^"]*/g, '')
    .replaceAll('<stack trace of the server>', '<stack>');
  if (!sent.path.endsWith('people/invite') || !form.startsWith('{"response":[')) return form;
  // In the order of the ids, which are others here.
  const json = JSON.parse(form);
  return JSON.stringify({ ...json, response: json.response.map(JSON.stringify).sort() });
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.once('end', () => {
      outgoing.writeHead(receiver.answer).end(receiver.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const receiver: Receiver = {
    host: `localhost:${address.port}`,
    answer: 200,
    text: '{"status":"accepted"}',
  };
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

function uriOf(receiver: Receiver): string {
  return `http://${receiver.host}/webhooks/docspace`;
}

/** Only posted, so that it is still with `ssl: true`. */
function postWebhook({ call }: Stage, receiver: Receiver) {
  const webhook = { name: 'docspace-welcome', uri: uriOf(receiver), secretKey };
  return call('admin', 'POST', 'settings/webhook', { ...webhook, triggers: 15 });
}

async function webhookOf(stage: Stage, receiver: Receiver): Promise<void> {
  const { id } = await postWebhook(stage, receiver);
  const webhook = { id, name: 'docspace-welcome', uri: uriOf(receiver), secretKey };
  await stage.call('admin', 'PUT', 'settings/webhook', { ...webhook, triggers: 15, enabled: true });
}

function delivered({ portal }: Stage): Promise<void> {
  return portal.control.deliveriesIdle({ deadlineMs: 5_000, label: 'the deliveries are out' });
}

async function deliverOne(stage: Stage, receiver: Receiver): Promise<void> {
  await webhookOf(stage, receiver);
  await stage.join('hook1@example.com', 'Hanna', 'Hook');
  await delivered(stage);
}

async function deliverThenFail(stage: Stage, receiver: Receiver): Promise<void> {
  await deliverOne(stage, receiver);
  receiver.answer = 401;
  await stage.join('hook2@example.com', 'Hugo', 'Hook');
  await delivered(stage);
}

async function eventWhilePaused(stage: Stage, receiver: Receiver): Promise<void> {
  await webhookOf(stage, receiver);
  stage.portal.control.pauseDeliveries();
  await stage.join('hook1@example.com', 'Hanna', 'Hook');
}

function newestRow({ portal }: Stage): number {
  return portal.control.journal()[0]?.id ?? 0;
}

function joinTaipei({ join }: Stage): Promise<string> {
  return join('taipei@example.com', 'Tai', 'Pei', 'User', 'owner');
}

async function inviteThree({ invite }: Stage): Promise<void> {
  await invite('new.user@example.com');
  await invite('second@example.com');
  await invite('third@example.com');
}

/** Another request for the same part before the @ is on its way. */
async function inviteSameNow({ portal, call }: Stage): Promise<void> {
  const invitation = { email: 'office1@other.example.com', type: 'User' };
  const other = call('admin', 'POST', 'people/invite', { invitations: [invitation] });
  onTestFinished(() => other.catch(() => undefined));
  const isThere = () =>
    portal.control.requests().some(({ path }) => path.endsWith('people/invite'));
  await until('the other request is there', isThere);
}

/** Random numbers of which all are the same in the first digits: enough for what decides here. */
function first(value: number): () => number {
  return () => value + Math.random() / 10;
}

async function useUpWrites({ portal }: Stage): Promise<void> {
  for (let count = 0; count < 20; count += 1) {
    await fetch(`${portal.url}/api/2.0/portal/sendcongratulations?Key=1.A`, { method: 'POST' });
  }
}

async function useUpMinute({ portal, credentials }: Stage): Promise<void> {
  const authorization = credentials['Bearer <key of the owner>'] ?? '';
  for (let count = 0; count < 150; count += 1) {
    await fetch(`${portal.url}/api/2.0/people/@self`, { headers: { authorization } });
  }
}

function withKey(of: { readonly of: string; readonly ageMs?: number }) {
  return ({ ids }: Stage): Partial<Sent> => {
    const userId = ids[of.of] ?? of.of;
    const atMs = Date.now() - (of.ageMs ?? 0);
    const signing = { tenantId: 1, machineKey: '1123askdasjklasbnd' };
    const key = makeSignedKey({ ...signing, text: `${userId}Auth`, atMs });
    return { path: `portal/sendcongratulations?Userid=${userId}&Key=${key}` };
  };
}

function expireOwnersKey(stage: Stage): void {
  const expiresAt = Date.now() + 90 * 24 * 3_600_000;
  const key = stage.portal.control.addKey(stage.portal.accountId, { name: 'owner', expiresAt });
  Object.assign(stage.credentials, { 'Bearer <key of the owner>': `Bearer ${key}` });
}

function nameOwnersKey(name: string) {
  return (stage: Stage): void => {
    const key = stage.portal.control.addKey(stage.portal.accountId, { name });
    Object.assign(stage.credentials, { 'Bearer <key of the owner>': `Bearer ${key}` });
  };
}

/** The query behind the admin's link, which the page sends as the header `Confirm`. */
function linkQuery(stage: Stage): URLSearchParams {
  const adminId = stage.ids['admin'] ?? '';
  const signing = { tenantId: 1, machineKey: '1123askdasjklasbnd' };
  const text = `LinkInvite4${adminId}localhost`;
  const key = makeSignedKey({ ...signing, text, atMs: Date.now() });
  return new URLSearchParams({ type: 'LinkInvite', key, uid: adminId, emplType: '4' });
}

function registration(stage: Stage): Partial<Sent> {
  return { confirm: linkQuery(stage).toString() };
}

function confirmation(stage: Stage): Partial<Sent> {
  return { body: JSON.stringify(Object.fromEntries(linkQuery(stage))) };
}
