import { Readable } from 'node:stream';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { call, startWorld, type World } from '../support/world.ts';

/** The number of rows that bad input must not change. */
async function written(world: World): Promise<number> {
  const { json } = await world.api('GET', '/api/invitations');
  return json.items.length;
}

const guest = { employeeType: 'Guest' };

const badBodies: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['no JSON', '{"employeeType":', ['']],
  ['nothing', '', ['employeeType']],
  ['null', null, ['']],
  ['a number', 7, ['']],
  ['no type', {}, ['employeeType']],
  ['an unknown type', { employeeType: 'Owner' }, ['employeeType']],
  ['an unknown mode', { ...guest, mode: 'pigeon' }, ['mode']],
  ['no address', { ...guest, email: 'anna' }, ['email']],
  ['an address of 256 characters', { ...guest, email: `${'a'.repeat(250)}@ex.com` }, ['email']],
  [
    'a header in the address',
    { ...guest, email: 'a@example.com\r\nBcc: b@example.com' },
    ['email'],
  ],
  ['a number as note', { ...guest, note: 5 }, ['note']],
  ['a note that is too long', { ...guest, note: 'x'.repeat(501) }, ['note']],
  ['a field that is not known', { ...guest, e_mail: 'a@example.com' }, ['e_mail']],
  ['an e-mail invitation without one', { employeeType: 'User', mode: 'email' }, ['email']],
  ['a mailed guest', { employeeType: 'Guest', mode: 'email', email: 'a@example.com' }, ['mode']],
  ['two faults at once', { employeeType: 'X', email: 'y' }, ['employeeType', 'email']],
  ['an empty array', [], ['']],
  ['one bad item', [guest, { employeeType: 'Guest', email: '@' }], ['1.email']],
  ['1,001 items', Array.from({ length: 1_001 }, () => guest), ['']],
];

test.each(badBodies)(
  'an invitation with %s is refused with the path of each fault',
  async (_, body, paths) => {
    const world = await startWorld({ withWebhook: false });
    const answer = await world.api('POST', '/api/invitations', body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json).toMatchObject({
      type: 'urn:docspace-welcome:invalid-request',
      status: 400,
    });
    expect(answer.json.errors.map((fault: { path: string }) => fault.path)).toEqual(paths);
    expect(await written(world)).toBe(0);
  },
);

const badQueries: readonly (readonly [string, string])[] = [
  ['/api/invitations?status=lost', 'query.status'],
  ['/api/invitations?limit=0', 'query.limit'],
  ['/api/invitations?limit=201', 'query.limit'],
  ['/api/invitations?limit=many', 'query.limit'],
  ['/api/invitations?cursor=abc', 'query.cursor'],
  ['/api/invitations?q=ab', 'query.q'],
  ['/api/invitations?since=yesterday', 'query.since'],
  ['/api/invitations?until=2026-13-01', 'query.until'],
  ['/api/invitations?stauts=issued', 'query.stauts'],
  ['/api/members?state=lost', 'query.state'],
  ['/api/members?limit=-1', 'query.limit'],
];

test.each(badQueries)('%s is refused with the path of the fault', async (path, at) => {
  const world = await startWorld({ withWebhook: false });
  const answer = await world.api('GET', path);
  expect(answer.status).toBe(400);
  expect(answer.json.errors).toMatchObject([{ path: at }]);
});

test('an unknown id is answered with a problem, not with a page', async () => {
  const world = await startWorld({ withWebhook: false });
  for (const path of [
    '/api/invitations/inv_nobody',
    '/api/members/7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01',
    "/api/members/'; DROP TABLE members; --",
    '/api/nothing',
    '/nothing',
    '/%ff',
  ]) {
    const answer = await world.api('GET', encodeURI(path).replace('%25ff', '%ff'));
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.json).toMatchObject({ status: 404, type: 'urn:docspace-welcome:not-found' });
  }
});

test('without the admin token, or with a wrong one, every route of the API answers 401', async () => {
  const world = await startWorld({ withWebhook: false });
  for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic YTpi']) {
    for (const [method, path] of [
      ['GET', '/api/invitations'],
      ['POST', '/api/invitations'],
      ['GET', '/api/invitations/x'],
      ['GET', '/api/members'],
      ['GET', '/api/members/x'],
    ] as const) {
      const body = method === 'POST' ? guest : undefined;
      const answer = await call(world.service.url, method, path, body, { authorization });
      expect(answer.status).toBe(401);
      expect(answer.json).toMatchObject({ status: 401 });
    }
  }
  expect(await written(world)).toBe(0);
});

test('a request to the API larger than 1 MiB is answered 413, and the next one is served', async () => {
  const world = await startWorld({ withWebhook: false });
  const large = JSON.stringify({ ...guest, note: 'x'.repeat(1024 * 1024) });
  expect((await world.api('POST', '/api/invitations', large)).status).toBe(413);
  async function* endless() {
    for (let i = 0; i < 40; i += 1) yield Buffer.alloc(32 * 1024, 0x20);
  }
  const streamed = await request(`${world.service.url}/api/invitations`, {
    method: 'POST',
    headers: { authorization: 'Bearer admin-token-of-the-tests-1' },
    body: Readable.from(endless()),
  });
  await streamed.body.dump();
  expect(streamed.statusCode).toBe(413);
  expect((await world.api('POST', '/api/invitations', guest)).status).toBe(201);
});

test('a link is in the answer to its request, and in no log line', async () => {
  const world = await startWorld();
  const { json } = await world.api('POST', '/api/invitations', {
    ...guest,
    email: 'a@example.com',
  });
  const userId = world.portal.control.register({
    link: json.link,
    email: 'a@example.com',
    firstName: 'Ann',
    lastName: 'Lee',
  });
  world.portal.control.confirmEmail(userId);
  await world.portal.control.deliveriesIdle({ deadlineMs: 5_000, label: 'deliveries are out' });
  const lines = world.log.join('');
  expect(lines.length).toBeGreaterThan(500);
  for (const secret of [json.link, world.portal.apiKey, 'a@example.com', 'Docspace-Webhook-1']) {
    expect(lines).not.toContain(secret);
  }
});
