import { z } from 'zod';
import { reportAnswer, withClient } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const resentSchema = z.looseObject({
  link: z.string().nullable(),
  letter: z.string().nullable(),
  warning: z.string().optional(),
});

/** `resend ID`: the invitation is mailed again, or the portal makes a fresh link. */
export function resend(context: VerbContext, id: string): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const path = `/api/invitations/${encodeURIComponent(id)}/resend`;
    return reportAnswer(context, await client.request('POST', path), resentSchema, (resent) => {
      if (json) printJson(terminal, { ...resent, resent: id });
      else if (resent.letter !== null) {
        terminal.print(`The running service mails the letter of ${printable(id)} again.`);
      } else if (resent.link === null) terminal.print(`The portal mailed ${printable(id)} again.`);
      else {
        terminal.print(`${printable(id)} has a fresh link. It works for 7 days:`);
        terminal.print(printable(resent.link));
        if (resent.warning) terminal.print(`Note: ${printable(resent.warning)}.`);
      }
      return exitCodes.done;
    });
  });
}
