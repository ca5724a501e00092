import { faultsOf } from '../http/problem.ts';
import { invitationQuerySchema } from '../http/schemas.ts';
import { type InvitationView, invitationView } from '../http/views.ts';
import { withReads } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printable, style, type Terminal, table } from './terminal.ts';

/** The invite log as a table, newest first. */
export async function list(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly options: Readonly<Record<string, string>>;
}): Promise<ExitCode> {
  const { terminal } = given;
  const { json, type: employeeType, ...asked } = given.options;
  const query = invitationQuerySchema.safeParse({ ...asked, employeeType });
  if (!query.success) {
    for (const fault of faultsOf(query.error))
      terminal.complain(`--${fault.path} ${fault.message}`);
    return exitCodes.wrongUsage;
  }
  return withReads(given, async (reads) => {
    const now = Date.now();
    const { limit, cursor, ...filter } = query.data;
    const page = await reads.listInvitations(filter, { limit, cursor }, now);
    const items = page.items.map((invitation) => invitationView(invitation, now));
    if (json) {
      terminal.print(JSON.stringify({ items, nextCursor: page.nextCursor }, null, 2));
      return exitCodes.done;
    }
    if (items.length === 0) terminal.print('No invitation fits.');
    else for (const line of rows(items, terminal.columns)) terminal.print(line);
    if (page.nextCursor !== null) terminal.print(style('dim', 'There are more: --limit 200'));
    return exitCodes.done;
  });
}

function rows(items: readonly InvitationView[], columns: number): string[] {
  const heading = ['STATUS', 'INVITED', 'TYPE', 'MODE', 'ID', 'WHO'];
  return table([heading, ...items.map(row)], columns).map((line, i) =>
    i === 0 ? style('bold', line) : line,
  );
}

function row(item: InvitationView): string[] {
  const invited = item.createdAt.slice(0, 16).replace('T', ' ');
  const who = printable(item.email ?? `open link: ${openCounts(item)}`);
  const note = item.note ? `  (${printable(item.note)})` : '';
  return [item.status, invited, item.employeeType, item.mode, item.id, who + note];
}

function openCounts(item: InvitationView): string {
  const counts = Object.entries(item.memberCounts ?? {});
  return counts.length === 0
    ? 'nobody yet'
    : counts.map(([state, n]) => `${n} ${state}`).join(', ');
}
