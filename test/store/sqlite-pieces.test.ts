import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { formerFile, newFile } from './files.ts';
import { draft, ids } from './support.ts';

/* Where the newest rows do not hold a text: there the text index says which ones may. */

const newer = Array.from({ length: 300 }, (_, n) => `newer_${n}`);

/** So many invitations after the others that a search does not come upon those by itself. */
async function bury(store: Store): Promise<void> {
  await Promise.all(newer.map((id) => store.openInvitation(draft(id, { note: 'nothing' }))));
}

async function opened(file: string): Promise<Store> {
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  return store;
}

const letters = [...'abcABC019 "\'%_\\*()+-@.,^$?[]{}|/äÄßéЖж東🎉␟'];
const anyText = fc.string({ unit: fc.constantFrom(...letters), minLength: 3, maxLength: 14 });

test('in a long log any part of a text finds what holds it, the last written first, and nothing else', async () => {
  const store = await opened(await newFile());
  const written = fc.sample(anyText, { numRuns: 60, seed: 7 });
  for (const [n, note] of written.entries()) {
    await store.openInvitation(draft(`inv_${n}`, { email: null, note }));
  }
  await bury(store);
  const anyPart = fc
    .tuple(fc.constantFrom(...written), fc.nat(), fc.nat())
    .map(([text, from, more]) => {
      const parts = [...text];
      const begin = from % (parts.length - 2);
      return parts.slice(begin, begin + 3 + (more % (parts.length - 2))).join('');
    });
  await fc.assert(
    fc.asyncProperty(anyPart, fc.boolean(), async (part, isShouted) => {
      // One by one: as a whole, ß would become two letters.
      const q = isShouted ? part.replace(/[a-zäéж]/g, (one) => one.toUpperCase()) : part;
      const holds = (text: string) => text.toLowerCase().includes(part.toLowerCase());
      const older = written.flatMap((note, n) => (holds(note) ? [`inv_${n}`] : []));
      const others = newer.filter((id) => holds(`${id}@example.com`));
      expect(await ids(store, { q })).toEqual([...older, ...others].reverse());
    }),
    { numRuns: 300 },
  );
});

test('what the version before wrote is found by each part of its address and note', async () => {
  const file = await formerFile(8, (client) => {
    const insert = client.prepare(
      `INSERT INTO invitations (id, employee_type, mode, email, email_key, note, stage, created_at, progress, standing, current)
       VALUES (@id, 'User', 'link', @email, @email, @note, 'issued', 1, 'none', 'issued', 0)`,
    );
    insert.run({ id: 'inv_1', email: 'ann.lee@example.org', note: 'Grüße aus Köln' });
    insert.run({ id: 'inv_2', email: 'bob@example.org', note: null });
  });
  const store = await opened(file);
  await bury(store);
  for (const q of ['ann', 'NN.L', 'lee@', 'ann.lee@example.org', 'köl', 'GRÜ', 'öln']) {
    expect(await ids(store, { q })).toEqual(['inv_1']);
  }
  expect(await ids(store, { q: 'example.org' })).toEqual(['inv_2', 'inv_1']);
  // The end of the address and the beginning of the note are no text of it.
  expect(await ids(store, { q: 'orgGrü' })).toEqual([]);
});
