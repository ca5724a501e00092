import { expect, onTestFinished, test } from 'vitest';
import type { Member } from '../../src/domain/member.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { newFile } from './files.ts';
import { changeOf, memberIn, now, put, stored } from './support.ts';

async function newStore() {
  const store = openSqliteStore(await newFile());
  onTestFinished(() => store.close());
  return store;
}

/** Every kind of column at once: text, number, truth and list, filled and emptied. */
const next: Partial<Member> = {
  state: 'failed',
  reason: null,
  dueAt: null,
  email: 'Ann@Example.com',
  firstName: 'Ann',
  hinted: true,
  lookCount: 3,
  openAttempt: { id: 'att_1', channel: 'smtp' },
  refusedBy: ['docspace'],
};

test('a change that knows the member before it leaves the same member as one that does not', async () => {
  const store = await newStore();
  const before = await put(store, memberIn('waiting', 1));
  const unknown = await put(store, memberIn('waiting', 2));
  await store.commit(changeOf({ ...before, ...next }, { before }));
  await store.commit(changeOf({ ...unknown, ...next }));
  const { userId, ...changed } = await stored(store, before.userId);
  const { userId: otherId, ...whole } = await stored(store, unknown.userId);
  expect(changed).toEqual(whole);

  const again = { ...changed, userId };
  const emptied = { ...next, openAttempt: null, refusedBy: [], hinted: false, email: null };
  await store.commit(changeOf({ ...again, ...emptied }, { before: again }));
  expect(await stored(store, userId)).toEqual({ ...again, ...emptied, version: 3 });
  expect((await store.listMembers({ email: 'ann@example.com' }, { limit: 9 })).items).toEqual([
    expect.objectContaining({ userId: otherId }),
  ]);
});

test('what a decision does not touch stays as it is, be it newer than the member it was made on', async () => {
  const store = await newStore();
  const before = await put(store, memberIn('waiting', 1));
  const leaseUntil = now + 120_000;
  await store.claimDue({ now, leaseUntil, limit: 1, maySend: true });
  await store.commit(changeOf({ ...before, lookCount: 1 }, { before }));
  const after = await stored(store, before.userId);
  expect(after).toMatchObject({ lookCount: 1, leaseUntil });
});

test('a change is stale when its member moved on, whatever it says of the member before', async () => {
  const store = await newStore();
  const before = await put(store, memberIn('waiting', 1));
  await store.commit(changeOf({ ...before, lookCount: 1 }, { before }));
  expect(await store.commit(changeOf({ ...before, lookCount: 2 }, { before }))).toBe('stale');
  expect((await stored(store, before.userId)).lookCount).toBe(1);
});
