import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { adminToken, inviteAndRegister, memberBecomes } from '../support/world.ts';
import { browserOfThisFile, chipSays, flash, visitWorld } from './support.ts';

const browser = browserOfThisFile();

/** The element that has the focus, as a person would name it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(
    'document.activeElement.id || document.activeElement.textContent.trim() || document.activeElement.tagName',
  );
}

/**
 * Presses Tab until the element with this name has the focus. @throws after one round of the page
 */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 80; i += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab never reached "${name}": ${passed.join(', ')}`);
}

/** The browser moves the focus to the field a little after the page is loaded. */
async function signInByKeyboard(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('#token:focus').waitFor();
  await page.keyboard.type(adminToken);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

test('from sign-in to a settled welcome with the keyboard only', { timeout: 40_000 }, async () => {
  const { page, world } = await visitWorld(browser());
  const { control } = world.portal;
  control.interfere({
    on: ({ path }) => path.includes('sendcongratulations'),
    times: 1,
    act: { kind: 'answer', status: 502 },
  });
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  control.confirmEmail(userId);
  await memberBecomes(world, userId, 'unknown');

  await signInByKeyboard(page);

  await tabTo(page, en.overview.settle);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/people?state=unknown');
  await tabTo(page, 'ann@example.com');
  await page.keyboard.press('Enter');
  await chipSays(page, 'unknown');

  await tabTo(page, en.actions.resolveSent);
  await page.keyboard.press('Enter');
  const says = page.getByText('The welcome counts as sent.');
  await says.waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await says.waitFor({ state: 'hidden' });
  expect(await focused(page)).toBe(en.actions.resolveSent);
  await page.keyboard.press('Enter');
  await says.waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await flash(page)).toBe(en.done.resolvedSent);
});

test('the first Tab skips to the content, and the order is the visible order', async () => {
  const { page } = await visitWorld(browser());
  await signInByKeyboard(page);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe(en.frame.skip);
  expect(await page.getByText(en.frame.skip).isVisible()).toBe(true);
  const order: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  expect(order).toEqual(['Overview', 'Invitations', 'People', 'Invite', 'Health', 'Sign out']);
  await page.goto('/invite');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('main');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('addresses');
  await page.keyboard.type('ann@example.com');
  await tabTo(page, 'Invite');
  await page.keyboard.press('Enter');
  await chipSays(page, 'invited');
});

test('the element with the focus is visible and never covered', async () => {
  const { page } = await visitWorld(browser());
  await signInByKeyboard(page);
  await page.goto('/health');
  for (let i = 0; i < 16; i += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(`(() => {
      const one = document.activeElement;
      if (one === document.body) return 'visible';
      return getComputedStyle(one).outlineStyle === 'none' ? one.outerHTML : 'visible';
    })()`);
    expect(seen).toBe('visible');
  }
});
