import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerWebhook as registerByHand } from '../../simulator/admin.ts';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import { createPortalClient } from '../../src/docspace/client.ts';
import { leadsTo, registerWebhook } from '../../src/reconciliation/webhook-registration.ts';
import { createMovableClock } from '../support/clock.ts';
import { startPortal } from '../support/portal.ts';

const secret = 'Docspace-Webhook-1';
const path = '/webhooks/docspace';

/** A portal, and a receiver that answers HEAD with 200 and POST as it is told. */
async function openStage(options: PortalOptions = {}, account: { readonly apiKey?: string } = {}) {
  const portal = await startPortal({ queuePauseMs: 5, retryDelaysMs: [20, 20, 200], ...options });
  onTestFinished(() => portal.stop());
  let status = 200;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(incoming.method === 'HEAD' ? 200 : status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // `listen` was called with an address, so it is one of TCP.
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const clock = createMovableClock();
  const waits: number[] = [];
  const register = async (apiKey = account.apiKey ?? portal.apiKey) => {
    const client = createPortalClient({
      origin: portal.url,
      apiKey,
      concurrency: 1,
      timeoutMs: 5_000,
      clock,
      random: Math.random,
    });
    const onWaiting = (ms: number) => {
      waits.push(ms);
      void idle(portal).then(() => clock.move(ms));
    };
    return registerWebhook({ client, uri, secret, clock, onWaiting }).finally(client.close);
  };
  return {
    portal,
    uri,
    waits,
    register,
    answerWith: (wanted: number) => {
      status = wanted;
    },
  };
}

function idle(portal: Portal): Promise<void> {
  return portal.control.deliveriesIdle({ deadlineMs: 8_000, label: 'the retries are over' });
}

describe('whose webhook is changed', () => {
  test.each(['User', 'RoomAdmin', 'DocSpaceAdmin'] as const)(
    'a webhook with our address that a %s made is named and not touched',
    async (type) => {
      const stage = await openStage();
      const { control, url } = stage.portal;
      const stranger = control.addAccount({ email: `x@portal.example`, type });
      const triggers = type === 'User' ? 12 : 15;
      const id = await registerByHand(
        { url, apiKey: stranger.apiKey },
        { name: 'theirs', uri: stage.uri, secretKey: 'Their-Secret-12', triggers },
      );
      const before = control.webhooks().find((one) => one.id === id);
      const result = await stage.register();
      expect(result).toMatchObject({ kind: 'registered', isNew: true });
      expect(result.kind === 'registered' && result.others.map((one) => one.createdBy?.id)).toEqual(
        [stranger.userId],
      );
      expect(control.webhooks().find((one) => one.id === id)).toEqual(before);
    },
  );

  test('a stranger’s webhook with the same name does not keep ours from being made', async () => {
    const stage = await openStage();
    const { control, url } = stage.portal;
    const { apiKey } = control.addAccount({ email: 'x@portal.example', type: 'DocSpaceAdmin' });
    const secretKey = 'Their-Secret-12';
    await registerByHand({ url, apiKey }, { name: 'docspace-welcome', uri: stage.uri, secretKey });
    expect(await stage.register()).toMatchObject({ kind: 'registered', isNew: true });
    expect(await stage.register()).toMatchObject({ kind: 'registered', isNew: false });
  });

  test.each(['User', 'RoomAdmin', 'Guest'] as const)(
    'the key of a %s is refused, and the reason is the role',
    async (type) => {
      const stage = await openStage();
      const { apiKey } = stage.portal.control.addAccount({ email: 'x@portal.example', type });
      expect(await stage.register(apiKey)).toEqual({ kind: 'role_too_low', role: type });
      expect(stage.portal.control.webhooks()).toEqual([]);
    },
  );

  test.each([
    ['https://welcome.example.com/webhooks/docspace', true],
    ['https://welcome.example.com/webhooks/docspace/', true],
    ['https://welcome.example.com//webhooks/docspace', true],
    ['https://WELCOME.example.com:443/webhooks/docspace', true],
    ['http://welcome.example.com/webhooks/docspace', false],
    ['https://welcome.example.com/x/webhooks/docspace', false],
    ['https://welcome.example.com.evil.example/webhooks/docspace', false],
  ])('%s is our address: %s', (uri, is) => {
    expect(leadsTo(uri, 'https://welcome.example.com/webhooks/docspace')).toBe(is);
  });
});

describe('what the portal makes of it', () => {
  test('POST ignores ssl and enabled: both are read back and corrected', async () => {
    const stage = await openStage();
    expect(await stage.register()).toMatchObject({ kind: 'registered', isNew: true });
    expect(stage.portal.control.webhooks()).toMatchObject([
      { ssl: false, enabled: true, uri: stage.uri, triggers: 15 },
    ]);
    stage.portal.control.addUser({ email: 'ann@example.com', how: 'admin' });
    await idle(stage.portal);
    expect(stage.portal.control.webhooks()).toMatchObject([{ enabled: true }]);
  });

  test.each([
    ['the secret', { secretKey: 'Wrong-Secret-12' }],
    ['the triggers', { triggers: 1 }],
    ['an address with a slash too many', { slash: '/' }],
  ])('%s stays corrected after a series of retries that was under way', async (_, wrong) => {
    const stage = await openStage();
    const { control } = stage.portal;
    const { slash = '', ...but } = wrong as { slash?: string };
    const uri = `${stage.uri}${slash}`;
    await registerByHand(stage.portal, { uri, secretKey: 'Wrong-Secret-12', ...but });
    stage.answerWith(401);
    control.addUser({ email: 'ann@example.com', how: 'admin' });
    const result = await stage.register();
    await idle(stage.portal);
    expect(result).toMatchObject({ kind: 'registered', isNew: false });
    expect(stage.waits.length).toBeGreaterThan(0);
    expect(stage.waits.every((ms) => ms >= 31_000)).toBe(true);
    expect(control.webhooks()).toMatchObject([
      { uri: stage.uri, triggers: 15, secretKey: secret, enabled: true },
    ]);
  });

  test('nothing is waited for while the portal delivers nothing', async () => {
    const stage = await openStage();
    await stage.register();
    await stage.register();
    expect(stage.waits).toEqual([]);
  });
});
