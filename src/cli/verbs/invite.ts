import { z } from 'zod';
import { faultsOf } from '../../http/problem.ts';
import type { InvitationRequest } from '../../invitations/inviter.ts';
import { invitationRequestSchema, mostInvitations } from '../../invitations/request.ts';
import { codeOf, printRefusal, problemSchema, withClient } from '../client.ts';
import { printable, printJson, style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';
import type { ImportFlags } from './import/import.ts';

export type InviteFlags = Omit<ImportFlags, 'csv'> & { readonly csv?: string };

/** `invite [EMAIL…]` or `invite --csv FILE`: issues invitations and prints how they reach the people. */
export async function invite(
  context: VerbContext,
  emails: readonly string[],
  flags: InviteFlags,
): Promise<ExitCode> {
  const { terminal } = context;
  if (flags.csv !== undefined) {
    if (emails.length > 0) {
      terminal.printError('Use either addresses or --csv FILE.');
      return exitCodes.wrongUsage;
    }
    const { importCsv } = await import('./import/import.ts');
    return importCsv(context, { ...flags, csv: flags.csv });
  }
  const misplaced = [
    flags.dryRun ? '--dry-run' : null,
    flags.openLinks ? '--open-links' : null,
    flags.emailColumn === undefined ? null : '--email-column',
  ].find((flag) => flag !== null);
  if (misplaced) {
    terminal.printError(`${misplaced} needs --csv FILE.`);
    return exitCodes.wrongUsage;
  }
  const requests = requestsOf(terminal, emails, flags);
  return requests === null ? exitCodes.wrongUsage : issue(context, requests);
}

/** @returns null if a request is not valid; its faults were printed */
function requestsOf(
  terminal: Terminal,
  emails: readonly string[],
  { type: employeeType, mode, note, language }: InviteFlags,
): InvitationRequest[] | null {
  const wanted = emails.length === 0 ? [null] : emails;
  const requests: InvitationRequest[] = [];
  for (const email of wanted) {
    const row = { employeeType, mode, email, note, language };
    const parsed = invitationRequestSchema.safeParse(row);
    if (parsed.success) requests.push(parsed.data);
    else {
      for (const { path, message } of faultsOf(parsed.error)) {
        terminal.printError(`${nameOf(email)}: ${path} ${printable(message)}`);
      }
    }
  }
  return requests.length === wanted.length ? requests : null;
}

function issue(context: VerbContext, requests: readonly InvitationRequest[]): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const lines: Line[] = [];
    for (let start = 0; start < requests.length; start += mostInvitations) {
      const body = requests.slice(start, start + mostInvitations);
      const answer = await client.request('POST', '/api/invitations', body);
      if (answer.kind === 'unreachable' || answer.status !== 201) {
        return printRefusal(terminal, answer);
      }
      const results = resultsSchema.parse(answer.json);
      lines.push(...results.map((result, i) => lineOf(body[i]?.email ?? null, result)));
    }
    if (json) printJson(terminal, lines);
    else for (const line of lines) printLine(terminal, line);
    if (lines.every((line) => line.ok)) return exitCodes.done;
    if (lines.some(({ reason }) => reason?.code === 'mail_not_configured')) {
      return exitCodes.configuration;
    }
    return lines.some((line) => line.portalTrouble)
      ? exitCodes.portalUnreachable
      : exitCodes.failed;
  });
}

const resultsSchema = z.array(
  z.union([
    z.object({
      id: z.string(),
      status: z.string(),
      link: z.string().nullable(),
      letter: z.string().nullable(),
      warning: z.string().optional(),
    }),
    problemSchema,
  ]),
);

/** One requested invitation with its result, as `--json` prints it. */
type Line = {
  readonly ok: boolean;
  readonly email: string | null;
  readonly id: string | null;
  readonly status: string;
  readonly link: string | null;
  readonly letter: string | null;
  /** What the operator should know about the link. For example, it may not open in other networks. */
  readonly warning?: string | undefined;
  readonly reason: { readonly code: string; readonly text: string } | null;
  readonly portalTrouble: boolean;
};

function lineOf(email: string | null, result: z.infer<typeof resultsSchema>[number]): Line {
  if ('id' in result) return { ok: true, email, ...result, reason: null, portalTrouble: false };
  return {
    ok: false,
    email,
    id: result.invitation ?? null,
    status: result.status === 409 ? 'refused' : 'failed',
    link: null,
    letter: null,
    reason: { code: codeOf(result), text: result.detail },
    portalTrouble: result.status === 502,
  };
}

function printLine(terminal: Terminal, line: Line): void {
  const name = nameOf(line.email);
  if (line.reason) {
    const text = printable(line.reason.text);
    const isNamed = line.id === null || text.includes(line.id);
    const id = isNamed ? '' : ` (${line.id})`;
    terminal.printError(`${style('red', 'not invited')}  ${name}: ${text}${id}`);
    return;
  }
  terminal.print(`${style('green', 'invited')}  ${name}  ${line.id}`);
  terminal.print(`  ${deliveryOf(line)}`);
  if (line.warning) terminal.print(`  Note: ${printable(line.warning)}.`);
}

function deliveryOf({ link, letter }: Line): string {
  if (letter !== null) return 'the running service mails the letter';
  return link === null ? 'the portal mails the invitation' : `hand over: ${printable(link)}`;
}

function nameOf(email: string | null): string {
  return email === null ? 'open link' : printable(email);
}
