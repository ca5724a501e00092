import { expect, onTestFinished, test } from 'vitest';
import type { Act } from '../../simulator/http/interference.ts';
import { createDocspaceChannel } from '../../src/channels/docspace-channel.ts';
import { systemClock } from '../../src/clock.ts';
import { createPortalClient } from '../../src/docspace/client.ts';
import { keyAdvice } from '../../src/docspace/signed-key.ts';
import { startPortal } from '../support/portal.ts';
import { exerciseChannel, type PeerFate } from './conformance.ts';
import { person } from './support.ts';

const key = 'some-key-that-is-a-secret';
const path = '/api/2.0/portal/sendcongratulations';
const acts: Readonly<Record<Exclude<PeerFate, 'take'>, Act>> = {
  busy: { kind: 'answer', status: 503 },
  refuse_person: { kind: 'answer', status: 404 },
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
    now: Date.now,
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
      // What an operator does after a 503: it ends the wait that the portal asked for.
      client.hurry();
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

test('a 403 is explained in the words that the start-up log uses', async () => {
  const { channel } = await startBench({ keyCheck: 'strict' });
  const outcome = await channel.send(person());
  expect(outcome).toMatchObject({ kind: 'refused', streak: 'credentials' });
  expect(outcome.detail).toContain(keyAdvice);
});

test('without the tenant id no Key can be signed, and nothing leaves', async () => {
  for (const tenantId of [async () => null, () => Promise.reject(new Error('disk full'))]) {
    const { channel, portal } = await startBench({ machineKey: 'a-machine-key', tenantId });
    expect(await channel.send(person())).toMatchObject({ kind: 'not_sent' });
    expect(portal.control.requests()).toEqual([]);
  }
});

test('the preview says which letter the portal writes', async () => {
  const { channel } = await startBench();
  const { letter } = channel.preview(person());
  expect(letter).toMatchObject({ kind: 'portal_letter' });
  expect(JSON.stringify(letter)).toMatch(/administrator/);
});
