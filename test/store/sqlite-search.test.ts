import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { invitationStatus } from '../../src/domain/invitation.ts';
import { employeeTypes, invitationModes } from '../../src/domain/vocabulary.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { InvitationFilter, ListedInvitation, Store } from '../../src/store/store.ts';
import { clockSetBack, look, newFile } from './files.ts';
import { draft, entry, hourMs, ids, now, settle } from './support.ts';

const dayMs = 24 * hourMs;
const notes = ['spring project', 'spring', 'autumn', null] as const;

/** An invitation, and by how much the clock moved before it: sometimes it is set back. */
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
/** Text, with one other filter or two: more leave nothing. */
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

/** @returns the time of the last one, UTC ms */
async function write(store: Store, drafts: readonly Draft[]): Promise<number> {
  let at = now;
  for (const [n, { moved, comesTo, ...wish }] of drafts.entries()) {
    at += moved;
    const id = `inv_${n}`;
    await store.openInvitation(draft(id, { ...wish, at }));
    if (comesTo === 'issuing') continue;
    const failed = { kind: 'failed', reason: 'no' } as const;
    if (comesTo === 'failed')
      await store.settleInvitation({ id, result: failed, entry: entry(), at });
    else await settle(store, id, null, at);
    if (comesTo === 'revoked') await store.revokeInvitation({ id, entry: entry(), at });
  }
  return at;
}

/** What the filter says, without any index. */
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

test('text with other filters finds what fits, the last written first, however the clock was set', async () => {
  const drafts = fc.array(anyDraft, { minLength: 1, maxLength: 40 });
  const filters = fc.array(anyFilter, { minLength: 1, maxLength: 8 });
  const limit = fc.constantFrom(1, 2, 5, 50);
  await fc.assert(
    fc.asyncProperty(drafts, filters, limit, async (written, asked, pageSize) => {
      const store = openSqliteStore(await newFile());
      try {
        const at = await write(store, written);
        const byId = new Map(
          (await store.listInvitations({}, { limit: 200 }, at)).items.map((one) => [one.id, one]),
        );
        const lastFirst = written.map((_, n) => byId.get(`inv_${n}`)).reverse();
        for (const filter of asked) {
          const expected = lastFirst.flatMap((one) => (one && fits(one, filter, at) ? [one] : []));
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
    { numRuns: 40 },
  );
}, 60_000);

test('the text index holds what the log holds, however an invitation is saved and forgotten', async () => {
  const file = await newFile();
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  await store.openInvitation(draft('inv_1'));
  await settle(store, 'inv_1', 'https://portal.example/s/1');
  await store.openInvitation(draft('inv_2'));
  await store.openInvitation(draft('inv_3', { note: 'in place of inv_2@example.com' }));
  const erased = await store.forget({
    email: 'inv_2@example.com',
    told: [],
    changes: [],
    at: now,
  });
  expect(erased).toMatchObject({ erased: { invitations: 1, mentions: 1 } });
  expect(await ids(store, { q: 'inv_1@' })).toEqual(['inv_1']);
  expect(await ids(store, { q: 'inv_2@' })).toEqual([]);
  expect(await ids(store, { q: 'in place of' })).toEqual(['inv_3']);
  const compare =
    "INSERT INTO invitations_text (invitations_text, rank) VALUES ('integrity-check', 1)";
  expect(() => look(file, (client) => client.exec(compare))).not.toThrow();
});

test('how far the clock was set back is kept, however often', async () => {
  const file = await newFile();
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  const ago = (n: number, at: number) => store.openInvitation(draft(`inv_${n}`, { at }));
  await ago(1, now);
  await ago(2, now);
  expect(clockSetBack(file)).toBeNull();
  await ago(3, now - 11);
  await ago(4, now - 10);
  await ago(5, now + 5);
  await ago(6, now + 1);
  expect(clockSetBack(file)).toBe('11');
});
