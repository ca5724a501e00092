import { lte, type Placeholder, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { InvitationFilter, Paging } from '../store.ts';
import { isOutstanding } from './rows.ts';
import { invitations } from './schema.ts';

export type Listing = {
  readonly filter: InvitationFilter;
  readonly paging: Paging;
  /** UTC ms. */
  readonly now: number;
};
/** Where an invitation stands in the list. */
export type Key = { readonly createdAt: number; readonly seq: number };
export type Asked = Pick<Listing, 'filter' | 'now'>;

/** Whether more is asked for than text. */
export function isNarrowed({ q, ...others }: InvitationFilter): boolean {
  return Object.values(others).some((one) => one !== undefined);
}

/** The filter as parameters of `fits`; null: anything does. */
export function askedOf(filter: InvitationFilter) {
  return {
    status: filter.status ?? null,
    employeeType: filter.employeeType ?? null,
    mode: filter.mode ?? null,
    emailKey: filter.email === undefined ? null : normaliseEmail(filter.email),
  };
}

/** Row by row: what a range of an index does for all of its rows at once. */
export function fits(): SQL {
  const { employeeType, mode, emailKey, standing } = invitations;
  const status = sql`CASE WHEN ${isOutstanding} AND ${isOverdue()} THEN 'expired' ELSE ${standing} END`;
  return sql`${isNoneOr('status', status)} AND ${isNoneOr('employeeType', employeeType)}
    AND ${isNoneOr('mode', mode)} AND ${isNoneOr('emailKey', emailKey)}`;
}

/** Whether nothing is given as `name`, or just this: one prepared query serves both. */
export function isNoneOr(name: string, is: SQLWrapper): SQL {
  return sql`(${value(name)} IS NULL OR ${is} = ${value(name)})`;
}

/** An outstanding one whose time came by `cutoff`. */
export function isOverdue(): SQL {
  return lte(invitations.issuedAt, value('cutoff'));
}

export function value(name: string): Placeholder {
  return sql.placeholder(name);
}
