import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerWebhook } from '../../simulator/admin.ts';
import { systemClock } from '../../src/clock.ts';
import { messagesIn } from '../../src/messages/render.ts';
import { ask, signIn } from '../dashboard/hostile-support.ts';
import { createMovableClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import {
  deliveriesOut,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
  type WorldOptions,
  webhookSecret,
} from '../support/world.ts';

const path = '/webhooks/docspace';

async function reconcile(world: World) {
  return (await world.api('POST', '/api/reconcile')).json;
}

async function webhookHealth(world: World): Promise<string> {
  return (await world.api('GET', '/readyz')).json.webhook.code;
}

/** The server at PUBLIC_URL. It answers HEAD with 200 and POST with a status. */
async function startReceiver(status: number) {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(incoming.method === 'HEAD' ? 200 : status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // `listen` got a host and port, so this is a TCP address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A service whose webhook was created by `webhook register`, which stores its id. */
async function startRegistered(options: WorldOptions = {}) {
  const world = await startWorld(options);
  const [webhook] = world.portal.control.webhooks();
  if (!webhook) throw new Error('the portal has no webhook');
  const { id, uri } = webhook;
  await world.service.store.setValue('webhook', JSON.stringify({ id, uri, repairs: 0 }));
  const current = () => world.portal.control.webhooks().find((one) => one.id === id);
  return { world, id, uri, current };
}

describe('the repair of the webhook', () => {
  test('a disabled webhook is enabled again, and /readyz shows it after the same run', async () => {
    const { world, id, current } = await startRegistered();
    world.portal.control.disableWebhook(id);
    await reconcile(world);
    expect(current()).toMatchObject({ enabled: true });
    expect(await webhookHealth(world)).toBe('webhook_registered');
  });

  test('a webhook that was disabled is "wrong" at the next run, until it is enabled again', async () => {
    const { world, id } = await startRegistered();
    world.portal.control.disableWebhook(id);
    world.portal.control.interfere({
      on: ({ method, path }) => method === 'PUT' && path.endsWith('/settings/webhook'),
      act: { kind: 'answer', status: 400 },
    });
    await reconcile(world);
    expect(await webhookHealth(world)).toBe('webhook_disabled');
  });

  test('while the portal delivers, a repair waits for its retries and is written again', async () => {
    const clock = createMovableClock();
    const { world, id, current } = await startRegistered({
      surroundings: { clock },
      portal: { retryDelaysMs: [2_000] },
    });
    const { control } = world.portal;
    // A proxy refuses the delivery, so that the portal tries again.
    const uri = `${await startReceiver(503)}${path}`;
    await registerWebhook(world.portal, { name: 'other', uri, secretKey: webhookSecret });
    const other = control.webhooks().find((one) => one.uri === uri);
    await world.service.store.setValue(
      'webhook',
      JSON.stringify({ id: other?.id, uri, repairs: 0 }),
    );
    control.addUser({ email: 'ann@example.com', how: 'admin' });
    await until('the first attempt has failed', () => control.journal().length >= 2);
    control.disableWebhook(other?.id ?? 0);
    await reconcile(world);
    expect(await webhookHealth(world)).toBe('webhook_waiting');
    await deliveriesOut(world);
    clock.move(46_000);
    await until('the repair was checked again', async () =>
      ['webhook_registered', 'deliveries_arrive'].includes(await webhookHealth(world)),
    );
    expect(control.webhooks().find((one) => one.id === other?.id)).toMatchObject({ enabled: true });
    expect(current()).toMatchObject({ id });
  });

  test('a repair that the portal refuses to write again is tried every five minutes until it is written', async () => {
    const clock = createMovableClock();
    const { world, id, uri } = await startRegistered({ surroundings: { clock } });
    // It was repaired while the portal delivered. The webhook looks right, but its secret may be wrong.
    // The portal has refused it several times, so a repair of a visible fault would wait for hours.
    const repaired = { id, uri, repairs: 1, refusals: 5, lookAgainAt: clock.now() };
    await world.service.store.setValue('webhook', JSON.stringify(repaired));
    const lift = world.portal.control.interfere({
      on: ({ method, path }) => method === 'PUT' && path.endsWith('/settings/webhook'),
      act: { kind: 'answer', status: 400 },
    });
    await reconcile(world);
    expect(await webhookHealth(world)).toBe('webhook_waiting');
    lift();
    clock.move(5 * 60_000 + 1_000);
    await until('the repair was written again', () =>
      world.log.some((line) => line.includes('the repair was written again')),
    );
    expect(await webhookHealth(world)).toBe('webhook_registered');
  });

  test('a repair is not taken for a missing webhook if the list cannot be read behind it', async () => {
    const { world, id, current } = await startRegistered();
    world.portal.control.disableWebhook(id);
    let isWritten = false;
    const lift = world.portal.control.interfere({
      on({ method, path }) {
        const isRead = isWritten && method === 'GET' && path.endsWith('/settings/webhook');
        isWritten ||= method === 'PUT';
        return isRead;
      },
      act: { kind: 'answer', status: 400 },
    });
    await reconcile(world);
    expect(current()).toMatchObject({ enabled: true });
    expect(await webhookHealth(world)).toBe('webhook_disabled');
    expect(world.log.join('\n')).not.toContain('did not keep');
    lift();
    await reconcile(world);
    expect(await webhookHealth(world)).toBe('webhook_registered');
  });

  test('failed repairs are tried again at growing intervals, each with its cause in the log', async () => {
    const clock = createMovableClock();
    const { world, id, current } = await startRegistered({ surroundings: { clock } });
    world.portal.control.disableWebhook(id);
    const lift = world.portal.control.interfere({
      on: ({ method, path }) => method === 'PUT' && path.endsWith('/settings/webhook'),
      act: { kind: 'answer', status: 400 },
    });
    const tries = () => world.log.filter((line) => line.includes('refused the repair')).length;
    const triedAtRun: number[] = [];
    for (let run = 0; run < 16; run += 1) {
      const before = tries();
      await reconcile(world);
      if (tries() > before) triedAtRun.push(run);
      clock.move(300_000);
    }
    expect(triedAtRun).toEqual([0, 1, 3, 7, 15]);
    expect(world.log.findLast((line) => line.includes('refused the repair'))).toContain('400');
    lift();
    clock.move(6 * 3_600_000);
    await reconcile(world);
    expect(current()).toMatchObject({ enabled: true });
  });

  test('a webhook that was disabled twice after a repair is only reported', async () => {
    const { world, id, current } = await startRegistered();
    for (let n = 0; n < 3; n += 1) {
      world.portal.control.disableWebhook(id);
      await reconcile(world);
    }
    expect(current()).toMatchObject({ enabled: false });
    expect(await webhookHealth(world)).toBe('webhook_disabled');
  });

  test('a webhook of another account is named in the log and never changed', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control, url } = world.portal;
    const stranger = control.addAccount({ email: 'x@portal.example', type: 'DocSpaceAdmin' });
    const uri = `${world.service.url}${path}`;
    const secretKey = webhookSecret;
    const id = await registerWebhook({ url, apiKey: stranger.apiKey }, { uri, secretKey });
    await world.service.store.setValue('webhook', JSON.stringify({ id, uri, repairs: 0 }));
    control.disableWebhook(id);
    const before = control.webhooks();
    await reconcile(world);
    expect(control.webhooks()).toEqual(before);
    expect(await webhookHealth(world)).toBe('webhook_of_other_account');
    expect(world.log.join('')).toContain(stranger.userId);
  });
});

describe('the webhook whose journal is read', () => {
  test.each(['UTC', 'Asia/Taipei', 'America/New_York'])(
    'deliveries that fail from the start are read from the journal of our webhook (portal at %s)',
    async (timeZone) => {
      const publicUrl = await startReceiver(404);
      const world = await startWorld({
        withWebhook: false,
        portal: { timeZone },
        settings: { PUBLIC_URL: publicUrl },
      });
      // As a person may type it, with one slash too many.
      const uri = `${publicUrl}${path}/`;
      await registerWebhook(world.portal, { uri, secretKey: webhookSecret });
      const { userId } = await inviteAndRegister(world, 'ann@example.com');
      world.portal.control.confirmEmail(userId);
      await deliveriesOut(world);
      const report = await reconcile(world);
      expect(report.parts[0]).toMatchObject({ part: 'journal', lookedAt: 2, found: 2 });
      await memberBecomes(world, userId, 'welcomed');
      expect((await reconcile(world)).parts[0]).toMatchObject({ part: 'journal', lookedAt: 0 });
    },
  );

  test('is never one of another account with the same address', async () => {
    const publicUrl = await startReceiver(404);
    const world = await startWorld({ withWebhook: false, settings: { PUBLIC_URL: publicUrl } });
    const { control, url } = world.portal;
    const { apiKey } = control.addAccount({ email: 'x@portal.example', type: 'DocSpaceAdmin' });
    const uri = `${publicUrl}${path}`;
    await registerWebhook({ url, apiKey }, { uri, secretKey: 'Their-Secret-12' });
    control.addUser({ email: 'ann@example.com', how: 'admin' });
    await deliveriesOut(world);
    const { parts } = await reconcile(world);
    expect(parts.map((one: { part: string }) => one.part)).not.toContain('journal');
  });
});

describe('/readyz', () => {
  test('reports a run without an answer of the portal at once', async () => {
    const world = await startWorld({ withWebhook: false });
    await reconcile(world);
    expect((await world.api('GET', '/readyz')).json.portal.code).toBe('answers');
    await world.portal.stop();
    await reconcile(world);
    const ready = await world.api('GET', '/readyz');
    expect([ready.status, ready.json.portal.code]).toEqual([503, 'portal_unavailable']);
  });

  test('names an invalid key, and recovers when a key works again', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    await reconcile(world);
    world.portal.control.switchKey(world.portal.apiKey, false);
    expect((await reconcile(world)).interrupted.code).toBe('portal_rejects_credentials');
    const ready = await world.api('GET', '/readyz');
    expect([ready.status, ready.json.portal.code]).toEqual([503, 'key_rejected']);
    expect(world.log.findLast((line) => line.includes('reconciliation was interrupted'))).toContain(
      '"level":"warn"',
    );
    world.portal.control.switchKey(world.portal.apiKey, true);
    clock.move(61_000);
    await until('the portal is asked again by itself', async () => {
      return (await world.api('GET', '/readyz')).json.portal.code === 'answers';
    });
  });

  test.each([
    [13, 'key_expires_soon', true],
    [15, 'answers', false],
  ])('warns about a key that expires in %i days: %s', async (days, code, isShown) => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { control, accountId } = world.portal;
    const expiresAt = Date.now() + days * 86_400_000;
    const apiKey = control.addKey(accountId, { expiresAt });
    const later = await world.restart({ DOCSPACE_API_KEY: apiKey });
    await reconcile(later);
    const ready = await later.api('GET', '/readyz');
    expect([ready.status, ready.json.portal.code]).toEqual([200, code]);
    const { text } = await later.api('GET', '/metrics');
    const seconds = Number(/\ndocspace_welcome_api_key_expires_seconds (\S+)/.exec(text)?.[1]);
    expect(Math.round(seconds / 86_400)).toBe(days);
    // A pause by an operator is no reason to hide this.
    await later.api('POST', '/api/pause');
    const headers = { cookie: await signIn(later), 'accept-language': 'en' };
    const overview = (await ask(later, 'GET', '/', { headers })).text;
    expect(overview.includes(messagesIn('en').health.key_expires_soon)).toBe(isShown);
  });

  test('warns if the portal refuses only the poll, because members are still checked', async () => {
    const world = await startWorld({ withWebhook: false, surroundings: { clock: systemClock } });
    world.portal.control.interfere({
      on: ({ path }) => path.includes('people/filter'),
      act: { kind: 'answer', status: 400 },
    });
    await reconcile(world);
    const ready = await world.api('GET', '/readyz');
    expect([ready.status, ready.json.portal.code]).toEqual([200, 'portal_refused_a_run']);
  });
});
