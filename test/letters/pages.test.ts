import { expect, test } from 'vitest';
import { en } from '../../src/dashboard/locales/en.ts';
import { type Fate, startMailServer } from '../channels/support.ts';
import { ask, form, signIn } from '../dashboard/hostile-support.ts';
import { startWorld, type World } from '../support/world.ts';
import { letterBecomes, mailsTo, startMailWorld } from './support.ts';

async function pagesOf(world: World) {
  const cookie = await signIn(world);
  /** The message for the next page is in a cookie, as a browser would keep it. */
  let message = '';
  const headers = () => ({ ...form, cookie: `${cookie}; ${message}` });
  return {
    page: (path: string) => ask(world, 'GET', path, { headers: headers() }),
    async send(path: string, fields: Record<string, string> = {}) {
      const body = new URLSearchParams(fields).toString();
      const answer = await ask(world, 'POST', path, { headers: headers(), body });
      message = answer.cookie ?? '';
      return answer;
    },
  };
}

const byLetter = /<input[^>]*name="mode"[^>]*value="smtp"[^>]*>/;
const byLink = /<input[^>]*name="mode"[^>]*value="link"[^>]*>/;
const lee = { addresses: 'lee@example.com', employeeType: 'Guest', mode: 'smtp' };

test('with a mail server the invite form offers the letter first, and the pages show its state and send it again', async () => {
  let fate: Fate = 'rcpt:550';
  const mail = await startMailServer({ fate: () => fate });
  const world = await startMailWorld(mail, { settings: { INVITE_REMIND_AFTER: '3d' } });
  const { page, send } = await pagesOf(world);
  const { text } = await page('/invite');
  expect(byLetter.exec(text)?.[0]).toContain('checked');
  expect(text.search(byLetter)).toBeLessThan(text.search(byLink));

  const wrong = await send('/invite', { ...lee, addresses: '"a b"@example.com', language: 'xx' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain(en.invite.badLanguage);
  expect(wrong.text).toContain('is not an e-mail address');
  expect((await send('/invite', { ...lee, addresses: '' })).text).toContain(
    en.invite.mailNeedsAddress,
  );

  expect((await send('/invite', { ...lee, language: 'de' })).status).toBe(303);
  const { json } = await world.api('GET', '/api/invitations');
  const [{ id }] = json.items;
  await letterBecomes(world, id, 'refused');
  expect((await page('/')).text).toContain(en.overview.lettersRefused('1', true));
  const listed = await page('/invitations?status=issued&letter=refused');
  expect(listed.text).toContain(en.words.letters.refused);
  expect((await page(`/invitations/${id}`)).text).toContain(en.next.letter.refused);
  fate = 'take';
  expect((await send(`/invitations/${id}/resend`)).status).toBe(303);
  expect((await page(`/invitations/${id}`)).text).toContain(en.done.letterAgain);
  await letterBecomes(world, id, 'sent');
  expect((await page(`/invitations/${id}`)).text).toContain('The next reminder is due');
  expect(mailsTo(mail, 'lee@example.com')).toHaveLength(1);
});

test('without one the choice is disabled with the reason, and a form that chooses it anyway invites nobody', async () => {
  const world = await startWorld();
  const { page, send } = await pagesOf(world);
  const { text } = await page('/invite');
  expect(byLetter.exec(text)?.[0]).toContain('disabled');
  expect(text).toContain(en.invite.noMail);
  const answer = await send('/invite', lee);
  expect([answer.status, answer.text.includes(en.invite.noMail)]).toEqual([422, true]);
  expect((await world.api('GET', '/api/invitations')).json.items).toEqual([]);
});
