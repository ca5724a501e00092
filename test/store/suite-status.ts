import { describe, expect, test } from 'vitest';
import { invitationLifetimeMs, invitationStatuses } from '../../src/domain/invitation.ts';
import type { MemberState } from '../../src/domain/member.ts';
import type { Store } from '../../src/store/store.ts';
import {
  draft,
  entry,
  everyState,
  fresh,
  invite,
  memberIn,
  move,
  now,
  type OpenStore,
  put,
  settle,
  user,
} from './support.ts';

const later = now + invitationLifetimeMs;

/** The status under which the list shows the invitation. It must be exactly one. */
async function statusOf(store: Store, id: string, at = now): Promise<string> {
  const shown: string[] = [];
  for (const status of invitationStatuses) {
    const { items } = await store.listInvitations({ status }, { limit: 200 }, at);
    if (items.some((one) => one.id === id)) shown.push(status);
  }
  return shown.join(' and ');
}

/**
 * The status of a personal invitation for each state of its member (docs/design.md#invitations).
 */
const expected: Record<MemberState, string> = {
  waiting: 'registered',
  ready: 'activated',
  sending: 'activated',
  unknown: 'activated',
  welcomed: 'welcomed',
  failed: 'failed',
  skipped: 'registered',
  gone: 'gone',
};

export function statusSuite(open: OpenStore): void {
  describe('the status of an invitation', () => {
    test.each(everyState)('follows from its member who is %s', async (state) => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      const came = { invitationId: 'inv_1', registeredAt: now };
      await put(store, memberIn(state, 1, came));
      expect(await statusOf(store, 'inv_1')).toBe(expected[state]);
      expect(await statusOf(store, 'inv_1', later)).toBe(expected[state]);
    });

    test('stays issued while the person has not registered, and expires after seven days', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1'));
      expect(await statusOf(store, 'inv_1')).toBe('issuing');
      expect(await statusOf(store, 'inv_1', later)).toBe('issuing');
      await settle(store, 'inv_1', 'https://portal.example/s/1');
      await put(store, memberIn('waiting', 1, { invitationId: 'inv_1' }));
      expect(await statusOf(store, 'inv_1')).toBe('issued');
      expect(await statusOf(store, 'inv_1', later - 1)).toBe('issued');
      expect(await statusOf(store, 'inv_1', later)).toBe('expired');
      await move(store, user(1), { registeredAt: later });
      expect(await statusOf(store, 'inv_1', later)).toBe('registered');
    });

    test('of an open link stays open until it expires, whoever came by it', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null });
      for (const [n, state] of everyState.entries()) {
        await put(store, memberIn(state, n, { invitationId: 'inv_1', registeredAt: now }));
      }
      expect(await statusOf(store, 'inv_1')).toBe('open');
      expect(await statusOf(store, 'inv_1', later)).toBe('expired');
    });

    test('that the portal refused is failed', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1'));
      const result = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
      await store.settleInvitation({ id: 'inv_1', result, entry: entry(), at: now });
      expect(await statusOf(store, 'inv_1', later)).toBe('failed');
    });

    test('follows its member from registration to the welcome, and back after a retry', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      await put(store, memberIn('waiting', 1, { invitationId: 'inv_1', registeredAt: now }));
      const seen: string[] = [];
      for (const state of ['ready', 'sending', 'failed', 'ready', 'sending', 'welcomed'] as const) {
        await move(store, user(1), { state });
        seen.push(await statusOf(store, 'inv_1'));
      }
      expect(seen).toEqual([
        'activated',
        'activated',
        'failed',
        'activated',
        'activated',
        'welcomed',
      ]);
    });

    test("keeps the member's progress if the portal's answer is stored later", async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1'));
      await put(store, memberIn('welcomed', 1, { invitationId: 'inv_1' }));
      await settle(store, 'inv_1', 'https://portal.example/s/1');
      expect(await statusOf(store, 'inv_1')).toBe('welcomed');
      expect((await store.invitation('inv_1'))?.link).toBeNull();
    });
  });

  describe('a link', () => {
    test('is erased when its person registers, and not before', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      await put(store, memberIn('waiting', 1, { invitationId: 'inv_1' }));
      expect((await store.invitation('inv_1'))?.link).not.toBeNull();
      await move(store, user(1), { registeredAt: now });
      expect((await store.invitation('inv_1'))?.link).toBeNull();
    });

    test('that is open to many people stays when one of them registers', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null });
      await put(store, memberIn('welcomed', 1, { invitationId: 'inv_1' }));
      expect((await store.invitation('inv_1'))?.link).not.toBeNull();
    });

    test('that expired is erased, a few at a time', async () => {
      const store = await fresh(open);
      for (const [n, id] of ['inv_1', 'inv_2', 'inv_3', 'inv_4'].entries()) {
        await invite(store, id, { at: now + n, email: n === 1 ? null : `${id}@example.com` });
      }
      const erase = (at: number) => store.expireInvitations({ now: at, limit: 2 });
      expect(await erase(later - 1)).toBe(0);
      expect(await erase(later + 2)).toBe(2);
      expect(await erase(later + 2)).toBe(1);
      expect(await erase(later + 2)).toBe(0);
      for (const id of ['inv_1', 'inv_2', 'inv_3']) {
        expect((await store.invitation(id))?.link).toBeNull();
      }
      expect((await store.invitation('inv_4'))?.link).not.toBeNull();
    });
  });

  describe('the counts', () => {
    test('add up: every member and every invitation is counted once, as the lists show them', async () => {
      const store = await fresh(open);
      for (const [n, state] of [...everyState, ...everyState, 'ready' as const].entries()) {
        await invite(store, `inv_${n}`, { at: n % 3 === 0 ? now - invitationLifetimeMs : now });
        const isHere = n % 2 === 0;
        const invitationId = isHere ? `inv_${n}` : null;
        await put(store, memberIn(state, n, { invitationId, registeredAt: now }));
      }
      await store.openInvitation(draft('inv_issuing'));
      await invite(store, 'inv_open', { email: null });
      await invite(store, 'inv_over', { email: null, at: now - invitationLifetimeMs });
      const balance = await store.counts(now);
      for (const state of everyState) {
        const { items } = await store.listMembers({ state }, { limit: 200 });
        expect([state, balance.members[state] ?? 0]).toEqual([state, items.length]);
      }
      for (const status of invitationStatuses) {
        const { items } = await store.listInvitations({ status }, { limit: 200 }, now);
        expect([status, balance.invitations[status] ?? 0]).toEqual([status, items.length]);
      }
      const sum = (counts: object) => Object.values(counts).reduce((a, b) => a + b, 0);
      expect(sum(balance.members)).toBe(17);
      expect(sum(balance.invitations)).toBe(20);
    });

    test('of an empty database are all zero', async () => {
      const store = await fresh(open);
      expect(await store.counts(now)).toEqual({
        members: {},
        openLinkMembers: {},
        addressNotInvited: 0,
        otherType: 0,
        invitations: {},
        letters: { refused: 0, unknown: 0 },
      });
    });
  });
}
