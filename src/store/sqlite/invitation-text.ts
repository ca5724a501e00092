import { type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { value } from './invitation-filter.ts';
import type { Db } from './open.ts';
import { invitations } from './schema.ts';

/** Whether an invitation holds the text of `textOf` in its address or note, whatever index found it. */
export function prepareIsText(db: Db): SQL {
  const { email, note } = invitations;
  db.$client.function('holds_text', { deterministic: true }, prepareHolds());
  const holds = (column: SQLiteColumn) => sql`holds_text(${column}, ${value('text')})`;
  return sql`CASE WHEN ${value('pattern')} IS NULL THEN ${holds(email)} OR ${holds(note)}
    ELSE ${isLike(email)} OR ${isLike(note)} END`;
}

/** The parameters: LIKE takes a quarter of the time, but folds no letters beyond ASCII. */
export function textOf(q: string): { readonly text: string; readonly pattern: string | null } {
  const isAscii = /^[\x20-\x7e]+$/.test(q);
  return { text: q, pattern: isAscii ? `%${q.replace(/[%_\\]/g, '\\$&')}%` : null };
}

/** Not the bare parameter: SQLite looks at one, and plans the statement anew at each run. */
function isLike(column: SQLiteColumn): SQL {
  return sql`${column} LIKE (${value('pattern')} || '') ESCAPE '\\'`;
}

/** Letters are alike by Unicode's simple case folding, as they are in the text index. */
function prepareHolds(): (held: unknown, text: unknown) => number {
  let last = { text: '', pattern: /(?:)/u };
  return (held, text) => {
    if (typeof held !== 'string' || typeof text !== 'string') return 0;
    if (text !== last.text) {
      last = { text, pattern: new RegExp(literally(text), 'iu') };
    }
    return Number(last.pattern.test(held));
  };
}

/** A text as the source of a regular expression that matches it and nothing else, with any flags. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
