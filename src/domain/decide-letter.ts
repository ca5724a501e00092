import { type Invitation, invitationStatus } from './invitation.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import type { AttemptReason } from './reason.ts';
import { nextTryInMs } from './retry-policy.ts';
import type { LetterKind } from './vocabulary.ts';

/** One try at mailing a letter. It is committed before the mail is sent. Times are UTC ms. */
export type LetterAttempt = {
  readonly id: string;
  readonly kind: LetterKind;
  /**
   * For a reminder: its place in `INVITE_REMIND_AFTER`, counted from 1. For an invitation letter: 1, and
   * one more each time an operator asks for another letter.
   */
  readonly number: number;
  readonly startedAt: number;
  readonly leaseUntil: number;
  readonly endedAt: number | null;
  /** Null while the attempt is open. */
  readonly outcome: OutcomeKind | null;
  readonly reason: AttemptReason | null;
};

/** Everything that decides about the next letter of an invitation. */
export type LetterCase = {
  readonly invitation: Invitation;
  /** Oldest first. */
  readonly letters: readonly LetterAttempt[];
  /** True if somebody with this address has registered and is still in the portal. */
  readonly hasCome: boolean;
};

export type NextLetter =
  | { readonly kind: 'send'; readonly letter: LetterKind; readonly number: number }
  | { readonly kind: 'wait'; readonly until: number }
  /** An attempt did not end within its lease, so its outcome will never be known. */
  | { readonly kind: 'lost'; readonly attemptId: string }
  | { readonly kind: 'none' };

/**
 * Decides which letter is mailed next, and when. An invitation letter is mailed only while
 * `invitation.letter` is `pending`: after the invitation was issued, and after an operator asked for the
 * letter again. A reminder is mailed only after a letter that was sent.
 * @param remindAfterMs `INVITE_REMIND_AFTER`, the shortest time first
 */
export function nextLetter(
  { invitation, letters, hasCome }: LetterCase,
  remindAfterMs: readonly number[],
  now: number,
): NextLetter {
  const open = letters.find(({ outcome }) => outcome === null);
  if (open) {
    return open.leaseUntil <= now
      ? { kind: 'lost', attemptId: open.id }
      : { kind: 'wait', until: open.leaseUntil };
  }
  if (invitation.mode !== 'smtp' || hasCome || invitationStatus(invitation, now) !== 'issued') {
    return { kind: 'none' };
  }
  const due =
    invitation.letter === 'pending'
      ? pendingLetter(invitation, letters)
      : invitation.letter === 'sent'
        ? dueReminder(invitation, letters, remindAfterMs, now)
        : null;
  if (due === null) return { kind: 'none' };
  const { at, ...letter } = due;
  return at <= now ? { kind: 'send', ...letter } : { kind: 'wait', until: at };
}

type Due = { readonly letter: LetterKind; readonly number: number; readonly at: number };

function pendingLetter(invitation: Invitation, letters: readonly LetterAttempt[]): Due {
  const number = lastNumber(letters, 'invitation') + 1;
  return { letter: 'invitation', number, at: invitation.letterDueAt ?? 0 };
}

/** Returns the latest reminder that is due now, or else the next one. Earlier ones are skipped. */
function dueReminder(
  invitation: Invitation,
  letters: readonly LetterAttempt[],
  remindAfterMs: readonly number[],
  now: number,
): Due | null {
  const first = letters.findLast(
    ({ kind, outcome }) => kind === 'invitation' && outcome === 'sent',
  );
  if (!first) return null;
  const taken = lastNumber(letters, 'reminder');
  const lastReminder = letters.findLast(isTaken('reminder'));
  const times = remindAfterMs
    .map((afterMs, index) => ({ number: index + 1, at: first.startedAt + afterMs }))
    .filter(({ number, at }) => number > taken && at > (lastReminder?.startedAt ?? 0));
  const next = times.findLast(({ at }) => at <= now) ?? times[0];
  if (!next) return null;
  const last = letters.at(-1);
  const isRetry = last?.kind === 'reminder' && last.outcome === 'not_sent';
  const at = isRetry ? Math.max(next.at, invitation.letterDueAt ?? 0) : next.at;
  return { letter: 'reminder', number: next.number, at };
}

/** Returns a test for letters whose number is taken. A letter that was not sent takes no number. */
function isTaken(wanted: LetterKind): (letter: LetterAttempt) => boolean {
  return ({ kind, outcome }) => kind === wanted && outcome !== 'not_sent';
}

function lastNumber(letters: readonly LetterAttempt[], kind: LetterKind): number {
  return Math.max(0, ...letters.filter(isTaken(kind)).map(({ number }) => number));
}

/**
 * Returns the invitation as it is after one of its letter attempts has ended.
 * @param letters the attempts, with the outcome of the ended one
 */
export function afterLetter(
  { invitation, letters, hasCome }: LetterCase,
  outcome: Outcome,
  remindAfterMs: readonly number[],
  now: number,
): Invitation {
  switch (outcome.kind) {
    case 'sent': {
      const sent: Invitation = { ...invitation, letter: 'sent', letterDueAt: null };
      const next = nextLetter({ invitation: sent, letters, hasCome }, remindAfterMs, now);
      const letterDueAt = next.kind === 'wait' ? next.until : next.kind === 'send' ? now : null;
      return { ...sent, letterDueAt };
    }
    case 'not_sent': {
      const dueAt = now + nextTryInMs(triesInARow(letters), outcome.waitMs);
      return { ...invitation, letterDueAt: dueAt };
    }
    case 'refused':
    case 'unknown':
      return { ...invitation, letter: outcome.kind, letterDueAt: null };
    default:
      return outcome satisfies never;
  }
}

function triesInARow(letters: readonly LetterAttempt[]): number {
  const others = letters.findLastIndex(({ outcome }) => outcome !== 'not_sent');
  return letters.length - 1 - others;
}
