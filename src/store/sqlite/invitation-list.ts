import { and, desc, eq, gte, type SQL, sql } from 'drizzle-orm';
import { type InvitationStatus, invitationLifetimeMs } from '../../onboarding/invitation.ts';
import { employeeTypes, invitationModes } from '../../onboarding/words.ts';
import type { InvitationFilter } from '../store.ts';
import {
  type Asked,
  askedOf,
  fits,
  isOverdue,
  type Key,
  type Listing,
  value,
  type Walk,
} from './invitation-filter.ts';
import { prepareSearch } from './invitation-search.ts';
import type { Db } from './open.ts';
import { isOutstanding } from './rows.ts';
import { invitations } from './schema.ts';

type Row = typeof invitations.$inferSelect;
/**
 * Lists the log, newest first: by time, then by seq; text is the exception, see `invitation-search`.
 * Each combination of status, type and mode is one range of an index in that order. A filter that
 * leaves some of them open is several ranges, walked one by one and merged: at most eight.
 * @returns a function that gives one page and one row more
 */
export function prepareListing(db: Db): (listing: Listing) => Promise<Row[]> {
  const walk = prepareWalk(db);
  const timeOf = db
    .select({ createdAt: invitations.createdAt })
    .from(invitations)
    .where(eq(invitations.seq, value('seq')))
    .prepare();
  const rowsOf = db
    .select()
    .from(invitations)
    .where(sql`${invitations.seq} IN (SELECT value FROM json_each(${value('seqs')}))`)
    .orderBy(desc(invitations.createdAt), desc(invitations.seq))
    .prepare();
  const search = prepareSearch(db, walk);

  return async (listing) => {
    const { filter, paging } = listing;
    const { cursor } = paging;
    if (filter.q !== undefined) return search(listing, filter.q);
    const last = cursor === undefined ? null : timeOf.get({ seq: cursor });
    // No invitation is ever deleted, so a cursor that names none comes from nowhere: nothing follows.
    if (last === undefined) return [];
    const end = cursor !== undefined && last ? { createdAt: last.createdAt, seq: cursor } : null;
    const keys = walk.newest(listing, end, paging.limit + 1);
    return rowsOf.all({ seqs: JSON.stringify(keys.map((key) => key.seq)) });
  };
}

function prepareWalk(db: Db): Walk {
  const byTime = prepareKeys(db);
  const byKind = prepareKeys(db, isOfKind());
  const byStatus = prepareKeys(db, eq(invitations.standing, value('standing')), isOfKind(), isOn());
  const byAddress = prepareKeys(db, eq(invitations.emailKey, value('emailKey')), fits());
  // Whose time came since it was last noted: they are few, so they are found by it and sorted.
  const overdue = prepareKeys(db, isOutstanding, isOverdue(), fits());

  /** The ranges that a filter is, one after the other. */
  function* ranges({ filter, now }: Asked, end: Key | null, limit: number): Generator<Key[]> {
    const bounds = { ...boundsOf(filter, end), cutoff: now - invitationLifetimeMs, limit };
    const asked = { ...bounds, ...askedOf(filter) };
    const { status, employeeType, mode } = filter;
    if (filter.email !== undefined) return yield byAddress.all(asked);
    if (!status && !employeeType && !mode) return yield byTime.all(asked);
    for (const kind of kindsOf(filter)) {
      if (!status) yield byKind.all({ ...asked, ...kind });
      else {
        const cutoff = cutoffOf(status, now);
        yield byStatus.all({ ...asked, ...kind, standing: status, cutoff });
      }
    }
    if (status === 'expired') yield overdue.all({ ...asked, status: null });
  }

  return {
    newest(listing, end, limit) {
      const found = [...ranges(listing, end, limit)].flat();
      return found.sort((a, b) => b.createdAt - a.createdAt || b.seq - a.seq).slice(0, limit);
    },
    whole(listing, most) {
      const found: Key[] = [];
      for (const keys of ranges(listing, null, most + 1)) {
        found.push(...keys);
        if (found.length > most) return null;
      }
      return found;
    },
  };
}

function kindsOf({ employeeType, mode }: InvitationFilter) {
  return employeeTypes
    .filter((one) => employeeType === undefined || one === employeeType)
    .flatMap((type) => invitationModes.map((one) => ({ employeeType: type, mode: one })))
    .filter((kind) => mode === undefined || kind.mode === mode);
}

function prepareKeys(db: Db, ...conditions: SQL[]) {
  const isBefore = sql`(${invitations.createdAt}, ${invitations.seq}) < (${value('beforeAt')}, ${value('beforeSeq')})`;
  return db
    .select({ createdAt: invitations.createdAt, seq: invitations.seq })
    .from(invitations)
    .where(and(...conditions, gte(invitations.createdAt, value('since')), isBefore))
    .orderBy(desc(invitations.createdAt), desc(invitations.seq))
    .limit(value('limit'))
    .prepare();
}

/** Where the list begins and ends: `until` and the page before are the same kind of bound. */
function boundsOf(filter: InvitationFilter, end: Key | null) {
  const until = filter.until ?? Number.MAX_SAFE_INTEGER;
  const isWithin = end !== null && end.createdAt < until;
  const since = filter.since ?? 0;
  return isWithin
    ? { since, beforeAt: end.createdAt, beforeSeq: end.seq }
    : { since, beforeAt: until, beforeSeq: 0 };
}

function isOfKind(): SQL {
  const { employeeType, mode } = invitations;
  return sql`${employeeType} = ${value('employeeType')} AND ${mode} = ${value('mode')}`;
}

/** What is `issued` or `open` in the row may be over by now; no other status goes with time. */
function isOn(): SQL {
  return sql`ifnull(${invitations.issuedAt}, ${Number.MAX_SAFE_INTEGER}) > ${value('cutoff')}`;
}

function cutoffOf(status: InvitationStatus, now: number): number {
  return status === 'issued' || status === 'open' ? now - invitationLifetimeMs : -1;
}
