import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { inspectFile, newFile } from './files.ts';
import { apply, changeOf, delivery, fresh, memberIn, now, user } from './support.ts';

const told = (file: string) =>
  inspectFile(file, (client) =>
    client.prepare('SELECT delivery FROM member_deliveries ORDER BY delivery').pluck().all(),
  );

test('the member of a delivery is found page by page, before and after the delivery became a hint', async () => {
  const file = await newFile();
  const store = await fresh(async () => openSqliteStore(file));
  const [ann, bea] = [user(1), user(2)];
  const arrive = async (...ids: readonly number[]) => {
    for (const id of ids) {
      await store.acceptDelivery(delivery(id, { userId: id % 2 === 0 ? ann : bea }));
    }
  };
  const pages = async (limit: number) => {
    const found: number[] = [];
    for (let cursor: number | undefined; ; ) {
      const page = await store.listDeliveries(
        { userId: ann },
        cursor === undefined ? { limit } : { limit, cursor },
      );
      found.push(...page.items.map((one) => one.id));
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  };

  await arrive(1, 2, 3, 4);
  const members = [memberIn('waiting', 1), memberIn('waiting', 2)];
  const changes = members.map((member) => ({ ...changeOf(member), madeOn: null }));
  expect(await apply(store, changes, [1, 2, 3, 4])).toBe('all');
  await arrive(5, 6, 7, 8);

  for (const limit of [1, 2, 3, 4, 9])
    expect([limit, await pages(limit)]).toEqual([limit, [8, 6, 4, 2]]);
  expect(told(file)).toEqual([1, 2, 3, 4]);
});

test('the link to its member is deleted with the delivery', async () => {
  const file = await newFile();
  const store = await fresh(async () => openSqliteStore(file));
  for (const id of [1, 2, 3]) await store.acceptDelivery(delivery(id, { userId: user(1) }));
  await apply(store, [{ ...changeOf(memberIn('waiting', 1)), madeOn: null }], [1, 2, 3]);
  expect(await store.deleteDeliveries({ before: now + 1, limit: 2 })).toBe(2);
  expect(told(file)).toEqual([3]);
});
