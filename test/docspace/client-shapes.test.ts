import { describe, expect, test } from 'vitest';
import { answering, clientOf, envelope, userId } from './support.ts';

describe('an answer that differs from the documentation', () => {
  const person = {
    id: userId,
    firstName: 'Bob',
    lastName: 'Stone',
    status: 1,
    activationStatus: 1,
    email: 'bob@example.com',
    isActive: true,
    createDate: '2026-08-20T11:02:10',
    tenantId: 1,
  };

  test('is read if it has more fields, nulls, and an id in upper case', async () => {
    const grown = { ...person, id: userId.toUpperCase(), cultureName: null, aliens: [{ a: 1 }] };
    const portal = await answering(200, envelope(grown, { newThing: true }));
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({
      kind: 'ok',
      value: { id: userId, createDate: Date.UTC(2026, 7, 20, 11, 2, 10) },
    });
  });

  test('is read if defaults are left out', async () => {
    const { id, status, createDate, tenantId } = person;
    const portal = await answering(200, envelope({ id, status, createDate, tenantId }));
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({
      kind: 'ok',
      value: { firstName: '', lastName: '', email: '', isActive: false, activationStatus: 0 },
    });
  });

  test.each([0, 1, -1, 99, 'many', null])('is read whatever its count is: %j', async (count) => {
    const employees = [1, 2, 3].map((n) => ({ id: userId.replace(/.$/, String(n)), status: 1 }));
    const portal = await answering(200, envelope(employees, { count, total: 3 }));
    const query = { employeeStatus: 1, sortBy: 'email', sortOrder: 'ascending' } as const;
    const page = await clientOf(portal.origin).people({ ...query, startIndex: 0 });
    expect(page).toMatchObject({ kind: 'ok', value: { total: 3 } });
    if (page.kind === 'ok') expect(page.value.people).toHaveLength(3);
  });

  test('is trouble if it is about another user than the requested one', async () => {
    const portal = await answering(200, envelope({ ...person, id: userId.replace(/.$/, 'f') }));
    expect((await clientOf(portal.origin).user(userId)).kind).toBe('trouble');
  });

  const error = (statusCode: number, message = 'Access denied') =>
    JSON.stringify({
      error: { message, type: 'X', stack: 'at …', hresult: -1 },
      status: 1,
      statusCode,
    });
  const problem = (status: number) =>
    JSON.stringify({
      type: 'https://tools.ietf.org/html/rfc9110',
      title: 'No',
      status,
      traceId: '0',
    });
  const nginx = '<html><head><title>nginx</title></head></html>';

  test.each([
    ['the portal’s own words', 403, error(403), 'hidden', null],
    ['the portal’s own words', 404, error(404, 'The user could not be found'), 'missing', null],
    ['the portal’s own words', 200, error(403), 'hidden', null],
    ['the portal’s own words', 200, error(404), 'missing', null],
    ['empty', 403, '', 'trouble', 'portal_permission_missing'],
    ['a bare problem', 403, problem(403), 'trouble', 'portal_closed'],
    ['a proxy’s page', 403, nginx, 'trouble', 'proxy_answered'],
    ['empty', 404, '', 'trouble', 'portal_not_found'],
    ['a bare problem', 404, problem(404), 'trouble', 'portal_closed'],
    ['a proxy’s page', 404, nginx, 'trouble', 'proxy_answered'],
    ['empty', 401, '', 'trouble', 'portal_rejects_credentials'],
    ['empty', 402, '', 'trouble', 'portal_not_paid'],
    ['not valid', 400, envelope({ title: 'No' }, { status: 1 }), 'trouble', 'portal_answered'],
    ['a page', 200, '<!doctype html><title>Sign in</title>', 'trouble', 'portal_answer_unreadable'],
    ['nothing', 200, '', 'trouble', 'portal_answer_unreadable'],
    [
      'without a response',
      200,
      '{"count":0,"status":0,"statusCode":200}',
      'trouble',
      'portal_answer_unreadable',
    ],
    ['null', 200, 'null', 'trouble', 'portal_answer_unreadable'],
    ['a user without an id', 200, envelope({ status: 1 }), 'trouble', 'portal_answer_unreadable'],
    ['nested a million times', 200, '['.repeat(500_000), 'trouble', 'portal_answer_unreadable'],
    ['an envelope that says 200', 415, envelope({}), 'trouble', 'portal_answered'],
    ['an envelope that says 401', 200, error(401), 'trouble', 'portal_rejects_credentials'],
    ['a redirect', 302, '', 'trouble', 'portal_redirects'],
    ['a success without content', 204, '', 'trouble', 'portal_answered'],
  ] as const)('with %s has the status %i', async (_, status, body, kind, code) => {
    const portal = await answering(status, body, status === 302 ? { location: '/login' } : {});
    const client = clientOf(portal.origin);
    for (const read of [await client.user(userId), await client.employee(userId)]) {
      expect([read.kind, read.kind === 'trouble' ? read.fault.code : null]).toEqual([kind, code]);
    }
    expect(portal.seen).toHaveLength(2);
  });

  test('of an older release that shows a lost user means that the id is unknown', async () => {
    const lost = { ...person, id: '4a515a15-d4d6-4b8e-828e-e0586f18f3a3', tenantId: 0 };
    const portal = await answering(200, envelope(lost));
    expect(await clientOf(portal.origin).user(userId)).toEqual({ kind: 'missing' });
  });

  test('of the next server is read, with createdBy as an object, no isActive and no createDate', async () => {
    const { isActive: _, createDate: __, ...rest } = person;
    const next = { ...rest, createdBy: { id: userId }, registrationDate: '2026-08-20T11:02:10Z' };
    const portal = await answering(200, envelope(next));
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({
      kind: 'ok',
      value: { isActive: true, createdBy: userId, createDate: Date.UTC(2026, 7, 20, 11, 2, 10) },
    });
  });

  test('to a text that is not an address means that nobody has this address', async () => {
    const body = envelope({ title: 'One or more validation errors occurred.' }, { status: 1 });
    const portal = await answering(400, body);
    expect(await clientOf(portal.origin).employeeByEmail('nobody')).toEqual({ kind: 'missing' });
  });

  test.each([
    ['an empty string', 200, envelope(''), 'refused'],
    ['no response', 200, '{"count":0,"status":0,"statusCode":200}', 'refused'],
    ['a relative address', 200, envelope('/s/abc'), 'refused'],
    ['a script', 200, envelope('javascript:alert(1)'), 'refused'],
    ['an object', 200, envelope({ url: 'https://x' }), 'refused'],
    ['a page', 200, '<html></html>', 'trouble'],
    ['no paid seat', 402, '', 'refused'],
    ['a suspended portal', 404, '', 'trouble'],
  ] as const)('that has %s instead of a link means: %s', async (_, status, body, kind) => {
    const portal = await answering(status, body);
    expect((await clientOf(portal.origin).invitationLink('Guest')).kind).toBe(kind);
  });
});
