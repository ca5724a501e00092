import { describe, expect, onTestFinished, test } from 'vitest';
import type { PortalOptions } from '../../simulator/portal.ts';
import { releaseNamed } from '../../simulator/releases.ts';
import { momentAt } from '../../simulator/time.ts';
import {
  checkAddress,
  createBlacklist,
  DEFAULT_BLACKLIST,
} from '../../simulator/webhooks/address-check.ts';
import { createOutgoing } from '../../simulator/webhooks/outgoing.ts';
import { createWorld } from '../../simulator/world.ts';
import { receiverForTest, SECRET } from './support.ts';

describe('the address at the time of sending', () => {
  /** A portal's inside with one event for a webhook at `uri`, which no registration would take. */
  function eventFor(uri: string, options: PortalOptions) {
    const outgoing = createOutgoing({ followsRedirects: false });
    const origin = 'http://127.0.0.1:1';
    const world = createWorld({ options: { queuePauseMs: 2, ...options }, origin, outgoing });
    onTestFinished(() => {
      world.sender.stop();
      return outgoing.stop();
    });
    const webhook = world.webhooks.add({
      name: 'W',
      uri,
      secretKey: SECRET,
      enabled: true,
      ssl: false,
      triggers: 0,
      createdBy: world.ownerId,
      createdOn: momentAt(Date.now()),
    });
    const row = world.journal.add({
      webhookId: webhook.id,
      trigger: 1,
      creationTime: momentAt(Date.now()),
      requestPayload: '{"event":{},"payload":{},"webhook":{}}',
    });
    world.sender.enqueue(row.id);
    return { world, webhook, row };
  }

  test('a name that does not resolve disables the webhook at once and leaves the row alone', async () => {
    // A label of more than 63 characters fails before any name server is asked.
    const { world, webhook, row } = eventFor(`http://${'x'.repeat(64)}.example/hook`, {});
    await world.sender.idle({ deadlineMs: 5_000, label: 'an unknown name' });
    expect(world.webhooks.get(webhook.id)).toMatchObject({ uri: webhook.uri, enabled: false });
    expect(world.journal.get(row.id)).toEqual(row);
  });

  test('a blacklisted address deletes the webhook without a request', async () => {
    const receiver = await receiverForTest();
    const { world, webhook } = eventFor(receiver.url, { allowPrivateAddresses: false });
    await world.sender.idle({ deadlineMs: 5_000, label: 'a blacklisted address' });
    expect(world.webhooks.get(webhook.id)).toBeUndefined();
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['0.1.2.3', 'blacklisted'],
    ['10.0.0.1', 'blacklisted'],
    ['100.127.255.255', 'blacklisted'],
    ['100.128.0.0', 'allowed'],
    ['127.0.0.1', 'blacklisted'],
    ['169.254.0.1', 'blacklisted'],
    ['172.15.255.255', 'allowed'],
    ['172.31.255.255', 'blacklisted'],
    ['172.32.0.0', 'allowed'],
    ['192.168.1.1', 'blacklisted'],
    ['[::]', 'blacklisted'],
    ['[::1]', 'blacklisted'],
    ['[fd12::1]', 'blacklisted'],
    ['[febf::1]', 'blacklisted'],
    ['[2001:db8::1]', 'allowed'],
  ])('%s is %s (docs/docspace-wire.md 7.1)', async (host, kind) => {
    const uri = `http://${host}/hook`;
    const world = {
      blacklist: createBlacklist(DEFAULT_BLACKLIST),
      release: releaseNamed('3.7'),
    };
    const verdict = await checkAddress({ world, uri, ssl: false });
    expect(verdict.kind).toBe(kind);
  });
});
