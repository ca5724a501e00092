import { asc, eq, getTableColumns } from 'drizzle-orm';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import { hiddenInInvitations, hiddenInMembers, omit } from '../rows.ts';
import type { Access } from './connection.ts';
import type { Tables } from './schema.ts';

/* The columns that the types of the domain contain. Columns that only the store uses are left out. */

export function memberColumns({ members }: Tables) {
  return omit(getTableColumns(members), [...hiddenInMembers, 'leaseBy']);
}

export function invitationColumns({ invitations }: Tables) {
  return omit(getTableColumns(invitations), hiddenInInvitations);
}

/** The columns of a delivery without its body, which may be large. */
export function deliveryColumns({ deliveries }: Tables) {
  return omit(getTableColumns(deliveries), ['body']);
}

/** Returns the attempts to mail the letters of an invitation, oldest first. */
export function lettersOf({ db, tables }: Access, invitationId: string): Promise<LetterAttempt[]> {
  const { seq, invitationId: ofInvitation, ...columns } = getTableColumns(tables.letters);
  const rows = db.select(columns).from(tables.letters).where(eq(ofInvitation, invitationId));
  return rows.orderBy(asc(seq));
}
