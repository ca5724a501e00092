import { describe, expect, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { call, inviteByEmail, openLink, portalForTest, registerByLink, send } from './support.ts';

async function follow(link: string): Promise<string> {
  return String((await send({ url: link })).headers.location);
}

async function post(url: string, fields: Readonly<Record<string, string>> = {}) {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return await send({ url, method: 'POST', headers, body: new URLSearchParams(fields).toString() });
}

/** Where the form of a page is sent to. */
function actionOf(html: string): string {
  const action = html.match(/<form[^>]* action="([^"]*)"/)?.[1];
  if (action === undefined) throw new Error(`There is no form in: ${html}`);
  return action.replaceAll('&amp;', '&');
}

const ada = { firstName: 'Ada', lastName: 'Byron', email: 'ada@example.com' };

describe('the page of people', () => {
  test('says that the portal is simulated, refreshes itself, needs no script and no asset', async () => {
    const portal = await portalForTest();
    const page = await send({ url: `${portal.url}/` });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toMatch(/^<!doctype html>/i);
    expect(page.text).toContain('Simulated portal');
    expect(page.text).toContain('<meta http-equiv="refresh" content="2"');
    expect(page.text).toContain('name="viewport"');
    expect(page.text).toContain('prefers-color-scheme: dark');
    expect(page.text).not.toMatch(/<script|src=|<link|url\(/);
  });

  test('tells every state in words, newest first, and when the welcome was sent', async () => {
    let now = Date.parse('2026-08-20T14:03:00Z');
    const portal = await portalForTest({ now: () => now, keyCheck: 'any' });
    await inviteByEmail(portal, 'invited@example.com');
    now += 1_000;
    await registerByLink(portal, 'waiting@example.com');
    const off = portal.control.addUser({ email: 'off@example.com', how: 'sso' });
    portal.control.disable(off);
    now = Date.parse('2026-08-20T14:03:22Z');
    const path = `portal/sendcongratulations?Userid=${portal.accountId}&Key=k`;
    await call(portal, { method: 'POST', path, authorization: null });
    const { text } = await send({ url: portal.url });
    for (const words of ['invited', 'registered, e-mail not confirmed', 'active', 'disabled']) {
      expect(text).toContain(`· ${words}`);
    }
    expect(text).toContain('welcome sent 14:03:22');
    expect(text.indexOf('waiting@example.com')).toBeLessThan(text.indexOf('invited@example.com'));
  });

  test('shows the letters with links that work', async () => {
    const portal = await portalForTest();
    const link = await inviteByEmail(portal, 'ada@example.com');
    const { text } = await send({ url: portal.url });
    expect(text).toContain(`href="${link}"`);
  });

  test('escapes what people are called', async () => {
    const portal = await portalForTest();
    portal.control.addUser({
      email: '"<b>"@example.com',
      firstName: '<script>alert(1)</script>',
      lastName: "O'Neil & Söhne",
      how: 'ldap',
    });
    const { text } = await send({ url: portal.url });
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('<b>');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; O&#39;Neil &amp; Söhne');
  });
});

describe('joining by an open link', () => {
  test('leads from the form over the confirmation to "You are in"', async () => {
    const portal = await portalForTest();
    const form = await send({ url: await follow(await openLink(portal)) });
    expect(form.status).toBe(200);
    expect(form.text).not.toContain('readonly');
    const confirmation = await post(actionOf(form.text), ada);
    expect(confirmation.text).toContain('One more step: confirm your e-mail');
    expect(stateOf(portal)).toEqual([1, 0]);
    const letter = portal.control.letters().at(-1)?.link ?? '';
    expect(actionOf(confirmation.text)).toBe(letter);
    const shown = await send({ url: letter });
    expect(shown.text).toContain('One more step');
    expect(stateOf(portal)).toEqual([1, 0]);
    const done = await post(actionOf(shown.text));
    expect(done.text).toContain('You are in');
    expect(stateOf(portal)).toEqual([1, 1]);
    expect((await send({ url: letter })).text).toContain('You are in');
  });

  test('refuses a taken address, a missing name and a bad link with a readable 4xx', async () => {
    const portal = await portalForTest();
    const long = await follow(await openLink(portal));
    await post(long, ada);
    const taken = await post(long, ada);
    expect(taken.status).toBe(409);
    expect(taken.text).toContain('already an account');
    expect((await post(long, { ...ada, firstName: ' ' })).status).toBe(400);
    expect((await post(long, { ...ada, email: 'nobody' })).status).toBe(400);
    const bad = await send({ url: `${portal.url}/confirm/LinkInvite?key=1.X&uid=2&emplType=4` });
    expect(bad.status).toBe(404);
    expect(bad.text).toContain('not valid');
    expect((await send({ url: `${portal.url}/nowhere` })).status).toBe(404);
  });

  test('is 410 when the link has expired', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now, invitationLifetimeMs: 1_000 });
    const long = await follow(await openLink(portal));
    now += 1_001;
    expect((await send({ url: long })).status).toBe(410);
    expect((await post(long, ada)).status).toBe(410);
  });
});

describe('joining by an e-mail invitation', () => {
  test('fixes the address and is in at once, but only once', async () => {
    const portal = await portalForTest();
    const long = await follow(await inviteByEmail(portal, ada.email));
    const form = await send({ url: long });
    expect(form.text).toContain('value="ada@example.com" readonly');
    const other = await post(actionOf(form.text), { ...ada, email: 'other@example.com' });
    expect(other.status).toBe(403);
    const done = await post(actionOf(form.text), ada);
    expect(done.text).toContain('You are in');
    expect(stateOf(portal)).toEqual([1, 1]);
    expect(portal.control.userByEmail('other@example.com')).toBeUndefined();
    const again = await send({ url: long });
    expect(again.status).toBe(409);
    expect(again.text).toContain('already been used');
  });

  test('has to be completed within 15 minutes of the first visit', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now });
    const long = await follow(await inviteByEmail(portal, ada.email));
    now += 24 * 3_600_000;
    expect((await send({ url: long })).status).toBe(200);
    now += 15 * 60_000;
    expect((await send({ url: long })).status).toBe(200);
    now += 1;
    expect((await post(long, ada)).status).toBe(410);
  });
});

function stateOf(portal: Portal): unknown[] {
  const user = portal.control.userByEmail(ada.email);
  return [user?.status, user?.activationStatus];
}
