import { type ForgottenView, forgottenSchema } from '../../api/forget.ts';
import { emailSchema } from '../../invitations/request.ts';
import { reportAnswer, withClient } from '../client.ts';
import { printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

/** `forget EMAIL`: erases a person. It is safe to run it again. */
export async function forget(context: VerbContext, address: string): Promise<ExitCode> {
  const { terminal, json } = context;
  const email = emailSchema.safeParse(address);
  if (!email.success) {
    terminal.printError('Give the e-mail address of the person to forget.');
    return exitCodes.wrongUsage;
  }
  return withClient(context, async (client, { database }) => {
    if (database.kind === 'postgres' && database.forgetKeyFile === null) {
      terminal.printError(
        'FORGET_KEY_FILE is not set. It names the file of the key by which a forgotten person is recognised when they return; the service creates it. Set it, restart the service, and run this again.',
      );
      return exitCodes.configuration;
    }
    const answer = await client.request('POST', '/api/forget', { email: email.data });
    return reportAnswer(context, answer, forgottenSchema, (forgotten) => {
      if (json) printJson(terminal, forgotten);
      else for (const line of linesOf(forgotten)) terminal.print(line);
      return forgotten.scrubbed ? exitCodes.done : exitCodes.failed;
    });
  });
}

function linesOf({ known, erased, scrubbed }: ForgottenView): string[] {
  const lines = known
    ? [
        'Forgotten. These were erased:',
        `  name, address and language of ${erased.members} members`,
        `  address, note and link of ${erased.invitations} invitations; open ones are revoked`,
        `  the bodies of ${erased.deliveries} deliveries`,
        `  the details of ${erased.timelineEntries} timeline entries`,
        `  ${erased.mentions} mentions elsewhere`,
        'A keyed hash remembers that a welcome was sent. Older backups still hold the person.',
      ]
    : ['No record has this address.'];
  if (scrubbed) return lines;
  return [
    ...lines,
    'Another program uses the database, so erased text may still be in it. End that program, then run this again.',
  ];
}
