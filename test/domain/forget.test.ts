import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Decision, Fact } from '../../src/domain/facts.ts';
import { emptyProfile, type Member, memberStates, newMember } from '../../src/domain/member.ts';
import { channelNames, type OutcomeKind, outcomeKinds } from '../../src/domain/outcome.ts';
import type { AttemptReason } from '../../src/domain/reason.ts';
import { operator } from '../../src/domain/timeline.ts';
import {
  active,
  checked,
  claimed,
  ended,
  fromOperator,
  hint,
  memberIn,
  missing,
  now,
  present,
} from './support.ts';

const forget: Fact = {
  kind: 'forgotten',
  source: { actor: operator, cause: { kind: 'command', name: 'forget' } },
};

test('a person who was forgotten during a check and is invited again does not wait for the lease of that check', () => {
  const member: Member = {
    ...newMember('0d7c6f1e-5b1c-4d0a-9c55-7a3f1f2b9e10'),
    state: 'skipped',
    reason: { code: 'forgotten' },
    forgottenAt: now - 50,
    leaseUntil: now + 60_000,
  };
  const decision = decide(
    member,
    { kind: 'invited', invitationId: 'inv_1', source: fromOperator },
    now,
  );
  expect(decision).toMatchObject({
    kind: 'changed',
    member: { state: 'waiting', dueAt: now, leaseUntil: null },
  });
});

/**
 * Represents personal data, in every place where the portal or a mail server could have written it.
 */
const secret = 'ada@example.com';

/** Reasons whose parameters came from the portal or a mail server. */
const peerReason: fc.Arbitrary<AttemptReason> = fc.constantFrom(
  { code: 'mail_recipient_refused', reply: `550 ${secret}` },
  { code: 'mail_deferred', reply: `450 ${secret}` },
  { code: 'mail_unreachable', cause: secret },
  { code: 'portal_connection_lost', cause: secret },
  { code: 'portal_timed_out' },
);

const profile = { email: secret, firstName: secret, lastName: secret, cultureName: secret };
const memberBefore: fc.Arbitrary<Member> = fc
  .record({
    state: fc.constantFrom(...memberStates),
    reason: fc.option(peerReason),
    sentLate: fc.boolean(),
    hinted: fc.boolean(),
  })
  .map(({ state, reason, sentLate, hinted }) => {
    const isSending = state === 'sending';
    return memberIn(state, {
      ...profile,
      employeeType: 'Guest',
      reason,
      unknownAttemptId: isSending ? 'att_0' : 'att_1',
      sentLate: isSending && sentLate,
      hinted: isSending && hinted,
    });
  });

const end: fc.Arbitrary<Fact> = fc
  .record({
    attemptId: fc.constantFrom('att_0', 'att_1', 'att_2'),
    kind: fc.constantFrom<OutcomeKind>(...outcomeKinds),
    reason: peerReason,
    onUnknown: fc.constantFrom('hold', 'resend'),
  })
  .map(({ attemptId, kind, reason, onUnknown }) => {
    const outcome = { kind, reason, waitMs: null, streak: null };
    return ended(attemptId, kind, { outcome, onUnknown });
  });

/** Everything that can happen to a forgotten person, apart from a new invitation. */
const factAfter: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 4, arbitrary: end },
  fc.constantFrom<Fact>(
    hint,
    checked(present({ ...active, ...profile })),
    checked(missing),
    { kind: 'postponed', until: now + 1 },
    claimed(),
    { kind: 'baselined' },
    { kind: 'retried', source: fromOperator },
    { kind: 'resolved', source: fromOperator, outcome: 'sent' },
    { kind: 'resolved', source: fromOperator, outcome: 'retry' },
    forget,
  ),
  fc.constantFrom(...channelNames).map((channel): Fact => ({ kind: 'refusal_reverted', channel })),
);

describe('after a person was forgotten', () => {
  test('nothing that a decision keeps or writes holds personal data, whatever happens', () => {
    fc.assert(
      fc.property(memberBefore, fc.array(factAfter, { maxLength: 8 }), (before, facts) => {
        let member = before;
        for (const fact of [forget, ...facts]) {
          const decision = decide(member, fact, now);
          expect(JSON.stringify(decision)).not.toContain(secret);
          if (decision.kind !== 'changed') continue;
          expectNoTraces(decision);
          member = decision.member;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('no attempt begins before a new invitation', () => {
    fc.assert(
      fc.property(memberBefore, fc.array(factAfter, { maxLength: 8 }), (before, facts) => {
        let member = before;
        for (const fact of [forget, ...facts]) {
          const decision = decide(member, fact, now);
          if (decision.kind !== 'changed') continue;
          expect(decision.attempts.map(({ kind }) => kind)).not.toContain('begin');
          member = decision.member;
        }
        expect(['sending', 'welcomed', 'unknown', 'skipped']).toContain(member.state);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Only the fact that something happened is left: no profile, and no reason except `forgotten`. */
function expectNoTraces({ member, entries, attempts }: Extract<Decision, { kind: 'changed' }>) {
  expect(member).toMatchObject({ ...emptyProfile, forgottenAt: now });
  const reasons = [
    member.reason,
    ...entries.map((entry) => ('reason' in entry ? entry.reason : null)),
    ...attempts.map((attempt) => ('reason' in attempt ? attempt.reason : null)),
  ].filter((reason) => reason !== null);
  for (const reason of reasons) expect(reason).toEqual({ code: 'forgotten' });
}
