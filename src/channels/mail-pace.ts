import { type Clock, sleepUntil } from '../clock.ts';

/** Controls how fast mails are sent. The rate follows what the mail server accepts. */
export type MailPace = {
  /** Waits until the next mail may be sent, or until `signal` is aborted. */
  readonly turn: (signal: AbortSignal) => Promise<Turn>;
  /** Notes the server's answer to a mail that was sent in this turn. */
  readonly note: (answer: 'accepted' | 'deferred', turn: Turn) => void;
  /**
   * Returns how long to wait before a deferred mail is tried again, in ms. The time is partly random, so
   * that retries do not come together.
   */
  readonly retryInMs: () => number;
};

/** `waitMs`: 0 if the mail may be sent now, else how long to wait before asking again. */
export type Turn = { readonly waitMs: number; readonly number: number };

/**
 * The longest wait inside `turn`. A longer wait is returned to the caller instead, so that other work
 * is not held up.
 */
const longestTurnMs = 45_000;
const firstIntervalMs = 1_200;
const longestIntervalMs = 30_000;
/** If the adapted interval gets shorter than this, it becomes 0. */
const shortestIntervalMs = 50;
/**
 * If a larger share of the mails is deferred, the rate counts as the cause. A single deferred mail may
 * concern only its recipient.
 */
const deferredShare = 0.3;
/** The weight of the newest answer in the share of deferred mails. */
const newestWeight = 0.2;
const firstRetryMs = 10_000;
/** For this time, a rate that the server has refused is not tried again. */
const refusedRateLivesMs = 60_000;

/** @param maxPerMinute `SMTP_MAX_PER_MINUTE`; null: only the server's answers limit the rate */
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
  /** The times between the last accepted mails, in ms. */
  let acceptedGapsMs: readonly number[] = [];
  /** The number of the last turn before the rate was lowered. */
  let loweredAfter = 0;

  const intervalMs = () => Math.max(leastIntervalMs, adaptedMs);

  async function turn(signal: AbortSignal): Promise<Turn> {
    const now = clock.elapsed();
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

  /**
   * Waits until this mail may be sent. Only one mail waits here at a time, so that a lower rate also
   * applies to the mails behind it.
   */
  async function waitForSlot(signal: AbortSignal): Promise<void> {
    while (clock.elapsed() < nextAt && !signal.aborted) {
      await sleepUntil(clock, clock.now() + Math.ceil(nextAt - clock.elapsed()), signal);
    }
    if (!signal.aborted) nextAt = clock.elapsed() + intervalMs();
  }

  /**
   * Whether the rate caused this deferral. The rate did not cause it if the turn began before the rate
   * was lowered, or if one of the last mails was accepted after an equal or shorter gap.
   * @param gapMs the time since the last accepted mail
   */
  function isAboutRate(turn: Turn, gapMs: number): boolean {
    if (turn.number <= loweredAfter) return false;
    return acceptedGapsMs.length === 0 || gapMs < Math.min(...acceptedGapsMs);
  }

  function note(answer: 'accepted' | 'deferred', turn: Turn): void {
    const gapMs = clock.elapsed() - acceptedAt;
    if (answer === 'accepted') {
      if (Number.isFinite(gapMs)) acceptedGapsMs = [...acceptedGapsMs, gapMs].slice(-10);
      acceptedAt = clock.elapsed();
    } else if (!isAboutRate(turn, gapMs)) return;
    share = share * (1 - newestWeight) + (answer === 'deferred' ? newestWeight : 0);
    if (answer === 'accepted') {
      const isRecent = Math.abs(clock.elapsed() - refused.at) < refusedRateLivesMs;
      const leastMs = isRecent ? refused.intervalMs * 1.1 : 0;
      // The steps are small if the server has refused a rate not long ago, else they are large. A
      // refusal of mails without a pause (interval 0) does not count.
      const faster = Math.max(adaptedMs * (leastMs > 0 ? 0.97 : 0.9), leastMs);
      adaptedMs = faster < shortestIntervalMs ? 0 : Math.min(adaptedMs, faster);
    } else if (share > deferredShare) {
      refused = { intervalMs: intervalMs(), at: clock.elapsed() };
      adaptedMs = Math.min(Math.max(intervalMs() * 1.3, firstIntervalMs), longestIntervalMs);
      nextAt = Math.max(nextAt, clock.elapsed() + intervalMs());
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
