import { type Clock, sleepUntil } from '../../clock.ts';
import type { InvitationRequest } from '../inviter.ts';
import type { RowResult } from './row-result.ts';

/** A row that asks for an invitation. */
export type Wish = { readonly row: number; readonly request: InvitationRequest };

/** What one wish came to. `trouble`: nothing was issued, it may be asked for again. */
export type WishAnswer =
  | { readonly kind: 'settled'; readonly result: Omit<RowResult, 'row' | 'email'> }
  | { readonly kind: 'trouble'; readonly reason: string; readonly retryAt: number | null };

/** Asks for some invitations: on the database, or through the service. Answers in their order. */
export type Issue = (requests: readonly InvitationRequest[]) => Promise<readonly WishAnswer[]>;

export type Ended =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  /** `goesOnAt`: UTC ms, when the portal said so. */
  | { readonly kind: 'stopped'; readonly reason: string; readonly goesOnAt: number | null };

/** Rows of one call: few enough that the progress moves and that an interruption is felt soon. */
const rowsTogether = 40;
const lanes = 2;
/** A portal without a word of when: tried again after these pauses, then the run stops. */
const pausesMs = [1_000, 5_000, 15_000];
/** A longer wait than this is for the operator: the run stops and says when it can go on. */
const longestWaitMs = 5 * 60_000;
/** So often a portal may ask to wait without letting anything through in between. */
const mostWaits = 10;

/**
 * Has every wish answered, slowing down when the portal asks for it.
 * @param interrupted ends the run after what is under way
 */
export async function runImport(options: {
  readonly wishes: readonly Wish[];
  readonly issue: Issue;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly onResult: (result: RowResult) => void;
  readonly onWait: (reason: string, until: number) => void;
}): Promise<Ended> {
  const { wishes, issue, clock, interrupted, onResult } = options;
  const halt = new AbortController();
  const until = AbortSignal.any([halt.signal, interrupted]);
  let ended: Ended = { kind: 'finished' };
  let settledCount = 0;

  function settle({ row, request }: Wish, result: Omit<RowResult, 'row' | 'email'>): void {
    settledCount += 1;
    onResult({ row, email: request.email, ...result });
  }

  function stop(reason: string, goesOnAt: number | null): void {
    if (!halt.signal.aborted) ended = { kind: 'stopped', reason, goesOnAt };
    halt.abort();
  }

  async function answerAll(slice: readonly Wish[]): Promise<void> {
    let open = slice;
    let pausesTaken = 0;
    let waitsTaken = 0;
    const settledBefore = settledCount;
    while (!until.aborted) {
      const countBefore = settledCount;
      const troubles = await answerOnce(open);
      open = troubles.map(({ wish }) => wish);
      const [trouble] = troubles;
      if (!trouble) return;
      if (settledCount > countBefore) waitsTaken = 0;
      const retryAt = troubles.reduce((latest, one) => Math.max(latest, one.retryAt ?? 0), 0);
      if (retryAt > clock.now()) {
        waitsTaken += 1;
        if (retryAt - clock.now() > longestWaitMs || waitsTaken > mostWaits) {
          return stop(trouble.reason, retryAt);
        }
        options.onWait(trouble.reason, retryAt);
        await sleepUntil(clock, retryAt, until);
        continue;
      }
      const pauseMs = pausesMs[pausesTaken];
      pausesTaken += 1;
      if (pauseMs === undefined) {
        // Others came through meanwhile: it is about these rows, not about the portal.
        if (settledCount === settledBefore) return stop(trouble.reason, null);
        for (const { wish, reason } of troubles) {
          settle(wish, { result: 'failed', id: null, link: null, reason });
        }
        return;
      }
      await sleepUntil(clock, clock.now() + pauseMs, until);
    }
  }

  async function answerOnce(open: readonly Wish[]) {
    const answers = await issue(open.map(({ request }) => request));
    return open.flatMap((wish, i) => {
      const answer = answers[i] ?? { kind: 'trouble', reason: 'no answer came', retryAt: null };
      if (answer.kind === 'trouble') return [{ wish, ...answer }];
      settle(wish, answer.result);
      return [];
    });
  }

  const slices = inSlices(wishes).values();
  async function takeNext(): Promise<void> {
    for (const slice of slices) {
      if (until.aborted) return;
      await answerAll(slice);
    }
  }
  await Promise.all(Array.from({ length: lanes }, takeNext));
  return interrupted.aborted && ended.kind === 'finished' ? { kind: 'interrupted' } : ended;
}

function inSlices(wishes: readonly Wish[]): Wish[][] {
  const count = Math.ceil(wishes.length / rowsTogether);
  return Array.from({ length: count }, (_, i) =>
    wishes.slice(i * rowsTogether, (i + 1) * rowsTogether),
  );
}
