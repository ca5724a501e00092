import { renameSync } from 'node:fs';
import { type ParsedMail, simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { type Fate, type MailServer, startMailServer } from '../channels/support.ts';
import { createMovableClock, type MovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const admin = 'it@example.com';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const dashboard = 'https://welcome.example.com';

type Stage = { world: World; readonly mail: MailServer; readonly clock: MovableClock };

/** A whole service with a mail server and a clock that can be moved. */
async function startStage(
  given: {
    readonly fate?: (to: string) => Fate;
    readonly settings?: Readonly<Record<string, string>>;
  } = {},
): Promise<Stage> {
  const clock = createMovableClock();
  const mail = await startMailServer({ fate: given.fate ?? (() => 'take') });
  const world = await startWorld({
    portal: { now: clock.now, rateLimits: {} },
    surroundings: { clock },
    settings: {
      SMTP_URL: `${mail.url}?tls=insecure`,
      WELCOME_FROM: 'Example Office <office@example.com>',
      NOTIFY_EMAIL: admin,
      NOTIFY_DIGEST: 'off',
      PUBLIC_URL: dashboard,
      ...given.settings,
    },
  });
  return { world, mail, clock };
}

/** Lets time pass, until the notices have looked at everything again twice. */
async function pass({ world, clock }: Stage, ms: number): Promise<void> {
  const { store } = world.service;
  let looks = 0;
  const original = store.listMembers;
  Object.assign(store, {
    listMembers: (...given: Parameters<typeof original>) => {
      if (given[0].state === 'unknown') looks += 1;
      return original(...given);
    },
  });
  clock.move(ms);
  // The second look begins after the first one and its mails have ended.
  await until('the notices looked twice', () => {
    if (looks < 2) clock.move(5_000);
    return looks >= 2;
  });
  Object.assign(store, { listMembers: original });
}

async function noticesTo(mail: MailServer, to = admin): Promise<ParsedMail[]> {
  const raw = mail.received.filter((one) => one.to === to).map((one) => one.raw);
  return Promise.all(raw.map((one) => simpleParser(one)));
}

/** Waits until the admin has so many notices. Time passes by itself. */
async function noticesAre(stage: Stage, count: number): Promise<ParsedMail[]> {
  await pass(stage, 2 * minuteMs);
  const found = await noticesTo(stage.mail);
  expect(found.map(({ subject }) => subject)).toHaveLength(count);
  return found;
}

async function comes({ world }: Stage, email: string, state: string): Promise<string> {
  const { userId } = await inviteAndRegister(world, email);
  world.portal.control.confirmEmail(userId);
  await memberBecomes(world, userId, state);
  await deliveriesOut(world);
  return userId;
}

test('a refused letter of an invitation is told with the way to its page, and sending it again settles that', async () => {
  let fate: Fate = 'rcpt:550';
  const stage = await startStage({ fate: (to) => (to === 'ann@example.com' ? fate : 'take') });
  const body = { employeeType: 'Guest', mode: 'smtp', email: 'ann@example.com' };
  const { json } = await stage.world.api('POST', '/api/invitations', body);
  const letterIs = (letter: string) =>
    until(`the letter is ${letter}`, async () => {
      const found = await stage.world.api('GET', `/api/invitations/${json.id}`);
      return found.json.letter === letter;
    });
  await letterIs('refused');
  await pass(stage, 30_000);
  const [told] = await noticesAre(stage, 1);
  expect(told?.text).toContain('The letter to ann@example.com was refused');
  expect(told?.text).toContain(`${dashboard}/invitations/${json.id}`);
  fate = 'take';
  await stage.world.api('POST', `/api/invitations/${json.id}/resend`);
  await letterIs('sent');
  await noticesAre(stage, 1);
  await pass(stage, hourMs);
  const [, settled] = await noticesAre(stage, 2);
  expect(settled?.subject).toContain('nothing needs attention any more');
});

test('a failed welcome is told once across restarts, further causes are collected for an hour, and one mail says that all is settled', async () => {
  const refused = new Set(['ann@example.com', 'bob@example.com']);
  const stage = await startStage({ fate: (to) => (refused.has(to) ? 'rcpt:550' : 'take') });
  const host = new URL(stage.world.portal.url).host;
  const ann = await comes(stage, 'ann@example.com', 'failed');
  await pass(stage, 30_000);
  const [first] = await noticesAre(stage, 1);
  expect(first?.subject).toBe(`${host}: 1 thing needs attention`);
  expect(first?.text).toContain('The welcome for ann@example.com failed');
  expect(first?.text).toContain('The mail server refused the recipient (550).');
  expect(first?.text).toContain(`${dashboard}/people/${ann}`);
  expect(first?.html).toContain(`href="${dashboard}/people/${ann}"`);
  expect(first?.headers.get('auto-submitted')).toBe('auto-generated');

  const bob = await comes(stage, 'bob@example.com', 'failed');
  stage.world = await stage.world.restart();
  await pass(stage, 10 * minuteMs);
  await noticesAre(stage, 1);
  await pass(stage, hourMs);
  const [, second] = await noticesAre(stage, 2);
  expect(second?.text).toContain('bob@example.com');
  expect(second?.text).not.toContain('ann@example.com');
  expect(second?.text).toContain('One thing from an earlier e-mail is still open.');

  refused.clear();
  await stage.world.api('POST', '/api/members/retry', {});
  for (const userId of [ann, bob]) await memberBecomes(stage.world, userId, 'welcomed');
  await noticesAre(stage, 2);
  await pass(stage, 15 * minuteMs);
  stage.world = await stage.world.restart();
  await pass(stage, hourMs);
  const [, , last] = await noticesAre(stage, 3);
  expect(last?.subject).toBe(`${host}: nothing needs attention any more`);
  await pass(stage, 2 * hourMs);
  await noticesAre(stage, 3);
  const { text } = await stage.world.api('GET', '/metrics');
  expect(text).toContain('docspace_welcome_notices_total{kind="all_clear",outcome="sent"} 1');
});

test('a mail server that refuses the notices is a warning in /readyz, welcomes go on within their own limit, and the notice is sent when it is accepted', async () => {
  let isRefused = true;
  const stage = await startStage({
    settings: { WELCOME_MAX_PER_HOUR: '2' },
    fate: (to) => (to === 'ann@example.com' || (to === admin && isRefused) ? 'rcpt:550' : 'take'),
  });
  const { world } = stage;
  const health = async () => (await world.api('GET', '/readyz')).json.notices;
  expect(await health()).toMatchObject({ status: 'ok', code: 'notices_on' });
  await comes(stage, 'ann@example.com', 'failed');
  await pass(stage, 30_000);
  await noticesAre(stage, 0);
  expect(await health()).toMatchObject({ status: 'warning', code: 'notice_not_sent' });
  expect((await world.api('GET', '/readyz')).status).toBe(200);
  const { text } = await world.api('GET', '/metrics');
  expect(text).toContain('docspace_welcome_notices_total{kind="attention",outcome="refused"} 1');
  await comes(stage, 'zoe@example.com', 'welcomed');

  isRefused = false;
  await pass(stage, hourMs);
  await noticesAre(stage, 1);
  expect(await health()).toMatchObject({ status: 'ok', code: 'notices_on' });
});

test('a notice whose reply was lost is not sent again', async () => {
  const stage = await startStage({
    fate: (to) => (to === 'ann@example.com' ? 'rcpt:550' : to === admin ? 'dot:drop' : 'take'),
  });
  await comes(stage, 'ann@example.com', 'failed');
  await pass(stage, 30_000);
  await pass(stage, 2 * minuteMs);
  await pass(stage, 2 * hourMs);
  expect(stage.mail.seen.filter((to) => to === admin)).toHaveLength(1);
  const { json } = await stage.world.api('GET', '/readyz');
  expect(json.notices).toMatchObject({ status: 'warning', code: 'notice_unknown' });
});

test('a service that stops while a notice waits for its reply stops in time, and does not send it again', async () => {
  const stage = await startStage({
    fate: (to) => (to === 'ann@example.com' ? 'rcpt:550' : to === admin ? 'dot:hang' : 'take'),
  });
  const sent = () => stage.mail.seen.filter((to) => to === admin);
  await comes(stage, 'ann@example.com', 'failed');
  await pass(stage, 30_000);
  stage.clock.move(minuteMs);
  await until('the mail server has the notice', () => sent().length === 1);
  const stopsAt = performance.now();
  stage.world = await stage.world.restart();
  expect(performance.now() - stopsAt).toBeLessThan(10_000);
  await pass(stage, 2 * hourMs);
  await pass(stage, minuteMs);
  expect(sent()).toHaveLength(1);
});

test('a portal that is away for 15 minutes is told to every admin in the language of the letters, without links if there is no PUBLIC_URL', async () => {
  const other = 'hr@example.com';
  const settings = { NOTIFY_EMAIL: `${admin}, HR <${other}>`, WELCOME_LANGUAGE: 'de' };
  const stage = await startStage({ settings: { ...settings, PUBLIC_URL: '' } });
  await stage.world.portal.stop();
  await stage.world.api('POST', '/api/reconcile');
  await pass(stage, 12 * minuteMs);
  expect(await noticesTo(stage.mail)).toEqual([]);
  await pass(stage, 3 * minuteMs);
  const [notice] = await noticesAre(stage, 1);
  expect(notice?.subject).toContain('Handlungsbedarf in 1 Fall');
  expect(notice?.text).toContain('Das Portal ist nicht erreichbar');
  expect(notice?.html).not.toContain('href=');
  expect(await noticesTo(stage.mail, other)).toHaveLength(1);
});

test('a database that cannot be written is told, although nothing can be stored then', async () => {
  const stage = await startStage();
  const file = stage.world.config.database.name;
  await pass(stage, 30_000);
  renameSync(file, `${file}.away`);
  await pass(stage, 30_000);
  const [notice] = await noticesAre(stage, 1);
  expect(notice?.text).toContain('The database has a problem');
  expect(notice?.text).toContain(`${dashboard}/health`);
  renameSync(`${file}.away`, file);
  await pass(stage, 20 * minuteMs);
  await pass(stage, hourMs);
  await noticesAre(stage, 2);
});

test('the digest says by address who was invited, came, was welcomed and is expected, once for each day since the first start', async () => {
  const stage = await startStage({ settings: { NOTIFY_DIGEST: 'daily' } });
  const zoe = await comes(stage, 'zoe@example.com', 'welcomed');
  const { userId: tom } = await inviteAndRegister(stage.world, 'tom@example.com');
  await memberBecomes(stage.world, tom, 'waiting');
  const invite = (email: string | undefined) =>
    stage.world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
  const { json: kim } = await invite('kim@example.com');
  await invite(undefined);
  await pass(stage, 23 * hourMs);
  await noticesAre(stage, 0);
  await pass(stage, hourMs);
  const [digest] = await noticesAre(stage, 1);
  expect(digest?.subject).toMatch(/: 4 invited, 2 registered, 1 welcomed$/);
  expect(sectionsOf(digest?.text)).toEqual({
    'Invited (4)': ['Open link (Guest)', 'kim@example.com', 'tom@example.com', 'zoe@example.com'],
    'Registered (2)': ['tom@example.com', 'zoe@example.com'],
    'Welcomed (1)': ['zoe@example.com'],
    'Still expected (2)': ['kim@example.com', 'tom@example.com'],
  });
  expect(digest?.text).toContain(`${dashboard}/people/${zoe}`);
  expect(digest?.text).toContain(`${dashboard}/invitations/${kim.id}`);
  expect(digest?.text).not.toContain('/s/');

  stage.world = await stage.world.restart();
  await pass(stage, hourMs);
  await noticesAre(stage, 1);
  await pass(stage, 5 * dayMs);
  const [, later] = await noticesAre(stage, 2);
  expect(sectionsOf(later?.text)).toEqual({
    'Still expected (1)': ['tom@example.com'],
    'Link expires soon (2)': ['Open link (Guest)', 'kim@example.com'],
  });
  expect(later?.text).toMatch(/kim@example\.com\n {2}the link expires on \d+ \w+ \d{4}/);
});

/** The lists of a digest: the titles below each heading, sorted. */
function sectionsOf(text = ''): Record<string, string[]> {
  const sections = [...text.matchAll(/^([^\n]+ \(\d+\))\n\n((?:[- ] [^\n]*\n?)+)/gm)];
  return Object.fromEntries(
    sections.map(([, heading = '', list = '']) => [
      heading,
      [...list.matchAll(/^- (.*)$/gm)].map(([, title = '']) => title).sort(),
    ]),
  );
}
