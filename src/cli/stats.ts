import { durationsView } from '../api/durations.ts';
import { balanceView } from '../api/operation.ts';
import { restoredView } from '../api/restored.ts';
import { timeView } from '../api/serializers.ts';
import { withReads } from './config.ts';
import { durationsChart } from './durations-chart.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { restoredLines } from './restored-lines.ts';
import { table } from './table.ts';
import { style, type Terminal } from './terminal.ts';

/** The closed balance: members by state, invitations by status, how long people take, and what is paused. */
export function stats(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
}): Promise<ExitCode> {
  const { terminal } = given;
  return withReads(given, async (reads) => {
    const view = balanceView(await reads.balance(Date.now()));
    const durations = await reads.durations();
    const pauses = await reads.pauses();
    const restored = await reads.restored();
    if (given.json) {
      const shown = pauses.map((pause) => ({ ...pause, since: timeView(pause.since) }));
      terminal.print(
        JSON.stringify(
          {
            ...view,
            durations: durationsView(durations),
            pauses: shown,
            restored: restoredView(restored),
          },
          null,
          2,
        ),
      );
      return exitCodes.done;
    }
    print(terminal, 'INVITATIONS', view.invitations);
    terminal.print('');
    print(terminal, 'MEMBERS', view.members);
    for (const [heading, histogram] of [
      ['FROM INVITATION TO ACTIVATION', durations.invitation_to_activation],
      ['FROM ACTIVATION TO WELCOME', durations.activation_to_welcome],
    ] as const) {
      terminal.print('');
      terminal.print(style('bold', heading));
      for (const line of durationsChart(histogram, terminal.columns)) terminal.print(line);
    }
    for (const pause of pauses) terminal.print(style('yellow', `paused: ${pause.reason}`));
    if (restored) for (const line of restoredLines(restored)) terminal.print(line);
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
