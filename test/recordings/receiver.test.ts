import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { parseDelivery } from '../../src/docspace/delivery.ts';
import { startWorld, webhookSecret } from '../support/world.ts';
import { type RecordedDelivery, readDeliveries } from './recording.ts';

/*
 * The service takes every delivery of a real server, byte for byte, over its own socket.
 */

const deliveries = readDeliveries();

/** What each delivery is about, as README.md of this folder says: the event and what it shows. */
const outcomes: Readonly<Record<string, string>> = {
  'head-probe': 'a probe',
  'user-created-after-forgotten-password-of-a-pending-invitee': 'user.created activated',
  'user-created-ampersand-address': 'user.created not_active',
  'user-created-apostrophe': 'user.created not_active',
  'user-created-awkward-names': 'user.created not_active',
  'user-created-by-an-admin': 'user.created not_active',
  'user-created-by-an-admin-as-activated': 'user.created not_active',
  'user-created-by-invitation': 'user.created activated',
  'user-created-by-link-all': 'user.created not_active',
  'user-created-by-link-guest': 'user.created not_active',
  'user-created-by-link-room-admin': 'user.created not_active',
  'user-created-by-link-user': 'user.created not_active',
  'user-created-by-trusted-domain': 'user.created activated',
  'user-created-cjk': 'user.created not_active',
  'user-created-first-attempt': 'user.created not_active',
  'user-created-idn-address': 'user.created not_active',
  'user-created-manual-retry': 'user.created not_active',
  'user-created-plus-address': 'user.created not_active',
  'user-created-portal-in-taipei': 'user.created not_active',
  'user-created-quoted-address': 'user.created not_active',
  'user-created-retry-1': 'user.created not_active',
  'user-created-retry-5': 'user.created not_active',
  'user-created-umlauts': 'user.created not_active',
  'user-deleted': 'user.deleted terminated',
  'user-deleted-invitee': 'user.deleted terminated',
  'user-invited': 'user.invited not_active',
  'user-invited-capital-letters': 'user.invited not_active',
  'user-invited-docspace-admin': 'user.invited not_active',
  'user-invited-webhook-with-awkward-name': 'user.invited not_active',
  'user-updated-activation': 'user.updated activated',
  'user-updated-activation-guest': 'user.updated activated',
  'user-updated-awkward-profile': 'user.updated activated',
  'user-updated-culture': 'user.updated activated',
  'user-updated-disabled': 'user.updated terminated',
  'user-updated-disabled-with-date': 'user.updated terminated',
  'user-updated-enabled': 'user.updated activated',
  'user-updated-enabled-invitee': 'user.updated not_active',
  'user-updated-new-address-confirmed': 'user.updated activated',
  'user-updated-nothing-changed': 'user.updated activated',
  'user-updated-own-deletion': 'user.updated terminated',
  'user-updated-portal-in-new-york': 'user.updated activated',
  'user-updated-portal-in-taipei': 'user.updated activated',
  'user-updated-profile-edit-not-active': 'user.updated not_active',
  'user-updated-retry-after-earlier-success': 'user.updated activated',
  'user-updated-retry-after-redirect': 'user.updated activated',
  'user-updated-server-in-taipei': 'user.updated activated',
  'user-updated-type-change': 'user.updated activated',
};

describe('the receiver and what a real server sent', () => {
  test('every delivery has its row, and every row its delivery', () => {
    expect(Object.keys(outcomes).sort()).toEqual(deliveries.map(({ name }) => name).sort());
  });

  test('each is taken with its own secret, at once or as one that is known, and no other way', async () => {
    const world = await startWorld({
      settings: { DOCSPACE_WEBHOOK_SECRET: 'Secret-for-hooks1' },
      withWebhook: false,
    });
    for (const delivery of deliveries) {
      const right = await send(world.service.url, delivery);
      if (delivery.name === 'head-probe') {
        expect(right.status).toBe(200);
        continue;
      }
      expect(right.status, delivery.name).toBe(200);
      expect(['accepted', 'duplicate'], delivery.name).toContain(JSON.parse(right.text).status);
      const changed = { ...delivery, body: delivery.body.replace('"status":', '"status": ') };
      expect((await send(world.service.url, changed)).status, delivery.name).toBe(401);
    }
  });

  test('none is taken with another secret', async () => {
    const world = await startWorld({ withWebhook: false });
    expect(webhookSecret).not.toBe('Secret-for-hooks1');
    for (const delivery of deliveries) {
      if (delivery.name === 'head-probe') continue;
      expect((await send(world.service.url, delivery)).status, delivery.name).toBe(401);
    }
  });

  test.each(deliveries.map((one) => [one.name, one] as const))('%s', (name, delivery) => {
    if (delivery.body === '') {
      expect(outcomes[name]).toBe('a probe');
      return;
    }
    const read = parseDelivery(Buffer.from(delivery.body));
    const { event, payload } = JSON.parse(delivery.body);
    expect(read).toMatchObject({
      kind: 'about_user',
      eventId: event.id,
      userId: payload.id,
      createdOn: Date.parse(event.createOn),
    });
    const shown = read.kind === 'about_user' ? `${read.trigger} ${read.shows}` : read.kind;
    expect(shown).toBe(outcomes[name]);
  });
});

/** Sends the delivery with the recorded headers; the address is that of the service. */
async function send(serviceUrl: string, delivery: RecordedDelivery) {
  const method = delivery.request.split(' ')[0] === 'HEAD' ? 'HEAD' : 'POST';
  const headers = Object.fromEntries(
    delivery.headers.filter(([name]) => !/^(?:host|content-length)$/i.test(name)),
  );
  const answer = await request(`${serviceUrl}/webhooks/docspace`, {
    method,
    headers,
    body: method === 'HEAD' ? null : delivery.body,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}
