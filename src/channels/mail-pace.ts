import { type Clock, sleepUntil } from '../clock.ts';

/** How fast mails go out. The rate follows what the mail server accepts. */
export type MailPace = {
  /** Waits until the next mail may be sent, or `signal` is aborted. */
  readonly turn: (signal: AbortSignal) => Promise<Turn>;
  /** Notes the server's answer to a mail that was sent in this turn. */
  readonly note: (answer: 'accepted' | 'deferred', turn: Turn) => void;
  /** When to try a deferred mail again, in ms: spread, so that retries do not come together. */
  readonly retryInMs: () => number;
};

/** `waitMs`: 0 when the mail may be sent now, else how long to wait before asking again. */
export type Turn = { readonly waitMs: number; readonly number: number };

/** Longer waits leave the channel, so that other work is not held up. */
const longestTurnMs = 45_000;
const firstIntervalMs = 1_200;
const longestIntervalMs = 30_000;
/** Below this, mails need no pause between them. */
const shortestIntervalMs = 50;
/** A single deferred mail may be about its recipient; this share of deferred mails is about the rate. */
const deferredShare = 0.3;
/** The weight of the newest answer in that share. */
const newestWeight = 0.2;
const firstRetryMs = 10_000;
/** For so long, the rate is not raised again to what the server has just refused. */
const refusedRateLivesMs = 60_000;

/** @param maxPerMinute `SMTP_MAX_PER_MINUTE`; null: as fast as the server accepts */
export function createMailPace(options: {
  readonly maxPerMinute: number | null;
  readonly clock: Clock;
  readonly random: () => number;
}): MailPace {
  const { clock, random, maxPerMinute } = options;
  const leastIntervalMs = maxPerMinute === null ? 0 : 60_000 / maxPerMinute;
  let adaptedMs = 0;
  let refused = { intervalMs: 0, at: 0 };
  let share = 0;
  let nextAt = 0;
  let waiting = 0;
  let line = Promise.resolve();
  let lastTurn = 0;
  let acceptedAt = Number.NEGATIVE_INFINITY;
  /** The times between the last accepted mails. */
  let acceptedGapsMs: readonly number[] = [];
  /** Turns up to this one began before the rate was lowered. */
  let loweredAfter = 0;

  const intervalMs = () => Math.max(leastIntervalMs, adaptedMs);

  async function turn(signal: AbortSignal): Promise<Turn> {
    const now = clock.now();
    // The clock was set back: what was counted before says nothing now.
    if (nextAt - now > longestIntervalMs + leastIntervalMs) nextAt = now;
    const waitMs = Math.max(0, nextAt - now) + waiting * intervalMs();
    if (waitMs > longestTurnMs) return { waitMs, number: 0 };
    waiting += 1;
    const before = line;
    line = before.then(() => waitForSlot(signal));
    await line;
    waiting -= 1;
    lastTurn += 1;
    return { waitMs: 0, number: lastTurn };
  }

  /** One after the other, so that a lower rate holds for mails that wait already. */
  async function waitForSlot(signal: AbortSignal): Promise<void> {
    while (clock.now() < nextAt && !signal.aborted) await sleepUntil(clock, nextAt, signal);
    if (!signal.aborted) nextAt = clock.now() + intervalMs();
  }

  /**
   * Whether this mail was deferred because of the rate. It was not if it was sent at the former rate,
   * or no sooner after an accepted mail than others that were accepted.
   */
  function isAboutRate(turn: Turn, gapMs: number): boolean {
    if (turn.number <= loweredAfter) return false;
    return acceptedGapsMs.length === 0 || gapMs < Math.min(...acceptedGapsMs);
  }

  function note(answer: 'accepted' | 'deferred', turn: Turn): void {
    const gapMs = clock.now() - acceptedAt;
    if (answer === 'accepted') {
      if (Number.isFinite(gapMs)) acceptedGapsMs = [...acceptedGapsMs, gapMs].slice(-10);
      acceptedAt = clock.now();
    } else if (!isAboutRate(turn, gapMs)) return;
    share = share * (1 - newestWeight) + (answer === 'deferred' ? newestWeight : 0);
    if (answer === 'accepted') {
      const isRecent = Math.abs(clock.now() - refused.at) < refusedRateLivesMs;
      const leastMs = isRecent ? refused.intervalMs * 1.1 : 0;
      // Carefully near a rate that the server has refused, quickly where none is known.
      const faster = Math.max(adaptedMs * (leastMs > 0 ? 0.97 : 0.9), leastMs);
      adaptedMs = faster < shortestIntervalMs ? 0 : Math.min(adaptedMs, faster);
    } else if (share > deferredShare) {
      refused = { intervalMs: adaptedMs, at: clock.now() };
      adaptedMs = Math.min(Math.max(adaptedMs * 1.3, firstIntervalMs), longestIntervalMs);
      nextAt = Math.max(nextAt, clock.now() + intervalMs());
      loweredAfter = lastTurn;
      share = 0;
    }
  }

  return {
    turn,
    note,
    retryInMs: () =>
      Math.round(firstRetryMs + random() * Math.max(firstRetryMs, 10 * intervalMs())),
  };
}
