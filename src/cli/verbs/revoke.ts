import { z } from 'zod';
import { reportAnswer, withClient } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const revokedSchema = z.looseObject({ warning: z.string().optional() });

/** `revoke ID`: closes the record; the portal cannot take a link back. */
export function revoke(context: VerbContext, id: string): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const path = `/api/invitations/${encodeURIComponent(id)}/revoke`;
    return reportAnswer(context, await client.request('POST', path), revokedSchema, (revoked) => {
      if (json) {
        printJson(terminal, { ...revoked, revoked: id });
        return exitCodes.done;
      }
      terminal.print(`${printable(id)} is revoked.`);
      if (revoked.warning) terminal.print(`Note: ${printable(revoked.warning)}.`);
      return exitCodes.done;
    });
  });
}
