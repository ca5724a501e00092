import { timeView } from '../../../api/schemas.ts';
import { type ImportEnd, type RowReason, rowResults } from '../../../domain/invitation.ts';
import type { Verdict } from '../../../invitations/import/dry-run.ts';
import {
  isSettled,
  type RowResult,
  rowReasonText,
} from '../../../invitations/import/row-result.ts';
import { table } from '../../layout.ts';
import { printable, printJson, style, type Terminal } from '../../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../../verb.ts';
import { clockTime } from './progress.ts';

/** How many rows that need attention are printed; the result file has all of them. */
const mostPrinted = 10;

/** Prints what an import did. */
export function reportImport(
  { terminal, json }: VerbContext,
  given: {
    readonly end: ImportEnd;
    readonly results: readonly RowResult[];
    readonly resultFile: string;
  },
): void {
  const { end, results, resultFile } = given;
  const counts = countsOf(results.map((one) => one.result));
  if (json) {
    const rows = results.map((one) => ({ ...one, reason: withText(one.reason) }));
    const ended = end.kind === 'stopped' ? { ...end, reason: withText(end.reason) } : end;
    printJson(terminal, { ended, counts, resultFile, rows });
    return;
  }
  printCounts(terminal, counts);
  const unsettled = results.filter((one) => !isSettled(one.result) && one.result !== 'not reached');
  if (unsettled.length > 0) {
    terminal.print('');
    printRows(terminal, unsettled.slice(0, mostPrinted));
    if (unsettled.length > mostPrinted) {
      terminal.print(style('dim', `and ${unsettled.length - mostPrinted} more in the result file`));
    }
  }
  const warnings = results.flatMap(({ result, reason }) =>
    result === 'invited' && reason !== null ? rowReasonText(reason) : [],
  );
  for (const text of new Set(warnings)) terminal.printError(`Warning: ${printable(text)}`);
  terminal.print('');
  terminal.print(`Each row with its link: ${printable(resultFile)}`);
  printEnd(terminal, end);
}

function printEnd(terminal: Terminal, end: ImportEnd): void {
  const again = 'It continues where it stopped.';
  if (end.kind === 'finished') return;
  if (end.kind === 'interrupted') {
    terminal.printError(`Interrupted. Run the same command again. ${again}`);
    return;
  }
  const when = end.goesOnAt === null ? 'later' : `after ${clockTime(end.goesOnAt)}`;
  terminal.printError(
    `Stopped: ${printable(rowReasonText(end.reason))}. Run the same command again ${when}. ${again}`,
  );
}

/**
 * Prints what an import would do.
 * @param letters null: no row asks this service to mail a letter. `remindersDueAt`: when reminders would
 *   be due if the letters were mailed now (UTC ms)
 */
export function reportDryRun(
  { terminal, json }: VerbContext,
  verdicts: readonly Verdict[],
  letters: { readonly remindersDueAt: readonly number[] } | null,
): ExitCode {
  const counts = countsOf(verdicts.map((one) => one.verdict));
  if (json) {
    const rows = verdicts.map((one) => ({ ...one, reason: withText(one.reason) }));
    const remindersDueAt = letters?.remindersDueAt.map((at) => timeView(at));
    printJson(terminal, { counts, rows, ...(remindersDueAt ? { remindersDueAt } : {}) });
  } else {
    printRows(
      terminal,
      verdicts.map(({ verdict, ...row }) => ({ ...row, result: verdict })),
    );
    terminal.print('');
    printCounts(terminal, counts);
    if (letters !== null && letters.remindersDueAt.length > 0) {
      const times = letters.remindersDueAt.map((at) => timeView(at)).join(', ');
      terminal.print(`If the letters are mailed now, reminders are due at ${times}.`);
    }
    terminal.print(style('dim', 'Nothing was written, and nobody was invited.'));
  }
  const isClean = verdicts.every(
    ({ verdict }) => verdict !== 'not valid' && verdict !== 'disabled',
  );
  return isClean ? exitCodes.done : exitCodes.failed;
}

function withText(reason: RowReason | null) {
  return reason === null ? null : { ...reason, text: rowReasonText(reason) };
}

type PrintedRow = Pick<RowResult, 'row' | 'email' | 'reason'> & { readonly result: string };

function printRows(terminal: Terminal, rows: readonly PrintedRow[]): void {
  const cells = rows.map(({ row, result, email, reason }) => [
    String(row),
    result,
    // Null means an open link. A row that is not valid and has no address has an empty text here.
    email === null ? 'open link' : printable(email),
    reason === null ? '' : printable(rowReasonText(reason)),
  ]);
  const heading = ['ROW', 'RESULT', 'E-MAIL ADDRESS', 'REASON'];
  table([heading, ...cells], terminal.columns).forEach((line, i) => {
    terminal.print(i === 0 ? style('bold', line) : line);
  });
}

function printCounts(terminal: Terminal, counts: Readonly<Record<string, number>>): void {
  const rows = Object.entries(counts).map(([name, count]) => [String(count).padStart(6), name]);
  for (const line of table(rows, terminal.columns)) terminal.print(line);
}

/** Counts the rows by result, in a fixed order. Results that no row has are left out. */
function countsOf(results: readonly string[]): Record<string, number> {
  const counts = ['new', ...rowResults].map(
    (name) => [name, results.filter((one) => one === name).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
