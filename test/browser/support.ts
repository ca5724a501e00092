import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { adminToken, startWorld, type World, type WorldOptions } from '../support/world.ts';
import { chromiumPath, howToGetIt } from './chromium.ts';

/** How long a page may take to show something: three updates on a busy machine. */
export const patienceMs = 12_000;

/** One browser for each file. Each test gets its own contexts. */
export function browserOfThisFile(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const executablePath = chromiumPath();
    if (executablePath === null) throw new Error(`there is no Chromium here: ${howToGetIt}`);
    browser = await chromium.launch({ executablePath });
  }, 30_000);
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('the browser has not started');
    return browser;
  };
}

export type Visit = {
  readonly world: World;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Registers console lines that this test expects, such as the one for an answer 401. */
  readonly expectComplaint: (complaint: RegExp) => void;
};

/** A world, and a page in a new browser context that is not signed in. */
export async function visitWorld(
  browser: Browser,
  options: { readonly world?: WorldOptions; readonly context?: BrowserContextOptions } = {},
): Promise<Visit> {
  const world = await startWorld(options.world);
  return { world, ...(await visit(browser, world, options.context)) };
}

/** A page in a new context on an existing world. */
export async function visit(
  browser: Browser,
  world: World,
  options: BrowserContextOptions = {},
): Promise<Omit<Visit, 'world'>> {
  const context = await browser.newContext({
    baseURL: world.service.url,
    locale: 'en-GB',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  const expected: RegExp[] = [];
  watch(context, [world.service.url, world.portal.url], expected);
  const page = await context.newPage();
  return { page, context, expectComplaint: (complaint) => void expected.push(complaint) };
}

/** A signed-in page with the overview. It skips the sign-in form, which takes time. */
export async function signedIn(
  browser: Browser,
  options: { readonly world?: WorldOptions; readonly context?: BrowserContextOptions } = {},
): Promise<Visit> {
  const visited = await visitWorld(browser, options);
  const { context, page, world } = visited;
  await context.request.post('/sign-in', {
    form: { token: adminToken, zone: 'UTC', next: '/' },
    headers: { origin: world.service.url },
    maxRedirects: 0,
  });
  await page.goto('/');
  return visited;
}

/** Signs in through the form, as a person does. */
export async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('#token').fill(adminToken);
  await page.locator('main form button.primary').click();
  await page.waitForURL((url) => url.pathname !== '/sign-in', { timeout: patienceMs });
}

/**
 * Checks that the pages of a test ask no other host, break no policy and print no complaint.
 * Chromium reports a broken policy in its console.
 */
function watch(context: BrowserContext, origins: readonly string[], expected: readonly RegExp[]) {
  const complaints: string[] = [];
  const others: string[] = [];
  context.on('console', (line) => {
    const isOurs = line.location().url.startsWith(origins[0] ?? '');
    if (isOurs && ['error', 'warning'].includes(line.type())) {
      complaints.push(`${line.text()} (${line.location().url})`);
    }
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const url = request.url();
    if (!origins.some((origin) => url.startsWith(`${origin}/`)) && !url.startsWith('data:')) {
      others.push(url);
    }
  });
  onTestFinished(async () => {
    await context.close();
    const isUnexpected = (line: string) => !expected.some((pattern) => pattern.test(line));
    expect(complaints.filter(isUnexpected)).toEqual([]);
    expect(others).toEqual([]);
  });
}

/** Opens the disclosure with this label, and returns its text about what will happen. */
export async function disclose(page: Page, label: string) {
  const confirm = page.locator('details.confirm', {
    has: page.locator('summary', { hasText: new RegExp(`^${label}$`) }),
  });
  await confirm.locator('summary').click();
  const form = confirm.locator('form');
  return { says: await form.locator('p').innerText(), yes: () => form.locator('button').click() };
}

/** The message on the next page about the last form. */
export function flash(page: Page): Promise<string> {
  return page.locator('.flash').first().innerText({ timeout: patienceMs });
}

/** Waits for a chip with this word in the part of the page that updates itself. */
export async function chipSays(page: Page, word: string): Promise<void> {
  await page
    .locator('#live .chip', { hasText: new RegExp(`^${word}$`) })
    .first()
    .waitFor({ timeout: patienceMs });
}
