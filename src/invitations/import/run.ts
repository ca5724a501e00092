import pLimit from 'p-limit';
import { type Clock, sleepUntil } from '../../clock.ts';
import type { ImportEnd, RowReason } from '../../domain/invitation.ts';
import type { InvitationRequest } from '../inviter.ts';
import type { RowResult } from './row-result.ts';

/** A row that asks for an invitation. */
export type RowRequest = { readonly row: number; readonly request: InvitationRequest };

/** The answer to one row. `trouble`: there was no usable answer, so the row may be tried again. */
export type RowAnswer =
  | { readonly kind: 'settled'; readonly result: Omit<RowResult, 'row' | 'email'> }
  | {
      readonly kind: 'trouble';
      readonly reason: RowReason;
      readonly retryAt: number | null;
      /** The invitation that stays `issuing`, because it may have been made. */
      readonly id: string | null;
    };

/** Asks for several invitations. The answers have the order of the requests. */
export type Issue = (requests: readonly InvitationRequest[]) => Promise<readonly RowAnswer[]>;

/**
 * How many rows one call contains. The number is small, so that the progress is shown often and an
 * interruption takes effect soon.
 */
const rowsPerCall = 40;
const concurrency = 2;
/**
 * The pauses before the portal is asked again, if the portal does not say when. If there is no answer
 * after the last pause, the import stops, or these rows fail.
 */
const pausesMs = [1_000, 5_000, 15_000];
/** If the portal asks for a longer wait, the import stops and reports when to continue. */
const longestWaitMs = 5 * 60_000;
/** How often the portal may ask to wait while no row is answered in between. */
const maxWaits = 10;

/**
 * Gets an answer to every row, and waits when the portal asks for a wait. It may stop before the last
 * row: see `ImportEnd`.
 * @param interrupted when aborted, the import ends after the calls that are in progress
 */
export async function runImport(options: {
  readonly rows: readonly RowRequest[];
  readonly issue: Issue;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly onResult: (result: RowResult) => void;
  readonly onWait: (reason: RowReason, until: number) => void;
}): Promise<ImportEnd> {
  const { rows, issue, clock, interrupted, onResult } = options;
  const halt = new AbortController();
  const until = AbortSignal.any([halt.signal, interrupted]);
  let end: ImportEnd = { kind: 'finished' };
  let settledCount = 0;

  function settle({ row, request }: RowRequest, result: Omit<RowResult, 'row' | 'email'>): void {
    settledCount += 1;
    onResult({ row, email: request.email, ...result });
  }

  function stop(reason: RowReason, goesOnAt: number | null): void {
    if (!halt.signal.aborted) end = { kind: 'stopped', reason, goesOnAt };
    halt.abort();
  }

  async function answerAll(slice: readonly RowRequest[]): Promise<void> {
    let open = slice;
    let pausesTaken = 0;
    let waitsTaken = 0;
    const settledBefore = settledCount;
    while (!until.aborted) {
      const countBefore = settledCount;
      const troubles = await answerOnce(open);
      open = troubles.map(({ rowRequest }) => rowRequest);
      const [trouble] = troubles;
      if (!trouble) return;
      if (settledCount > countBefore) waitsTaken = 0;
      const retryAt = troubles.reduce((latest, one) => Math.max(latest, one.retryAt ?? 0), 0);
      if (retryAt > clock.now()) {
        waitsTaken += 1;
        if (retryAt - clock.now() > longestWaitMs || waitsTaken > maxWaits) {
          return stop(trouble.reason, retryAt);
        }
        options.onWait(trouble.reason, retryAt);
        await sleepUntil(clock, retryAt, until);
        continue;
      }
      const pauseMs = pausesMs[pausesTaken];
      pausesTaken += 1;
      if (pauseMs === undefined) {
        // If no row was answered meanwhile, the portal is the problem. Otherwise these rows are.
        if (settledCount === settledBefore) return stop(trouble.reason, null);
        for (const { rowRequest, reason, id } of troubles) {
          settle(rowRequest, { result: 'failed', id, link: null, reason });
        }
        return;
      }
      await sleepUntil(clock, clock.now() + pauseMs, until);
    }
  }

  async function answerOnce(open: readonly RowRequest[]) {
    const answers = await issue(open.map(({ request }) => request));
    return open.flatMap((rowRequest, i) => {
      const answer = answers[i] ?? noAnswer;
      if (answer.kind === 'trouble') return [{ rowRequest, ...answer }];
      settle(rowRequest, answer.result);
      return [];
    });
  }

  await pLimit(concurrency).map(inSlices(rows), async (slice) => {
    if (!until.aborted) await answerAll(slice);
  });
  return interrupted.aborted && end.kind === 'finished' ? { kind: 'interrupted' } : end;
}

const noAnswer: RowAnswer = {
  kind: 'trouble',
  reason: { code: 'row_without_answer' },
  retryAt: null,
  id: null,
};

function inSlices(rows: readonly RowRequest[]): RowRequest[][] {
  const count = Math.ceil(rows.length / rowsPerCall);
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * rowsPerCall, (i + 1) * rowsPerCall),
  );
}
