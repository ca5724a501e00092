import { asc, eq, getTableColumns } from 'drizzle-orm';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import type { Access } from './connection.ts';
import type { Tables } from './schema.ts';

/* The columns that make up the types of the domain. Columns that only the store uses are left out. */

export function memberColumns({ members }: Tables) {
  const {
    seq: _seq,
    emailKey: _emailKey,
    searchText: _searchText,
    reasonCode: _reasonCode,
    seenInRun: _seenInRun,
    priority: _priority,
    leaseBy: _leaseBy,
    ...columns
  } = getTableColumns(members);
  return columns;
}

export function invitationColumns({ invitations }: Tables) {
  const {
    seq: _seq,
    emailKey: _emailKey,
    searchText: _searchText,
    status: _status,
    current: _current,
    idempotencyKey: _idempotencyKey,
    ...columns
  } = getTableColumns(invitations);
  return columns;
}

/** The columns of a delivery without its body, which may be large. */
export function deliveryColumns({ deliveries }: Tables) {
  const { body: _body, ...columns } = getTableColumns(deliveries);
  return columns;
}

/** Returns the attempts to mail the letters of an invitation, oldest first. */
export function lettersOf({ db, tables }: Access, invitationId: string): Promise<LetterAttempt[]> {
  const { seq, invitationId: ofInvitation, ...columns } = getTableColumns(tables.letters);
  const rows = db.select(columns).from(tables.letters).where(eq(ofInvitation, invitationId));
  return rows.orderBy(asc(seq));
}
