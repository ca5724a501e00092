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

/** What a page may take to show what a test waits for: three live updates, and a busy machine. */
export const patienceMs = 12_000;

/** One browser for each file; a test gets contexts of its own. */
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
  /** Console lines that this test expects, such as that of an answer 401. */
  readonly expectComplaint: (complaint: RegExp) => void;
};

/** A world, and a page of a fresh browser context before its sign-in. */
export async function visitWorld(
  browser: Browser,
  options: { readonly world?: WorldOptions; readonly context?: BrowserContextOptions } = {},
): Promise<Visit> {
  const world = await startWorld(options.world);
  return { world, ...(await visit(browser, world, options.context)) };
}

/** A page of a fresh context on a world that is there already. */
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

/** A page that is signed in and shows the overview; without the way through the form, which costs time. */
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

/** Through the form, as a person does. */
export async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('#token').fill(adminToken);
  await page.locator('main form button.primary').click();
  await page.waitForURL((url) => url.pathname !== '/sign-in', { timeout: patienceMs });
}

/**
 * Whatever a test does: its pages ask no other host, break no policy and complain of nothing.
 * Chromium says a breach of the policy in its console.
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

/** Opens the disclosure with this label, and gives what it says will happen. */
export async function disclose(page: Page, label: string) {
  const confirm = page.locator('details.confirm', {
    has: page.locator('summary', { hasText: new RegExp(`^${label}$`) }),
  });
  await confirm.locator('summary').click();
  const form = confirm.locator('form');
  return { says: await form.locator('p').innerText(), yes: () => form.locator('button').click() };
}

/** The result of the last form, as the next page shows it. */
export function flash(page: Page): Promise<string> {
  return page.locator('.flash').first().innerText({ timeout: patienceMs });
}

/** Waits for a chip with this word in what is live. */
export async function chipSays(page: Page, word: string): Promise<void> {
  await page
    .locator('#live .chip', { hasText: new RegExp(`^${word}$`) })
    .first()
    .waitFor({ timeout: patienceMs });
}
