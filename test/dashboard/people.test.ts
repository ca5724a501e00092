import { expect, test } from 'vitest';
import {
  causeText,
  eventText,
  languages,
  messagesIn,
  reasonLabel,
  reasonText,
} from '../../src/messages/render.ts';
import { draft, now, settle } from '../store/support.ts';
import { inviteAndRegister, memberBecomes, startWorld, type World } from '../support/world.ts';
import { ask, signIn } from './hostile-support.ts';

async function pageOf(world: World, path: string, language = 'en'): Promise<string> {
  const headers = { cookie: await signIn(world), 'accept-language': language };
  const { status, text } = await ask(world, 'GET', path, { headers });
  expect(status).toBe(200);
  return text;
}

/** The addresses in the list of people. */
function listed(page: string): string[] {
  return [...page.matchAll(/<td class="who"><a href="[^"]*">([^<]*)</g)].map(
    ([, who]) => who ?? '',
  );
}

/** Two people who came by an open link, and a person whose address was not the invited one. */
async function peopledWorld(): Promise<{ world: World; openLinkId: string }> {
  const world = await startWorld();
  const { control } = world.portal;
  const invite = async (wish: object) => (await world.api('POST', '/api/invitations', wish)).json;
  const open = await invite({ employeeType: 'User' });
  const own = await invite({ employeeType: 'Guest', email: 'at-work@example.com' });
  const come = async (link: string, email: string, firstName: string, lastName: string) => {
    const userId = control.register({ link, email, firstName, lastName });
    await memberBecomes(world, userId, 'waiting');
    return userId;
  };
  await come(open.link, 'zoe.m@example.com', 'Zoë', 'Müller');
  await come(open.link, 'bob@example.com', 'Bob', 'Stone');
  const stranger = control.register({
    link: own.link,
    email: 'at-home@example.com',
    firstName: 'Ann',
    lastName: 'Home',
  });
  control.confirmEmail(stranger);
  await memberBecomes(world, stranger, 'skipped');
  return { world, openLinkId: open.id };
}

test('a person who came by an open link is found by name, by address, by state and by reason', async () => {
  const { world, openLinkId } = await peopledWorld();
  const found = async (query: Record<string, string>) =>
    listed(await pageOf(world, `/people?${new URLSearchParams(query)}`)).toSorted();

  expect(await found({ q: 'mÜLLER' })).toEqual(['zoe.m@example.com']);
  expect(await found({ q: 'bob@exa' })).toEqual(['bob@example.com']);
  expect(await found({ q: 'nobody' })).toEqual([]);
  expect(await found({ state: 'skipped' })).toEqual(['at-home@example.com']);
  expect(await found({ reason: 'address_not_invited' })).toEqual(['at-home@example.com']);
  expect(await found({ reason: 'address_not_confirmed', q: 'stone' })).toEqual(['bob@example.com']);
  expect(await found({ invitationId: openLinkId })).toEqual([
    'bob@example.com',
    'zoe.m@example.com',
  ]);
});

test('every figure of the overview links to the people behind it', async () => {
  const { world } = await peopledWorld();
  const overview = await pageOf(world, '/');
  const figures = overview.matchAll(
    /<a href="(\/(?:people|invitations)\?(?:state|step|status)=\w+)"/g,
  );
  const paths = [...figures].map(([, path]) => path ?? '');
  expect(paths).toEqual(expect.arrayContaining(['/people?state=waiting', '/people?state=skipped']));
  expect(paths).toEqual(expect.arrayContaining(['/invitations?step=issued']));
  expect(listed(await pageOf(world, '/people?state=waiting'))).toHaveLength(2);
  expect(listed(await pageOf(world, '/invitations?step=issued'))).toEqual(['at-work@example.com']);
  expect(listed(await pageOf(world, '/invitations?step=welcomed'))).toEqual([]);
});

test('who left the portal is counted on the overview, outside of the steps', async () => {
  const world = await startWorld();
  const { userId } = await inviteAndRegister(world, 'ann@example.com');
  world.portal.control.disable(userId);
  await memberBecomes(world, userId, 'gone');
  expect(await pageOf(world, '/')).toContain('<a href="/invitations?status=gone">gone (1)</a>');
  expect(listed(await pageOf(world, '/invitations?status=gone'))).toEqual(['ann@example.com']);
});

/** The addresses on all pages of the step `issued`. */
async function listedInStep(world: World): Promise<string[]> {
  const seen: string[] = [];
  let path: string | undefined = '/invitations?step=issued';
  while (path) {
    const page: string = await pageOf(world, path);
    seen.push(...listed(page));
    path = /href="(\/invitations\?step=issued&amp;cursor=\d+)"/
      .exec(page)?.[1]
      ?.replace('&amp;', '&');
  }
  return seen;
}

test('the list of a step has several pages, without gaps and repetitions', async () => {
  const world = await startWorld({ withWebhook: false });
  const wishes = Array.from({ length: 120 }, (_, i) => ({
    employeeType: 'Guest',
    email: `p${i}@example.com`,
  }));
  await world.api('POST', '/api/invitations', wishes);
  const seen = await listedInStep(world);
  expect(seen).toHaveLength(120);
  expect(new Set(seen).size).toBe(120);
});

test('the list of a step has everybody once, in the order of the list, even if all were invited in the same millisecond', async () => {
  const world = await startWorld({ withWebhook: false });
  const { store } = world.service;
  const addresses = Array.from({ length: 250 }, (_, n) => `p${n}@example.com`);
  for (const [n, email] of addresses.entries()) {
    // An invitation that expired is in the same step as one that was just issued.
    const issuedAt = n % 10 === 0 ? now : Date.now();
    await store.openInvitation(draft(`inv_${n}`, { email, at: now }));
    await settle(store, `inv_${n}`, null, issuedAt);
  }
  expect(await listedInStep(world)).toEqual(addresses.toReversed());
});

test('the pages show reasons, events and health phrases in the language of the viewer', async () => {
  const { world, openLinkId } = await peopledWorld();
  for (const language of languages) {
    const people = await pageOf(world, '/people', language);
    expect(people).toContain(reasonText({ code: 'address_not_confirmed' }, language));
    expect(people).toContain(`>${reasonLabel('mail_recipient_refused', language)}<`);
    const invitation = await pageOf(world, `/invitations/${openLinkId}`, language);
    expect(invitation).toContain(eventText({ event: 'invitation_issued' }, language));
    expect(invitation).toContain(causeText({ kind: 'portal_api' }, language));
    const health = await pageOf(world, '/health', language);
    expect(health).toContain(messagesIn(language).health.deliveries_arrive);
    // Only the button for English is marked as English, and nothing else on a page.
    for (const page of [people, invitation, health]) {
      expect(page.match(/ lang="en"/g)).toHaveLength(language === 'en' ? 2 : 1);
    }
  }
});
