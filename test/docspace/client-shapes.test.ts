import { describe, expect, test } from 'vitest';
import { answering, clientOf, envelope, userId } from './support.ts';

describe('an answer of another shape than the documentation promises', () => {
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

  test('is read when it has more fields, nulls, and an id in upper case', async () => {
    const grown = { ...person, id: userId.toUpperCase(), cultureName: null, aliens: [{ a: 1 }] };
    const portal = await answering(200, envelope(grown, { newThing: true }));
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({
      kind: 'ok',
      value: { id: userId, createDate: Date.UTC(2026, 7, 20, 11, 2, 10) },
    });
  });

  test('is read when defaults are left out', async () => {
    const { id, status, createDate, tenantId } = person;
    const portal = await answering(200, envelope({ id, status, createDate, tenantId }));
    expect(await clientOf(portal.origin).user(userId)).toMatchObject({
      kind: 'ok',
      value: { firstName: '', lastName: '', email: '', isActive: false, activationStatus: 0 },
    });
  });

  test.each([0, 1, -1, 99, 'many', null])('is read whatever count says: %j', async (count) => {
    const employees = [1, 2, 3].map((n) => ({ id: userId.replace(/.$/, String(n)), status: 1 }));
    const portal = await answering(200, envelope(employees, { count, total: 3 }));
    const query = { employeeStatus: 1, sortBy: 'email', sortOrder: 'ascending' } as const;
    const page = await clientOf(portal.origin).people({ ...query, startIndex: 0 });
    expect(page).toMatchObject({ kind: 'ok', value: { total: 3 } });
    if (page.kind === 'ok') expect(page.value.people).toHaveLength(3);
  });

  test('about another user than was asked for is the portal’s trouble, never believed', async () => {
    const portal = await answering(200, envelope({ ...person, id: userId.replace(/.$/, 'f') }));
    expect((await clientOf(portal.origin).user(userId)).kind).toBe('trouble');
  });

  test.each([
    ['empty', 401, '', {}, 'trouble'],
    ['empty', 403, '', {}, 'hidden'],
    [
      'a problem document',
      403,
      '{"type":"about:blank","title":"Forbidden","status":403}',
      { 'content-type': 'application/problem+json' },
      'hidden',
    ],
    [
      'the error envelope',
      403,
      '{"error":{"message":"Access denied","type":"X","stack":"at …","hresult":-1},"status":1,"statusCode":403}',
      {},
      'hidden',
    ],
    [
      'the error envelope',
      404,
      '{"error":{"message":"The user could not be found"},"status":1,"statusCode":404}',
      {},
      'missing',
    ],
    ['empty', 404, '', {}, 'missing'],
    [
      'a validation error in the success envelope',
      400,
      envelope({ title: 'One or more validation errors occurred.' }, { status: 1 }),
      { 'content-type': 'application/problem+json' },
      'trouble',
    ],
    ['empty', 402, '', {}, 'trouble'],
    ['a page', 200, '<!doctype html><title>Sign in</title>', {}, 'trouble'],
    ['nothing', 200, '', {}, 'trouble'],
    [
      'an envelope without a response',
      200,
      '{"count":0,"status":0,"statusCode":200}',
      {},
      'trouble',
    ],
    ['null', 200, 'null', {}, 'trouble'],
    ['a user without an id', 200, envelope({ status: 1 }), {}, 'trouble'],
    ['a redirect', 302, '', { location: 'http://127.0.0.1:1/login' }, 'trouble'],
    ['a success without content', 204, '', {}, 'trouble'],
  ] as const)('that is %s with %i makes the read: %s', async (...row) => {
    const [, status, body, headers, kind] = row;
    const portal = await answering(status, body, headers);
    const client = clientOf(portal.origin);
    for (const read of [await client.user(userId), await client.employee(userId)]) {
      expect(read.kind).toBe(kind);
      if (read.kind === 'trouble') expect(read.detail).toMatch(/^the |^this /i);
    }
    expect(portal.seen).toHaveLength(2);
  });

  test.each([
    ['an empty string', 200, envelope(''), 'refused'],
    ['no response', 200, '{"count":0,"status":0,"statusCode":200}', 'trouble'],
    ['a relative address', 200, envelope('/s/abc'), 'trouble'],
    ['a script', 200, envelope('javascript:alert(1)'), 'trouble'],
    ['an object', 200, envelope({ url: 'https://x' }), 'trouble'],
    ['a page', 200, '<html></html>', 'trouble'],
    ['no paid seat', 402, '', 'refused'],
    ['a suspended portal', 404, '', 'trouble'],
  ] as const)('that is %s instead of a link makes it: %s', async (_, status, body, kind) => {
    const portal = await answering(status, body);
    expect((await clientOf(portal.origin).invitationLink('Guest')).kind).toBe(kind);
  });
});
