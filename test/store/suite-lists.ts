import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invitationLifetimeMs } from '../../src/domain/invitation.ts';
import { employeeTypes } from '../../src/domain/vocabulary.ts';
import type { Store } from '../../src/store/store.ts';
import {
  changeOf,
  draft,
  entry,
  everyState,
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
  stored,
  user,
} from './support.ts';

/** Reads all pages. `between` runs after each page. */
async function everyPage(
  store: Store,
  limit: number,
  between: (page: number) => Promise<void> = async () => {},
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: number | undefined;
  for (let page = 1; page <= 100; page += 1) {
    const { items, nextCursor } = await store.listInvitations({}, { limit, cursor }, now);
    seen.push(...items.map((one) => one.id));
    if (nextCursor === null) return seen;
    cursor = nextCursor;
    await between(page);
  }
  throw new Error('the list has no end');
}

export function listSuite(open: OpenStore): void {
  describe('an address', () => {
    const unicode = 'Ann@Bücher.example';
    const ascii = 'ann@xn--bcher-kva.example';

    test('with an IDN domain is found and invited once in both of its forms', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: unicode });
      await put(store, memberIn('ready', 1, { email: ascii }));
      for (const email of [unicode, ascii]) {
        expect(await ids(store, { email })).toEqual(['inv_1']);
        expect((await store.listMembers({ email }, { limit: 9 })).items).toHaveLength(1);
        const again = await store.openInvitation(draft('inv_2', { email }));
        expect(again).toMatchObject({ kind: 'conflict', invitation: { id: 'inv_1' } });
      }
    });

    test('that a member had before finds the member, whatever else is filtered', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: 'first@example.com' });
      const before = await put(store, memberIn('ready', 1, { email: 'second@example.com' }));
      const here = { ...before, invitationId: 'inv_1' };
      await store.commit({ ...changeOf(here), before });
      const member = await stored(store, user(1));
      await store.commit({
        ...changeOf({ ...member, email: 'third@example.com' }),
        before: member,
      });
      await put(store, memberIn('ready', 2, { email: 'other@example.com' }));
      const found = async (filter: Parameters<Store['listMembers']>[0]) =>
        (await store.listMembers(filter, { limit: 9 })).items.map((one) => one.userId);
      for (const name of ['first', 'second', 'third']) {
        const email = `${name.toUpperCase()}@example.com`;
        expect(await found({ email })).toEqual([user(1)]);
        expect(await found({ email, state: 'ready' })).toEqual([user(1)]);
        expect(await found({ email, state: 'gone' })).toEqual([]);
        expect(await found({ q: name })).toEqual([user(1)]);
        expect(await ids(store, { email })).toEqual(['inv_1']);
        expect(await ids(store, { q: name })).toEqual(['inv_1']);
        expect(await ids(store, { email, mode: 'email' })).toEqual([]);
      }
    });

    test('is erased with the others when only the id of the member is kept', async () => {
      const store = await fresh(open);
      const before = await put(store, memberIn('ready', 1, { email: 'old@example.com' }));
      await store.commit({ ...changeOf({ ...before, email: 'new@example.com' }), before });
      const member = await stored(store, user(1));
      await store.commit({ ...changeOf({ ...member, email: null }), before: member });
      for (const email of ['old@example.com', 'new@example.com']) {
        expect((await store.listMembers({ email }, { limit: 9 })).items).toEqual([]);
      }
    });
  });

  describe('the list of invitations', () => {
    test('is sorted newest first, and each filter keeps the matching invitations', async () => {
      const store = await fresh(open);
      for (const [n, employeeType] of employeeTypes.entries()) {
        await invite(store, `inv_${n}`, { employeeType, at: now + n * hourMs });
      }
      await invite(store, 'inv_mail', { mode: 'email', employeeType: 'User', at: now - hourMs });
      // Sorted by time, then by writing. The last one was written after the clock was set back.
      expect(await ids(store, {})).toEqual(['inv_3', 'inv_2', 'inv_1', 'inv_0', 'inv_mail']);
      expect(await ids(store, { employeeType: 'User' })).toEqual(['inv_1', 'inv_mail']);
      expect(await ids(store, { mode: 'email' })).toEqual(['inv_mail']);
      expect(await ids(store, { email: ' INV_2@example.COM' })).toEqual(['inv_2']);
      expect(await ids(store, { since: now + 2 * hourMs })).toEqual(['inv_3', 'inv_2']);
      expect(await ids(store, { until: now + hourMs })).toEqual(['inv_0', 'inv_mail']);
      expect(await ids(store, { since: now, until: now + hourMs })).toEqual(['inv_0']);
      expect(await ids(store, { status: 'issued' })).toHaveLength(5);
      expect(await ids(store, { status: 'issued', mode: 'link', since: now + hourMs })).toEqual([
        'inv_3',
        'inv_2',
        'inv_1',
      ]);
      expect(await ids(store, { email: 'inv_1@example.com', mode: 'email' })).toEqual([]);
    });

    test('has every invitation on exactly one page, whatever the page size, while new ones arrive', async () => {
      const store = await fresh(open);
      const before = Array.from({ length: 23 }, (_, n) => `inv_${String(n).padStart(2, '0')}`);
      for (const id of before) await invite(store, id);
      const expected = before.toReversed();
      for (const limit of [1, 2, 7, 22, 23, 24, 200]) {
        const seen = await everyPage(store, limit, async (page) => {
          await invite(store, `new_${limit}_${page}`, { email: null });
        });
        expect(seen.filter((id) => id.startsWith('inv_'))).toEqual(expected);
        expect(new Set(seen).size).toBe(seen.length);
      }
    });

    test('goes on after any invitation, also after one that the filter leaves out', async () => {
      const store = await fresh(open);
      for (const id of ['inv_1', 'inv_2', 'inv_3', 'inv_4']) await invite(store, id);
      await store.revokeInvitation({ id: 'inv_3', entry: entry(), at: now });
      const { items } = await store.listInvitations({}, { limit: 9 }, now);
      const cursor = items.find((one) => one.id === 'inv_3')?.seq;
      const rest = await store.listInvitations({ status: 'issued' }, { limit: 9, cursor }, now);
      expect(rest.items.map((one) => one.id)).toEqual(['inv_2', 'inv_1']);
    });

    test('has a next page only if there are more invitations', async () => {
      const store = await fresh(open);
      for (const id of ['inv_1', 'inv_2']) await invite(store, id);
      expect((await store.listInvitations({}, { limit: 2 }, now)).nextCursor).toBeNull();
      expect((await store.listInvitations({}, { limit: 1 }, now)).nextCursor).not.toBeNull();
      const nothing = await store.listInvitations({ mode: 'email' }, { limit: 1 }, now);
      expect(nothing).toEqual({ items: [], nextCursor: null });
    });

    test('counts the members of an open link by state, and has no counts for a personal invitation', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null });
      await invite(store, 'inv_2', { email: null });
      await invite(store, 'inv_3');
      for (const [n, state] of (['ready', 'welcomed', 'ready'] as const).entries()) {
        await put(store, memberIn(state, n, { invitationId: 'inv_1' }));
      }
      const { items } = await store.listInvitations({}, { limit: 10 }, now);
      expect(items.map((one) => [one.id, one.memberCounts])).toEqual([
        ['inv_3', null],
        ['inv_2', {}],
        ['inv_1', { ready: 2, welcomed: 1 }],
      ]);
    });

    test('shows a link only while it is stored, with its members and timeline', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1');
      await put(store, memberIn('waiting', 1), { entries: [entry('came before it was known')] });
      await put(store, memberIn('waiting', 2), { entries: [entry('somebody else')] });
      await move(
        store,
        user(1),
        { invitationId: 'inv_1', registeredAt: now },
        {
          entries: [entry('registered')],
        },
      );
      const story = await store.invitationStory('inv_1');
      expect(story?.members.map((one) => one.userId)).toEqual([user(1)]);
      expect(story?.timeline.map(labelOf)).toEqual([
        'issuing',
        'issued',
        'came before it was known',
        'registered',
      ]);
      expect(story?.invitation).toMatchObject({ link: null, memberCounts: null });
    });
  });

  describe('the details of an open link', () => {
    test('show the newest hundred members, their timeline, and the counts of all members by state', async () => {
      const store = await fresh(open);
      await invite(store, 'inv_1', { email: null });
      for (let n = 1; n <= 103; n += 1) {
        const state = n === 1 ? 'failed' : 'welcomed';
        const came = { entries: [entry(`came ${n}`)] };
        await put(store, memberIn(state, n, { invitationId: 'inv_1' }), came);
      }
      const story = await store.invitationStory('inv_1');
      expect(story?.members).toHaveLength(100);
      expect(story?.members[0]?.userId).toBe(user(103));
      expect(story?.invitation.memberCounts).toEqual({ failed: 1, welcomed: 102 });
      expect(story?.timeline).toHaveLength(100);
      expect(story?.timeline.slice(-1).map(labelOf)).toEqual(['came 103']);
    });
  });

  describe('a search', () => {
    const notes = [
      'plain words',
      'the "quoted" one',
      "O'Hara; DROP TABLE invitations; --",
      '100 % sure',
      'under_score',
      'star*light',
      '^caret (and) brackets: a OR b NOT c NEAR d',
      'Grüße aus Köln',
      'Ελλάδα и Москва',
      '東京都の友人',
      'party 🎉🎈🎂 time',
      'back\\slash',
      'a-b-c+d@e',
      'tab\tand\nbreak',
    ];
    const stocked = async () => {
      const store = await fresh(open);
      for (const [n, note] of notes.entries()) {
        await invite(store, `inv_${n}`, { note, email: `person${n}@example.com` });
      }
      return store;
    };

    test.each([
      ['words', [0]],
      ['WORDS', [0]],
      ['"quoted"', [1]],
      ['"qu', [1]],
      ["o'hara;", [2]],
      ['; --', [2]],
      ['100 %', [3]],
      ['0 %', [3]],
      ['%%%', []],
      ['r_s', [4]],
      ['___', []],
      ['r*l', [5]],
      ['***', []],
      ['(and)', [6]],
      ['a OR b', [6]],
      ['NOT c', [6]],
      ['Grüße', [7]],
      ['GRÜ', [7]],
      ['köln', [7]],
      ['ελλ', [8]],
      ['МОСКВА', [8]],
      ['東京都', [9]],
      ['🎉🎈🎂', [10]],
      ['back\\slash', [11]],
      ['a-b-c+d@e', [12]],
      ['tab\tand', [13]],
      ['email:person1', []],
      ['person1@example', [1]],
      ['rson7@', [7]],
      ['nothing like it', []],
    ])(
      'for %j finds exactly the texts that contain it, anywhere in e-mail address or note',
      async (q, expected) => {
        const store = await stocked();
        expect((await ids(store, { q })).sort()).toEqual(expected.map((n) => `inv_${n}`).sort());
      },
    );

    test('for any three characters or more is answered without an error', async () => {
      const store = await stocked();
      const q = fc.oneof(
        fc.string({ minLength: 3, maxLength: 200 }),
        fc.string({ unit: 'binary', minLength: 3, maxLength: 50 }),
        fc.string({
          unit: fc.constantFrom('"', '*', '%', '(', ')', ':', '-', '^', ' '),
          minLength: 3,
        }),
      );
      await fc.assert(
        fc.asyncProperty(q, async (asked) => {
          const found = await ids(store, { q: asked });
          expect(found.length).toBeLessThanOrEqual(notes.length);
        }),
        { numRuns: 400 },
      );
    });

    test('for any text that a person can type finds the note that contains it', async () => {
      const store = await fresh(open);
      let n = 0;
      const words = fc.string({
        unit: fc.constantFrom(...'abcxyz019 "\'%_*()+-@.,äßéЖ東'.split('')),
        minLength: 3,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(words, async (text) => {
          n += 1;
          await invite(store, `inv_${n}`, { email: null, note: `before ${text} after` });
          expect(await ids(store, { q: text })).toContain(`inv_${n}`);
        }),
        { numRuns: 100 },
      );
    });

    test('can be combined with every other filter', async () => {
      const store = await stocked();
      await invite(store, 'inv_user', { employeeType: 'User', note: 'more words', at: now + 5 });
      expect(await ids(store, { q: 'words' })).toEqual(['inv_user', 'inv_0']);
      expect(await ids(store, { q: 'words', employeeType: 'User' })).toEqual(['inv_user']);
      expect(await ids(store, { q: 'words', until: now + 5, status: 'issued' })).toEqual(['inv_0']);
    });
  });

  describe('the list of members', () => {
    test('is sorted newest first and filtered by state and address, page by page while people arrive', async () => {
      const store = await fresh(open);
      for (const [n, state] of everyState.entries()) {
        await put(store, memberIn(state, n, { email: `Person${n}@Example.com` }));
      }
      for (const [n, state] of everyState.entries()) {
        const { items } = await store.listMembers({ state }, { limit: 10 });
        expect(items.map((one) => one.userId)).toEqual([user(n)]);
      }
      const byEmail = await store.listMembers({ email: ' person3@EXAMPLE.com' }, { limit: 10 });
      expect(byEmail.items.map((one) => one.userId)).toEqual([user(3)]);

      const first = await store.listMembers({}, { limit: 5 });
      await put(store, memberIn('waiting', 50));
      const second = await store.listMembers(
        {},
        { limit: 5, cursor: first.nextCursor ?? undefined },
      );
      expect([...first.items, ...second.items].map((one) => one.userId)).toEqual(
        everyState.map((_, n) => user(n)).reverse(),
      );
      expect(second.nextCursor).toBeNull();
    });

    test('never matches members without an address to an empty address', async () => {
      const store = await fresh(open);
      await put(store, memberIn('waiting', 1));
      await put(store, memberIn('waiting', 2, { email: '' }));
      expect((await store.listMembers({ email: '' }, { limit: 10 })).items).toEqual([]);
    });
  });

  describe('the addresses of unused invitations', () => {
    test('are those of issued invitations, oldest first, page by page', async () => {
      const store = await fresh(open);
      for (const n of [1, 2, 3, 4]) await invite(store, `inv_${n}`);
      await invite(store, 'inv_5', { email: null });
      await store.openInvitation(draft('inv_6'));
      await invite(store, 'inv_0', { at: now - invitationLifetimeMs, email: 'late@example.com' });
      await put(store, memberIn('waiting', 2, { invitationId: 'inv_2', registeredAt: now }));
      await put(store, memberIn('waiting', 3, { invitationId: 'inv_3' }));
      const from = async (id: string, limit = 10) =>
        (await store.outstandingAddresses({ after: id, limit })).map((one) => one.id);
      expect(await from('')).toEqual(['inv_0', 'inv_1', 'inv_3', 'inv_4']);
      expect(await from('', 2)).toEqual(['inv_0', 'inv_1']);
      expect(await from('inv_1')).toEqual(['inv_3', 'inv_4']);
    });
  });
}
