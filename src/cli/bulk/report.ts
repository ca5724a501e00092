import { isSettled, type RowResult, rowResults } from '../../invitations/import/row-result.ts';
import type { Ended } from '../../invitations/import/run.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { table } from '../table.ts';
import { printable, style, type Terminal } from '../terminal.ts';
import type { Verdict } from './dry-run.ts';
import { clockTime } from './progress.ts';

/** Rows that need a person, as shown; the result file has all of them. */
const mostShown = 10;

export function reportRun(given: {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly ended: Ended;
  readonly results: readonly RowResult[];
  readonly resultFile: string;
}): void {
  const { terminal, json, ended, results, resultFile } = given;
  const counts = countsOf(results.map((one) => one.result));
  if (json) {
    terminal.print(JSON.stringify({ ended, counts, resultFile, rows: results }, null, 2));
    return;
  }
  printCounts(terminal, counts);
  const unsettled = results.filter((one) => !isSettled(one.result) && one.result !== 'not reached');
  if (unsettled.length > 0) {
    terminal.print('');
    const shown = unsettled.slice(0, mostShown);
    printRows(terminal, ['ROW', 'RESULT', 'WHO', 'WHY'], shown.map(resultCells));
    if (unsettled.length > mostShown) {
      terminal.print(style('dim', `and ${unsettled.length - mostShown} more in the result file`));
    }
  }
  terminal.print('');
  terminal.print(`Each row with its link: ${resultFile}`);
  sayHowItEnded(terminal, ended);
}

function sayHowItEnded(terminal: Terminal, ended: Ended): void {
  if (ended.kind === 'finished') return;
  const again = 'it goes on where it was';
  if (ended.kind === 'interrupted') {
    terminal.complain(`Interrupted. Run the same command again: ${again}.`);
    return;
  }
  const when = ended.goesOnAt === null ? 'later' : `after ${clockTime(ended.goesOnAt)}`;
  terminal.complain(`Stopped: ${ended.reason}. Run the same command again ${when}: ${again}.`);
}

export function reportDryRun(given: {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly verdicts: readonly Verdict[];
}): ExitCode {
  const { terminal, json, verdicts } = given;
  const counts = countsOf(verdicts.map((one) => one.verdict));
  if (json) {
    terminal.print(JSON.stringify({ counts, rows: verdicts }, null, 2));
  } else {
    printRows(terminal, ['ROW', 'RESULT', 'WHO', 'WHY'], verdicts.map(verdictCells));
    terminal.print('');
    printCounts(terminal, counts);
    terminal.print(style('dim', 'Nothing was written, and nobody was invited.'));
  }
  const isClean = verdicts.every(
    ({ verdict }) => verdict !== 'not valid' && verdict !== 'disabled',
  );
  return isClean ? exitCodes.done : exitCodes.failed;
}

function resultCells({ row, result, email, reason }: RowResult): string[] {
  return [String(row), result, printable(email ?? 'open link'), printable(reason ?? '')];
}

function verdictCells({ row, verdict, email, reason }: Verdict): string[] {
  return [String(row), verdict, printable(email ?? 'open link'), printable(reason ?? '')];
}

function printRows(
  terminal: Terminal,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  table([heading, ...rows], terminal.columns).forEach((line, i) => {
    terminal.print(i === 0 ? style('bold', line) : line);
  });
}

function printCounts(terminal: Terminal, counts: Readonly<Record<string, number>>): void {
  const rows = Object.entries(counts).map(([name, count]) => [String(count).padStart(6), name]);
  for (const line of table(rows, terminal.columns)) terminal.print(line);
}

/** In a fixed order, without those that are not there. */
function countsOf(words: readonly string[]): Record<string, number> {
  const order = ['new', ...rowResults];
  const counts = order.map((one) => [one, words.filter((word) => word === one).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
