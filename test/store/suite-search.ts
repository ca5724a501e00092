import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invitationStatus } from '../../src/domain/invitation.ts';
import { employeeTypes, invitationModes } from '../../src/domain/vocabulary.ts';
import type { InvitationFilter, ListedInvitation, Store } from '../../src/store/store.ts';
import {
  draft,
  entry,
  fresh,
  hourMs,
  ids,
  invite,
  memberIn,
  move,
  now,
  type OpenStore,
  put,
  settle,
  user,
} from './support.ts';

const dayMs = 24 * hourMs;
const notes = ['spring project', 'spring', 'autumn', null] as const;

/** An invitation, and how far the clock moved before it. Sometimes it is set back. */
const anyDraft = fc.record({
  moved: fc.oneof(fc.nat({ max: dayMs }), fc.integer({ min: -dayMs, max: 0 }), fc.constant(0)),
  employeeType: fc.constantFrom(...employeeTypes),
  mode: fc.constantFrom(...invitationModes),
  note: fc.constantFrom(...notes),
  comesTo: fc.constantFrom('issuing', 'failed', 'issued', 'revoked'),
});
type Draft = typeof anyDraft extends fc.Arbitrary<infer T> ? T : never;

const anyTime = fc.integer({ min: -2 * dayMs, max: 10 * dayMs }).map((ms) => now + ms);
const others = {
  status: fc.constantFrom('issuing', 'failed', 'issued', 'revoked', 'expired'),
  employeeType: fc.constantFrom(...employeeTypes),
  mode: fc.constantFrom(...invitationModes),
  since: anyTime,
  until: anyTime,
} as const;
/** A text with one or two other filters. With more filters nothing is found. */
const anyFilter = fc
  .record({
    q: fc.constantFrom('spring', 'example.com', 'spring project', 'inv_3', 'nothing like it'),
    other: fc.record(others),
    asked: fc.subarray(['status', 'employeeType', 'mode', 'since', 'until'] as const, {
      minLength: 1,
      maxLength: 2,
    }),
  })
  .map(
    ({ q, other, asked }): InvitationFilter => ({
      q,
      ...Object.fromEntries(asked.map((name) => [name, other[name]])),
    }),
  );

/** @returns the time of the last one (UTC ms) */
async function write(store: Store, drafts: readonly Draft[]): Promise<number> {
  let at = now;
  for (const [n, { moved, comesTo, ...wish }] of drafts.entries()) {
    at += moved;
    const id = `inv_${n}`;
    await store.openInvitation(draft(id, { ...wish, at }));
    if (comesTo === 'issuing') continue;
    const failed = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
    if (comesTo === 'failed')
      await store.settleInvitation({ id, result: failed, entry: entry(), at });
    else await settle(store, id, null, at);
    if (comesTo === 'revoked') await store.revokeInvitation({ id, entry: entry(), at });
  }
  return at;
}

/** Whether an invitation matches the filter, found out without an index. */
function fits(one: ListedInvitation, filter: InvitationFilter, at: number): boolean {
  const { q = '', status, employeeType, mode, since = 0, until = Number.MAX_VALUE } = filter;
  return (
    `${one.email}\n${one.note}`.includes(q) &&
    (status === undefined || invitationStatus(one, at) === status) &&
    (employeeType === undefined || one.employeeType === employeeType) &&
    (mode === undefined || one.mode === mode) &&
    one.createdAt >= since &&
    one.createdAt < until
  );
}

export function searchSuite(open: OpenStore): void {
  filterSuite(open);
  spellingSuite(open);
}

function filterSuite(open: OpenStore): void {
  describe('a search with other filters', () => {
    test('finds the matching invitations in the order of the list, however the clock was set', async () => {
      const drafts = fc.array(anyDraft, { minLength: 1, maxLength: 40 });
      const filters = fc.array(anyFilter, { minLength: 1, maxLength: 8 });
      const limit = fc.constantFrom(1, 2, 5, 50);
      await fc.assert(
        fc.asyncProperty(drafts, filters, limit, async (written, asked, pageSize) => {
          const store = await open();
          try {
            const at = await write(store, written);
            const { items } = await store.listInvitations({}, { limit: 200 }, at);
            for (const filter of asked) {
              const expected = items.filter((one) => fits(one, filter, at));
              const found: ListedInvitation[] = [];
              let cursor: number | undefined;
              do {
                const page = await store.listInvitations(filter, { limit: pageSize, cursor }, at);
                found.push(...page.items);
                cursor = page.nextCursor ?? undefined;
              } while (cursor !== undefined);
              expect(found.map((one) => one.id)).toEqual(expected.map((one) => one.id));
            }
          } finally {
            await store.close();
          }
        }),
        { numRuns: 15 },
      );
    }, 60_000);
  });
}

export function spellingSuite(open: OpenStore): void {
  describe('a search in any spelling', () => {
    /** A text, and different spellings in which people search for it. */
    const spellings: readonly (readonly [string, readonly string[]])[] = [
      ['Projekt Müller', ['müller', 'MÜLLER', 'Müller'.normalize('NFD'), 'muller', 'jekt mül']],
      ['Projekt Müller'.normalize('NFD'), ['müller', 'MÜLLER', 'Müller'.normalize('NFD')]],
      ['CAFÉ Zoë', ['café', 'cafe', 'ZOE', 'zoë']],
      ['東京都の友人', ['東京', '友人', '京都']],
      ['Ｗｉｄｅ ｆｏｒｍ', ['wide', 'Ｗｉｄｅ', 'form']],
      ['ΟΔΟΣΑ', ['οδος', 'ΟΔΟΣ', 'οδοσα']],
      ['İstanbul', ['istanbul', 'İSTANBUL', 'ISTANBUL']],
      ['김치 한국어', ['김치', '한국']],
    ];

    test.each(spellings)('finds %j in a note and in a name', async (text, asked) => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null, note: `before ${text} after` });
      await invite(store, 'inv_2', { email: null, note: 'another' });
      await put(store, memberIn('ready', 1, { firstName: 'Ann', lastName: text }));
      await put(store, memberIn('ready', 2, { firstName: 'Bob', lastName: 'Lee' }));
      for (const q of asked) {
        expect([q, await ids(store, { q })]).toEqual([q, ['inv_1']]);
        const { items } = await store.listMembers({ q }, { limit: 9 });
        expect([q, items.map((one) => one.userId)]).toEqual([q, [user(1)]]);
      }
    });

    test('finds any part of any text', async () => {
      const store = await fresh(open);
      const letters = [...'abcABC019 "\'%_\\*()+-@.,^$?[]{}|/äÄßéЖж東🎉ΣςσİıK', '\u0308', 'ㄱ'];
      const anyText = fc.string({ unit: fc.constantFrom(...letters), minLength: 3, maxLength: 14 });
      let n = 0;
      await fc.assert(
        fc.asyncProperty(anyText, fc.nat(), fc.nat(), async (text, from, more) => {
          n += 1;
          await invite(store, `inv_${n}`, { email: null, note: text });
          const parts = [...text];
          const begin = from % (parts.length - 2);
          const q = parts.slice(begin, begin + 3 + (more % (parts.length - 2))).join('');
          expect(await ids(store, { q })).toContain(`inv_${n}`);
        }),
        { numRuns: 150 },
      );
    });

    test('never matches across the end of the address and the beginning of the note or name', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: 'ann@example.org', note: 'Grüße' });
      const email = 'ann@example.org';
      await put(store, memberIn('ready', 1, { firstName: 'Ann', lastName: 'Lee', email }));
      expect(await ids(store, { q: 'orggrü' })).toEqual([]);
      expect((await store.listMembers({ q: 'leeann' }, { limit: 9 })).items).toEqual([]);
      expect((await store.listMembers({ q: 'ann lee' }, { limit: 9 })).items).toHaveLength(1);
    });

    test('finds a member by the new name after a change', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1, { firstName: 'Ann', email: 'ann@example.org' }));
      await move(store, user(1), { firstName: 'Bea' });
      const found = async (q: string) =>
        (await store.listMembers({ q }, { limit: 9 })).items.length;
      expect([await found('bea'), await found('ann@'), await found('ann\n')]).toEqual([1, 1, 0]);
    });
  });

  describe('the members of an invitation', () => {
    test('are listed newest first, page by page, and can be filtered', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null });
      await invite(store, 'inv_2', { email: null });
      for (const n of [1, 2, 3, 4]) {
        const state = n === 2 ? 'failed' : 'ready';
        const invitationId = n === 4 ? 'inv_2' : 'inv_1';
        await put(store, memberIn(state, n, { invitationId, firstName: `Person ${n}` }));
      }
      const page = async (more: object, cursor?: number) => {
        const filter = { invitationId: 'inv_1', ...more };
        const { items, nextCursor } = await store.listMembers(filter, { limit: 2, cursor });
        return { users: items.map((one) => one.userId), nextCursor };
      };
      const first = await page({});
      expect(first.users).toEqual([user(3), user(2)]);
      expect(await page({}, first.nextCursor ?? 0)).toEqual({ users: [user(1)], nextCursor: null });
      expect((await page({ state: 'failed' })).users).toEqual([user(2)]);
      expect((await page({ q: 'person 1' })).users).toEqual([user(1)]);
      expect((await page({ invitationId: 'inv_9' })).users).toEqual([]);
    });
  });

  describe('a search after a person was forgotten', () => {
    test('finds neither their address nor a note that contained it', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      await store.openInvitation(draft('inv_2'));
      await store.openInvitation(draft('inv_3', { note: 'in place of inv_2@example.com' }));
      const erased = await store.forget({
        email: 'inv_2@example.com',
        userIdsInDeliveries: [],
        changes: [],
        at: now,
      });
      expect(erased).toMatchObject({ erased: { invitations: 1, mentions: 1 } });
      expect(await ids(store, { q: 'inv_1@' })).toEqual(['inv_1']);
      expect(await ids(store, { q: 'inv_2@' })).toEqual([]);
      expect(await ids(store, { q: 'in place of' })).toEqual(['inv_3']);
    });
  });
}
