import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPortalClient, type PortalClient } from '../../src/docspace/client.ts';
import { createDiagnostics } from '../../src/docspace/diagnostics.ts';
import { employeeTypeOf, keyEnvelope } from '../../src/docspace/schemas.ts';
import type { EmployeeType } from '../../src/domain/vocabulary.ts';
import { createPauseRecorder } from '../docspace/support.ts';
import { type Recording, readRecordings } from './recording.ts';

/*
 * The client reads every answer of a real server through its own socket and code, and comes to the
 * outcome that README.md of this folder names.
 */

const recordings = readRecordings();
const apiKey = `sk-${'a'.repeat(64)}`;

/** What the client makes of each recording. Files that the product never asks for are `not asked`. */
const outcomes: Readonly<Record<string, string>> = {
  'congratulations-429-day': 'not_sent',
  'congratulations-bad-user-id': 'refused: the channel',
  'congratulations-expired-key': 'refused: the channel',
  'congratulations-limiter-without-redis': 'not_sent',
  'congratulations-no-key': 'refused: the person',
  'congratulations-sent': 'sent',
  'congratulations-suspended-portal': 'refused: the channel',
  'congratulations-unknown-user': 'sent',
  'congratulations-with-a-wrong-api-key': 'refused: the channel',
  'congratulations-wrong-key': 'refused: the channel',
  'invite-429-day': 'trouble',
  'invite-address-of-other-letters': 'refused',
  'invite-disabled': 'refused',
  'invite-docspace-admin-by-admin': 'refused',
  'invite-guest': 'refused',
  'invite-inviting-members-is-off': 'refused',
  'invite-known-active': 'done',
  'invite-known-pending': 'done',
  'invite-no-paid-seat': 'refused',
  'invite-not-an-address': 'refused',
  'invite-one': 'done',
  'invite-plain-text': 'trouble',
  'invite-read-only-key': 'refused',
  'invite-same-local-part-at-once': 'trouble',
  'invite-same-local-part-at-once-403': 'trouble',
  'invite-two': 'done',
  'journal-delivered': 'ok 1 row: 200',
  'journal-empty': 'ok 0 rows',
  'journal-failed': 'ok 1 row: 401',
  'journal-not-sent': 'ok 1 row: 0',
  'journal-portal-in-taipei': 'ok 1 row: 200',
  'journal-retry': 'not asked',
  'journal-retry-unknown': 'not asked',
  'key-self-expiring': 'ok, full access',
  'key-self-portal-in-taipei': 'ok, full access',
  'key-self-read-write': 'ok, *:read *:write',
  'key-self-unrestricted': 'ok, full access',
  'key-self-with-session-token': 'answered 500',
  'link-docspace-admin-by-owner': 'done: a link',
  'link-docspace-admin-refused': 'refused',
  'link-guest': 'done: a link',
  'link-inviting-members-is-off': 'refused',
  'link-unknown-type': 'refused',
  'link-user': 'done: a link',
  'page-confirm': 'not asked',
  'page-register': 'not asked',
  'page-register-address-taken': 'not asked',
  'page-register-name-refused': 'not asked',
  'people-docspace-admin': 'ok DocSpaceAdmin 1/1',
  'people-email-found': 'ok User 4/2',
  'people-email-not-an-address': 'missing',
  'people-email-unknown': 'missing',
  'people-filter-beyond-the-end': 'ok 0 of 75',
  'people-filter-by-user': 'hidden',
  'people-filter-count-101': 'trouble',
  'people-filter-newest': 'ok 3 of 11',
  'people-filter-pending': 'ok 2 of 221',
  'people-filter-waiting': 'ok 2 of 2',
  'people-guest': 'ok Guest 1/1',
  'people-owner': 'ok DocSpaceAdmin 1/0',
  'people-pending': 'ok User 4/2',
  'people-portal-in-taipei': 'ok User 1/0',
  'people-room-admin': 'ok RoomAdmin 1/1',
  'people-unknown': 'missing',
  'people-user': 'ok User 1/1',
  'portal-user-429-minute': 'trouble, wait',
  'portal-user-active': 'ok 1 active',
  'portal-user-by-trusted-domain': 'ok 1 active',
  'portal-user-deleted': 'missing',
  'portal-user-disabled': 'ok 2 not active',
  'portal-user-disabled-with-date': 'ok 2 not active',
  'portal-user-expired-key': 'trouble',
  'portal-user-guest-hidden-from-room-admin': 'hidden',
  'portal-user-hidden': 'hidden',
  'portal-user-joined-by-mail': 'ok 1 active',
  'portal-user-key-without-scope': 'trouble',
  'portal-user-no-credentials': 'trouble',
  'portal-user-not-a-guid': 'trouble',
  'portal-user-owner': 'ok 1 not active',
  'portal-user-pending': 'ok 4 not active',
  'portal-user-portal-in-taipei': 'ok 1 not active',
  'portal-user-restoring-portal': 'trouble',
  'portal-user-suspended-portal': 'trouble',
  'portal-user-unknown': 'missing',
  'portal-user-waiting': 'ok 1 not active',
  'portal-user-wrong-key': 'trouble',
  'resend-429': 'trouble',
  'resend-active': 'done',
  'resend-deleted': 'unknown',
  'resend-docspace-admin-by-admin': 'done',
  'resend-pending': 'done',
  'resend-waiting': 'done',
  'self-docspace-admin': 'ok DocSpaceAdmin 1/1',
  'self-no-credentials': 'trouble',
  'self-owner': 'ok DocSpaceAdmin 1/0',
  'self-raw-key': 'trouble',
  'self-restoring-portal': 'ok DocSpaceAdmin 1/0',
  'self-room-admin': 'ok RoomAdmin 1/1',
  'short-link': 'not asked',
  'short-link-unknown': 'not asked',
  'webhook-create': 'ok',
  'webhook-create-again': 'refused',
  'webhook-create-head-refused': 'refused',
  'webhook-create-http-with-ssl': 'refused',
  'webhook-create-no-such-host': 'refused',
  'webhook-create-nothing': 'refused',
  'webhook-create-private-address': 'refused',
  'webhook-create-secret-refused': 'refused',
  'webhook-create-secret-too-long': 'refused',
  'webhook-create-trigger-refused': 'refused',
  'webhook-create-unreachable': 'refused',
  'webhook-triggers': 'not asked',
  'webhook-update': 'ok',
  'webhook-update-unknown': 'refused',
  'webhooks-delivered': 'ok 1 enabled',
  'webhooks-failing-after-a-success': 'ok 1 enabled',
  'webhooks-never-delivered': 'ok 1 enabled',
  'webhooks-none': 'ok 0',
  'webhooks-portal-in-taipei': 'ok 1 enabled',
};

describe('the client and what a real server answered', () => {
  test('every recording has its row, and every row its recording', () => {
    expect(Object.keys(outcomes).sort()).toEqual(recordings.map(({ name }) => name).sort());
  });

  test.each(recordings.map((one) => [one.name, one] as const))('%s', async (name, recording) => {
    expect(await outcomeOf(recording)).toBe(outcomes[name]);
  });

  test('a creation date without a zone is UTC, wherever the portal is', async () => {
    const recording = recordings.find(({ name }) => name === 'portal-user-portal-in-taipei');
    if (recording === undefined) throw new Error('the recording from Taipei is missing');
    const { client } = await beside(recording);
    const read = await client.user(lastPart(recording));
    expect(read).toMatchObject({ value: { createDate: Date.parse('2026-11-28T19:25:25Z') } });
  });
});

async function outcomeOf(recording: Recording): Promise<string> {
  const { method, path } = recording.request;
  const { client, origin } = await beside(recording);
  const route = `${method} ${path.replace(/^\/api\/2\.0\//, '').split('?')[0]}`;
  if (route.startsWith('GET portal/users/invite/')) {
    // One recording asks for a type that the product never asks for.
    const link = await client.invitationLink(lastPart(recording) as EmployeeType);
    return link.kind === 'done' ? 'done: a link' : link.kind;
  }
  if (route.startsWith('GET portal/users/')) return userOutcome(client, recording);
  if (route === 'GET keys/@self') return keyOutcome(origin);
  if (route === 'GET people/filter') return pageOutcome(client);
  if (route === 'GET people/email') {
    return employeeOutcome(client.employeeByEmail(askedAddress(recording)));
  }
  if (route === 'GET people/@self') return employeeOutcome(client.self());
  if (route.startsWith('GET people/')) {
    return employeeOutcome(client.employee(lastPart(recording)));
  }
  if (route === 'POST people/invite') {
    return (await client.inviteByEmail([{ email: 'a@b.example', type: 'User' }])).kind;
  }
  if (route === 'PUT people/invite') return (await client.remailInvitations([apiKey])).kind;
  if (route === 'POST portal/sendcongratulations') return letterOutcome(client);
  if (route === 'GET settings/webhook') {
    const read = await client.webhooks();
    if (read.kind !== 'ok') return read.kind;
    const enabled = read.value.every((one) => one.enabled) && read.value.length > 0;
    return `ok ${read.value.length}${enabled ? ' enabled' : ''}`;
  }
  const webhook = { name: 'w', uri: 'http://x', enabled: true, ssl: false, triggers: 15 };
  if (route === 'POST settings/webhook') {
    return (await client.createWebhook({ ...webhook, secretKey: 'Secret-for-hooks1' })).kind;
  }
  if (route === 'PUT settings/webhook') {
    return (await client.updateWebhook({ ...webhook, id: 1, secretKey: 'Secret-for-hooks1' })).kind;
  }
  if (route === 'GET settings/webhooks/log') {
    const read = await client.undelivered({ webhookId: 1, startIndex: 0 });
    if (read.kind !== 'ok') return read.kind;
    const { length } = read.value;
    return length === 1 ? `ok 1 row: ${read.value[0]?.status}` : `ok ${length} rows`;
  }
  return 'not asked';
}

async function userOutcome(client: PortalClient, recording: Recording): Promise<string> {
  const read = await client.user(lastPart(recording));
  if (read.kind === 'trouble') return read.waitMs === null ? 'trouble' : 'trouble, wait';
  if (read.kind !== 'ok') return read.kind;
  return `ok ${read.value.status} ${read.value.isActive ? 'active' : 'not active'}`;
}

async function employeeOutcome(
  reading: ReturnType<PortalClient['employeeByEmail']>,
): Promise<string> {
  const read = await reading;
  if (read.kind !== 'ok') return read.kind;
  const { status, activationStatus } = read.value;
  return `ok ${employeeTypeOf(read.value)} ${status}/${activationStatus}`;
}

async function pageOutcome(client: PortalClient): Promise<string> {
  const read = await client.people({
    employeeStatus: 1,
    sortBy: 'email',
    sortOrder: 'ascending',
    startIndex: 0,
  });
  return read.kind === 'ok' ? `ok ${read.value.people.length} of ${read.value.total}` : read.kind;
}

async function letterOutcome(client: PortalClient): Promise<string> {
  const outcome = await client.sendCongratulations(apiKey, '1.A');
  if (outcome.kind !== 'refused') return outcome.kind;
  return `refused: ${outcome.streak === null ? 'the person' : 'the channel'}`;
}

async function keyOutcome(origin: string): Promise<string> {
  const diagnostics = createDiagnostics({ origin, apiKey, timeoutMs: 5_000, now: Date.now });
  onTestFinished(() => diagnostics.close());
  const answer = await diagnostics.ask('keys/@self');
  if (answer.kind !== 'answered') return answer.kind;
  if (answer.status !== 200) return `answered ${answer.status}`;
  const permissions = keyEnvelope.parse(answer.json).response.permissions ?? [];
  return `ok, ${permissions.length === 0 ? 'full access' : permissions.join(' ')}`;
}

function askedAddress({ request }: Recording): string {
  return new URL(request.path, 'http://portal').searchParams.get('email') ?? '';
}

function lastPart({ request }: Recording): string {
  return request.path.split('?')[0]?.split('/').at(-1) ?? '';
}

/** A socket that answers with the recorded bytes, and a client of the product that talks to it. */
async function beside(recording: Recording) {
  const bytes = bytesOf(recording);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the socket has no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const client = createPortalClient({
    origin,
    apiKey,
    concurrency: 1,
    timeoutMs: 5_000,
    clock: createPauseRecorder(),
    random: () => 0,
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return { client, origin };
}

/** The answer as it went over the wire; a chunked body in one chunk. */
function bytesOf({ response }: Recording): Buffer {
  const isChunked = response.headers.some(([name]) => name === 'Transfer-Encoding');
  const head = response.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const body = Buffer.from(response.body);
  const sent = isChunked
    ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
    : [body];
  if (isChunked && body.length === 0) sent.splice(0, 3, Buffer.from('0\r\n\r\n'));
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${response.status} Recorded\r\n${head}\r\n`),
    ...sent,
  ]);
}
