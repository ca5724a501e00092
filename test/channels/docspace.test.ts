import { expect, onTestFinished, test } from 'vitest';
import type { Act } from '../../simulator/http/interference.ts';
import { createDocspaceChannel } from '../../src/channels/docspace.ts';
import { systemClock } from '../../src/clock.ts';
import { createPortalClient } from '../../src/docspace/client.ts';
import { reasonText } from '../../src/messages/render.ts';
import { startPortal } from '../support/portal.ts';
import { exerciseChannel, type PeerFate } from './conformance.ts';
import { person } from './support.ts';

const key = 'some-key-that-is-a-secret';
const path = '/api/2.0/portal/sendcongratulations';
const acts: Readonly<Record<Exclude<PeerFate, 'take'>, Act>> = {
  busy: { kind: 'answer', status: 503 },
  // Only an answer in the portal's own words concerns the person.
  refuse_person: {
    kind: 'answer',
    status: 404,
    body: '{"error":{"message":"The user could not be found"},"status":1,"statusCode":404}',
  },
  refuse_channel: { kind: 'answer', status: 403 },
  swallow: { kind: 'hang' },
};

async function startBench(
  options: {
    readonly machineKey?: string;
    readonly tenantId?: () => Promise<number | null>;
    readonly keyCheck?: 'any' | 'strict';
  } = {},
) {
  const portal = await startPortal({ keyCheck: options.keyCheck ?? 'any' });
  const client = createPortalClient({
    origin: portal.url,
    apiKey: portal.apiKey,
    concurrency: 8,
    timeoutMs: 1_000,
    clock: systemClock,
    random: Math.random,
  });
  onTestFinished(async () => {
    await client.close();
    await portal.stop();
  });
  const channel = createDocspaceChannel({
    send: client.sendCongratulations,
    isPortalWell: async () => (await client.user(portal.accountId)).kind === 'ok',
    tenantId: options.tenantId ?? (async () => portal.tenantId),
    key,
    machineKey: options.machineKey ?? null,
    portalNow: client.portalNow,
    keyLifetimeMs: 300_000,
  });
  return { portal, client, channel };
}

exerciseChannel('docspace', async () => {
  const { portal, client, channel } = await startBench();
  let undo = () => {};
  const asked = () => portal.control.requests().filter((one) => one.path === path);
  return {
    channel,
    peerDoes(fate) {
      undo();
      // What an operator does after a 503: end the wait that the portal asked for.
      client.cancelBackoff();
      if (fate !== 'take') {
        undo = portal.control.interfere({ on: (one) => one.path === path, act: acts[fate] });
      }
    },
    peerGoesAway: () => portal.stop(),
    welcomed: () =>
      asked()
        .filter((one) => one.status === 200)
        .map((one) => new URLSearchParams(one.query).get('Userid') ?? ''),
    reached: () => asked().length,
    secrets: [key, portal.apiKey],
  };
});

test('the reason for a refused Key says what to do', async () => {
  const { channel } = await startBench({ keyCheck: 'strict' });
  const outcome = await channel.send(person());
  expect(outcome).toEqual({
    kind: 'refused',
    streak: 'portal',
    reason: { code: 'portal_rejects_key' },
  });
  expect(reasonText(outcome.reason)).toContain('DOCSPACE_MACHINE_KEY_FILE');
});

test('without the tenant id no Key can be signed, and nothing is sent', async () => {
  for (const tenantId of [async () => null, () => Promise.reject(new Error('disk full'))]) {
    const { channel, portal } = await startBench({ machineKey: 'a-machine-key', tenantId });
    expect(await channel.send(person())).toMatchObject({ kind: 'not_sent' });
    expect(portal.control.requests()).toEqual([]);
  }
});

test('the preview describes the letter of the portal', async () => {
  const { channel } = await startBench();
  const { letter } = channel.preview(person());
  expect(letter).toMatchObject({ kind: 'portal_letter' });
  expect(JSON.stringify(letter)).toMatch(/administrator/);
});

test("a Key is signed by the portal's clock and backdated, so that it is valid for five minutes", async () => {
  const keys: string[] = [];
  const portalTime = Date.UTC(2026, 7, 20, 12);
  const channel = createDocspaceChannel({
    send: async (_, sent) => {
      keys.push(sent);
      return { kind: 'sent', reason: { code: 'portal_accepted' } };
    },
    isPortalWell: async () => true,
    tenantId: async () => 1,
    portalNow: () => portalTime,
    key,
    keyLifetimeMs: 300_000,
    machineKey: '1123askdasjklasbnd',
  });
  await channel.send(person());
  const signedAt = Date.UTC(2010, 0, 1) + Number(keys[0]?.split('.')[0]);
  expect(signedAt).toBe(portalTime - 55 * 60_000);
});
