import { describe, expect, test } from 'vitest';
import { invitationLifetimeMs, invitationStatus } from '../../src/domain/invitation.ts';
import {
  draft,
  entry,
  fresh,
  hourMs,
  ids,
  invite,
  labelOf,
  memberIn,
  move,
  now,
  type OpenStore,
  put,
  settle,
  user,
} from './support.ts';

const later = now + invitationLifetimeMs;

export function invitationSuite(open: OpenStore): void {
  describe('an invitation', () => {
    test('is stored before the portal is asked, and gets its link afterwards', async () => {
      const store = await fresh(open);
      const given = draft('inv_1', { email: 'Ann@Example.com', note: 'the first' });
      expect(await store.openInvitation(given)).toEqual({ kind: 'opened' });
      expect(await store.invitation('inv_1')).toEqual({
        id: 'inv_1',
        employeeType: 'Guest',
        mode: 'link',
        email: 'Ann@Example.com',
        note: 'the first',
        stage: 'issuing',
        reason: null,
        link: null,
        accountId: 'account',
        userId: null,
        createdAt: now,
        issuedAt: null,
        revokedAt: null,
        furthestStep: 'none',
        language: null,
        letter: null,
        letterDueAt: null,
      });
      await settle(store, 'inv_1', 'https://portal.example/s/1', now + 50, user(1));
      expect(await store.invitation('inv_1')).toMatchObject({
        stage: 'issued',
        link: 'https://portal.example/s/1',
        userId: user(1),
        issuedAt: now + 50,
      });
      const story = await store.invitationStory('inv_1');
      expect(story?.timeline.map((line) => [line.at, labelOf(line)])).toEqual([
        [now, 'issuing'],
        [now + 50, 'issued'],
      ]);
    });

    test('that the portal refused has a reason and no link', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1'));
      const result = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
      await store.settleInvitation({ id: 'inv_1', result, entry: entry('failed'), at: now });
      expect(await store.invitation('inv_1')).toMatchObject({
        stage: 'failed',
        reason: { code: 'no_seat_left' },
        link: null,
        issuedAt: null,
      });
    });

    test('that is issued again gets a new link and time, and keeps its user', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      await settle(store, 'inv_1', 'https://portal.example/s/1', now, user(1));
      await settle(store, 'inv_1', 'https://portal.example/s/2', now + hourMs);
      expect(await store.invitation('inv_1')).toMatchObject({
        link: 'https://portal.example/s/2',
        issuedAt: now + hourMs,
        userId: user(1),
      });
    });

    test('does not fail any more once it is issued', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      const before = await store.invitationStory('inv_1');
      const result = { kind: 'failed', reason: { code: 'interrupted' } } as const;
      await store.settleInvitation({ id: 'inv_1', result, entry: entry('failed'), at: now });
      expect(await store.invitationStory('inv_1')).toEqual(before);
    });

    test('that was never opened is not found and cannot be settled', async () => {
      const store = await fresh(open);
      expect(await store.invitation('inv_9')).toBeNull();
      expect(await store.invitationStory('inv_9')).toBeNull();
      await expect(settle(store, 'inv_9', null)).rejects.toThrow('inv_9');
    });

    test('whose request was interrupted is found when it is old enough, oldest first', async () => {
      const store = await fresh(open);
      for (const n of [1, 2, 3]) {
        await store.openInvitation(draft(`inv_${n}`, { at: now + n }));
      }
      await settle(store, 'inv_1', null);
      const found = async (before: number) =>
        (await store.issuingInvitations(before)).map((one) => one.id);
      expect(await found(now + 3)).toEqual(['inv_2']);
      expect(await found(now + 4)).toEqual(['inv_2', 'inv_3']);
    });
  });

  describe('each address has at most one current invitation', () => {
    const spellings = ['ann@example.com', 'ANN@Example.COM', '  ann@example.com '];

    test.each(spellings)('%j is the address of ann@example.com', async (email) => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: 'ann@example.com' });
      expect(await store.openInvitation(draft('inv_2', { email }))).toMatchObject({
        kind: 'conflict',
        invitation: { id: 'inv_1' },
      });
      expect(await store.invitation('inv_2')).toBeNull();
      expect((await store.invitationStory('inv_1'))?.timeline).toHaveLength(2);
    });

    test('which includes letters beyond ASCII, composed or not', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: 'JÜRGEN@müller.example' });
      const decomposed = 'jürgen@müller.example'.normalize('NFD');
      expect(await store.openInvitation(draft('inv_2', { email: decomposed }))).toMatchObject({
        kind: 'conflict',
      });
    });

    test('which also holds while the portal is being asked, and if two are opened at once', async () => {
      const store = await fresh(open);
      const email = 'ann@example.com';
      const opened = await Promise.all(
        [1, 2, 3].map((n) => store.openInvitation(draft(`inv_${n}`, { email }))),
      );
      expect(opened.map((one) => one.kind)).toEqual(['opened', 'conflict', 'conflict']);
    });

    test.each(['waiting', 'ready', 'sending', 'unknown'] as const)(
      'which also holds while the person is %s',
      async (state) => {
        const store = await fresh(open);
        await invite(store, 'inv_1', { email: 'ann@example.com' });
        const came = { invitationId: 'inv_1', registeredAt: now };
        await put(store, memberIn(state, 1, came));
        const next = draft('inv_2', { email: 'ann@example.com', at: later });
        expect((await store.openInvitation(next)).kind).toBe('conflict');
      },
    );

    test.each(['welcomed', 'failed'] as const)(
      'which ends when the person is %s',
      async (state) => {
        const store = await fresh(open);
        await invite(store, 'inv_1', { email: 'ann@example.com' });
        await put(store, memberIn(state, 1, { invitationId: 'inv_1' }));
        const next = draft('inv_2', { email: 'ann@example.com' });
        expect((await store.openInvitation(next)).kind).toBe('opened');
      },
    );

    test('which ends when the portal refuses the invitation, and when it expires', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1', { email: 'ann@example.com' }));
      const failed = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
      await store.settleInvitation({ id: 'inv_1', result: failed, entry: entry(), at: now });
      await invite(store, 'inv_2', { email: 'ann@example.com' });

      const next = (id: string, at: number) =>
        store.openInvitation(draft(id, { email: 'ann@example.com', at }));
      expect(await next('inv_3', later - 1)).toMatchObject({ kind: 'conflict' });
      expect((await next('inv_3', later)).kind).toBe('opened');
      expect((await store.invitation('inv_2'))?.link).toBeNull();
      expect((await next('inv_4', later)).kind).toBe('conflict');
    });

    test('which ends when the person leaves the portal, and holds again when they return', async () => {
      const store = await fresh(open);
      const email = 'ann@example.com';
      await invite(store, 'inv_1', { email });
      const ann = { email, invitationId: 'inv_1', registeredAt: now };
      await put(store, memberIn('waiting', 1, ann));
      expect(await store.openInvitation(draft('inv_2', { email }))).toMatchObject({
        kind: 'conflict',
      });

      await move(store, user(1), { state: 'gone', reason: { code: 'deleted' } });
      const statusOf = async (id: string) => {
        const found = await store.invitation(id);
        return found && invitationStatus(found, now);
      };
      expect(await statusOf('inv_1')).toBe('gone');
      await move(store, user(1), { state: 'waiting', reason: null });
      expect(await statusOf('inv_1')).toBe('registered');
      expect(await store.openInvitation(draft('inv_2', { email }))).toMatchObject({
        kind: 'conflict',
      });

      await move(store, user(1), { state: 'gone', reason: { code: 'disabled' } });
      expect(await store.openInvitation(draft('inv_3', { email }))).toEqual({ kind: 'opened' });
      // The newer invitation stays the current one of the address.
      await move(store, user(1), { state: 'waiting', reason: null });
      expect(await store.openInvitation(draft('inv_4', { email }))).toMatchObject({
        kind: 'conflict',
        invitation: { id: 'inv_3' },
      });
    });

    test('which does not apply to open links', async () => {
      const store = await fresh(open);
      for (const id of ['inv_1', 'inv_2']) await invite(store, id, { email: null });
      expect(await ids(store, {})).toEqual(['inv_2', 'inv_1']);
    });

    // A person who comes late still counts, even by an invitation that was replaced by a newer one.
    test.each(['waiting', 'ready', 'welcomed', 'failed'] as const)(
      'which keeps nobody out: a person who comes by the earlier invitation is %s beside the current one',
      async (state) => {
        const store = await fresh(open);
        const email = 'ann@example.com';
        await invite(store, 'inv_1', { email });
        await invite(store, 'inv_2', { email, at: later });
        await put(store, memberIn(state, 1, { invitationId: 'inv_1', registeredAt: later }));
        expect((await store.invitation('inv_1'))?.furthestStep).not.toBe('none');
        const third = draft('inv_3', { email, at: later + 1 });
        expect(await store.openInvitation(third)).toMatchObject({
          kind: 'conflict',
          invitation: { id: 'inv_2' },
        });
      },
    );

    test('which does not prevent the retry of a failed person beside a newer invitation', async () => {
      const store = await fresh(open);
      const email = 'ann@example.com';
      await invite(store, 'inv_1', { email });
      await put(store, memberIn('failed', 1, { invitationId: 'inv_1' }));
      await invite(store, 'inv_2', { email });
      expect(await move(store, user(1), { state: 'waiting', dueAt: now })).toBe('committed');
      expect((await store.invitation('inv_1'))?.furthestStep).toBe('registered');
    });
  });

  describe('the invitations by which a person may have come', () => {
    const person = {
      userId: user(1),
      email: 'ann@example.com',
      invitationId: null,
      issuedUntil: now + hourMs,
    };
    const found = async (store: Awaited<ReturnType<OpenStore>>, more = {}) => {
      const { byUser, byEmail, openLinks } = await store.candidates({ ...person, ...more });
      const idsOf = (list: typeof byUser) => list.map((one) => one.id);
      return { byUser: idsOf(byUser), byEmail: idsOf(byEmail), openLinks: idsOf(openLinks) };
    };

    test('are those to their user id, those to their address, and the open links, newest first', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: 'ANN@example.com' });
      await invite(store, 'inv_2', { email: 'Ann@example.com', at: later });
      await invite(store, 'inv_3', { email: 'other@example.com', mode: 'email' });
      await settle(store, 'inv_3', null, now, user(1));
      await invite(store, 'inv_4', { email: null });
      await invite(store, 'inv_5', { email: null, at: now + hourMs });
      await invite(store, 'inv_6', { email: null, at: now + hourMs + 1 });
      await invite(store, 'inv_7', { email: 'bob@example.com' });
      expect(await found(store)).toEqual({
        byUser: ['inv_3'],
        byEmail: ['inv_2', 'inv_1'],
        openLinks: ['inv_5', 'inv_4'],
      });
    });

    test('start with the invitation that was matched earlier', async () => {
      const store = await fresh(open);
      for (const id of ['inv_1', 'inv_2']) {
        await invite(store, id, { mode: 'email' });
        await settle(store, id, null, now, user(1));
      }
      expect((await found(store, { invitationId: 'inv_1' })).byUser[0]).toBe('inv_1');
      expect((await found(store)).byUser).toEqual(['inv_2', 'inv_1']);
    });

    test('leave out refused invitations, and match no empty address', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1', { email: 'ann@example.com' }));
      const failed = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
      await store.settleInvitation({ id: 'inv_1', result: failed, entry: entry(), at: now });
      await invite(store, 'inv_2', { email: null });
      expect(await found(store)).toEqual({ byUser: [], byEmail: [], openLinks: ['inv_2'] });
      expect((await found(store, { email: '' })).byEmail).toEqual([]);
    });

    test('include an invitation while the portal is still being asked, so that no person is missed', async () => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1', { email: 'ann@example.com' }));
      expect((await found(store)).byEmail).toEqual(['inv_1']);
    });
  });
}
