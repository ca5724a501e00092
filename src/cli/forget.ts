import { z } from 'zod';
import { forgottenView } from '../api/forget.ts';
import { emailSchema } from '../invitations/request.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refused } from './operate.ts';
import type { Terminal } from './terminal.ts';
import { withOperator } from './with-operator.ts';

const viewSchema = z.object({
  known: z.boolean(),
  erased: z.object({
    members: z.number(),
    invitations: z.number(),
    deliveries: z.number(),
    timelineEntries: z.number(),
    mentions: z.number(),
  }),
  scrubbed: z.boolean(),
});
type View = z.infer<typeof viewSchema>;

/** `forget EMAIL`: erases a person; safe to run again. */
export async function forget(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
  readonly email: string;
}): Promise<ExitCode> {
  const { terminal, json } = given;
  const email = emailSchema.safeParse(given.email);
  if (!email.success) {
    terminal.complain('Say whom to forget by their e-mail address.');
    return exitCodes.wrongUsage;
  }
  const tell = (view: View) => {
    if (json) terminal.print(JSON.stringify(view));
    else for (const line of sentences(view)) terminal.print(line);
    return view.scrubbed ? exitCodes.done : exitCodes.failed;
  };
  return withOperator(given, {
    call: async () => ({ method: 'POST', path: '/api/forget', body: { email: email.data } }),
    answered: (answer) =>
      answer.status === 200 ? tell(viewSchema.parse(answer.json)) : refused(terminal, answer),
    alone: async ({ forgetter }) => tell(forgottenView(await forgetter.forget(email.data))),
  });
}

function sentences({ known, erased, scrubbed }: View): string[] {
  const lines = known
    ? [
        'Forgotten. Erased were:',
        `  name, address and language of ${erased.members} members`,
        `  address, note and link of ${erased.invitations} invitations; open ones are revoked`,
        `  the bodies of ${erased.deliveries} deliveries`,
        `  the details of ${erased.timelineEntries} lines of the timeline`,
        `  ${erased.mentions} mentions elsewhere`,
        'Kept: that a welcome was sent, as a keyed hash. Backups made before still hold the person.',
      ]
    : ['Nothing in the log has this address.'];
  return scrubbed
    ? lines
    : [
        ...lines,
        'Another program reads the database and holds back what was overwritten: end it, then run this again.',
      ];
}
