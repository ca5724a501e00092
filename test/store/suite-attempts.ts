import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import {
  begin,
  changeOf,
  end,
  fresh,
  memberIn,
  move,
  now,
  type OpenStore,
  otherReason,
  put,
  stored,
  user,
} from './support.ts';

/** A member with one attempt in progress. */
async function sending(open: OpenStore): Promise<Store> {
  const store = await fresh(open);
  await put(store, memberIn('ready', 1));
  await move(store, user(1), { state: 'sending' }, { attempts: [begin('att_1')] });
  return store;
}

async function outcomes(store: Store) {
  const story = await store.memberStory(user(1));
  return story?.attempts.map((one) => [one.id, one.outcome]);
}

export function attemptSuite(open: OpenStore): void {
  describe('an attempt', () => {
    test('is open from its start to its outcome', async () => {
      const store = await sending(open);
      const opened = { id: 'att_1', channel: 'docspace', startedAt: now };
      expect((await store.memberStory(user(1)))?.attempts).toMatchObject([
        { ...opened, endedAt: null, outcome: null, reason: null },
      ]);
      await move(
        store,
        user(1),
        { state: 'welcomed' },
        {
          attempts: [end('att_1', 'sent')],
          at: now + 300,
        },
      );
      expect((await store.memberStory(user(1)))?.attempts).toMatchObject([
        {
          ...opened,
          endedAt: now + 300,
          outcome: 'sent',
          reason: { code: 'mail_refused', reply: '550 sent' },
        },
      ]);
    });

    test('cannot start while another one is open: the database refuses it', async () => {
      const store = await sending(open);
      await expect(
        move(store, user(1), { reason: otherReason }, { attempts: [begin('att_2')] }),
      ).rejects.toThrow();
      expect(await outcomes(store)).toEqual([['att_1', null]]);
      expect((await stored(store, user(1))).reason).not.toEqual(otherReason);
    });

    test('cannot start after one was sent, not even in the same commit', async () => {
      const store = await sending(open);
      const both = { attempts: [end('att_1', 'sent'), begin('att_2')] };
      await expect(move(store, user(1), {}, both)).rejects.toThrow();
      await move(store, user(1), { state: 'welcomed' }, { attempts: [end('att_1', 'sent')] });
      await expect(
        move(store, user(1), { state: 'sending' }, { attempts: [begin('att_2')] }),
      ).rejects.toThrow();
      expect(await outcomes(store)).toEqual([['att_1', 'sent']]);
      expect((await stored(store, user(1))).state).toBe('welcomed');
    });

    test.each(['not_sent', 'refused', 'unknown'] as const)(
      'may start after one that was %s, even in the same commit',
      async (outcome) => {
        const store = await sending(open);
        await move(store, user(1), { state: 'ready' }, { attempts: [end('att_1', outcome)] });
        await move(store, user(1), { state: 'sending' }, { attempts: [begin('att_2')] });
        const next = { attempts: [end('att_2', outcome), begin('att_3')], at: now + 1 };
        expect(await move(store, user(1), {}, next)).toBe('committed');
        expect((await outcomes(store))?.sort()).toEqual([
          ['att_1', outcome],
          ['att_2', outcome],
          ['att_3', null],
        ]);
      },
    );

    test('that was unknown gets its late outcome', async () => {
      const store = await sending(open);
      await move(store, user(1), { state: 'unknown' }, { attempts: [end('att_1', 'unknown')] });
      const late = {
        kind: 'replace',
        id: 'att_1',
        outcome: 'sent',
        reason: { code: 'answered_late' },
      } as const;
      await move(store, user(1), { state: 'welcomed' }, { attempts: [late] });
      expect(await outcomes(store)).toEqual([['att_1', 'sent']]);
      await expect(
        move(store, user(1), { state: 'sending' }, { attempts: [begin('att_2')] }),
      ).rejects.toThrow();
    });

    test('that never started, or that belongs to another member, cannot end', async () => {
      const store = await sending(open);
      await put(store, memberIn('ready', 2));
      await expect(
        move(store, user(1), { reason: otherReason }, { attempts: [end('att_9', 'sent')] }),
      ).rejects.toThrow();
      await expect(
        move(store, user(2), { reason: otherReason }, { attempts: [end('att_1', 'sent')] }),
      ).rejects.toThrow();
      expect(await outcomes(store)).toEqual([['att_1', null]]);
      expect((await stored(store, user(2))).reason).not.toEqual(otherReason);
    });

    test('that is refused rolls back no other job of the same commit', async () => {
      const store = await sending(open);
      const member = await stored(store, user(1));
      const commits = Array.from({ length: 9 }, (_, n) =>
        n === 4
          ? store.commit(
              changeOf({ ...member, reason: otherReason }, { attempts: [begin('att_2')] }),
            )
          : store.commit(changeOf(memberIn('waiting', n + 10))),
      );
      const results = await Promise.allSettled(commits);
      expect(results.map((one) => one.status)).toEqual(
        results.map((_, n) => (n === 4 ? 'rejected' : 'fulfilled')),
      );
      const ids = results.map((_, n) => user(n + 10));
      expect(await store.members(ids)).toHaveLength(8);
      expect((await stored(store, user(1))).reason).not.toEqual(otherReason);
    });

    test('counts from its start time, oldest first, whatever its outcome is', async () => {
      const store = await fresh(open);
      for (const n of [3, 1, 2]) {
        await put(store, memberIn('sending', n), { attempts: [begin(`att_${n}`)], at: now + n });
      }
      expect(await store.attemptsSince(now)).toEqual([now + 1, now + 2, now + 3]);
      expect(await store.attemptsSince(now + 1)).toEqual([now + 2, now + 3]);
      expect(await store.attemptsSince(now + 3)).toEqual([]);
    });
  });
}
