import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { createMovableClock } from '../support/clock.ts';
import { adminToken, startWorld } from '../support/world.ts';
import { ask, form, signIn } from './hostile-support.ts';

/* A form that is sent after the session has ended. */

const typed = 'ann@example.com\nbob "B" <bob@example.com>';
const note = 'für „Q4“ & <more>';
const hours = 3_600_000;

/** The hidden fields of the sign-in page, as a browser sends them. */
function hiddenFields(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const unescaped = (text = '') =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, unescaped(value)]));
}

test('typed text survives an ended session, a wrong token and the sign-in', async () => {
  const clock = createMovableClock();
  const world = await startWorld({ withWebhook: false, surroundings: { clock } });
  const cookie = await signIn(world);
  clock.move(13 * hours);

  const fields = { addresses: typed, employeeType: 'User', mode: 'email', note };
  const body = new URLSearchParams(fields).toString();
  const refused = await ask(world, 'POST', '/invite', { body, headers: { ...form, cookie } });
  expect(refused.status).toBe(401);
  expect(refused.text).toContain(en.signIn.textKept);

  const wrong = new URLSearchParams({ ...hiddenFields(refused.text), token: 'wrong' }).toString();
  const again = await ask(world, 'POST', '/sign-in', { body: wrong, headers: form });
  expect(again.status).toBe(401);

  const right = new URLSearchParams({ ...hiddenFields(again.text), token: adminToken }).toString();
  const signedIn = await ask(world, 'POST', '/sign-in', { body: right, headers: form });
  expect([signedIn.status, signedIn.location]).toEqual([303, '/invite']);

  const headers = { cookie: signedIn.cookie ?? '' };
  const page = await ask(world, 'GET', '/invite', { headers });
  expect(page.text).toContain(en.invite.restored);
  expect(page.text).toContain('bob &quot;B&quot; &lt;bob@example.com&gt;');
  expect(page.text).toContain('value="für „Q4“ &amp; &lt;more&gt;"');
  expect(page.text).toMatch(/<option value="User" selected/);
  expect(page.text).toMatch(/value="email" checked/);
  // The text is shown only once.
  expect((await ask(world, 'GET', '/invite', { headers })).text).not.toContain('bob');
  expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
});

test('if a text is too long to be kept, the page says so', async () => {
  const world = await startWorld({ withWebhook: false });
  const body = new URLSearchParams({ addresses: 'ann@example.com\n'.repeat(2_000) }).toString();

  const { status, text } = await ask(world, 'POST', '/invite', { body, headers: form });

  expect(status).toBe(401);
  expect(text).toContain(en.signIn.textTooLong);
});

test('after a button without a session, the sign-in leads back to the page with the button', async () => {
  const world = await startWorld({ withWebhook: false });
  const referer = `${world.service.url}/people?state=failed`;

  const answer = await ask(world, 'POST', '/people/retry', { headers: { ...form, referer } });

  expect([answer.status, answer.location]).toEqual([
    303,
    '/sign-in?next=%2Fpeople%3Fstate%3Dfailed',
  ]);
});
