import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { openWorkshop } from '../../core.ts';
import { issueAlone } from '../../invitations/import/issue-rows.ts';
import {
  fileKeyOf,
  type PlannedRow,
  planRows,
  withoutAnswer,
} from '../../invitations/import/plan.ts';
import { readCsv } from '../../invitations/import/read-csv.ts';
import { isSettled, type RowResult } from '../../invitations/import/row-result.ts';
import { type Ended, type Issue, runImport, type Wish } from '../../invitations/import/run.ts';
import { createLog, describeError } from '../../log.ts';
import { acquireLock } from '../../store/sqlite/lock.ts';
import { withConfig } from '../config.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { complain, surroundings } from '../serve.ts';
import { interruptions } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import { dryRun } from './dry-run.ts';
import { issueThroughServer } from './issue.ts';
import { createProgressDisplay } from './progress.ts';
import { reportDryRun, reportRun } from './report.ts';
import { writeResults } from './result-file.ts';

export type ImportOptions = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly csv: string;
  readonly isDryRun: boolean;
  /** Of rows that do not say. */
  readonly type: string;
  readonly mode: string;
  readonly note?: string | undefined;
  readonly json: boolean;
};

/** `invite --csv FILE`: an invitation for each row, and `FILE.result.csv`. Safe to run again. */
export async function importCsv(options: ImportOptions): Promise<ExitCode> {
  const { terminal } = options;
  const file = readFile(options.csv);
  if (file.kind === 'missing') {
    terminal.complain(`${options.csv} cannot be read: ${file.reason}`);
    return exitCodes.wrongUsage;
  }
  const read = await readCsv(file.bytes);
  if (read.kind === 'unreadable') {
    terminal.complain(`${options.csv} ${read.reason}`);
    return exitCodes.wrongUsage;
  }
  if (read.rows.length === 0) {
    terminal.complain(`${options.csv} has no row below its heading`);
    return exitCodes.wrongUsage;
  }
  const fileKey = fileKeyOf(file.path);
  const planned = await planRows(read.rows, fileKey, options);
  return withConfig(options, (config) =>
    options.isDryRun
      ? judge(options, config, planned)
      : run({ options, config, planned, path: file.path, fileKey }),
  );
}

function readFile(
  path: string,
):
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'missing'; readonly reason: string } {
  try {
    return { kind: 'file', path: realpathSync(path), bytes: readFileSync(path) };
  } catch (error) {
    return { kind: 'missing', reason: describeError(error) };
  }
}

async function judge(
  options: ImportOptions,
  config: Config,
  planned: readonly PlannedRow[],
): Promise<ExitCode> {
  const { terminal, json } = options;
  const { clock, random } = surroundings(silentLog());
  const total = planned.filter((row) => row.kind === 'wish').length;
  const display = createProgressDisplay({ terminal, total, now: clock.now });
  const judged = await dryRun({ planned, config, clock, random, onRow: display.advance });
  display.end();
  if (judged.kind === 'portal_trouble') {
    terminal.complain(judged.reason);
    return exitCodes.portalUnreachable;
  }
  return reportDryRun({ terminal, json, verdicts: judged.verdicts });
}

type Run = {
  readonly options: ImportOptions;
  readonly config: Config;
  readonly planned: readonly PlannedRow[];
  readonly path: string;
  readonly fileKey: string;
};

/** Two runs of one file would tell each other's rows wrong, so the second is turned away. */
async function run(given: Run): Promise<ExitCode> {
  const { options, config, path, fileKey } = given;
  const name = `import-${fileKey.replace(':', '-')}`;
  const locked = acquireLock(join(dirname(config.databaseFile), name));
  if (locked.kind === 'busy') {
    const who = locked.holder ? `process ${locked.holder.pid}` : 'another process';
    options.terminal.complain(
      `${path} is being imported by ${who}: wait for it, or stop it and run this again.`,
    );
    return exitCodes.failed;
  }
  try {
    return await runLocked(given);
  } finally {
    locked.lock.release();
  }
}

async function runLocked(given: Run): Promise<ExitCode> {
  const { options, config } = given;
  const opened = await openWorkshop(config, surroundings(silentLog()), () => {});
  switch (opened.kind) {
    case 'opened': {
      const { inviter, close } = opened.workshop;
      try {
        // What a killed run left behind is settled first: nobody else asks for it any more.
        await inviter.settleIssuing(systemClock.now());
        return await issueAndReport(given, issueAlone(inviter));
      } finally {
        await close();
      }
    }
    case 'busy': {
      const { holder } = opened;
      const issue = issueThroughServer({ holder, config, now: systemClock.now });
      return issueAndReport(given, issue);
    }
    case 'refused':
      return complain(options.terminal, opened, config);
    default:
      return opened satisfies never;
  }
}

async function issueAndReport(given: Run, issue: Issue): Promise<ExitCode> {
  const { options, planned, path } = given;
  const { terminal, json } = options;
  const wishes = planned.filter((row): row is Wish & PlannedRow => row.kind === 'wish');
  const display = createProgressDisplay({ terminal, total: wishes.length, now: systemClock.now });
  const results = new Map<number, RowResult>();
  const signals = interruptions();
  const ended = await runImport({
    wishes,
    issue,
    clock: systemClock,
    interrupted: signals.interrupted,
    onResult(result) {
      results.set(result.row, result);
      display.advance();
    },
    onWait: display.waiting,
  });
  signals.close();
  display.end();
  const all = planned.map((row) => results.get(row.row) ?? withoutAnswer(row));
  const resultFile = `${path}.result.csv`;
  writeResults(resultFile, all);
  reportRun({ terminal, json, ended, results: all, resultFile });
  return exitCodeOf(ended, all);
}

function exitCodeOf(ended: Ended, results: readonly RowResult[]): ExitCode {
  if (ended.kind === 'stopped') return exitCodes.portalUnreachable;
  return results.every((one) => isSettled(one.result)) ? exitCodes.done : exitCodes.failed;
}

function silentLog() {
  return createLog({ level: 'silent', write: () => {} });
}
