import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerWebhook } from '../../simulator/admin.ts';
import { startCliSetup } from '../cli/support.ts';
import { webhookSecret } from '../support/world.ts';
import { amiss, openPractice, type Practice, pick } from './support.ts';

const path = '/webhooks/docspace';

/** What stands at PUBLIC_URL: answers the portal's HEAD with 200 and its POST with a status. */
async function startReceiver() {
  let status = 200;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(incoming.method === 'HEAD' ? 200 : status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  // `listen` was called with an address, so it is one of TCP.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop,
    answerWith: (wanted: number) => {
      status = wanted;
    },
  };
}

async function register(
  practice: Practice,
  url: string,
  but: Readonly<Record<string, unknown>> = {},
  apiKey = practice.portal.apiKey,
): Promise<number> {
  return registerWebhook(
    { url: practice.portal.url, apiKey },
    { uri: `${url}${path}`, secretKey: webhookSecret, ...but },
  );
}

async function deliver(practice: Practice, email: string): Promise<void> {
  const { control } = practice.portal;
  control.addUser({ email, how: 'admin' });
  await control.deliveriesIdle({ deadlineMs: 8_000, label: 'the delivery has had its retries' });
}

describe('a PUBLIC_URL that redirects', () => {
  async function startRedirect(): Promise<string> {
    const server = createServer((incoming, outgoing) => {
      const location = `https://welcome.example.com${incoming.url}`;
      outgoing.writeHead(301, { location }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    // `listen` was called with an address, so it is one of TCP.
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  test('is wrong, and its target is named', async () => {
    const practice = await openPractice();
    const url = await startRedirect();
    const found = pick(await practice.diagnose({ PUBLIC_URL: url }), 'webhook', 'redirect');
    expect(found).toMatchObject({ level: 'wrong', seen: expect.stringContaining('answers 301') });
    expect(found.seen).toContain(`https://welcome.example.com${path}`);
  });

  test('is not registered, also by a release that would follow it', async () => {
    const setup = await startCliSetup({ PUBLIC_URL: await startRedirect() });
    const { code, err } = await setup.run('webhook', 'register');
    expect(code).toBe(78);
    expect(err).toContain('https://welcome.example.com');
    expect(setup.portal.control.webhooks()).toEqual([]);
  });
});

describe('the registration', () => {
  test('a correct webhook is fine, and a private address is a warning', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    await register(practice, url);
    const findings = await practice.diagnose({ PUBLIC_URL: url });
    expect(pick(findings, 'webhook', 'registered').level).toBe('ok');
    expect(pick(findings, 'webhook', 'private').level).toBe('warning');
  });

  test('a missing webhook is wrong, and a private address is named as the cause', async () => {
    const practice = await openPractice();
    const findings = await practice.diagnose({ PUBLIC_URL: 'https://192.168.1.5' });
    expect(amiss(findings)).toEqual(
      expect.arrayContaining(['webhook/missing wrong', 'webhook/private wrong']),
    );
  });

  test.each(['https://[::1]', 'https://localhost', 'https://[fd00::1]', 'https://100.64.0.1'])(
    '%s counts as a private address',
    async (address) => {
      const practice = await openPractice();
      const findings = await practice.diagnose({ PUBLIC_URL: address });
      expect(amiss(findings)).toContain('webhook/private wrong');
    },
  );

  test('for a public address, "webhook register" fixes a missing webhook', async () => {
    const practice = await openPractice();
    const findings = await practice.diagnose({ PUBLIC_URL: 'https://203.0.113.9' });
    const finding = pick(findings, 'webhook', 'missing');
    expect(finding).toMatchObject({ mend: expect.stringContaining('"webhook register"') });
    expect(amiss(findings)).not.toContain('webhook/private wrong');
  });

  test('an address without https is a warning', async () => {
    const practice = await openPractice();
    const findings = await practice.diagnose({ PUBLIC_URL: 'http://203.0.113.9' });
    expect(pick(findings, 'webhook', 'plain').level).toBe('warning');
  });

  test('without PUBLIC_URL the webhook is found by its path, and the finding asks for the setting', async () => {
    const practice = await openPractice();
    const before = amiss(await practice.diagnose());
    expect(before).toContain('webhook/missing wrong');
    await register(practice, (await startReceiver()).url);
    const findings = await practice.diagnose();
    expect(pick(findings, 'webhook', 'registered').level).toBe('ok');
    expect(pick(findings, 'webhook', 'public-url').level).toBe('warning');
  });

  test('a disabled webhook is wrong, and so is its private address', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    practice.portal.control.disableWebhook(await register(practice, url));
    expect(amiss(await practice.diagnose({ PUBLIC_URL: url }))).toEqual(
      expect.arrayContaining(['webhook/disabled wrong', 'webhook/private wrong']),
    );
  });

  test('a webhook with another address is wrong', async () => {
    const practice = await openPractice();
    await register(practice, (await startReceiver()).url);
    const findings = await practice.diagnose({ PUBLIC_URL: 'https://203.0.113.9' });
    expect(pick(findings, 'webhook', 'moved').level).toBe('wrong');
  });

  test.each<[number, string]>([
    [0, 'ok'],
    [15, 'ok'],
    [34359738368 + 15, 'ok'],
    [5, 'warning'],
    [1, 'wrong'],
    [128, 'wrong'],
  ])('triggers %i are %s', async (triggers, level) => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    await register(practice, url, { triggers });
    const found = (await practice.diagnose({ PUBLIC_URL: url })).find(
      (one) => one.check === 'triggers',
    );
    expect(found?.level ?? 'ok').toBe(level);
  });

  test('a webhook that is limited to one target is wrong', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    await register(practice, url, { targetId: practice.portal.accountId });
    const findings = await practice.diagnose({ PUBLIC_URL: url });
    expect(pick(findings, 'webhook', 'target').level).toBe('wrong');
  });

  test('a webhook that a room admin made with the key of this service is a warning', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    const { apiKey } = practice.portal.control.addAccount({
      email: 'rooms@portal.example',
      type: 'RoomAdmin',
    });
    await register(practice, url, {}, apiKey);
    const findings = await practice.diagnose({ PUBLIC_URL: url, DOCSPACE_API_KEY: apiKey });
    expect(pick(findings, 'webhook', 'creator').level).toBe('warning');
  });

  test.each(['User', 'RoomAdmin', 'DocSpaceAdmin'] as const)(
    'a webhook of a %s with our address is not ours, and its account is named',
    async (type) => {
      const practice = await openPractice();
      const { url } = await startReceiver();
      const account = practice.portal.control.addAccount({ email: 'x@portal.example', type });
      await register(practice, url, { triggers: 12 }, account.apiKey);
      const findings = await practice.diagnose({ PUBLIC_URL: url });
      expect(pick(findings, 'webhook', 'missing').level).toBe('wrong');
      expect(pick(findings, 'webhook', 'other-account')).toMatchObject({
        level: 'warning',
        seen: expect.stringContaining(account.userId),
      });
    },
  );

  test('an extra slash in the address of the webhook does not matter', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    await register(practice, `${url}/`);
    const findings = await practice.diagnose({ PUBLIC_URL: url });
    expect(pick(findings, 'webhook', 'registered').level).toBe('ok');
  });

  test('a key that may not read the webhooks is wrong', async () => {
    const practice = await openPractice();
    const { apiKey } = practice.portal.control.addAccount({
      email: 'guest@portal.example',
      type: 'Guest',
    });
    const findings = await practice.diagnose({ DOCSPACE_API_KEY: apiKey });
    expect(pick(findings, 'webhook', 'readable').level).toBe('wrong');
  });
});

describe('the deliveries', () => {
  test('the finding names the last delivery that arrived', async () => {
    const practice = await openPractice();
    const { url } = await startReceiver();
    await register(practice, url);
    await deliver(practice, 'a@example.com');
    const finding = pick(await practice.diagnose({ PUBLIC_URL: url }), 'webhook', 'deliveries');
    expect(finding).toMatchObject({ level: 'ok', seen: expect.stringContaining('arrived') });
  });

  test('deliveries that were answered 401 are wrong, because the secrets differ', async () => {
    const practice = await openPractice();
    const receiver = await startReceiver();
    await register(practice, receiver.url);
    receiver.answerWith(401);
    await deliver(practice, 'a@example.com');
    const finding = pick(
      await practice.diagnose({ PUBLIC_URL: receiver.url }),
      'webhook',
      'secret',
    );
    expect(finding).toMatchObject({
      level: 'wrong',
      mend: expect.stringContaining('"webhook register"'),
    });
  });

  // docs/docspace-wire.md 13.1: every delivery sets `modifiedOn`, so it does not tell of a person's change.
  test('a 401 stays wrong until a later delivery arrives, even if the webhook was changed meanwhile', async () => {
    const practice = await openPractice();
    const receiver = await startReceiver();
    const id = await register(practice, receiver.url);
    receiver.answerWith(401);
    await deliver(practice, 'a@example.com');
    const update = await request(`${practice.portal.url}/api/2.0/settings/webhook`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${practice.portal.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        id,
        name: 'docspace-welcome',
        uri: `${receiver.url}${path}`,
        secretKey: 'The-right-secret-2',
        enabled: true,
        ssl: false,
        triggers: 15,
      }),
    });
    expect(update.statusCode).toBe(200);
    await update.body.dump();
    const settings = { PUBLIC_URL: receiver.url };
    const before = pick(await practice.diagnose(settings), 'webhook', 'secret');
    expect(before).toMatchObject({
      level: 'wrong',
      mend: expect.stringContaining('wait for the next delivery'),
    });
    receiver.answerWith(200);
    await deliver(practice, 'b@example.com');
    expect(pick(await practice.diagnose(settings), 'webhook', 'deliveries').level).toBe('ok');
  });

  // docs/docspace-wire.md 13.2, 35: eight hours early at Asia/Taipei, five late at America/New_York.
  test.each(['2026-11-28T10:53:18Z', '2026-11-28T23:54:05Z'])(
    'the time inside the body counts, not the date of the journal row (%s)',
    async (creationTime) => {
      const now = Date.parse('2026-11-28T18:54:00Z');
      const practice = await openPractice({ now: () => now });
      const { url } = await startReceiver();
      await register(practice, url);
      const requestPayload = JSON.stringify({ event: { createOn: '2026-11-28T18:53:50Z' } });
      const waiting = { id: 8, status: 0, creationTime, requestPayload };
      const body = { response: [waiting], count: 1, links: [], status: 0, statusCode: 200 };
      practice.portal.control.interfere({
        on: ({ path }) => path.endsWith('/settings/webhooks/log'),
        act: { kind: 'answer', status: 200, body: JSON.stringify(body) },
      });
      const found = await practice.diagnose({ PUBLIC_URL: url }, { now: () => now });
      expect(found.filter((one) => one.check === 'deliveries' && one.level !== 'ok')).toEqual([]);
    },
  );

  test.each(['UTC', 'Asia/Taipei', 'America/New_York'])(
    'the secret is wrong while the newest delivery was answered 401 (portal at %s)',
    async (timeZone) => {
      const practice = await openPractice({ timeZone });
      const receiver = await startReceiver();
      await register(practice, receiver.url);
      const settings = { PUBLIC_URL: receiver.url };
      const newest = async (status: number, email: string) => {
        receiver.answerWith(status);
        await deliver(practice, email);
        const found = await practice.diagnose(settings);
        return amiss(found).filter((one) => /secret|deliveries/.test(one));
      };
      expect(await newest(200, 'a@example.com')).toEqual([]);
      expect(await newest(401, 'b@example.com')).toEqual(['webhook/secret wrong']);
      expect(await newest(401, 'c@example.com')).toEqual(['webhook/secret wrong']);
      expect(await newest(503, 'd@example.com')).toEqual(['webhook/deliveries warning']);
      expect(await newest(200, 'e@example.com')).toEqual([]);
    },
  );

  test.each<[number, string]>([
    [404, 'let the proxy pass'],
    [308, 'PUBLIC_URL redirects: set it to the address that answers itself'],
    [503, 'could not write'],
    [500, 'of the proxy before it'],
  ])('failures with %i are a warning that says what to check', async (status, mend) => {
    const practice = await openPractice();
    const receiver = await startReceiver();
    await register(practice, receiver.url);
    receiver.answerWith(status);
    await deliver(practice, 'a@example.com');
    const findings = await practice.diagnose({ PUBLIC_URL: receiver.url });
    expect(pick(findings, 'webhook', 'deliveries')).toMatchObject({
      level: 'warning',
      mend: expect.stringContaining(mend),
    });
  });

  test('a delivery without a connection is a warning when its retries are over', async () => {
    let aheadMs = 0;
    const practice = await openPractice({ now: () => Date.now() + aheadMs });
    const receiver = await startReceiver();
    await register(practice, receiver.url);
    receiver.stop();
    await deliver(practice, 'a@example.com');
    aheadMs = 3 * 60_000;
    const findings = await practice.diagnose({ PUBLIC_URL: receiver.url });
    expect(pick(findings, 'webhook', 'deliveries').seen).toContain('no connection');
  });

  test('a failure that only the webhook still shows is a warning with its error text', async () => {
    const practice = await openPractice();
    const receiver = await startReceiver();
    await register(practice, receiver.url);
    receiver.answerWith(500);
    await deliver(practice, 'a@example.com');
    practice.portal.control.interfere({
      on: ({ path }) => path.endsWith('/settings/webhooks/log'),
      act: {
        kind: 'answer',
        status: 200,
        body: '{"response":[],"count":0,"status":0,"statusCode":200}',
      },
    });
    const findings = await practice.diagnose({ PUBLIC_URL: receiver.url });
    expect(pick(findings, 'webhook', 'deliveries')).toMatchObject({
      level: 'warning',
      seen: expect.stringContaining('500'),
    });
  });

  test('a failure before a successful delivery is no longer a warning', async () => {
    const practice = await openPractice();
    const receiver = await startReceiver();
    await register(practice, receiver.url);
    receiver.answerWith(401);
    await deliver(practice, 'a@example.com');
    receiver.answerWith(200);
    await deliver(practice, 'b@example.com');
    const finding = pick(
      await practice.diagnose({ PUBLIC_URL: receiver.url }),
      'webhook',
      'deliveries',
    );
    expect(finding).toMatchObject({ level: 'ok', seen: expect.stringContaining('one failed') });
  });
});
