import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fate, startMailServer } from '../channels/support.ts';
import { runVerb } from '../cli/support.ts';
import { expectNothingLost, prepareStage, testTimeoutMs } from '../faults/stage.ts';
import { createMovableClock } from '../support/clock.ts';
import { serviceEnvironment } from '../support/process.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook, startOn } from '../support/world.ts';
import { linkIn, mailSettings, mailsTo, subjectOf } from './support.ts';

const guests = ['ann', 'ben', 'cleo', 'dora', 'emil'].map((name) => `${name}@example.com`);
const [ann = ''] = guests;
const emil = 'emil@example.com';
const dayMs = 24 * 3_600_000;

test(
  'five guests of a CSV file get a letter, follow its link and are welcomed, a late guest is reminded, and with a kill in the middle nobody gets anything twice',
  async () => {
    let annsFate: Fate = 'dot:hang';
    const mail = await startMailServer({ fate: (to) => (to === ann ? annsFate : 'take') });
    const settings = mailSettings(mail);
    const stage = await prepareStage({ settings });
    const killed = await stage.start();
    await registerWebhook(stage.portal, stage.url);

    const file = join(stage.folder, 'guests.csv');
    const rows = guests.map((email) => `${email},es,guest,smtp`);
    writeFileSync(file, ['email,Idioma,type,mode', ...rows, ''].join('\n'));
    const envFile = join(stage.folder, 'verb.env');
    const environment = serviceEnvironment(stage.portal, stage.folder, settings);
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(envFile, lines.join(''));
    const imported = await runVerb(['--env-file', envFile, 'invite', '--csv', file]);
    expect(imported.out + imported.err).toMatch(/5\s+invited/);

    // The mail server has the text of one letter and never answers: then the service is killed.
    await until('the letters of the others are sent', async () => {
      const { json } = await call(stage.url, 'GET', '/api/invitations?letter=sent');
      return json.items.length === 4;
    });
    await until('the text of the hanging letter is there', () => mail.seen.includes(ann));
    await killed.kill();
    annsFate = 'take';

    const clock = createMovableClock();
    const world = await startOn(stage.folder, stage.portal, {
      surroundings: { clock },
      settings: {
        ...settings,
        PORT: new URL(stage.url).port,
        DATABASE_URL: `file:${stage.folder}/welcome.db`,
        INVITE_REMIND_AFTER: '3d',
      },
    });
    const listed = await world.api('GET', '/api/invitations');
    const invitations: { id: string; email: string; letter: string }[] = listed.json.items;
    const letterOf = (email: string) => invitations.find((one) => one.email === email);
    expect(guests.map((email) => letterOf(email)?.letter)).toEqual([
      'unknown',
      ...Array.from({ length: 4 }, () => 'sent'),
    ]);
    // Only an operator has the letter mailed again of which nobody knows whether it arrived.
    const resent = await world.api('POST', `/api/invitations/${letterOf(ann)?.id}/resend`);
    expect(resent.status, resent.text).toBe(200);
    await until('her letter is there', () => mailsTo(mail, ann).length === 1);

    const come = (email: string) => {
      const [letter] = mailsTo(mail, email);
      expect(subjectOf(letter)).toContain('Su acceso como invitado');
      const { control } = stage.portal;
      const link = linkIn(letter);
      const userId = control.register({ link, email, firstName: 'Ann', lastName: 'Lee' });
      control.confirmEmail(userId);
    };
    const welcomedAre = (count: number) =>
      until(`${count} are welcomed`, async () => {
        const { json } = await world.api('GET', '/api/stats');
        return json.members.welcomed === count;
      });
    for (const email of guests.filter((one) => one !== emil)) come(email);
    await welcomedAre(4);
    clock.move(3 * dayMs);
    await until('the late guest is reminded', () => mailsTo(mail, emil).length === 2);
    expect(subjectOf(mailsTo(mail, emil)[1])).toContain('sigue abierta');
    come(emil);
    await welcomedAre(5);

    expect(guests.map((email) => mailsTo(mail, email).length)).toEqual([2, 2, 2, 2, 3]);
    expect(guests.map((email) => subjectOf(mailsTo(mail, email).at(-1)))).toEqual(
      guests.map(() => expect.stringMatching(/welcome/i)),
    );
    expect(mail.seen.filter((to) => to === ann)).toHaveLength(3);
    expectNothingLost(stage);
  },
  testTimeoutMs,
);
