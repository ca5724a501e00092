import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterLetter,
  type LetterAttempt,
  type LetterCase,
  nextLetter,
} from '../../src/domain/decide-letter.ts';
import { type Invitation, withoutDueLetter } from '../../src/domain/invitation.ts';
import type { Outcome } from '../../src/domain/outcome.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const leaseMs = 120_000;
const start = Date.UTC(2026, 0, 10, 12);

const issued: Invitation = {
  id: 'inv_1',
  employeeType: 'Guest',
  mode: 'smtp',
  email: 'ada@example.com',
  note: null,
  stage: 'issued',
  reason: null,
  link: 'https://portal.example/s/1',
  accountId: 'account',
  userId: null,
  createdAt: start,
  issuedAt: start,
  revokedAt: null,
  furthestStep: 'none',
  language: null,
  letter: 'pending',
  letterDueAt: start,
};

const outcomes: readonly Outcome[] = [
  { kind: 'sent', reason: { code: 'mail_accepted', reply: '250' } },
  { kind: 'not_sent', reason: { code: 'mail_timed_out' }, waitMs: null },
  { kind: 'refused', reason: { code: 'mail_recipient_refused', reply: '550' }, streak: '550' },
  { kind: 'unknown', reason: { code: 'mail_timed_out_after_text' } },
];
const lost: Outcome = { kind: 'unknown', reason: { code: 'attempt_lease_expired' } };

type Step =
  | { readonly kind: 'turn' | 'crash' | 'register' | 'leave' | 'revoke' | 'resend' }
  | { readonly kind: 'mail'; readonly outcome: Outcome }
  | { readonly kind: 'clock'; readonly byMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...outcomes).map((outcome) => ({ kind: 'mail', outcome }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .integer({ min: -2 * dayMs, max: 4 * dayMs })
      .map((byMs) => ({ kind: 'clock', byMs }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(leaseMs, hourMs, 3 * dayMs)
      .map((byMs) => ({ kind: 'clock', byMs }) as const),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'turn' } as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('crash', 'register', 'leave', 'revoke', 'resend')
      .map((kind) => ({ kind }) as const),
  },
);

/** What the store and the worker do with the decisions, in memory. */
function play(steps: readonly Step[], remindAfterMs: readonly number[]) {
  let now = start;
  let state: LetterCase = { invitation: issued, letters: [], hasCome: false };
  let requests = 0;
  const begun: { letter: string; at: number; isAfterCome: boolean; isAfterRevoked: boolean }[] = [];
  let hasEverCome = false;

  const end = (attemptId: string, outcome: Outcome) => {
    const letters = state.letters.map((one) =>
      one.id === attemptId
        ? { ...one, outcome: outcome.kind, reason: outcome.reason, endedAt: now }
        : one,
    );
    const ended = { ...state, letters };
    state = { ...ended, invitation: afterLetter(ended, outcome, remindAfterMs, now) };
  };
  const turn = (outcome: Outcome | null) => {
    const { letterDueAt } = state.invitation;
    if (letterDueAt === null || letterDueAt > now) return;
    const next = nextLetter(state, remindAfterMs, now);
    switch (next.kind) {
      case 'lost':
        return end(next.attemptId, lost);
      case 'none':
        state = { ...state, invitation: withoutDueLetter(state.invitation) };
        return;
      case 'wait':
        state = { ...state, invitation: { ...state.invitation, letterDueAt: next.until } };
        return;
      case 'send': {
        const id = `let_${state.letters.length}`;
        const attempt: LetterAttempt = {
          id,
          kind: next.letter,
          number: next.number,
          startedAt: now,
          leaseUntil: now + leaseMs,
          endedAt: null,
          outcome: null,
          reason: null,
        };
        begun.push({
          letter: `${next.letter} ${next.number}`,
          at: now,
          isAfterCome: hasEverCome,
          isAfterRevoked: state.invitation.revokedAt !== null,
        });
        const invitation = { ...state.invitation, letterDueAt: now + leaseMs };
        state = { ...state, invitation, letters: [...state.letters, attempt] };
        // Without an outcome, the process died after the commit: the mail may have left.
        if (outcome) end(id, outcome);
        return;
      }
      default:
        next satisfies never;
    }
  };

  for (const one of steps) {
    const { invitation } = state;
    switch (one.kind) {
      case 'mail':
        turn(one.outcome);
        break;
      case 'turn':
      case 'crash':
        turn(null);
        break;
      case 'clock':
        now += one.byMs;
        break;
      case 'register':
        hasEverCome = true;
        state = {
          ...state,
          hasCome: true,
          invitation: { ...withoutDueLetter(invitation), furthestStep: 'registered' },
        };
        break;
      case 'leave':
        if (!state.hasCome) break;
        state = { ...state, hasCome: false, invitation: { ...invitation, furthestStep: 'gone' } };
        break;
      case 'revoke':
        if (invitation.furthestStep !== 'none') break;
        state = { ...state, invitation: { ...withoutDueLetter(invitation), revokedAt: now } };
        break;
      case 'resend': {
        const isOpen = state.letters.some(({ outcome }) => outcome === null);
        if (isOpen || invitation.furthestStep !== 'none' || invitation.revokedAt !== null) break;
        requests += 1;
        const renewed = { letter: 'pending', letterDueAt: now, issuedAt: now } as const;
        state = { ...state, invitation: { ...invitation, ...renewed } };
        break;
      }
      default:
        one satisfies never;
    }
  }
  /** A mail may have left unless its attempt says that it did not. */
  const left = begun.filter((_, index) => state.letters[index]?.outcome !== 'not_sent');
  return { begun, left, requests };
}

test('in any order of events nobody gets a letter twice by itself, and nobody who came or was revoked gets one', () => {
  const reminders = fc.uniqueArray(fc.integer({ min: 1, max: 10 * dayMs }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), reminders, (steps, times) => {
      const remindAfterMs = times.toSorted((a, b) => a - b);
      const { begun, left, requests } = play(steps, remindAfterMs);
      const names = left.map(({ letter }) => letter);
      expect(new Set(names).size, names.join()).toBe(names.length);
      const invitations = names.filter((name) => name.startsWith('invitation'));
      expect(invitations.length).toBeLessThanOrEqual(1 + requests);
      expect(names.filter((name) => name.startsWith('reminder')).length).toBeLessThanOrEqual(
        remindAfterMs.length,
      );
      expect(
        begun.filter(({ isAfterCome, isAfterRevoked }) => isAfterCome || isAfterRevoked),
      ).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('reminders come in their time, and one that is missed is not made up for beside the next', () => {
  const sentAt = start;
  const letter = (
    kind: 'invitation' | 'reminder',
    number: number,
    startedAt: number,
  ): LetterAttempt => ({
    id: `${kind} ${number}`,
    kind,
    number,
    startedAt,
    leaseUntil: startedAt + leaseMs,
    endedAt: startedAt,
    outcome: 'sent',
    reason: null,
  });
  const first = letter('invitation', 1, sentAt);
  const invitation: Invitation = { ...issued, letter: 'sent', letterDueAt: null };
  const next = (letters: readonly LetterAttempt[], now: number) =>
    nextLetter({ invitation, letters, hasCome: false }, [3 * dayMs, 6 * dayMs], now);
  expect(next([first], sentAt)).toEqual({ kind: 'wait', until: sentAt + 3 * dayMs });
  expect(next([first], sentAt + 3 * dayMs)).toEqual({
    kind: 'send',
    letter: 'reminder',
    number: 1,
  });
  // The service was down from the third day to the sixth.
  const late = sentAt + 6 * dayMs + hourMs;
  expect(next([first], late)).toEqual({ kind: 'send', letter: 'reminder', number: 2 });
  expect(next([first, letter('reminder', 2, late)], late)).toEqual({ kind: 'none' });
});
