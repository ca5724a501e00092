import { balanceView } from '../http/operation.ts';
import { timeView } from '../http/views.ts';
import { withReads } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { style, type Terminal, table } from './terminal.ts';

/** The closed balance: members by state, invitations by status, and what is paused. */
export function stats(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
}): Promise<ExitCode> {
  const { terminal } = given;
  return withReads(given, async (reads) => {
    const view = balanceView(await reads.balance(Date.now()));
    const pauses = await reads.pauses();
    if (given.json) {
      const shown = pauses.map((pause) => ({ ...pause, since: timeView(pause.since) }));
      terminal.print(JSON.stringify({ ...view, pauses: shown }, null, 2));
      return exitCodes.done;
    }
    print(terminal, 'INVITATIONS', view.invitations);
    terminal.print('');
    print(terminal, 'MEMBERS', view.members);
    for (const pause of pauses) terminal.print(style('yellow', `paused: ${pause.reason}`));
    return exitCodes.done;
  });
}

function print(
  terminal: Terminal,
  heading: string,
  counts: Readonly<Record<string, number>>,
): void {
  terminal.print(style('bold', heading));
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) terminal.print('  none');
  const rows = entries.map(([name, count]) => [`  ${name}`, String(count)]);
  for (const line of table(rows, terminal.columns)) terminal.print(line);
}
