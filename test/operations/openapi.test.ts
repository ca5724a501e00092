import { Validator } from '@seriousme/openapi-schema-validator';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { dashboardPaths } from '../../src/dashboard/routes.tsx';
import { call, inviteAndRegister, memberBecomes, startWorld } from '../support/world.ts';
import { checkAnswer } from './check-answer.ts';
import { operations } from './operations.ts';

test('the document is valid OpenAPI 3.1 and says how to sign in', async () => {
  const world = await startWorld({ withWebhook: false });
  const answer = await call(world.service.url, 'GET', '/openapi.json', undefined, {});
  expect(answer.status).toBe(200);
  const checked = await new Validator().validate(answer.json);
  expect(checked.errors ?? []).toEqual([]);
  expect(checked.valid).toBe(true);
  expect(answer.json.components.securitySchemes).toMatchObject({
    adminToken: { scheme: 'bearer' },
  });
  const guest = answer.json.paths['/api/invitations'].post;
  expect(JSON.stringify(guest.requestBody)).toContain('DocSpaceAdmin');
  for (const ref of answer.text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    expect(Object.keys(answer.json.components.schemas)).toContain(ref[1]);
  }
});

test('every route is in the document, and every operation in the document is a route', async () => {
  const world = await startWorld({ withWebhook: false });
  const routes = world.service.routes
    .filter(({ method, path }) => method !== 'ALL' && !isOfDashboard(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = operations
    // Hono answers HEAD with the GET route.
    .filter(({ method }) => method !== 'head')
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(documented.toSorted()).toEqual([...new Set(routes)].toSorted());
  for (const { method, path } of operations) {
    if (method === 'head') expect(documented).toContain(`GET ${path}`);
  }
});

/** The pages of the dashboard are not in the document. */
function isOfDashboard(path: string): boolean {
  return dashboardPaths.some((one) =>
    one.endsWith('/*') ? path.startsWith(one.slice(0, -1)) : path === one,
  );
}

test('no two operations have the same name, and each parameter of a path is described', async () => {
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const world = await startWorld({ withWebhook: false });
  const { json } = await call(world.service.url, 'GET', '/openapi.json', undefined, {});
  for (const { method, path } of operations) {
    const parameters: { in: string; name: string }[] = json.paths[path][method].parameters ?? [];
    const described = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect([path, described]).toEqual([path, inPath]);
  }
});

test('the codes of reasons and problems are listed', async () => {
  const world = await startWorld({ withWebhook: false });
  const { json } = await call(world.service.url, 'GET', '/openapi.json', undefined, {});
  const { schemas } = json.components;
  expect(schemas.MemberReason.properties.code.enum).toContain('address_not_invited');
  expect(schemas.InvitationReason.properties.code.enum).toContain('type_not_allowed');
  expect(schemas.TimelineEntry.properties.event.enum).toContain('welcomed');
  for (const code of ['already_user', 'already_invited', 'too_late_to_resend', 'not-found']) {
    expect(schemas.Problem.properties.type.enum).toContain(`urn:docspace-welcome:${code}`);
  }
  const filter = json.paths['/api/members'].get.parameters.find(
    (one: { name: string }) => one.name === 'reason',
  );
  expect(filter.schema.enum).toContain('address_not_confirmed');
});

test('the operations that need the admin token are exactly those that the document says', async () => {
  const world = await startWorld({ withWebhook: false });
  const asked = operations.map(async ({ id, method, path }) => {
    const plain = path.replaceAll(/\{\w+\}/g, '1');
    const answer = await call(world.service.url, method.toUpperCase(), plain, undefined, {});
    return [id, answer.status === 401];
  });
  const expected = operations.map(({ id, access }) => [id, access !== 'open']);
  expect(await Promise.all(asked)).toEqual(expected);
});

test('every answer until the welcome has exactly the documented fields', async () => {
  const world = await startWorld();
  const { userId, invitationId } = await inviteAndRegister(world, 'zoe@example.com');
  const open = await world.api('POST', '/api/invitations', { employeeType: 'User' });
  checkAnswer('invite', open);
  const both = [{ employeeType: 'User' }, { employeeType: 'User', email: 'zoe@example.com' }];
  checkAnswer('invite', await world.api('POST', '/api/invitations', both));
  checkAnswer('previewWelcome', await world.api('GET', `/api/members/${userId}/preview`));
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'welcomed');
  const reads = {
    listInvitations: '/api/invitations',
    showInvitation: `/api/invitations/${invitationId}`,
    listMembers: '/api/members',
    showMember: `/api/members/${userId}`,
    previewWelcome: `/api/members/${userId}/preview`,
    listDeliveries: '/api/deliveries',
    showDelivery: '/api/deliveries/1',
    stats: '/api/stats',
    isReady: '/readyz',
    isAlive: '/healthz',
  };
  for (const [id, path] of Object.entries(reads)) {
    const answer = await world.api('GET', path);
    expect([id, answer.status]).toEqual([id, 200]);
    checkAnswer(id, answer);
  }
  const writes = {
    reconcile: '/api/reconcile',
    pause: '/api/pause',
    resume: '/api/resume',
    retryFailed: '/api/members/retry',
    replayDelivery: '/api/deliveries/1/replay',
    resendInvitation: `/api/invitations/${open.json.id}/resend`,
    revokeInvitation: `/api/invitations/${open.json.id}/revoke`,
  };
  for (const [id, path] of Object.entries(writes)) {
    const answer = await world.api('POST', path);
    expect([id, answer.status]).toEqual([id, 200]);
    checkAnswer(id, answer);
  }
  checkAnswer('retryMember', await world.api('POST', `/api/members/${userId}/retry`));
});

test('the documentation page and everything that it loads come from the service itself', async () => {
  const world = await startWorld({ withWebhook: false });
  const page = await call(world.service.url, 'GET', '/docs', undefined, {});
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  expect(page.text).not.toMatch(/https?:\/\//);
  const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded).toHaveLength(4);
  for (const path of loaded) {
    const answer = await request(`${world.service.url}/${path}`);
    const bytes = await answer.body.arrayBuffer();
    expect([path, answer.statusCode]).toEqual([path, 200]);
    expect(bytes.byteLength).toBeGreaterThan(100);
  }
  for (const path of ['/docs/..%2fpackage.json', '/docs/index.html', '/docs/toString']) {
    expect((await call(world.service.url, 'GET', path, undefined, {})).status).toBe(404);
  }
});
