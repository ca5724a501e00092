import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fate, startMailServer } from '../channels/support.ts';
import { runVerb } from '../cli/support.ts';
import { isSigned, startReceiver } from '../events/support.ts';
import { expectNothingLost, prepareStage } from '../faults/stage.ts';
import { createMovableClock } from '../support/clock.ts';
import { serviceEnvironment } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, startOn } from '../support/world.ts';
import { linkIn, mailSettings, mailsTo, subjectOf } from './support.ts';

const names = ['ann', 'emil', ...Array.from({ length: 28 }, (_, index) => `guest${index}`)];
const guests = names.map((name) => `${name}@example.com`);
const [ann = '', emil = ''] = guests;
const prompt = guests.filter((email) => email !== emil);
const dayMs = 24 * 3_600_000;

test('thirty guests of a CSV file get a letter, follow its link and are welcomed, a late guest is reminded, every welcome is told to another program, and with three kills on the way nobody gets anything twice', {
  timeout: 120_000,
}, async () => {
  let annsFate: Fate = 'dot:hang';
  const mail = await startMailServer({ fate: (to) => (to === ann ? annsFate : 'take') });
  const receiver = await startReceiver();
  const settings = { ...mailSettings(mail), ...receiver.settings, INVITE_REMIND_AFTER: '3d' };
  const stage = await prepareStage({ settings });
  const { control } = stage.portal;
  const counts = async () => (await call(stage.url, 'GET', '/api/stats')).json.members;
  const first = await stage.start();
  await registerWebhook(stage.portal, stage.url);

  const file = join(stage.folder, 'guests.csv');
  const rows = guests.map((email) => `${email},es,guest,smtp`);
  writeFileSync(file, ['email,Idioma,type,mode', ...rows, ''].join('\n'));
  const envFile = join(stage.folder, 'verb.env');
  const environment = serviceEnvironment(stage.portal, stage.folder, settings);
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(envFile, lines.join(''));
  const imported = await runVerb(['--env-file', envFile, 'invite', '--csv', file]);
  expect(imported.out + imported.err).toMatch(/30\s+invited/);

  // The mail server has the text of one letter and never answers. Then the service is killed.
  await until('the letters of the others are sent', async () => {
    const { json } = await call(stage.url, 'GET', '/api/invitations?letter=sent');
    return json.items.length === prompt.length;
  });
  await until('the text of the hanging letter is there', () => mail.seen.includes(ann));
  await first.kill();
  annsFate = 'take';

  const second = await stage.start();
  const { json: held } = await call(stage.url, 'GET', '/api/invitations?letter=unknown');
  expect(held.items.map((one: { email: string }) => one.email)).toEqual([ann]);
  // Only an operator has the letter mailed again of which nobody knows whether it arrived.
  const resent = await call(stage.url, 'POST', `/api/invitations/${held.items[0].id}/resend`);
  expect(resent.status, resent.text).toBe(200);
  await until('her letter is there', () => mailsTo(mail, ann).length === 1);
  const register = (email: string) => {
    const [letter] = mailsTo(mail, email);
    expect(subjectOf(letter)).toContain('Su acceso como invitado');
    return control.register({ link: linkIn(letter), email, firstName: 'Ann', lastName: 'Lee' });
  };
  const userIds = prompt.map(register);
  await second.kill();

  const third = await stage.start();
  for (const userId of userIds) control.confirmEmail(userId);
  await until('some are welcomed', async () => ((await counts()).welcomed ?? 0) >= 5);
  await third.kill();

  const clock = createMovableClock();
  await startOn(stage.folder, stage.portal, {
    surroundings: { clock },
    settings: {
      ...settings,
      PORT: new URL(stage.url).port,
      DATABASE_URL: `file:${stage.folder}/welcome.db`,
    },
  });
  await until('everybody who came is welcomed, or nobody knows', async () => {
    const { welcomed = 0, unknown = 0 } = await counts();
    return welcomed + unknown === prompt.length;
  });
  // The operator asks those whose welcome was on its way during the kill.
  const { json: open } = await call(stage.url, 'GET', '/api/members?state=unknown');
  for (const { userId, email } of open.items) {
    const outcome = mailsTo(mail, email).length === 2 ? 'sent' : 'retry';
    await call(stage.url, 'POST', `/api/members/${userId}/resolve`, { outcome });
  }
  await until('all are welcomed', async () => (await counts()).welcomed === prompt.length);
  clock.move(3 * dayMs);
  await until('the late guest is reminded', () => mailsTo(mail, emil).length === 2);
  expect(subjectOf(mailsTo(mail, emil)[1])).toContain('sigue abierta');
  control.confirmEmail(register(emil));
  await until('the late guest is welcomed', async () => (await counts()).welcomed === 30);

  expect(guests.map((email) => mailsTo(mail, email).length)).toEqual(
    guests.map((email) => (email === emil ? 3 : 2)),
  );
  expect(guests.map((email) => subjectOf(mailsTo(mail, email).at(-1)))).toEqual(
    guests.map(() => expect.stringMatching(/welcome/i)),
  );
  const told = () => receiver.accepted().filter(({ type }) => type === 'member.welcomed');
  await until('every welcome is told', () => new Set(told().map(({ id }) => id)).size === 30);
  expect(new Set(told().map(({ data }) => data.email))).toEqual(new Set(guests));
  expect(receiver.accepted().every(isSigned)).toBe(true);
  await expectNothingLost(stage);
});
