import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Member } from '../../src/domain/member.ts';
import { channelNames } from '../../src/domain/outcome.ts';
import type { MemberReason } from '../../src/domain/reason.ts';
import { type Entry, portal } from '../../src/domain/timeline.ts';
import { employeeTypes } from '../../src/domain/vocabulary.ts';
import {
  changeOf,
  entry,
  everyState,
  fresh,
  hourMs,
  labelOf,
  memberIn,
  move,
  now,
  type OpenStore,
  otherReason,
  put,
  refused,
  stored,
  user,
} from './support.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const attempt = fc.record({ id: text, channel: fc.constantFrom(...channelNames) });

const anyReason: fc.Arbitrary<MemberReason> = fc.oneof(
  fc.constantFrom<MemberReason>({ code: 'not_invited' }, { code: 'forgotten' }),
  fc.record({ code: fc.constant('mail_refused' as const), reply: text }),
  fc.record({ code: fc.constant('portal_refused' as const), status: fc.nat() }),
);

const anyMember: fc.Arbitrary<Omit<Member, 'userId' | 'version' | 'invitationId'>> = fc.record({
  state: fc.constantFrom(...everyState),
  reason: maybe(anyReason),
  dueAt: maybe(time),
  leaseUntil: maybe(time),
  acceptedByOperator: fc.boolean(),
  email: maybe(text),
  firstName: maybe(text),
  lastName: maybe(text),
  cultureName: maybe(text),
  employeeType: maybe(fc.constantFrom(...employeeTypes)),
  invitedAs: maybe(fc.constantFrom(...employeeTypes)),
  registeredAt: maybe(time),
  activatedAt: maybe(time),
  confirmedAt: maybe(time),
  welcomedAt: maybe(time),
  absentSince: maybe(time),
  checkCount: fc.nat(),
  notSentCount: fc.nat(),
  hinted: fc.boolean(),
  openAttempt: maybe(attempt),
  unknownAttemptId: maybe(text),
  resendThrough: maybe(fc.constantFrom(...channelNames)),
  sentLate: fc.boolean(),
  refusedBy: fc.uniqueArray(fc.constantFrom(...channelNames)),
  forgottenAt: maybe(time),
});

export function memberSuite(open: OpenStore): void {
  describe('a decision about a member', () => {
    test('is stored completely: every member is read as it was written', async () => {
      const store = await fresh(open);
      let n = 0;
      await fc.assert(
        fc.asyncProperty(anyMember, anyMember, async (first, second) => {
          n += 1;
          const userId = user(n);
          const made = { ...first, userId, version: 0, invitationId: null };
          expect(await store.commit(changeOf(made))).toBe('committed');
          expect(await store.member(userId)).toEqual({ ...made, version: 1 });
          const moved = { ...second, userId, version: 1, invitationId: null };
          expect(await store.commit(changeOf(moved))).toBe('committed');
          expect(await store.member(userId)).toEqual({ ...moved, version: 2 });
        }),
        { numRuns: 150 },
      );
    });

    test('on an older version is stale, and nothing of it is stored', async () => {
      const store = await fresh(open);
      const member = await put(store, memberIn('ready', 1));
      await move(store, user(1), { reason: otherReason });
      const late = changeOf(
        { ...member, state: 'sending', openAttempt: { id: 'att_1', channel: 'docspace' } },
        {
          entries: [entry('sending')],
          attempts: [{ kind: 'begin', id: 'att_1', channel: 'docspace' }],
        },
      );
      expect(await store.commit(late)).toBe('stale');
      expect(await store.memberStory(user(1))).toMatchObject({
        member: { state: 'ready', reason: otherReason, version: 2 },
        attempts: [],
        timeline: [],
      });
    });

    test('on a version that does not exist yet, or on an unknown member, is stale', async () => {
      const store = await fresh(open);
      const member = await put(store, memberIn('ready', 1));
      expect(await store.commit(changeOf(member, { madeOn: 2 }))).toBe('stale');
      expect(await store.commit(changeOf(memberIn('ready', 2), { madeOn: 1 }))).toBe('stale');
      expect(await store.member(user(2))).toBeNull();
    });

    test('that creates a member is stale if the member exists already', async () => {
      const store = await fresh(open);
      await put(store, memberIn('welcomed', 1));
      const again = changeOf(memberIn('waiting', 1), { entries: [entry('came')] });
      expect(await store.commit(again)).toBe('stale');
      expect(await store.memberStory(user(1))).toMatchObject({
        member: { state: 'welcomed', version: 1 },
        timeline: [],
      });
    });

    test('is committed for one of several workers, and stale for the others', async () => {
      const store = await fresh(open);
      const member = await put(store, memberIn('waiting', 1));
      const results = await Promise.all(
        Array.from({ length: 5 }, (_, n) =>
          store.commit(
            changeOf({ ...member, checkCount: n }, { entries: [entry(`inspectFile ${n}`)] }),
          ),
        ),
      );
      expect(results).toEqual(['committed', 'stale', 'stale', 'stale', 'stale']);
      const story = await store.memberStory(user(1));
      expect(story?.timeline.map(labelOf)).toEqual(['inspectFile 0']);
      expect(story?.member.version).toBe(2);
    });

    test('writes its timeline entries in order, with actor and cause', async () => {
      const store = await fresh(open);
      const came: Entry = {
        event: 'delivery_received',
        trigger: 'user.created',
        actor: portal,
        cause: { kind: 'delivery', id: 1 },
      };
      const checked = {
        actor: { kind: 'operator', name: 'anna' },
        cause: { kind: 'portal_api' },
      } as const;
      const activated: Entry = { event: 'activated', ...checked };
      const skipped: Entry = { event: 'skipped', reason: { code: 'not_invited' }, ...checked };
      await put(store, memberIn('waiting', 1), {
        at: now,
        entries: [came],
      });
      await move(
        store,
        user(1),
        { state: 'ready' },
        {
          at: now + 5,
          entries: [activated, skipped],
        },
      );
      await put(store, memberIn('waiting', 2), { entries: [entry('somebody else')] });
      const lines = (await store.memberStory(user(1)))?.timeline ?? [];
      const own = { userId: user(1), invitationId: null };
      expect(lines).toEqual([
        { ...came, ...own, at: now },
        { ...activated, ...own, at: now + 5 },
        { ...skipped, ...own, at: now + 5 },
      ]);
    });

    test('that names an unknown invitation is refused, and other decisions are not', async () => {
      const store = await fresh(open);
      const [before, bad, after] = await Promise.allSettled([
        store.commit(changeOf(memberIn('waiting', 1))),
        store.commit(changeOf(memberIn('waiting', 2, { invitationId: 'inv_nowhere' }))),
        store.commit(changeOf(memberIn('waiting', 3))),
      ]);
      expect([before.status, bad.status, after.status]).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(await store.member(user(2))).toBeNull();
      expect(await store.members([user(1), user(3)])).toHaveLength(2);
    });
  });

  describe('members', () => {
    test('are found by their ids, and unknown users are left out', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1));
      await put(store, memberIn('gone', 2));
      const found = await store.members([user(2), user(3), user(1), user(2)]);
      expect(found.map((one) => one.userId).sort()).toEqual([user(1), user(2)]);
      expect(await store.members([])).toEqual([]);
      expect(await store.member(user(3))).toBeNull();
      expect(await store.memberStory(user(3))).toBeNull();
    });

    test('that failed are listed in the order of their ids, by reason, page by page', async () => {
      const store = await fresh(open);
      for (const n of [5, 3, 1, 4]) {
        await put(store, memberIn('failed', n, { reason: n === 4 ? otherReason : refused }));
      }
      await put(store, memberIn('unknown', 2, { reason: refused }));
      const page = async (reason: MemberReason['code'] | null, after: string, limit = 10) =>
        (await store.failedMembers({ reason, after, limit })).map((one) => one.userId);
      expect(await page(null, '')).toEqual([5, 3, 1, 4].map(user));
      expect(await page('portal_refused', '')).toEqual([5, 3, 1].map(user));
      expect(await page(null, user(5), 2)).toEqual([3, 1].map(user));
      expect(await page('deleted', '')).toEqual([]);
    });

    test('in sending, whose process has certainly ended, are listed a few at a time', async () => {
      const store = await fresh(open);
      const isAlone = store.replication === null;
      for (const n of [1, 2, 3]) await put(store, memberIn('sending', n, { dueAt: now }));
      await put(store, memberIn('ready', 4));
      expect(await store.leftSending(2)).toHaveLength(isAlone ? 2 : 0);
      const all = await store.leftSending(10);
      expect(all.map((one) => one.userId).sort()).toEqual(isAlone ? [1, 2, 3].map(user) : []);
    });

    test('that wait and were not seen by a run are found, if they were known before the run', async () => {
      const store = await fresh(open);
      expect(await store.newestMember()).toBe(0);
      for (const n of [4, 2, 3]) await put(store, memberIn('waiting', n));
      await put(store, memberIn('ready', 1));
      const until = await store.newestMember();
      await put(store, memberIn('waiting', 5));
      expect(await store.newestMember()).toBeGreaterThan(until);
      const unseen = (after: string, limit = 10) =>
        store.unseenWaiting({ run: 7, after, limit, until });
      expect(await unseen('')).toEqual([4, 2, 3].map(user));
      await store.markSeen([user(3), user(99)], 7);
      await store.markSeen([], 7);
      expect(await unseen('')).toEqual([4, 2].map(user));
      expect(await unseen('', 1)).toEqual([user(4)]);
      expect(await unseen(user(4))).toEqual([user(2)]);
      expect(await store.unseenWaiting({ run: 8, after: '', limit: 10, until })).toHaveLength(3);
    });

    test('to whom something happened in a period are found by the event, once each, if they have an address', async () => {
      const store = await fresh(open);
      const welcomed: Entry = { ...entry(), event: 'welcomed' };
      const at = (hours: number) => now + hours * hourMs;
      const person = (n: number) => memberIn('welcomed', n, { email: `p${n}@example.com` });
      await put(store, person(1), { entries: [entry(), welcomed], at: at(0) });
      await put(store, person(2), { entries: [entry(), entry(), welcomed], at: at(1) });
      await put(store, person(3), { entries: [entry()], at: at(2) });
      await put(store, memberIn('welcomed', 4, { email: null }), { entries: [entry()], at: at(2) });
      await put(store, person(5), { entries: [welcomed], at: at(3) });
      const found = async (event: 'registered' | 'welcomed', limit = 9) => {
        const query = { events: [event], since: at(1), until: at(3), limit };
        return (await store.membersByEvent(query)).map(({ userId }) => userId);
      };
      expect(await found('registered')).toEqual([2, 3].map(user));
      expect(await found('registered', 1)).toEqual([user(2)]);
      expect(await found('welcomed')).toEqual([user(2)]);
    });

    test('are marked as seen without making their decisions stale', async () => {
      const store = await fresh(open);
      const member = await put(store, memberIn('waiting', 1));
      await store.markSeen([user(1)], 7);
      expect(await stored(store, user(1))).toEqual(member);
      expect(await store.commit(changeOf(member))).toBe('committed');
      const until = await store.newestMember();
      expect(await store.unseenWaiting({ run: 7, after: '', limit: 10, until })).toEqual([]);
    });
  });
}
