import { issuedSchema } from '../../api/invitations.ts';
import { noteLines, runCommand } from '../client.ts';
import { printable } from '../terminal.ts';
import type { ExitCode, VerbContext } from '../verb.ts';

/** `resend ID`: has the invitation mailed again, or gets a fresh link from the portal. */
export function resend(context: VerbContext, id: string): Promise<ExitCode> {
  return runCommand(context, {
    path: `/api/invitations/${encodeURIComponent(id)}/resend`,
    schema: issuedSchema,
    more: { resent: id },
    lines: (resent) => {
      if (resent.letter !== null) {
        return [`The running service mails the letter of ${printable(id)} again.`];
      }
      if (resent.link === null) return [`The portal mailed ${printable(id)} again.`];
      const news = `${printable(id)} has a fresh link. It works for 7 days:`;
      return [news, printable(resent.link), ...noteLines(resent)];
    },
  });
}
