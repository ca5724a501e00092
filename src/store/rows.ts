import type { Invitation } from '../domain/invitation.ts';
import type { Entry } from '../domain/timeline.ts';
import { emailKeyOf, invitationSearchText, storedStatus } from './rules.ts';
import type { PageOf, Paging, TimelineEntry } from './store.ts';

/* Converts the types of the domain into columns and back, for every kind of database. */

/** The columns of an invitation, including those that are derived from other columns. */
export function invitationValues(invitation: Invitation) {
  return {
    ...invitation,
    emailKey: emailKeyOf(invitation.email),
    searchText: invitationSearchText(invitation),
    status: storedStatus(invitation),
  };
}

export function entryValues({ event, actor, cause, ...params }: Entry) {
  return { event, actor, cause, params: Object.keys(params).length === 0 ? null : params };
}

type EntryRow = Pick<TimelineEntry, 'at' | 'userId' | 'invitationId' | 'event'> &
  Pick<Entry, 'actor' | 'cause'> & { readonly params: Readonly<Record<string, unknown>> | null };

export function timelineEntryOf(row: EntryRow): TimelineEntry {
  const { at, userId, invitationId, event, params, actor, cause } = row;
  // `entryValues` has split an entry into these columns, so together they are an entry again.
  return { at, userId, invitationId, event, ...params, actor, cause } as TimelineEntry;
}

/**
 * Builds a page.
 * @param rows one row more than the page, if there is a further page
 * @param seqOf returns the cursor of a page that ends with this row
 */
export function pageOf<Row, T>(
  rows: readonly Row[],
  { limit }: Paging,
  seqOf: (row: Row) => number,
  convert: (row: Row) => T,
): PageOf<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { items: shown.map(convert), nextCursor: isMore ? seqOf(last) : null };
}
