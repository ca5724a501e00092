import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import {
  adminToken,
  call,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';
import { checkAnswer } from './check-answer.ts';
import { fitting, type Schema } from './from-schema.ts';
import { operations } from './operations.ts';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function addToken(world: World, name: string, role: string): Promise<string> {
  const added = await world.api('POST', '/api/tokens', { name, role });
  checkAnswer('addToken', added);
  expect(added.status).toBe(201);
  return added.json.token;
}

function askWith(world: World, token: string, method: string, path: string, body?: unknown) {
  return call(world.service.url, method, path, body, bearer(token));
}

/** Posts a form as a browser does. */
function post(world: World, path: string, fields: Record<string, string>, cookie = '') {
  return call(world.service.url, 'POST', path, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'text/html',
    origin: world.service.url,
    cookie,
  });
}

async function signIn(world: World, token: string): Promise<string> {
  const answer = await post(world, '/sign-in', { token, zone: 'UTC', next: '/' });
  expect(answer.status).toBe(303);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

function page(world: World, cookie: string, path: string) {
  return call(world.service.url, 'GET', path, undefined, { cookie });
}

/** A link that opens an invitation. */
const link = /\/s\/[\w-]{10,}|[?&]key=/;

/** A person who waits, an outstanding invitation, an open link and a delivery. */
async function furnished() {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'zoe@example.com');
  await memberBecomes(world, userId, 'waiting');
  const open = await world.api('POST', '/api/invitations', { employeeType: 'User' });
  const one = { employeeType: 'User', email: 'ann@example.com' };
  const invited = await world.api('POST', '/api/invitations', one);
  expect(open.json.link).toMatch(link);
  await deliver(world.service.url, deliveryBody({ id: 77 }), signed(deliveryBody({ id: 77 })));
  return { world, userId, open: open.json, invited: invited.json };
}

function validBody(schema: z.ZodType): unknown {
  const json = z.toJSONSchema(schema, { io: 'input' }) as Schema;
  return fc.sample(fitting(json, { email: fc.constant('eve@example.com') }), 1)[0];
}

test('a viewer changes nothing by any operation, and reads everything but links', async () => {
  const { world, userId, open, invited } = await furnished();
  const token = await addToken(world, 'vera', 'viewer');
  const before = await world.api('GET', '/api/invitations');
  const count = { read: 0, refused: 0 };
  for (const operation of operations.filter(({ access }) => access === 'admin')) {
    const ids = { userId, name: 'vera' };
    for (const id of [open.id, invited.id, '1']) {
      const path = operation.path.replaceAll(
        /\{(\w+)\}/g,
        (_, name: 'userId' | 'name') => ids[name] ?? id,
      );
      const body = operation.body ? validBody(operation.body) : undefined;
      const answer = await askWith(world, token, operation.method.toUpperCase(), path, body);
      if (operation.method === 'get') {
        expect([path, answer.status]).toEqual([path, expect.toBeOneOf([200, 404, 422])]);
        expect([path, answer.text]).toEqual([path, expect.not.stringMatching(link)]);
        count.read += answer.status === 200 ? 1 : 0;
        continue;
      }
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.json.type).toBe('urn:docspace-welcome:read-only');
      checkAnswer(operation.id, answer);
      count.refused += 1;
    }
  }
  expect(count.read).toBeGreaterThan(15);
  expect(count.refused).toBeGreaterThan(30);
  expect((await world.api('GET', '/api/invitations')).json).toEqual(before.json);
  expect(before.text).toMatch(link);
});

test('the timeline and the log name the operator who did it', async () => {
  const world = await startWorld();
  const anna = await addToken(world, 'anna', 'operator');
  const one = { employeeType: 'Guest', email: 'zoe@example.com' };
  const { json } = await askWith(world, anna, 'POST', '/api/invitations', one);
  const cookie = await signIn(world, anna);
  await post(world, `/invitations/${json.id}/revoke`, {}, cookie);
  await askWith(world, anna, 'POST', '/api/pause');
  const named = { kind: 'operator', name: 'anna' };
  const story = await world.api('GET', `/api/invitations/${json.id}`);
  expect(story.json.timeline).toMatchObject([
    { event: 'invitation_requested', actor: named },
    { event: 'invitation_issued' },
    { event: 'invitation_revoked', actor: named },
  ]);
  expect((await page(world, cookie, `/invitations/${json.id}`)).text).toContain('operator anna');
  const commands = world.log
    .map((line) => JSON.parse(line))
    .filter(({ actor, command }) => actor === 'operator anna' && command !== undefined);
  expect(commands).toMatchObject([
    { command: 'POST /api/invitations', status: 201 },
    { command: 'POST /invitations/:id/revoke', status: 303 },
    { command: 'POST /api/pause', status: 200 },
  ]);
});

test('what an operator does for a person names them as well', async () => {
  const { world, userId } = await furnished();
  const anna = await addToken(world, 'anna', 'operator');
  await askWith(world, anna, 'POST', `/api/members/${userId}/retry`);
  const { json } = await world.api('GET', `/api/members/${userId}`);
  const retries = json.timeline.filter((one: { event: string }) => one.event === 'retry_requested');
  expect(retries).toMatchObject([{ actor: { kind: 'operator', name: 'anna' } }]);
  const lines = world.log.map((line) => JSON.parse(line));
  expect(lines.filter(({ event }) => event === 'retry_requested')).toMatchObject([
    { actor: 'operator anna', member: userId },
  ]);
});

test('a revoked token opens nothing, its sessions end, and a restart changes nothing about that', async () => {
  const world = await startWorld({ withWebhook: false });
  const anna = await addToken(world, 'anna', 'operator');
  const bea = await addToken(world, 'bea', 'operator');
  const [ofAnna, ofBea] = [await signIn(world, anna), await signIn(world, bea)];
  expect((await page(world, ofAnna, '/health')).status).toBe(200);
  const revoked = await world.api('POST', '/api/tokens/anna/revoke');
  checkAnswer('revokeToken', revoked);
  expect(revoked.status).toBe(200);
  expect((await world.api('POST', '/api/tokens/anna/revoke')).status).toBe(404);
  // The name is free again, and the former session is not one of the new token.
  await addToken(world, 'anna', 'viewer');
  const expectRevoked = async (running: World) => {
    expect((await askWith(running, anna, 'GET', '/api/stats')).status).toBe(401);
    expect((await page(running, ofAnna, '/health')).status).toBe(303);
    expect((await askWith(running, bea, 'GET', '/api/stats')).status).toBe(200);
    expect((await page(running, ofBea, '/health')).status).toBe(200);
  };
  await expectRevoked(world);
  await expectRevoked(await world.restart());
});

test('a name is used once at a time, and the list shows no token and no hash', async () => {
  const world = await startWorld({ withWebhook: false });
  const token = await addToken(world, 'anna', 'operator');
  const again = await world.api('POST', '/api/tokens', { name: 'anna', role: 'viewer' });
  checkAnswer('addToken', again);
  expect([again.status, again.json.type]).toEqual([409, 'urn:docspace-welcome:name-in-use']);
  const list = await world.api('GET', '/api/tokens');
  checkAnswer('listTokens', list);
  expect(list.json.items).toEqual([
    { name: 'anna', role: 'operator', createdAt: expect.any(String) },
  ]);
  expect(world.log.join('')).not.toContain(token);
});

test('a name that the log and the timeline could not show plainly is refused', async () => {
  const world = await startWorld({ withWebhook: false });
  const refused = ['', 'Anna', 'anna@example.com', 'a b', '-anna', 'a'.repeat(33), 'анна', 'a\n'];
  for (const name of refused) {
    const answer = await world.api('POST', '/api/tokens', { name, role: 'viewer' });
    expect([name, answer.status, answer.json.errors?.[0]?.path]).toEqual([name, 400, 'name']);
  }
});

test('a wrong token that looks like a named one is refused and counted', async () => {
  const world = await startWorld({ withWebhook: false });
  const token = await addToken(world, 'anna', 'operator');
  for (const wrong of [`${token}x`, token.toLowerCase()]) {
    expect((await askWith(world, wrong, 'GET', '/api/stats')).status).toBe(401);
  }
  const { text } = await world.api('GET', '/metrics');
  expect(text).toContain('docspace_welcome_wrong_tokens_total{place="api"} 2');
});

test('the dashboard of a viewer shows whose session it is, and neither buttons nor links', async () => {
  const { world, userId, open, invited } = await furnished();
  const paths = [
    '/',
    '/invitations',
    `/invitations/${open.id}`,
    `/invitations/${invited.id}`,
    '/invitations.csv',
    '/people',
    `/people/${userId}`,
    '/health',
    '/health/deliveries/1',
  ];
  const forms = /<form method="post" action="(?!\/sign-out|\/language)|href="\/invite"|data-copy/;
  await world.api('POST', '/api/pause');
  const ofAdmin = await signIn(world, adminToken);
  const ofViewer = await signIn(world, await addToken(world, 'vera', 'viewer'));
  for (const path of paths) {
    const shown = await page(world, ofViewer, path);
    expect([path, shown.status]).toEqual([path, expect.toBeOneOf([200, 303])]);
    expect([path, shown.text]).toEqual([path, expect.not.stringMatching(link)]);
    expect([path, shown.text]).toEqual([path, expect.not.stringMatching(forms)]);
  }
  expect((await page(world, ofViewer, '/')).text).toContain('vera (viewer)');
  const seenByAdmin = await page(world, ofAdmin, `/invitations/${invited.id}`);
  expect(seenByAdmin.text).toMatch(link);
  expect(seenByAdmin.text).toMatch(forms);
  expect(seenByAdmin.text).toContain('Administrator');
});

test('a form that a viewer sends by hand changes nothing, and says why', async () => {
  const { world, userId, invited } = await furnished();
  const cookie = await signIn(world, await addToken(world, 'vera', 'viewer'));
  const before = await world.api('GET', '/api/invitations');
  for (const path of [
    '/invite',
    '/invite/file',
    '/people/retry',
    `/people/${userId}/retry`,
    `/invitations/${invited.id}/revoke`,
    '/health/pause',
    '/health/resume',
    '/health/reconcile',
    '/health/deliveries/1/replay',
  ]) {
    const asked = { addresses: 'eve@example.com', employeeType: 'Guest', mode: 'link' };
    const answer = await post(world, path, asked, cookie);
    expect([path, answer.status]).toEqual([path, 403]);
    expect(answer.text).toContain('You may only read');
  }
  expect((await page(world, cookie, '/invite')).status).toBe(403);
  expect((await world.api('GET', '/api/invitations')).json).toEqual(before.json);
  expect((await post(world, '/sign-out', {}, cookie)).status).toBe(303);
});
