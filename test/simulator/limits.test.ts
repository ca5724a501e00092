import { describe, expect, test } from 'vitest';
import {
  call,
  delivered,
  openLink,
  portalForTest,
  portalWithWebhook,
  registerByLink,
} from './support.ts';

const person = (email: string) => ({ email, firstName: 'Ann', lastName: 'Stone' });

describe('a portal without a free paid seat', () => {
  test('gives a link for admins all the same; who comes by it is a User', async () => {
    const portal = await portalForTest({ paidSeats: 1 });
    const link = await openLink(portal, 'RoomAdmin');
    const userId = portal.control.register({ link, ...person('ann@example.com') });
    expect(portal.control.user(userId)?.type).toBe('User');
  });

  test('refuses a request that wants more seats than there are, with all that is in it', async () => {
    const portal = await portalForTest({ paidSeats: 2 });
    const invite = (...invitations: { email: string; type: string }[]) =>
      call(portal, { method: 'POST', path: 'people/invite', body: { invitations } });
    const user = { email: 'user@example.com', type: 'User' };
    const admins = ['a@example.com', 'b@example.com'].map((email) => ({
      email,
      type: 'RoomAdmin',
    }));
    const refused = await invite(user, ...admins);
    expect(refused.status).toBe(402);
    expect(refused.json.error.message).toBe('The number of admins exceeds the limit: 2/1.');
    expect(portal.control.userByEmail(user.email)).toBeUndefined();
    expect((await invite(user, ...admins.slice(1))).status).toBe(200);
  });
});

describe('keys', () => {
  test('that are expired or switched off are as unknown ones, until they are switched on', async () => {
    let now = Date.now();
    const portal = await portalForTest({ now: () => now });
    const expiring = portal.control.addKey(portal.accountId, { expiresAt: now + 1_000 });
    const switched = portal.control.addKey(portal.accountId);
    const status = async (key: string) =>
      (await call(portal, { path: 'people/@self', authorization: `Bearer ${key}` })).status;
    expect(await Promise.all([status(expiring), status(switched)])).toEqual([200, 200]);
    now += 1_000;
    portal.control.switchKey(switched, false);
    expect(await Promise.all([status(expiring), status(switched)])).toEqual([401, 401]);
    portal.control.switchKey(switched, true);
    expect(await status(switched)).toBe(200);
  });
});

describe('what waits in the queue', () => {
  /** The order in which ten people's events arrive who registered one after another. */
  async function arrivals(options: { readonly deliversInOrder: boolean }): Promise<number[]> {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { portal, receiver } = await portalWithWebhook({ ...options, random });
    portal.control.pauseDeliveries();
    for (let index = 0; index < 10; index += 1) {
      await registerByLink(portal, `p${index}@example.com`);
    }
    portal.control.resumeDeliveries();
    await delivered(portal, 'ten came');
    return receiver.received.map(({ json }) => json.event.id);
  }

  test('goes out in no order, unless the portal is to be kind', async () => {
    const truth = await arrivals({ deliversInOrder: false });
    expect(truth).toHaveLength(10);
    expect(truth).not.toEqual(truth.toSorted((a, b) => a - b));
  });
});
