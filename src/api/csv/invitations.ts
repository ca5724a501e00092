import type { InvitationView } from '../invitations.ts';
import { csvLine } from './write.ts';

const columns = [
  'status',
  'createdAt',
  'employeeType',
  'mode',
  'id',
  'email',
  'note',
  'language',
] as const;

export const invitationsHeading = csvLine(columns);

/** Formats an invitation as one line of the export. The link is left out, because exports are passed on. */
export function invitationLine(invitation: InvitationView): string {
  return csvLine(columns.map((column) => invitation[column]));
}
