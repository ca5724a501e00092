import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  call,
  delivered,
  inviteByEmail,
  openLink,
  portalForTest,
  receiverForTest,
  registerWebhook,
} from './support.ts';

/** One small story on real portals whose clocks, or whose server's clocks, stand elsewhere. */
type Observed = {
  readonly portalTimeZone: string;
  readonly serverTimeZone: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly registered: string;
  readonly deliveries: readonly {
    readonly at: string;
    readonly answered: number;
    readonly body: string;
  }[];
};
const file = new URL('../recordings/sequence/observed.json', import.meta.url);
const observed: Readonly<Record<string, Observed>> = JSON.parse(readFileSync(file, 'utf8'));

/** Every date of `json` by its path, cut to the minute; what is finer only by its form. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes
function datesOf(json: any, path = ''): Record<string, string> {
  if (typeof json === 'string') {
    const read = /^(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(json);
    if (read === null) return {};
    const [, minute, fraction = '', zone = ''] = read;
    const form = /^\.0+$/.test(fraction) ? fraction : fraction && '.n';
    return { [path]: `${minute}${form}${zone}` };
  }
  if (typeof json !== 'object' || json === null) return {};
  const parts = Object.entries(json).map(([name, value]) => datesOf(value, `${path}/${name}`));
  return Object.assign({}, ...parts);
}

describe.each(['utc8', 'utc-5', 'srv-5'])('a portal at %s', (label) => {
  const seen = observed[`timeZone ${label}`];
  if (seen === undefined) throw new Error(`Nothing was observed at ${label}.`);
  const answerTo = (start: string) => {
    const found = Object.entries(seen.answers).find(([path]) => path.startsWith(start));
    if (found === undefined) throw new Error(`Nothing was observed of ${start}.`);
    return JSON.parse(found[1]).response;
  };
  const bodies = seen.deliveries.filter(({ answered }) => answered === 200);

  test('prints every date as a real one there', async () => {
    const event = (email: string, index = 0) =>
      bodies.map(({ body }) => JSON.parse(body)).filter((body) => body.payload.email === email)[
        index
      ];
    const at = (text: string) => Date.parse(text);
    let now = at(event('tz@example.com').payload.createDate);
    const portal = await portalForTest({
      timeZone: seen.portalTimeZone,
      serverTimeZone: seen.serverTimeZone,
      now: () => now,
    });
    const receiver = await receiverForTest();
    const failsOnce = JSON.parse(seen.deliveries[0]?.body ?? '').event.trigger;
    let hasFailed = false;
    receiver.answer = ({ json }) => {
      if (hasFailed || json?.event.trigger !== failsOnce) return 200;
      hasFailed = true;
      return 500;
    };
    await registerWebhook({ portal, receiver });
    portal.control.pauseDeliveries();
    const link = await openLink(portal);
    const form = { email: 'tz@example.com', firstName: 'Anna', lastName: 'Example' };
    const userId = portal.control.register({ link, ...form });
    now = at(event('tzi@example.com').payload.createDate);
    await inviteByEmail(portal, 'tzi@example.com');
    portal.control.resumeDeliveries();
    await delivered(portal, 'two came');
    now = at(event('tz@example.com', 1).payload.lastModified);
    portal.control.pauseDeliveries();
    portal.control.confirmEmail(userId);
    portal.control.disable(userId, { withDate: true });
    now = at(seen.deliveries.at(-1)?.at ?? '');
    portal.control.resumeDeliveries();
    await delivered(portal, 'one was disabled');

    const paths = [
      [`portal/users/${userId}`, 'portal/users/'],
      [`people/${userId}`, 'people/'],
      ['people/email?email=tzi@example.com', 'people/email'],
      ['settings/webhook', 'settings/webhook'],
      ['settings/webhooks/log', 'settings/webhooks/log'],
    ] as const;
    for (const [path, start] of paths) {
      const { json } = await call(portal, { path });
      expect.soft(datesOf(json.response), path).toEqual(datesOf(answerTo(start)));
    }
    const arrived = receiver.received.filter(
      ({ json }, index, all) =>
        !all.slice(index + 1).some((later) => later.json.event.id === json.event.id),
    );
    expect(arrived).toHaveLength(bodies.length);
    for (const email of ['tz@example.com', 'tzi@example.com']) {
      const sent = arrived.filter(({ json }) => json.payload.email === email);
      sent.forEach(({ json }, index) => {
        expect
          .soft(datesOf(json), `event ${index} of ${email}`)
          .toEqual(datesOf(event(email, index)));
      });
    }
    const { json: key } = await call(portal, { path: 'keys/@self' });
    const { expiresAt: _, ...keyDates } = answerTo('keys/@self');
    expect.soft(datesOf(key.response)).toEqual(datesOf(keyDates));
    const { json: settings } = await call(portal, { path: 'settings' });
    expect(settings.response).toMatchObject(seen.answers['settings'] ?? {});
  });
});
