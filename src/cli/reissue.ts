import { z } from 'zod';
import type { Workshop } from '../core.ts';
import { linkStaysOpen, type ReissueResult } from '../invitations/reissue.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refused } from './operate.ts';
import type { ApiAnswer } from './server-api.ts';
import { printable, type Terminal } from './terminal.ts';
import { withOperator } from './with-operator.ts';

type Given = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
  readonly id: string;
};

/** `revoke ID`: closes the record; the portal cannot take a link back. */
export function revoke(given: Given): Promise<ExitCode> {
  const { terminal, id, json } = given;
  return reissue(given, 'revoke', ({ reissuer }) => reissuer.revoke(id), {
    tell() {
      if (json) return terminal.print(JSON.stringify({ revoked: id, warning: linkStaysOpen }));
      terminal.print(`${printable(id)} is revoked.`);
      terminal.print(`Mind: ${linkStaysOpen}.`);
    },
  });
}

/** `resend ID`: the portal mails it again, or a fresh link. */
export function resend(given: Given): Promise<ExitCode> {
  const { terminal, id, json } = given;
  return reissue(given, 'resend', ({ reissuer }) => reissuer.resend(id), {
    tell(link) {
      if (json) return terminal.print(JSON.stringify({ resent: id, link }));
      if (link === null) terminal.print(`The portal mailed ${printable(id)} again.`);
      else terminal.print(`${printable(id)} has a fresh link, good for 7 days:\n${link}`);
    },
  });
}

const invitationSchema = z.object({ link: z.string().nullable() });

function reissue(
  given: Given,
  verb: 'revoke' | 'resend',
  act: (workshop: Workshop) => Promise<ReissueResult>,
  { tell }: { readonly tell: (link: string | null) => void },
): Promise<ExitCode> {
  const { terminal, id } = given;
  return withOperator(given, {
    call: async () => ({
      method: 'POST',
      path: `/api/invitations/${encodeURIComponent(id)}/${verb}`,
    }),
    answered: (answer) => {
      if (answer.status !== 200) return refusedOrUnreachable(terminal, answer);
      tell(invitationSchema.parse(answer.json).link);
      return exitCodes.done;
    },
    async alone(workshop) {
      const result = await act(workshop);
      switch (result.kind) {
        case 'done':
          tell(result.invitation.link);
          return exitCodes.done;
        case 'forbidden':
        case 'refused':
          terminal.complain(result.reason);
          return exitCodes.failed;
        case 'trouble':
          terminal.complain(result.reason);
          return exitCodes.portalUnreachable;
        case 'missing':
          terminal.complain(`No invitation in the log has the id ${printable(id)}.`);
          return exitCodes.failed;
        default:
          return result satisfies never;
      }
    },
  });
}

function refusedOrUnreachable(
  terminal: Terminal,
  answer: Extract<ApiAnswer, { kind: 'answered' }>,
): ExitCode {
  const code = refused(terminal, answer);
  return answer.status === 502 ? exitCodes.portalUnreachable : code;
}
