import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import {
  begin,
  changeOf,
  end,
  entry,
  fresh,
  hourMs,
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
  });

  describe('an attempt with a guard', () => {
    const tryAt = (store: Store, n: number, at: number, maxPerHour = 2) =>
      store.commit(
        changeOf(memberIn('sending', n), { attempts: [begin(`att_${n}`)], entries: [entry()], at }),
        { maxPerHour },
      );

    test('is held as long as a pause is stored, and nothing of its change is written', async () => {
      const store = await fresh(open);
      await store.pause({ name: 'operator', reason: { code: 'paused_by_operator' }, since: now });
      expect(await tryAt(store, 1, now)).toBe('held');
      expect(await store.member(user(1))).toBeNull();
      expect(await store.commit(changeOf(memberIn('waiting', 2)), { maxPerHour: 1 })).toBe(
        'committed',
      );
      await store.liftPauses();
      expect(await tryAt(store, 1, now)).toBe('committed');
    });

    test('is held when the hour is full, which stores a pause, until an operator grants a new hour', async () => {
      const store = await fresh(open);
      const tries = [1, 2, 3, 4, 5].map((n) => tryAt(store, n, now + n));
      expect(await Promise.all(tries)).toEqual(['committed', 'committed', 'held', 'held', 'held']);
      expect(await store.pauses()).toEqual([
        {
          name: 'hourly',
          reason: { code: 'hourly_limit_reached', maxPerHour: 2 },
          since: expect.toSatisfy((since: number) => since > now && since <= now + 5),
        },
      ]);
      await store.liftPauses();
      expect(await tryAt(store, 6, now + 6)).toBe('held');
      await store.setValue('hour_granted_at', String(now + 7));
      await store.liftPauses();
      const more = [7, 8, 9].map((n) => tryAt(store, n, now + n + 1));
      expect(await Promise.all(more)).toEqual(['committed', 'committed', 'held']);
    });

    test('counts those of the last hour, also from the future, and a grant from the future grants nothing', async () => {
      const store = await fresh(open);
      await put(store, memberIn('sending', 1), { attempts: [begin('att_1')], at: now - hourMs });
      await put(store, memberIn('sending', 2), { attempts: [begin('att_2')], at: now + hourMs });
      await store.setValue('hour_granted_at', String(now + 2 * hourMs));
      expect(await tryAt(store, 3, now)).toBe('committed');
      expect(await tryAt(store, 4, now)).toBe('held');
    });

    test('that is not written, because its member has changed, does not use the hour up', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1));
      for (let time = 0; time < 5; time += 1) expect(await tryAt(store, 1, now)).toBe('stale');
      expect(await tryAt(store, 2, now)).toBe('committed');
      expect(await tryAt(store, 3, now)).toBe('committed');
    });

    test('that is not written leaves room for those that are written together with it', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1));
      const tries = [1, 1, 2, 1, 3].map((n) => tryAt(store, n, now));
      const results = ['stale', 'stale', 'committed', 'stale', 'committed'];
      expect(await Promise.all(tries)).toEqual(results);
      expect(await store.pauses()).toEqual([]);
    });

    test('never exceeds the limit within an hour, whatever the gaps between the tries are', async () => {
      const gapsMs = fc.array(fc.nat(20 * 60_000), { maxLength: 30, size: 'max' });
      await fc.assert(
        fc.asyncProperty(gapsMs, fc.integer({ min: 1, max: 6 }), async (gaps, maxPerHour) => {
          const store = await open();
          try {
            const begunAt: number[] = [];
            let at = now;
            for (const [n, gapMs] of gaps.entries()) {
              at += gapMs;
              const lastHour = begunAt.filter((one) => one > at - hourMs);
              const result = await tryAt(store, n, at, maxPerHour);
              expect(result).toBe(lastHour.length < maxPerHour ? 'committed' : 'held');
              if (result === 'committed') begunAt.push(at);
              else await store.liftPauses();
            }
          } finally {
            await store.close();
          }
        }),
        { numRuns: 10 },
      );
    });
  });

  describe('an outcome that counts for its channel', () => {
    const reason = { code: 'portal_refused', status: 400 } as const;
    const refusal = { kind: 'refused', reason, streak: 'key' } as const;
    const sent = { kind: 'sent', reason: { code: 'portal_accepted' } } as const;
    const put1 = (store: Store, n: number, outcome: typeof refusal | typeof sent) =>
      put(store, memberIn('failed', n), { counted: { channel: 'docspace', outcome } });

    test('is counted in its commit: refusals in a row by their members, and a success ends the row', async () => {
      const store = await fresh(open);
      const refusals = async () =>
        JSON.parse((await store.getValue('refusals:docspace')) ?? 'null');
      await put1(store, 1, sent);
      expect(await refusals()).toBeNull();
      await Promise.all([2, 3, 4].map((n) => put1(store, n, refusal)));
      expect(await refusals()).toMatchObject({ streak: 'key', count: 3 });
      expect((await refusals()).userIds.toSorted()).toEqual([2, 3, 4].map(user));
      expect(await store.getValue('refusals:smtp')).toBeNull();
      await put1(store, 5, sent);
      expect(await refusals()).toBeNull();
    });

    test('is not counted if its change is stale', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1));
      const counted = { channel: 'docspace', outcome: refusal } as const;
      expect(await store.commit(changeOf(memberIn('failed', 1), { counted }))).toBe('stale');
      expect(await store.getValue('refusals:docspace')).toBeNull();
    });
  });
}
