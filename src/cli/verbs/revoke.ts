import { revokedSchema } from '../../api/invitations.ts';
import { noteLines, runCommand } from '../client.ts';
import { printable } from '../terminal.ts';
import type { ExitCode, VerbContext } from '../verb.ts';

/** `revoke ID`: closes an invitation. The portal cannot take a link back. */
export function revoke(context: VerbContext, id: string): Promise<ExitCode> {
  return runCommand(context, {
    path: `/api/invitations/${encodeURIComponent(id)}/revoke`,
    schema: revokedSchema,
    more: { revoked: id },
    lines: (revoked) => [`${printable(id)} is revoked.`, ...noteLines(revoked)],
  });
}
