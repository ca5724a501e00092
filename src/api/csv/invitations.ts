import type { InvitationView } from '../serializers.ts';
import { csvLine } from './write.ts';

const columns = ['status', 'createdAt', 'employeeType', 'mode', 'id', 'email', 'note'] as const;

export const invitationsHeading = csvLine(columns);

/** An invitation as one line of the log: without its link, for a log is handed on. */
export function invitationLine(invitation: InvitationView): string {
  return csvLine(columns.map((column) => invitation[column]));
}
