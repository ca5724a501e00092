import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { signed } from '../support/deliveries.ts';
import {
  call,
  inviteAndRegister,
  memberBecomes,
  memberIsUnconfirmed,
  type World,
} from '../support/world.ts';
import { browserOfThisFile, chipSays, disclose, flash, signedIn } from './support.ts';

const browser = browserOfThisFile();

type Act = Parameters<World['portal']['control']['interfere']>[0]['act'];

/** The portal's own refusal of one person. Its envelope shows that no proxy sent it. */
const refusal: Act = {
  kind: 'answer',
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { message: 'refused' }, status: 1, statusCode: 400 }),
};

/** One person who confirmed the address. The portal does this to their first welcome. */
async function firstWelcomeMeets(world: World, act: Act, email = 'ann@example.com') {
  const { control } = world.portal;
  control.interfere({ on: ({ path }) => path.includes('sendcongratulations'), times: 1, act });
  const invited = await inviteAndRegister(world, email);
  control.confirmEmail(invited.userId);
  return invited;
}

test('an unknown outcome is shown first and settled as arrived, and nothing more is sent', async () => {
  const { page, world } = await signedIn(browser());
  const { userId, invitationId } = await firstWelcomeMeets(world, {
    kind: 'effectThenAnswer',
    status: 500,
  });
  await memberBecomes(world, userId, 'unknown');
  await page.getByText(en.overview.unknown('1', true)).waitFor();
  await page.getByRole('link', { name: en.overview.settle }).click();
  await page.getByRole('link', { name: 'ann@example.com' }).click();
  await page.waitForURL(`**/invitations/${invitationId}`);
  await chipSays(page, 'unknown');
  const arrived = await disclose(page, en.actions.resolveSent);
  expect(arrived.says).toBe(en.actions.resolveSentSays);
  await arrived.yes();
  expect(await flash(page)).toBe(en.done.resolvedSent);
  await chipSays(page, 'welcomed');
  expect(world.portal.control.congratulations()).toHaveLength(1);
  expect(await page.locator('.timeline').innerText()).toContain('an operator');
});

test('an unknown welcome that did not arrive is sent again, after a warning of what that may mean', async () => {
  const { page, world } = await signedIn(browser());
  const { userId } = await firstWelcomeMeets(world, { kind: 'answer', status: 502 });
  await memberBecomes(world, userId, 'unknown');
  await page.goto(`/people/${userId}`);
  const again = await disclose(page, en.actions.resolveRetry);
  expect(again.says).toBe(en.actions.resolveRetrySays);
  await again.yes();
  await chipSays(page, 'welcomed');
  expect(world.portal.control.congratulations()).toMatchObject([{ userId }]);
  const attempts = await page
    .getByRole('region', { name: en.person.attempts })
    .locator('.chip')
    .allInnerTexts();
  expect(attempts.toSorted()).toEqual(['sent', 'unknown']);
});

test('a page that is older than the state changes nothing, and says why', async () => {
  const { page, context, world } = await signedIn(browser());
  const { userId } = await firstWelcomeMeets(world, { kind: 'answer', status: 502 });
  await memberBecomes(world, userId, 'unknown');
  const answer = await context.request.post(`/people/${userId}/retry`, {
    headers: { origin: world.service.url },
  });
  expect(await answer.text()).toContain('class="flash wrong"');
  expect((await world.api('GET', `/api/members/${userId}`)).json.state).toBe('unknown');
  await page.goto(`/people/${userId}`);
  expect(await page.locator('.flash').count()).toBe(0);
});

test('refused people are tried again, one alone and all together', {
  timeout: 40_000,
}, async () => {
  const { page, world } = await signedIn(browser());
  const people = [];
  for (const email of ['a@example.com', 'b@example.com', 'c@example.com']) {
    const { userId } = await firstWelcomeMeets(world, refusal, email);
    await memberBecomes(world, userId, 'failed');
    people.push(userId);
  }
  await page.goto('/');
  await page.getByText(en.overview.failed('3', false)).waitFor();
  await page.goto(`/people/${people[0]}`);
  await (await disclose(page, en.actions.retry)).yes();
  await chipSays(page, 'welcomed');
  await page.goto('/');
  await page.getByText(en.overview.failed('2', false)).waitFor();
  const all = await disclose(page, en.actions.retryFailed);
  expect(all.says).toBe(en.actions.retryFailedSays);
  await all.yes();
  expect(await flash(page)).toBe(en.done.retriedAll('2', false));
  await page.getByText(en.overview.nothing).waitFor();
  expect(world.portal.control.congratulations()).toHaveLength(3);
});

test('sending is paused and resumed, and the welcomes of the meantime are sent then', async () => {
  const { page, world } = await signedIn(browser());
  await page.goto('/health');
  await page.getByText(en.health.sends).waitFor();
  await (await disclose(page, en.actions.pause)).yes();
  expect(await flash(page)).toBe(en.done.paused);
  expect(await page.getByRole('button', { name: en.actions.pause }).count()).toBe(0);
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, 'ready');
  await page.goto('/');
  await page.getByText(en.overview.pausedByOperator).waitFor();
  await (await disclose(page, en.actions.resume)).yes();
  expect(await flash(page)).toBe(en.done.resumed);
  await memberBecomes(world, userId, 'welcomed');
  expect((await world.api('GET', '/api/stats')).json.pauses).toEqual([]);
});

test('reconciling finds a person whose activation no delivery reported', async () => {
  const { page, world } = await signedIn(browser());
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  await memberIsUnconfirmed(world, userId);
  world.portal.control.activateSilently(userId);
  await page.goto('/health');
  await page.getByText(en.health.noRun).waitFor();
  await (await disclose(page, en.actions.reconcile)).yes();
  expect(await flash(page)).toMatch(new RegExp(en.done.reconciled('\\d+', '[1-9]\\d*')));
  await memberBecomes(world, userId, 'welcomed');
  await page.getByText(en.health.lastRun('').replace('.', '').trim()).waitFor();
});

test('a new link belongs to the same invitation, and revoking it says what it cannot do', async () => {
  const { page, world } = await signedIn(browser());
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'ann@example.com',
  });
  await page.goto(`/invitations/${json.id}`);
  const fresh = await disclose(page, en.actions.resendLink);
  expect(fresh.says).toBe(en.actions.resendLinkSays);
  await fresh.yes();
  expect(await flash(page)).toContain(en.done.freshLink);
  expect(await page.locator('input.link').inputValue()).not.toBe(json.link);
  const back = await disclose(page, en.actions.revoke);
  expect(back.says).toBe(en.actions.revokeSays);
  await back.yes();
  await chipSays(page, 'revoked');
  expect(await page.locator('input.link').count()).toBe(0);
  expect(await page.locator('details.confirm').count()).toBe(0);
});

test('an invitation that the portal mailed is mailed again', async () => {
  const { page, world } = await signedIn(browser());
  const { control } = world.portal;
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'User',
    mode: 'email',
    email: 'ann@example.com',
  });
  const before = control.letters().length;
  await page.goto(`/invitations/${json.id}`);
  await (await disclose(page, en.actions.resend)).yes();
  expect(await flash(page)).toBe(en.done.resent);
  expect(control.letters()).toHaveLength(before + 1);
});

test('an unreadable delivery is listed, shown unchanged, and read again', async () => {
  const { page, world } = await signedIn(browser());
  const body = '{"event": <b>"no JSON" & \u202e more</b>';
  const answer = await call(world.service.url, 'POST', '/webhooks/docspace', body, signed(body));
  expect(answer.json).toEqual({ status: 'unreadable' });
  await page.goto('/health');
  await page.getByRole('link', { name: en.health.onlyUnreadable }).click();
  const row = page.getByRole('row').filter({ hasText: 'unreadable' });
  await row.getByRole('link').click();
  await page.getByRole('heading', { name: /^Delivery \d+$/ }).waitFor();
  expect(await page.locator('pre').textContent()).toBe(body);
  expect(await page.locator('main b').count()).toBe(0);
  await page.getByText(en.delivery.reason).waitFor();
  const again = await disclose(page, en.actions.replay);
  expect(again.says).toBe(en.actions.replaySays);
  await again.yes();
  await page.locator('.flash').waitFor();
  await chipSays(page, 'unreadable');
});

test('a readable delivery links to its person', async () => {
  const { page, world } = await signedIn(browser());
  const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
  await memberBecomes(world, userId, 'waiting');
  await page.goto('/health');
  await page.getByRole('row').filter({ hasText: 'user.created' }).getByRole('link').first().click();
  expect(await page.locator('pre').innerText()).toContain(userId);
  await page.getByRole('link', { name: userId }).click();
  await page.waitForURL(`**/invitations/${invitationId}`);
});

test('a stranger who came by this account is listed, and can be welcomed', async () => {
  const { page, world } = await signedIn(browser());
  const { control } = world.portal;
  const { json } = await world.api('POST', '/api/invitations', {
    employeeType: 'Guest',
    email: 'at-work@example.com',
  });
  const userId = control.register({
    link: json.link,
    email: 'at-home@example.com',
    firstName: 'Ann',
    lastName: 'Home',
  });
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'skipped');
  await page.goto('/');
  await page.getByText(en.overview.addressNotInvited('1', true)).waitFor();
  await page.getByRole('link', { name: en.overview.see }).click();
  await page.getByRole('link', { name: 'at-home@example.com' }).click();
  await page.getByText(en.person.noInvitation).waitFor();
  await (await disclose(page, en.actions.retrySkipped)).yes();
  await chipSays(page, 'welcomed');
});
