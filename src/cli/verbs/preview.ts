import { invitationPageSchema } from '../../api/invitations.ts';
import { letterPreviewSchema, type PreviewView, previewSchema } from '../../api/preview.ts';
import {
  type Client,
  printRefusal,
  reportAnswer,
  requestForMember,
  withClient,
} from '../client.ts';
import { printable, printJson, style } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withDatabase } from '../verb.ts';

type Mail = Extract<PreviewView['letter'], { kind: 'mail' }>;

/** `preview EMAIL`: shows the welcome for this person, and whether it would be sent. */
export function preview(
  context: VerbContext,
  email: string,
  { html }: { readonly html: boolean },
): Promise<ExitCode> {
  const { terminal, json } = context;
  const work = async (client: Client) => {
    const path = (userId: string) => `/api/members/${userId}/preview`;
    const answer = await requestForMember(context, client, email, { method: 'GET', path });
    if (answer.kind === 'failed') {
      if (answer.isNoMember) {
        terminal.printError(
          'Name and language are known only after registration. "test-send" mails you a sample.',
        );
      }
      return answer.code;
    }
    const shown = previewSchema.parse(answer.json);
    if (json) printJson(terminal, shown);
    else if (html && shown.letter.kind === 'mail') terminal.print(shown.letter.html);
    else for (const line of linesOf(shown)) terminal.print(line);
    return exitCodes.done;
  };
  return withDatabase(context, () => withClient(context, work));
}

/** `preview EMAIL --invitation`: shows the letter of this person's newest invitation. */
export function previewInvitation(
  context: VerbContext,
  email: string,
  { html }: { readonly html: boolean },
): Promise<ExitCode> {
  const { terminal, json } = context;
  const work = async (client: Client) => {
    const query = `/api/invitations?limit=1&email=${encodeURIComponent(email)}`;
    const listed = await client.request('GET', query);
    if (listed.kind === 'unreachable' || listed.status !== 200) {
      return printRefusal(terminal, listed);
    }
    const [found] = invitationPageSchema.parse(listed.json).items;
    if (!found) {
      terminal.printError(
        `No invitation found for ${printable(email)}. "test-send --letter invitation" mails you a sample.`,
      );
      return exitCodes.failed;
    }
    const answer = await client.request('GET', `/api/invitations/${found.id}/preview`);
    return reportAnswer(context, answer, letterPreviewSchema, ({ letter }) => {
      if (json) printJson(terminal, { letter });
      else if (html) terminal.print(letter.html);
      else for (const line of mailLines(letter)) terminal.print(line);
      return exitCodes.done;
    });
  };
  return withDatabase(context, () => withClient(context, work));
}

function mailLines(letter: Mail): string[] {
  return [
    `From:    ${printable(letter.from)}`,
    `To:      ${printable(letter.to)}`,
    `Subject: ${printable(letter.subject)}`,
    '',
    ...letter.text.split('\n').map(printable),
  ];
}

function linesOf({ state, wouldSend, why, channel, letter }: PreviewView): string[] {
  const verdict = wouldSend
    ? style('green', `would be sent through ${channel}`)
    : `${style('yellow', 'would not be sent')}: ${printable(why ?? '')}`;
  const head = `${style('bold', 'welcome')}  ${verdict}  ${style('dim', `(the member is ${state})`)}`;
  if (letter.kind === 'portal_letter') return [head, '', printable(letter.description)];
  return [head, '', ...mailLines(letter)];
}
