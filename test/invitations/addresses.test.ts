import { expect, test } from 'vitest';
import { startWorld } from '../support/world.ts';

test('every address that the portal mails to is invited by mail', async () => {
  const world = await startWorld({ withWebhook: false });
  const addresses = ['a&b', 'a/b', 'a=b', 'a#b', 'a!b', 'a%b', '"quoted l"'].map(
    (local) => `${local}@example.com`,
  );
  const wishes = addresses.map((email) => ({ employeeType: 'User', mode: 'email', email }));
  const { json } = await world.api('POST', '/api/invitations', wishes);
  expect(json.map((one: { status: unknown }) => one.status)).toEqual(addresses.map(() => 'issued'));
  const { control } = world.portal;
  for (const email of addresses) expect(control.userByEmail(email)?.email).toBe(email);
});

test.each(['ünïcode@example.com', 'x@bücher.example', 'x@xn--bcher-kva.example', 'x@localhost'])(
  '%s works by a link only, and by mail this mode is named',
  async (email) => {
    const world = await startWorld({ withWebhook: false });
    const mailed = await world.api('POST', '/api/invitations', {
      employeeType: 'User',
      mode: 'email',
      email,
    });
    expect(mailed.status).toBe(400);
    expect(mailed.text).toContain('use mode \\"link\\"');
    const linked = await world.api('POST', '/api/invitations', { employeeType: 'User', email });
    expect(linked.status).toBe(201);
  },
);

test.each([
  'a..b@example.com',
  'Anna <a@b.c>',
  'nobody',
  'a b@example.com',
  'two@signs@example.com',
])('%s is not accepted in any mode', async (email) => {
  const world = await startWorld({ withWebhook: false });
  for (const mode of ['link', 'email']) {
    const answer = await world.api('POST', '/api/invitations', {
      employeeType: 'User',
      mode,
      email,
    });
    expect(answer.status).toBe(400);
  }
});
