import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { z } from 'zod';
import { resultsCsv } from '../../../api/csv.ts';
import { systemClock } from '../../../clock.ts';
import type { Config } from '../../../config/settings.ts';
import type { ImportEnd } from '../../../domain/invitation.ts';
import { dryRun } from '../../../invitations/import/dry-run.ts';
import { invited, settled } from '../../../invitations/import/issue-rows.ts';
import {
  fileKeyOf,
  type PlannedRow,
  planRows,
  withoutAnswer,
} from '../../../invitations/import/plan.ts';
import { readCsv } from '../../../invitations/import/read-csv.ts';
import { isSettled, type RowResult, resultOfCode } from '../../../invitations/import/row-result.ts';
import {
  type Issue,
  type RowAnswer,
  type RowRequest,
  runImport,
} from '../../../invitations/import/run.ts';
import { describeError } from '../../../log.ts';
import { reasonText } from '../../../messages/render.ts';
import { lockImport } from '../../../store/database.ts';
import { type Client, codeOf, problemSchema, withClient } from '../../client.ts';
import { interruptions } from '../../signals.ts';
import { printable, type Terminal } from '../../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../../verb.ts';
import { createProgressDisplay } from './progress.ts';
import { reportDryRun, reportImport } from './report.ts';

export type ImportFlags = {
  readonly csv: string;
  readonly emailColumn?: string;
  readonly openLinks?: boolean;
  readonly dryRun?: boolean;
  /** `type`, `mode`, `note` and `language` are the values for empty cells. */
  readonly type: string;
  readonly mode: string;
  readonly note?: string;
  readonly language?: string;
};

type Given = {
  readonly context: VerbContext;
  readonly planned: readonly PlannedRow[];
  /** The absolute path of the CSV file, without symbolic links. */
  readonly path: string;
  readonly fileKey: string;
};

/** `invite --csv FILE`: invites each row and writes `FILE.result.csv`. It is safe to run it again. */
export async function importCsv(context: VerbContext, flags: ImportFlags): Promise<ExitCode> {
  const { terminal } = context;
  const wrongUsage = (sentence: string) => {
    terminal.printError(`${flags.csv} ${printable(sentence)}`);
    return exitCodes.wrongUsage;
  };
  const file = readFile(flags.csv);
  if (file.kind === 'missing') return wrongUsage(`cannot be read: ${file.reason}`);
  const read = await readCsv(file.bytes, { emailColumn: flags.emailColumn });
  if (read.kind === 'unreadable') return wrongUsage(reasonText(read.fault));
  if (read.rows.length === 0) return wrongUsage('has no row below its heading');
  const fileKey = fileKeyOf(file.path);
  const planned = await planRows(read.rows, fileKey, flags);
  const given = { context, planned, path: file.path, fileKey };
  return flags.dryRun ? previewImport(given) : importLocked(given);
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

function previewImport({ context, planned }: Given): Promise<ExitCode> {
  const { terminal } = context;
  return withConfig(context, async (settings) => {
    if (needsMail(planned) && !isMailSetUp(settings)) return printNoMail(terminal);
    const total = planned.filter((row) => row.kind === 'request').length;
    const display = createProgressDisplay({ terminal, total, now: systemClock.now });
    const onRow = display.advance;
    const random = Math.random;
    const result = await dryRun({ planned, settings, clock: systemClock, random, onRow });
    display.end();
    if (result.kind === 'done') {
      const now = systemClock.now();
      const remindersDueAt = (settings.INVITE_REMIND_AFTER ?? []).map((afterMs) => now + afterMs);
      const letters = needsMail(planned) ? { remindersDueAt } : null;
      return reportDryRun(context, result.verdicts, letters);
    }
    terminal.printError(reasonText(result.fault));
    return exitCodes.portalUnreachable;
  });
}

/**
 * Imports the file. With SQLite, a file that another process is importing is refused, because the two runs
 * would mix up each other's rows.
 */
function importLocked(given: Given): Promise<ExitCode> {
  const { context, path, fileKey, planned } = given;
  return withConfig(context, async (config) => {
    if (needsMail(planned) && !isMailSetUp(config)) return printNoMail(context.terminal);
    const name = `import-${fileKey.replace(':', '-')}`;
    const locked = lockImport(config.database, name);
    if (locked.kind === 'busy') {
      const who = locked.holder ? `process ${locked.holder.pid}` : 'another process';
      context.terminal.printError(
        `${path} is being imported by ${who}. Wait for it, or stop it and run this again.`,
      );
      return exitCodes.failed;
    }
    try {
      // The portal is first asked about invitations that an earlier, killed import left `issuing`.
      return await withClient(context, (client) => importRows(given, issueThrough(client)), {
        settles: true,
      });
    } finally {
      await locked.lock.release();
    }
  });
}

function needsMail(planned: readonly PlannedRow[]): boolean {
  return planned.some((row) => row.kind === 'request' && row.request.mode === 'smtp');
}

function isMailSetUp({ SMTP_URL, WELCOME_FROM }: Config): boolean {
  return SMTP_URL !== null && WELCOME_FROM !== null;
}

function printNoMail(terminal: Terminal): ExitCode {
  const text = reasonText({ code: 'mail_not_configured' });
  terminal.printError(`Some rows have the mode smtp, but ${text}. Nobody was invited.`);
  return exitCodes.configuration;
}

async function importRows({ context, planned, path }: Given, issue: Issue): Promise<ExitCode> {
  const { terminal } = context;
  const rows = planned.filter((row): row is RowRequest & PlannedRow => row.kind === 'request');
  const display = createProgressDisplay({ terminal, total: rows.length, now: systemClock.now });
  const results = new Map<number, RowResult>();
  const signals = interruptions();
  const end = await runImport({
    rows,
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
  reportImport(context, { end, results: all, resultFile });
  return exitCodeOf(end, all);
}

function exitCodeOf(end: ImportEnd, results: readonly RowResult[]): ExitCode {
  if (end.kind === 'stopped') return exitCodes.portalUnreachable;
  return results.every((one) => isSettled(one.result)) ? exitCodes.done : exitCodes.failed;
}

/**
 * Writes one line per row. The file gets its name only when it is complete. It contains links, so only its
 * owner can read it. The temporary file is always a new file: a symbolic link of that name is not followed.
 * @throws if the folder cannot be written
 */
function writeResults(file: string, results: readonly RowResult[]): void {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(part, flags, 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, resultsCsv(results));
  } finally {
    closeSync(descriptor);
  }
  renameSync(part, file);
}

const answersSchema = z.array(
  z.union([
    z.object({ id: z.string(), link: z.string().nullable(), warning: z.string().optional() }),
    problemSchema,
  ]),
);

function issueThrough(client: Client): Issue {
  return async (requests) => {
    const answer = await client.request('POST', '/api/invitations', requests);
    const parsed =
      answer.kind === 'answered' && answer.status === 201
        ? answersSchema.safeParse(answer.json)
        : null;
    if (parsed?.success) return parsed.data.map((one) => answerOf(one, systemClock.now()));
    const text =
      answer.kind === 'unreachable' ? answer.reason : `the service answered ${answer.status}`;
    const reason = { code: 'service_unavailable', text };
    return requests.map(() => ({ kind: 'trouble', reason, retryAt: null, id: null }));
  };
}

function answerOf(answer: z.infer<typeof answersSchema>[number], now: number): RowAnswer {
  if ('id' in answer) {
    const { id, link, warning } = answer;
    return invited(id, link, warning ? { code: 'link_warning', text: warning } : null);
  }
  const { status, detail, invitation = null, retryAfter } = answer;
  const code = codeOf(answer);
  const reason = { code, text: detail };
  if (status >= 500) {
    const retryAt = retryAfter === undefined ? null : now + retryAfter * 1_000;
    return { kind: 'trouble', reason, retryAt, id: invitation };
  }
  return settled(status === 409 ? resultOfCode(code) : 'refused', reason, invitation);
}
