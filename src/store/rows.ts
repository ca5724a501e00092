import type { DurationKind, Histogram } from '../domain/durations.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { Entry } from '../domain/timeline.ts';
import { emailKeyOf, invitationSearchText, storedStatus } from './rules.ts';
import type { PageOf, Paging, TimelineEntry } from './store.ts';

/* Converts the types of the domain into columns and back, for every kind of database. */

// The columns of members and invitations that only the store uses.
const hiddenInBoth = ['seq', 'emailKey', 'searchText'] as const;
export const hiddenInMembers = [...hiddenInBoth, 'reasonCode', 'seenInRun', 'priority'] as const;
export const hiddenInInvitations = [
  ...hiddenInBoth,
  'status',
  'current',
  'idempotencyKey',
] as const;

/** Returns the columns without the named ones. */
export function omit<Columns extends object, Name extends keyof Columns & string>(
  columns: Columns,
  names: readonly Name[],
): Omit<Columns, Name> {
  const hidden = new Set<string>(names);
  const kept = Object.entries(columns).filter(([name]) => !hidden.has(name));
  // These are all columns except the named ones.
  return Object.fromEntries(kept) as Omit<Columns, Name>;
}

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
 * @param rows the rows of the page, and one more row if there is a further page. Then `nextCursor` is
 *   the `seq` of the last row of the page
 */
export function pageOf<T>(
  rows: readonly { readonly seq: number; readonly item: T }[],
  { limit }: Paging,
): PageOf<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { items: shown.map(({ item }) => item), nextCursor: isMore ? last.seq : null };
}

/** The histograms in the rows of the table `durations`. */
export function durationsOf(
  rows: readonly (Histogram[number] & { readonly kind: DurationKind })[],
): Readonly<Record<DurationKind, Histogram>> {
  const of = (kind: DurationKind): Histogram =>
    rows.filter((row) => row.kind === kind).map(({ bucket, count }) => ({ bucket, count }));
  return {
    invitation_to_activation: of('invitation_to_activation'),
    activation_to_welcome: of('activation_to_welcome'),
  };
}
