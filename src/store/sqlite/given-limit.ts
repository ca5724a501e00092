import { type Placeholder, sql } from 'drizzle-orm';

/**
 * The LIMIT of a statement that is prepared once, given as `limit` when it runs. SQLite looks at one
 * that is bound as it is, and plans the statement anew at each run: 3 to 5 × the price of a small
 * query. Into a sum it does not look.
 */
export function givenLimit(): Placeholder<'limit'> {
  // Drizzle takes any SQL for a limit, but says so of numbers and placeholders only.
  return sql`${sql.placeholder('limit')} + 0` as unknown as Placeholder<'limit'>;
}
