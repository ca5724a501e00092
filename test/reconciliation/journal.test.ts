import { describe, expect, test } from 'vitest';
import type { JournalRow } from '../../src/docspace/webhooks.ts';
import { readJournal } from '../../src/reconciliation/journal.ts';
import type { ValueKey } from '../../src/store/store.ts';

const now = Date.parse('2026-11-28T18:54:00Z');

function row(id: number, status: number, ageMs: number): JournalRow {
  const createOn = new Date(now - ageMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const userId = `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
  const body = { event: { createOn, trigger: 'user.updated' }, payload: { id: userId, status: 1 } };
  return { id, status, requestPayload: JSON.stringify(body) };
}

/** Reads a journal several times, and tells which rows each reading took for lost. */
function openJournal() {
  const values = new Map<ValueKey, string>();
  const store = {
    getValue: async (key: ValueKey) => values.get(key) ?? null,
    setValue: async (key: ValueKey, value: string) => void values.set(key, value),
  };
  return async (rows: readonly JournalRow[], at = now): Promise<number[]> => {
    const lost: number[] = [];
    const newestFirst = rows.toSorted((a, b) => b.id - a.id);
    await readJournal({
      client: {
        portalNow: () => at,
        undelivered: async ({ startIndex }) => ({
          kind: 'ok',
          value: newestFirst.slice(startIndex, startIndex + 100),
        }),
      },
      store,
      hints: {
        compare: async () => ({ found: 0, notFollowed: 0 }),
        record: async (_, { cause }) => {
          if (cause.kind === 'journal_row') lost.push(cause.id);
        },
      },
      webhookId: 1,
    });
    return lost;
  };
}

describe('which rows are lost', () => {
  test('a row that may still arrive is not lost, and is read again when it can no longer', async () => {
    const read = openJournal();
    const rows = [row(1, 503, 90_000), row(2, 0, 5_000), row(3, 0, 1_000)];
    expect(await read(rows)).toEqual([1]);
    expect(await read(rows, now + 120_000)).toEqual([2, 3]);
    expect(await read(rows, now + 180_000)).toEqual([]);
  });

  test('a row that arrived meanwhile was never lost', async () => {
    const read = openJournal();
    expect(await read([row(2, 0, 5_000)])).toEqual([]);
    expect(await read([], now + 120_000)).toEqual([]);
  });

  test.each([401, 404, 500, 503])('a row that ended with %i is lost at once', async (status) => {
    expect(await openJournal()([row(7, status, 1_000)])).toEqual([7]);
  });
});

describe('ids that begin again', () => {
  test('rows with smaller ids and later events are new', async () => {
    const read = openJournal();
    expect(await read([row(900, 500, 7_200_000), row(901, 500, 7_100_000)])).toEqual([900, 901]);
    const restarted = [row(1, 500, 600_000), row(2, 500, 500_000)];
    expect(await read(restarted)).toEqual([1, 2]);
    expect(await read(restarted)).toEqual([]);
  });

  test('also when they have grown past the former ones', async () => {
    const read = openJournal();
    expect(await read([row(50, 500, 7_200_000)])).toEqual([50]);
    const rows = Array.from({ length: 120 }, (_, i) => row(i + 1, 500, 600_000 - i * 1_000));
    expect(await read(rows)).toHaveLength(120);
  });

  test('a delivery that a person sent again has an old event, and is new by its id', async () => {
    const read = openJournal();
    expect(await read([row(5, 500, 600_000), row(6, 500, 500_000)])).toEqual([5, 6]);
    expect(await read([row(5, 500, 600_000), row(6, 500, 500_000), row(9, 500, 600_000)])).toEqual([
      9,
    ]);
  });
});
