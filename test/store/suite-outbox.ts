import { describe, expect, test } from 'vitest';
import { type Entry, operator, service } from '../../src/domain/timeline.ts';
import type { NamedToken, Store } from '../../src/store/store.ts';
import {
  dayMs,
  draft,
  fresh,
  invite,
  memberIn,
  now,
  type OpenStore,
  put,
  user,
} from './support.ts';

const paused: Entry = {
  event: 'service_paused',
  reason: { code: 'paused_by_operator' },
  actor: { ...operator, name: 'anna' },
  cause: { kind: 'command', name: 'pause' },
};
const resumed: Entry = {
  event: 'service_resumed',
  actor: operator,
  cause: { kind: 'command', name: 'resume' },
};
const expired: Entry = {
  event: 'invitation_expired',
  actor: service,
  cause: { kind: 'limit', name: 'link_lifetime' },
};

const pause = { name: 'operator', reason: { code: 'paused_by_operator' }, since: now } as const;

/** Everything in the outbox, oldest first. */
async function outboxOf(store: Store) {
  const found = [];
  for (let after = 0; ; ) {
    const { outbox } = await store.nextOutboxEntry(after);
    if (!outbox) return found;
    found.push(outbox);
    after = outbox.id;
  }
}

export function outboxSuite(open: OpenStore): void {
  describe('the outbox', () => {
    test('has the entries that can be events in their order, with member and invitation', async () => {
      const store = await fresh(open);
      const requested = {
        event: 'invitation_requested',
        employeeType: 'Guest',
        ...source,
      } as const;
      await store.openInvitation(draft('inv_1', { email: 'ann@example.com', entry: requested }));
      const result = { kind: 'issued', link: 'https://portal.example/s/1', userId: null } as const;
      const issued = { event: 'invitation_issued', ...source } as const;
      await store.settleInvitation({ id: 'inv_1', result, entry: issued, at: now });
      const member = memberIn('welcomed', 1, { email: 'ann@example.com', invitationId: 'inv_1' });
      const entries: Entry[] = [
        { event: 'attempt_started', channel: 'smtp', ...source },
        { event: 'welcomed', ...source },
      ];
      await put(store, member, { entries });
      const found = await outboxOf(store);
      expect(found).toMatchObject([
        { at: now, entry: issued, member: null, invitation: { id: 'inv_1' } },
        { entry: { event: 'welcomed' }, member: { userId: user(1) }, invitation: { id: 'inv_1' } },
      ]);
      const end = await store.outboxEnd();
      expect(found.at(-1)?.id).toBe(end);
      expect(await store.nextOutboxEntry(end)).toEqual({ outbox: null, through: end });
      expect(await store.outboxLag(0)).toEqual({ count: 2, oldestAt: now });
      expect(await store.outboxLag(end)).toEqual({ count: 0, oldestAt: null });
      expect(await store.outboxBefore(now + 1)).toBe(end);
      expect(await store.outboxBefore(0)).toBe(0);
    });

    test('of an empty store ends at 0', async () => {
      const store = await fresh(open);
      expect(await store.outboxEnd()).toBe(0);
      expect(await store.nextOutboxEntry(0)).toEqual({ outbox: null, through: 0 });
      expect(await store.outboxBefore(now)).toBe(0);
    });

    test('has a pause once, and its end only if there was one', async () => {
      const store = await fresh(open);
      await store.liftPauses({ entry: resumed, at: now });
      await store.pause(pause, paused);
      await store.pause({ ...pause, since: now + 1 }, paused);
      await store.liftPauses({ entry: resumed, at: now + 2 });
      await store.liftPauses({ entry: resumed, at: now + 3 });
      expect(await outboxOf(store)).toMatchObject([
        { at: now, entry: paused, member: null, invitation: null },
        { at: now + 2, entry: resumed },
      ]);
    });

    test('has each expired invitation once, if its entry is given', async () => {
      const store = await fresh(open);
      for (const id of ['inv_1', 'inv_2', 'inv_3']) {
        await invite(store, id);
      }
      const later = { now: now + 8 * dayMs, limit: 2 };
      expect(await store.expireInvitations({ ...later, entry: expired })).toBe(2);
      expect(await store.expireInvitations({ ...later, entry: expired })).toBe(1);
      expect(await store.expireInvitations({ ...later, entry: expired })).toBe(0);
      const found = (await outboxOf(store)).filter(({ entry }) => entry.event === expired.event);
      expect(found.map(({ invitation }) => invitation?.id).sort()).toEqual([
        'inv_1',
        'inv_2',
        'inv_3',
      ]);
    });
  });

  describe('named tokens', () => {
    const token = (name: string, more: Partial<NamedToken> = {}): NamedToken => ({
      id: `tok_${name}`,
      name,
      role: 'viewer',
      hash: name.repeat(8),
      createdAt: now,
      ...more,
    });

    test('have one name each at a time, oldest first', async () => {
      const store = await fresh(open);
      expect(await store.tokens()).toEqual([]);
      expect(await store.addToken(token('bea', { createdAt: now + 1 }))).toBe(true);
      expect(await store.addToken(token('anna', { role: 'operator' }))).toBe(true);
      expect(await store.addToken(token('anna', { id: 'tok_other' }))).toBe(false);
      const [first, second, ...others] = await store.tokens();
      expect(first).toEqual(token('anna', { role: 'operator' }));
      expect([second?.name, others]).toEqual(['bea', []]);
      expect(await store.removeToken('anna')).toBe(true);
      expect(await store.removeToken('anna')).toBe(false);
      expect(await store.addToken(token('anna', { id: 'tok_other' }))).toBe(true);
    });
  });
}

const source = { actor: service, cause: { kind: 'restart' } } as const;
