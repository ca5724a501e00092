import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { call, startWorld } from '../support/world.ts';

const fixtures = new URL('../fixtures/webhooks/', import.meta.url);

type Fixture = {
  readonly name: string;
  readonly body: Buffer;
  readonly headers: Record<string, string>;
  readonly isValid: boolean;
};

function readFixtures(): Fixture[] {
  return readdirSync(fixtures)
    .filter((file) => file.endsWith('.body'))
    .map((file) => {
      const name = file.replace('.body', '');
      const described = JSON.parse(readFileSync(new URL(`${name}.headers.json`, fixtures), 'utf8'));
      const { Host, 'Content-Length': length, ...headers } = described.headers;
      // Lower-case hex is accepted too, because the next server may send it (docs/docspace-wire.md
      // 12).
      const isValid = described.meta.signatureValid || name === '91-invalid-lowercase-hex';
      return { name, body: readFileSync(new URL(file, fixtures)), headers, isValid };
    });
}

/**
 * The answer to each fixture when each arrives once in this order (docs/design.md#webhook-answers).
 */
const expected: Readonly<Record<string, string>> = {
  '08-user-updated-activated-auto-retry1': 'duplicate',
  '09-user-updated-activated-auto-retry2': 'duplicate',
  '14-file-created-unrelated': 'ignored',
  '15-legacy-payload': 'unreadable',
  // The body of fixture 02 again. Its signature in lower case is accepted.
  '91-invalid-lowercase-hex': 'duplicate',
};

describe('POST /webhooks/docspace', () => {
  test('a delivery to the address with a slash at its end is accepted too', async () => {
    const world = await startWorld({ withWebhook: false });
    const url = `${world.service.url}/webhooks/docspace/`;
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    const body = deliveryBody({ id: 1, userId: '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01' });
    const answer = await fetch(url, { method: 'POST', body, headers: signed(body) });
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'accepted' }]);
  });

  test('every recorded delivery gets the answer in the table', async () => {
    const world = await startWorld({ withWebhook: false });
    for (const fixture of readFixtures()) {
      const answer = await deliver(world.service.url, fixture.body, fixture.headers);
      if (fixture.isValid) {
        expect([fixture.name, answer.status]).toEqual([fixture.name, 200]);
        expect(answer.json).toEqual({ status: expected[fixture.name] ?? 'accepted' });
      } else {
        expect([fixture.name, answer.status]).toEqual([fixture.name, 401]);
      }
    }
  });

  test('each recorded delivery is answered as a duplicate when it arrives again', async () => {
    const world = await startWorld({ withWebhook: false });
    for (const { body, headers, isValid, name } of readFixtures()) {
      if (!isValid || name.startsWith('14') || name.startsWith('15')) continue;
      await deliver(world.service.url, body, headers);
      expect((await deliver(world.service.url, body, headers)).json).toEqual({
        status: 'duplicate',
      });
    }
  });

  test('the previous secret is still accepted while the secret is being changed, and a third one is not', async () => {
    const world = await startWorld({
      withWebhook: false,
      settings: {
        DOCSPACE_WEBHOOK_SECRET: 'the-new-secret',
        DOCSPACE_WEBHOOK_SECRET_PREVIOUS: 'the-old-secret',
      },
    });
    const body = deliveryBody({ id: 1 });
    expect((await deliver(world.service.url, body, signed(body, 'the-new-secret'))).status).toBe(
      200,
    );
    expect((await deliver(world.service.url, body, signed(body, 'the-old-secret'))).status).toBe(
      200,
    );
    expect((await deliver(world.service.url, body, signed(body, 'another-secret'))).status).toBe(
      401,
    );
    expect((await deliver(world.service.url, body)).status).toBe(401);
  });

  test('HEAD of the portal is answered 200, and GET 405, because a redirected POST becomes a GET', async () => {
    const world = await startWorld({ withWebhook: false });
    const probe = await call(world.service.url, 'HEAD', '/webhooks/docspace', undefined, {});
    expect(probe.status).toBe(200);
    const get = await call(world.service.url, 'GET', '/webhooks/docspace', undefined, {});
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST, HEAD']);
  });

  test('a body of 1 MiB is read, and one byte more is refused, whatever its headers say', async () => {
    const world = await startWorld({ withWebhook: false });
    const limit = 1024 * 1024;
    const longest = Buffer.alloc(limit, 0x20);
    expect((await deliver(world.service.url, longest, signed(longest))).json).toEqual({
      status: 'unreadable',
    });
    const tooLong = Buffer.alloc(limit + 1, 0x20);
    expect((await deliver(world.service.url, tooLong, signed(tooLong))).status).toBe(413);
    async function* chunked() {
      for (let sent = 0; sent < limit + 1; sent += 64 * 1024) yield Buffer.alloc(64 * 1024);
    }
    const streamed = await request(`${world.service.url}/webhooks/docspace`, {
      method: 'POST',
      body: Readable.from(chunked()),
    });
    expect(streamed.statusCode).toBe(413);
    await streamed.body.dump();
    const body = deliveryBody({ id: 2 });
    expect((await deliver(world.service.url, body, signed(body))).json).toEqual({
      status: 'accepted',
    });
  });

  test('no request is answered with 410 or a redirect', async () => {
    const world = await startWorld({ withWebhook: false });
    const bodies = [
      '',
      '{}',
      'null',
      '[]',
      '"text"',
      '\u0000',
      '{"event":{}}',
      '{"event":{"id":-1,"createOn":"x","trigger":"user.created"},"webhook":{}}',
      deliveryBody({ id: 3, userId: 'not-a-guid' }),
      deliveryBody({ id: 2 ** 40 }),
      deliveryBody({ id: 4, trigger: 'user.banned' }),
      deliveryBody({ id: 5, createOn: '2026-99-99T99:99:99Z' }),
    ];
    for (const body of bodies) {
      for (const headers of [signed(body), {}, { 'x-docspace-signature-256': 'sha256=' }]) {
        const { status } = await deliver(world.service.url, body, headers);
        expect([200, 401]).toContain(status);
      }
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status } = await call(world.service.url, method, '/webhooks/docspace', undefined, {});
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).not.toBe(410);
    }
  });

  test('a signed delivery that cannot be read is kept for the operator', async () => {
    const world = await startWorld({ withWebhook: false });
    const body = '{"event":"from the future"}';
    expect((await deliver(world.service.url, body, signed(body))).json).toEqual({
      status: 'unreadable',
    });
    expect(world.log.join('')).toContain('a signed delivery cannot be read');
  });
});
