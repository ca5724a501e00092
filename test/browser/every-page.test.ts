import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { textsIn } from '../../src/dashboard/language.ts';
import { type Language, languages } from '../../src/messages/render.ts';
import { inviteAndRegister } from '../support/world.ts';
import { furnishedWorld } from './furnished.ts';
import { browserOfThisFile, signedIn, signIn, visit, visitWorld } from './support.ts';

const browser = browserOfThisFile();
const narrow = { width: 360, height: 740 };
const wide = { width: 1_440, height: 900 };

/** Opens every disclosure, because its content belongs to the page. */
const openAll = "for (const one of document.querySelectorAll('details')) one.open = true";

const pageWidth = 'document.documentElement.scrollWidth';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/**
 * The rules that another width or colour scheme can break. The rest of the page is always the same.
 */
const rulesOfLook = [
  'color-contrast',
  'link-in-text-block',
  'scrollable-region-focusable',
  'target-size',
];

/** The faults that axe is sure of, and their places. */
async function violationsOf(page: Page, runOnly: readonly string[]): Promise<string[]> {
  const options = { runOnly, resultTypes: ['violations'] };
  const found = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary ?? ''}`),
  );
}

test('axe finds no fault on any page, wide and narrow, light and dark', {
  timeout: 120_000,
}, async () => {
  const { world, paths } = await furnishedWorld();
  // The policy of the pages forbids foreign scripts. It is switched off here, so that axe can run
  // in them.
  const { page, expectComplaint } = await visit(browser(), world, {
    bypassCSP: true,
    reducedMotion: 'reduce',
  });
  expectComplaint(/404/);
  await page.addInitScript({ content: axe.source });
  const wrong = new Set<string>();
  async function look(path: string): Promise<void> {
    await page.goto(path);
    await page.evaluate(openAll);
    for (const viewport of [wide, narrow]) {
      await page.setViewportSize(viewport);
      const width = await page.evaluate(pageWidth);
      if (width !== viewport.width) wrong.add(`${path} is ${width} wide`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const rules = viewport === wide && colorScheme === 'light' ? tags : rulesOfLook;
        for (const one of await violationsOf(page, rules)) {
          wrong.add(`${path} ${viewport.width} ${colorScheme} ${one}`);
        }
      }
    }
  }
  await look('/sign-in');
  await signIn(page);
  for (const path of [...paths, '/people/nobody']) await look(path);
  expect([...wrong]).toEqual([]);

  // Checks that axe finds faults at all: dark text on dark, and a field without a name.
  await page.evaluate(`document.querySelector('h1').style.color = '#222';
    document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')`);
  const found = (await violationsOf(page, tags)).map((one) => one.split(':')[0]);
  expect(found).toEqual(expect.arrayContaining(['color-contrast', 'label']));
});

test('no page is wider than a phone, in a language with long words', {
  timeout: 60_000,
}, async () => {
  const { world, paths } = await furnishedWorld();
  const { page } = await visit(browser(), world, { viewport: narrow, locale: 'de' });
  await signIn(page);
  for (const path of paths) {
    await page.goto(path);
    await page.evaluate(openAll);
    expect([path, await page.evaluate(pageWidth)]).toEqual([path, narrow.width]);
  }
});

test('every page declares its language and is written in it', { timeout: 60_000 }, async () => {
  const { world, paths } = await furnishedWorld();
  const { page, context } = await visit(browser(), world);
  await signIn(page);
  for (const language of languages) {
    const { frame, overview, invite } = textsIn(language);
    const headers = { 'accept-language': language };
    const textOf = async (path: string) => (await context.request.get(path, { headers })).text();
    for (const path of paths) {
      const page = await textOf(path);
      expect(page).toContain(`<html lang="${language}">`);
      for (const phrase of [
        frame.overview,
        frame.invitations,
        frame.people,
        frame.invite,
        frame.health,
      ]) {
        expect(page).toMatch(new RegExp(`<nav[^]*>${phrase}</a>[^]*</nav>`));
      }
      // A text that is missing, or a function that was not called, would show as one of these.
      expect(page).not.toMatch(/\bundefined\b|\[object|\bNaN\b|=&gt;/);
    }
    expect(await textOf('/')).toContain(overview.attention);
    expect(await textOf('/invite')).toContain(`<h1>${invite.title}</h1>`);
  }
});

test('another chosen language stays, on this page and after signing out', async () => {
  const { page } = await signedIn(browser());
  await page.goto('/people?state=waiting');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.waitForURL('**/people?state=waiting');
  const de = textsIn('de' satisfies Language);
  await page.getByRole('button', { name: de.frame.signOut }).click();
  await page.getByRole('button', { name: de.signIn.button }).waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('de');
});

test.each([
  ['Asia/Kathmandu', 'GMT+5:45'],
  ['America/St_Johns', 'GMT-3:30'],
])(
  'times are those of %s, where the browser is, and the title has the exact time',
  async (timezoneId, offset) => {
    const { page, world } = await visitWorld(browser(), { context: { timezoneId } });
    await signIn(page);
    const { invitationId } = await inviteAndRegister(world, 'ann@example.com');
    await page.goto(`/invitations/${invitationId}`);
    // Chromium and Node know the older spelling of the zone.
    await page.getByText(`Times in ${timezoneId.replace('Kathm', 'Katm')}.`).waitFor();
    const time = page.locator('.timeline time').first();
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const { json } = await world.api('GET', `/api/invitations/${invitationId}`);
    expect(at.toISOString()).toBe(json.timeline[0].at);
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: timezoneId,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }).format(at);
    expect(await time.innerText()).toContain(clock.slice(0, 5));
    expect(await time.getAttribute('title')).toContain(clock);
    expect(await time.getAttribute('title')).toContain(offset);
  },
);

test('a chart can be understood without seeing it: it has a name, and its figures are a table', async () => {
  const { page, world } = await signedIn(browser());
  await inviteAndRegister(world, 'ann@example.com');
  await page.goto('/?days=7');
  await page.getByRole('img', { name: 'Invited: 1 in the last 7 days' }).waitFor();
  await page.locator('#day-figures summary').click();
  await page.locator('#day-figures').getByRole('columnheader', { name: 'Welcomed' }).waitFor();
  expect(await page.locator('#day-figures tbody tr').count()).toBe(7);
  expect(await page.locator('main svg[role="img"]').count()).toBe(3);
});
